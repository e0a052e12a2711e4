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


def whole(value: int, name: str, least: int) -> int:
    """A whole number of at least `least`, as an int.

    Args:
        value: an int, or what NumPy has for one.
        name: what to call it in the error.
        least: the smallest value allowed.

    Raises:
        ValueError: the value is not a whole number, or too small.

    Example:
        >>> whole(0, "num_classes", 1)
        Traceback (most recent call last):
            ...
        ValueError: num_classes is 0; wanted a whole number of at least 1.
    """
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        raise ValueError(f"{name} is {value!r}; wanted a whole number of at least {least}.")
    return number
