"""Upsampling by an integer factor: zero insertion and a filter, and the same without the zeros.

`upsample` is the definition, step by step. `upsample_polyphase` is how it is done in practice: of the taps over a new
pixel only every factor-th meets a sample, so the filter splits into `factor` short ones, its phases, which all run on
the small image; their outputs are then interleaved.

Source: Crochiere and Rabiner, Multirate digital signal processing (1983), section 3.3 (polyphase).
"""

from collections.abc import Callable
from math import ceil

import torch
from torch import Tensor

from course.ops.arguments import check_axes
from course.ops.resampling.arguments import check_factor, check_image, check_kernel
from course.ops.resampling.filters import first_place, taps
from course.ops.resampling.kernels import Kernel


def zero_insert(image: Tensor, factor: int) -> Tensor:
    """Spread the samples and put zeros between them.

    Args:
        image: (..., h, w), any dtype.
        factor: side of the block that each sample becomes, at least 1.

    Returns:
        (..., h * factor, w * factor): sample (i, j) at (i * factor, j * factor), the top left of its block, and zeros
        elsewhere.

    Raises:
        ValueError: image has no pixels, or factor is not a whole number of at least 1.

    Example:
        >>> zero_insert(torch.arange(1, 17).reshape(4, 4), 2)[:3].tolist()
        [[1, 0, 2, 0, 3, 0, 4, 0],
         [0, 0, 0, 0, 0, 0, 0, 0],
         [5, 0, 6, 0, 7, 0, 8, 0]]
    """
    check_axes(image, "image", "(..., h, w)", pixels=True)
    factor = check_factor(factor)
    h, w = image.shape[-2:]
    spread = image.new_zeros(*image.shape[:-2], h * factor, w * factor)
    spread[..., ::factor, ::factor] = image
    return spread


def upsample(image: Tensor, factor: int, kernel: Kernel, *, align_corners: bool = False) -> Tensor:
    """Upsample by zero insertion and a separable filter, taken literally.

    Beyond the border the outermost pixels are repeated. So `box`, `triangle` and `keys(-0.75)` give exactly the numbers
    of `F.interpolate` in its modes nearest, bilinear and bicubic.

    Args:
        image: (..., h, w) floating point; half precision is computed in float32.
        factor: how many pixels each pixel becomes along each axis, at least 1.
        kernel: the curve that fills in the new pixels.
        align_corners: the grid, see the package.

    Returns:
        (..., h * factor, w * factor), or (..., (h - 1) * factor + 1, (w - 1) * factor + 1) with aligned corners, where
        every sample stays on a pixel and nothing follows the last one.

    Raises:
        ValueError: an argument is not as above.

    Example:
        >>> from course.ops.resampling import triangle
        >>> upsample(torch.tensor([[10.0, 20.0], [30.0, 40.0]]), 2, triangle()).tolist()
        [[10.0, 12.5, 17.5, 20.0],
         [15.0, 17.5, 22.5, 25.0],
         [25.0, 27.5, 32.5, 35.0],
         [30.0, 32.5, 37.5, 40.0]]
        >>> grid = torch.arange(1.0, 17.0).reshape(4, 4)
        >>> upsample(grid, 2, triangle(), align_corners=True)[:2].tolist()
        [[1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0], [3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0]]
    """
    return _upsample(image, factor, kernel, align_corners, _filter_zero_inserted)


def upsample_polyphase(image: Tensor, factor: int, kernel: Kernel, *, align_corners: bool = False) -> Tensor:
    """The numbers of `upsample` from the samples alone: no zero is stored or multiplied.

    Arguments and result as for `upsample`, at 1 / factor of its multiplications along each axis.

    Example:
        >>> from course.ops.resampling import triangle
        >>> upsample_polyphase(torch.tensor([[10.0, 20.0], [30.0, 40.0]]), 2, triangle())[:2].tolist()
        [[10.0, 12.5, 17.5, 20.0], [15.0, 17.5, 22.5, 25.0]]
    """
    return _upsample(image, factor, kernel, align_corners, _filter_by_phases)


def _upsample(
    image: Tensor, factor: int, kernel: Kernel, align_corners: bool, filter_axis: Callable[..., Tensor]
) -> Tensor:
    """Both upsamplings: first along the rows, then along the columns, each filtered by `filter_axis`."""
    check_image(image)
    check_kernel(kernel)
    factor = check_factor(factor)
    weights = taps(kernel, factor, align_corners=align_corners, dtype=torch.float64).tolist()
    start = first_place(len(weights), factor, align_corners=align_corners)
    result = image if image.dtype == torch.float64 else image.float()
    for axis in (-2, -1):
        n = result.shape[axis]
        result = filter_axis(result, axis, weights, start, factor, border=ceil(kernel.support) + 1)
        result = result.narrow(axis, 0, (n - 1) * factor + 1 if align_corners else n * factor)
    return result.to(image.dtype)


def _filter_zero_inserted(
    signal: Tensor, axis: int, weights: list[float], start: int, factor: int, border: int
) -> Tensor:
    """Insert zeros along one axis and convolve: out[o] = sum over i of weights[i] * spread[o - start - i]."""
    n = signal.shape[axis]
    padded = _replicate(signal, axis, border)
    shape = list(padded.shape)
    shape[axis] *= factor
    spread = padded.new_zeros(shape)
    spread.movedim(axis, 0)[::factor] = padded.movedim(axis, 0)
    total = 0.0
    for i, weight in enumerate(weights):
        total = total + weight * spread.narrow(axis, border * factor - start - i, n * factor)
    return total


def _filter_by_phases(signal: Tensor, axis: int, weights: list[float], start: int, factor: int, border: int) -> Tensor:
    """Run each phase of the filter on the samples, and interleave: out[factor * m + p] comes from phase p.

    Tap i meets sample j in output pixel o if o - start - i = factor * j. So it belongs to phase p = (start + i) %
    factor, and for o = factor * m + p the sample is j = m - (start + i) // factor.
    """
    n = signal.shape[axis]
    padded = _replicate(signal, axis, border)
    phases = [torch.zeros_like(signal) for _ in range(factor)]
    for i, weight in enumerate(weights):
        shift, p = divmod(start + i, factor)
        phases[p].add_(padded.narrow(axis, border - shift, n), alpha=weight)
    at = signal.ndim + axis + 1
    return torch.stack(phases, dim=at).flatten(at - 1, at)


def _replicate(signal: Tensor, axis: int, border: int) -> Tensor:
    """Repeat the first and the last slice of an axis, border times each."""
    n = signal.shape[axis]
    index = torch.arange(-border, n + border, device=signal.device).clamp(0, n - 1)
    return signal.index_select(axis, index)
