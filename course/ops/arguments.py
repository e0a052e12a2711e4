"""The arguments that ops share, checked in one form: "NAME is VALUE; what was wanted"."""

from operator import index

Pair = int | tuple[int, int]


def pair(value: Pair, name: str, least: int) -> tuple[int, int]:
    """The whole number `value` for both axes, or the pair (h, w) as it is.

    Args:
        value: an int, or a tuple, list or `torch.Size` of two.
        name: what to call it in the error.
        least: the smallest value allowed.

    Returns:
        Two ints.

    Raises:
        ValueError: something else than one or two whole numbers, or one that is too small.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    try:
        h, w = (index(v) for v in values)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; give one whole number, or two as (h, w)") from None
    if min(h, w) < least:
        raise ValueError(f"{name} is {value!r}; it must be at least {least}")
    return h, w
