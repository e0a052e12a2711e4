"""A kernel sampled on the grid of a zero-inserted signal: its taps, and what they do to each frequency.

Between two samples lie `factor` new pixels, so tap t is the kernel at distance t / factor. With aligned corners a new
pixel falls on each sample, and the filter has a middle tap: its length is odd. With half-pixel centers the new pixels
straddle the sample; for an even factor there is no middle tap, and the length is even.
"""

from math import ceil

import torch
from torch import Tensor

from course.ops.arguments import whole
from course.ops.resampling.arguments import check_factor, check_kernel
from course.ops.resampling.kernels import Kernel


def taps(kernel: Kernel, factor: int, *, align_corners: bool = False, dtype: torch.dtype = torch.float32) -> Tensor:
    """The 1-D filter that fills in a signal with factor - 1 zeros after every sample.

    While every factor-th tap meets a sample, the others meet zeros; such a group is a phase. Each phase is divided by
    its sum, so that a constant signal stays constant. This changes Lanczos and a Gaussian of half a pixel by about one
    per cent, a narrower Gaussian by more, and the other kernels not at all.

    Args:
        kernel: the curve.
        factor: how many pixels each sample becomes, at least 1.
        align_corners: the grid, see the package. False: tap i lies (i - (length - 1) / 2) / factor pixels from the
            sample, and the length is even or odd as the factor is. True: the same distances, and an odd length. Zeros
            at the ends are dropped in pairs.
        dtype: of the result.

    Returns:
        Taps (length,) that sum to factor, on the CPU, in the order of a convolution (symmetric but for ties of `box`).

    Raises:
        ValueError: kernel or factor is not as above, or a phase of the kernel sums to zero.

    Example:
        >>> from course.ops.resampling import triangle
        >>> taps(triangle(), 2).tolist(), taps(triangle(), 2, align_corners=True).tolist()
        ([0.25, 0.75, 0.75, 0.25], [0.5, 1.0, 0.5])
    """
    check_kernel(kernel)
    factor = check_factor(factor)
    middle = 0.0 if align_corners else (factor - 1) / 2
    reach = ceil(kernel.support * factor) + 1
    position = torch.arange(-reach, reach + factor, dtype=torch.float64) - middle
    position = position[position.abs() <= reach - (middle % 1)]  # as far to the left of the middle as to the right
    weights = kernel(-position / factor)  # sample minus new pixel
    phase = (position + middle).long().remainder(factor)
    sums = torch.zeros(factor, dtype=torch.float64).index_add(0, phase, weights)
    if (sums.abs() < 1e-6).any():
        raise ValueError(
            f"{kernel.name} reaches no sample from some new pixels at factor {factor}; wanted a wider kernel."
        )
    return _drop_zero_pairs(weights / sums[phase]).to(dtype)


def frequency_response(taps: Tensor, points: int = 256) -> tuple[Tensor, Tensor]:
    """How much of a wave of each frequency a filter lets through.

    Args:
        taps: filter (length,), floating point. It is not normalized: the gain at frequency 0 is the sum of the taps,
            which for filters made by `taps` is the factor (this makes up for the zeros).
        points: number of frequencies, at least 2.

    Returns:
        Frequencies (points,) from 0 to 1/2 in cycles per sample of the filtered signal, and magnitudes (points,).
        The copies of the image's spectrum that zero insertion by f makes lie beyond 1 / (2 f).

    Raises:
        ValueError: taps are not 1-D floating point, or empty, or points is below 2.

    Example:
        >>> frequency, magnitude = frequency_response(torch.tensor([0.5, 1.0, 0.5]), points=3)
        >>> frequency.tolist(), [round(gain, 3) for gain in magnitude.tolist()]
        ([0.0, 0.25, 0.5], [2.0, 1.0, 0.0])
    """
    if taps.ndim != 1 or taps.numel() == 0 or not taps.is_floating_point():
        raise ValueError(
            f"taps are {taps.dtype} of shape {tuple(taps.shape)}; wanted floating point (length,), at least one."
        )
    frequency = torch.linspace(0, 0.5, whole(points, "points", 2), dtype=taps.dtype, device=taps.device)
    index = torch.arange(taps.numel(), dtype=taps.dtype, device=taps.device)
    angle = 2 * torch.pi * frequency[:, None] * index  # (points, length)
    return frequency, torch.hypot(angle.cos() @ taps, angle.sin() @ taps)


def first_place(length: int, factor: int, *, align_corners: bool) -> int:
    """Where the first of `length` taps lies: pixels of the zero-inserted signal, counted from the sample.

    Args:
        length: number of taps.
        factor: as given to `taps`.
        align_corners: as given to `taps`.

    Returns:
        A whole number, usually negative: new pixel o takes tap i from the zero-inserted pixel o - first_place - i.

    Example:
        >>> first_place(4, 2, align_corners=False), first_place(3, 2, align_corners=True)
        (-1, -1)
    """
    middle = 0 if align_corners else factor - 1  # twice the middle, so that it is a whole number
    return (middle - (length - 1)) // 2


def _drop_zero_pairs(weights: Tensor) -> Tensor:
    """Drop the ends while both are zero: always the two together, so that the middle stays the middle."""
    outer = torch.maximum(weights.abs(), weights.flip(0).abs()).nonzero()[0].item()
    return weights[outer : len(weights) - outer]
