"""The arguments that the library shares, checked once and refused in one form: NAME is VALUE; wanted WHAT. ADVICE."""

from operator import index

from torch import Tensor

Pair = int | tuple[int, int]


def as_int(value: object) -> int | None:
    """A whole number as an int, anything else as None.

    Args:
        value: anything; a bool is not a whole number here, NumPy's integers are.

    Example:
        >>> as_int(3), as_int(3.0), as_int(True)
        (3, None, None)
    """
    try:
        return None if isinstance(value, bool) else index(value)
    except TypeError:
        return None


def whole(value: int, name: str, least: int, advice: str = "") -> int:
    """A whole number of at least `least`, as an int.

    Args:
        value: an int, or one of NumPy's integers; not a bool.
        name: what to call it in the error.
        least: the smallest value allowed.
        advice: what to do instead, a sentence added to the error.

    Raises:
        ValueError: the value is not a whole number, or too small.

    Example:
        >>> whole(0, "num_classes", 1)
        Traceback (most recent call last):
            ...
        ValueError: num_classes is 0; wanted a whole number of at least 1.
    """
    number = as_int(value)
    if number is None or number < least:
        raise ValueError(f"{name} is {value!r}; wanted a whole number of at least {least}. {advice}".rstrip())
    return number


def pair(value: Pair, name: str, least: int) -> tuple[int, int]:
    """Two ints (h, w), from a pair or from one whole number for both.

    Args:
        value: a whole number, or a tuple, list or `torch.Size` of two.
        name: what to call it in the error.
        least: the smallest value allowed.

    Raises:
        ValueError: the value is neither one nor two whole numbers, or one of them is too small.

    Example:
        >>> pair(3, "stride", 1), pair((2, 1), "stride", 1)
        ((3, 3), (2, 1))
    """
    numbers = _two(value if isinstance(value, (tuple, list)) else (value, value))
    if numbers is None or min(numbers) < least:
        raise ValueError(f"{name} is {value!r}; wanted a whole number of at least {least}, or two as (h, w).")
    return numbers


def image_size(value: tuple[int, int], name: str = "size", least: int = 1) -> tuple[int, int]:
    """The size (h, w) of an image as two ints.

    Args:
        value: a tuple, list or `torch.Size` of two whole numbers.
        name: what to call it in the error.
        least: the smallest value allowed.

    Raises:
        ValueError: the value is not two whole numbers, or one of them is too small.

    Example:
        >>> image_size((3, 0))
        Traceback (most recent call last):
            ...
        ValueError: size is (3, 0); wanted two whole numbers of at least 1. Give (h, w) in pixels.
    """
    numbers = _two(value) if isinstance(value, (tuple, list)) else None
    if numbers is None or min(numbers) < least:
        raise ValueError(f"{name} is {value!r}; wanted two whole numbers of at least {least}. Give (h, w) in pixels.")
    return numbers


def check_axes(x: Tensor, name: str, wanted: str, *, pixels: bool = False) -> None:
    """Raise ValueError unless a tensor has the wanted axes.

    Args:
        x: what was given.
        name: what to call it in the error.
        wanted: the axes as they are written in a docstring, such as "(n, c, h, w)"; "(..., h, w)" allows any number of
            axes in front.
        pixels: whether the last two axes must not be empty.

    Raises:
        ValueError: x is not a tensor, or has other axes or no pixels.

    Example:
        >>> import torch
        >>> check_axes(torch.ones(3, 4, 5), "x", "(n, c, h, w)")
        Traceback (most recent call last):
            ...
        ValueError: x has shape (3, 4, 5); wanted (n, c, h, w). Give x[None] for a single image.
    """
    if not isinstance(x, Tensor):
        raise ValueError(f"{name} is a {type(x).__name__}; wanted a tensor {wanted}. Convert it with torch.as_tensor.")
    axes, open_ended = wanted.count(",") + 1, wanted.startswith("(...")
    fits = x.ndim >= axes - 1 if open_ended else x.ndim == axes
    if fits and not (pixels and 0 in x.shape[-2:]):
        return
    kind = f"{wanted} with at least one pixel" if pixels else wanted
    advice = f"Give {name}[None] for a single image." if wanted == "(n, c, h, w)" and x.ndim == 3 else ""
    raise ValueError(f"{name} has shape {tuple(x.shape)}; wanted {kind}. {advice}".rstrip())


def void_label(ignore_index: int | None, num_classes: int) -> int | None:
    """The label of void as an int, or None where there is none.

    Args:
        ignore_index: what was given as the label of void.
        num_classes: k; void is none of 0 … k-1.

    Raises:
        ValueError: it is not a whole number, or it is a class.

    Example:
        >>> void_label(2, num_classes=3)
        Traceback (most recent call last):
            ...
        ValueError: ignore_index is 2; wanted none of the 3 classes, whose pixels would vanish. Mark void with another \
number, such as -1, or give None.
    """
    if ignore_index is None:
        return None
    label = as_int(ignore_index)
    if label is None:
        raise ValueError(f"ignore_index is {ignore_index!r}; wanted a whole number, or None.")
    if 0 <= label < num_classes:
        raise ValueError(
            f"ignore_index is {label}; wanted none of the {num_classes} classes, whose pixels would vanish. Mark void "
            "with another number, such as -1, or give None."
        )
    return label


def _two(values: tuple | list) -> tuple[int, int] | None:
    """Two whole numbers as ints, anything else as None."""
    numbers = tuple(as_int(value) for value in values)
    return None if len(numbers) != 2 or None in numbers else numbers
