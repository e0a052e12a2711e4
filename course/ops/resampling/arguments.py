"""The arguments of a resampling that are not those of every op, checked once."""

from torch import Tensor

from course.ops.arguments import check_axes, whole
from course.ops.resampling.kernels import Kernel


def check_factor(factor: int) -> int:
    """The factor of an integer upsampling, as an int.

    Raises:
        ValueError: it is not a whole number of at least 1.

    Example:
        >>> check_factor(1.5)
        Traceback (most recent call last):
            ...
        ValueError: factor is 1.5; wanted a whole number of at least 1. For other ratios use resize.
    """
    return whole(factor, "factor", 1, "For other ratios use resize.")


def check_kernel(kernel: Kernel) -> None:
    """Raise ValueError unless kernel is a Kernel; the usual slip is `box` for `box()`.

    Example:
        >>> check_kernel("box")
        Traceback (most recent call last):
            ...
        ValueError: kernel is 'box'; wanted a Kernel. Call a constructor, such as triangle() or keys().
    """
    if not isinstance(kernel, Kernel):
        raise ValueError(f"kernel is {kernel!r}; wanted a Kernel. Call a constructor, such as triangle() or keys().")


def check_image(image: Tensor) -> None:
    """Raise ValueError unless image is (..., h, w) with at least one pixel, floating point as its weights are.

    Example:
        >>> import torch
        >>> check_image(torch.ones(2, 2, dtype=torch.bool))
        Traceback (most recent call last):
            ...
        ValueError: image is torch.bool; wanted floating point. Convert it with image.float(), or, if it is a label \
map, use resize_nearest_floor, which never mixes labels.
    """
    check_axes(image, "image", "(..., h, w)", pixels=True)
    if not image.is_floating_point():
        raise ValueError(
            f"image is {image.dtype}; wanted floating point. Convert it with image.float(), or, if it is a label map, "
            "use resize_nearest_floor, which never mixes labels."
        )
