"""The checks that several files of this package share."""

from torch import Tensor

from course.ops.resampling.kernels import Kernel


def check_factor(factor: int) -> None:
    """Raise ValueError unless factor is a whole number of at least 1."""
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 1:
        raise ValueError(f"factor must be a whole number of at least 1, got {factor!r}; for other ratios use resize")


def check_kernel(kernel: Kernel) -> None:
    """Raise ValueError unless kernel is a Kernel, with the usual slip (`box` for `box()`) named."""
    if not isinstance(kernel, Kernel):
        raise ValueError(f"kernel must be a Kernel, got {kernel!r}; call a constructor, such as triangle() or keys()")


def check_image(image: Tensor) -> None:
    """Raise ValueError unless image is (..., h, w) with at least one pixel."""
    if not isinstance(image, Tensor):
        raise ValueError(f"image must be a tensor (..., h, w), got {type(image).__name__}; use torch.as_tensor")
    if image.ndim < 2 or 0 in image.shape[-2:]:
        raise ValueError(f"image must be (..., h, w) with at least one pixel, got shape {tuple(image.shape)}")


def check_floating(image: Tensor) -> None:
    """Raise ValueError unless image has a floating-point dtype: weights between 0 and 1 need one."""
    if not image.is_floating_point():
        raise ValueError(
            f"image must be floating point, got {image.dtype}; convert it with image.float(), "
            "and resize label maps with resize_nearest_floor, which never mixes labels"
        )


def check_size(size: tuple[int, int]) -> None:
    """Raise ValueError unless size is (h, w) of whole numbers of at least 1."""
    pair = isinstance(size, (tuple, list)) and len(size) == 2
    if not pair or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in size):
        raise ValueError(f"size must be two whole numbers (h, w) of at least 1, got {size!r}")
