"""A kernel read off on the grid of a zero-inserted signal: its taps, and what they do to each frequency.

Between two samples lie factor new pixels, so tap t is the kernel at distance t / factor. With aligned corners a new
pixel falls on each sample and the filter has a middle tap: odd length. With half-pixel centres the new pixels straddle
the sample; an even factor has no middle, and the filter has even length.
"""

from math import ceil

import torch
from torch import Tensor

from course.ops.resampling._validate import check_factor, check_kernel
from course.ops.resampling.kernels import Kernel


def taps(kernel: Kernel, factor: int, *, align_corners: bool = False, dtype: torch.dtype = torch.float32) -> Tensor:
    """The 1-D filter that completes a signal with factor - 1 zeros after every sample.

    Every factor-th tap meets a sample while the others meet zeros; such a group is a phase. Each phase is divided by
    its sum, so that a constant signal stays constant. That changes Lanczos and a Gaussian of half a pixel by about a
    per cent, a narrower Gaussian by more, and the other kernels not at all.

    Args:
        kernel: the curve.
        factor: how many pixels each sample becomes, at least 1.
        align_corners: the grid, see the package. False: tap i lies (i - (length - 1) / 2) / factor pixels from the
            sample, the length even or odd as the factor is (but for zeros at the ends, which are dropped in pairs).
            True: the same distances, the length always odd.
        dtype: of the result.

    Returns:
        Taps (length,) that sum to factor, on the CPU, in the order of a convolution (symmetric but for ties of `box`).

    Raises:
        ValueError: if kernel or factor is not what is named above, or a phase of the kernel sums to zero.
    """
    check_kernel(kernel)
    check_factor(factor)
    middle = 0.0 if align_corners else (factor - 1) / 2
    reach = ceil(kernel.support * factor) + 1
    place = torch.arange(-reach, reach + factor, dtype=torch.float64) - middle
    place = place[place.abs() <= reach - (middle % 1)]  # as far to the left of the middle as to the right
    weights = kernel(-place / factor)  # sample minus new pixel
    phase = (place + middle).long().remainder(factor)
    sums = torch.zeros(factor, dtype=torch.float64).index_add(0, phase, weights)
    if (sums.abs() < 1e-6).any():
        raise ValueError(
            f"{kernel.name} reaches no sample from some new pixels at factor {factor}; take a wider kernel"
        )
    return _drop_zero_pairs(weights / sums[phase]).to(dtype)


def frequency_response(taps: Tensor, points: int = 256) -> tuple[Tensor, Tensor]:
    """How much of a wave of each frequency a filter lets through.

    Args:
        taps: filter (length,), floating point. Not normalised: the gain at frequency 0 is the sum of the taps, which
            is the factor for filters made by `taps` (it makes up for the zeros).
        points: number of frequencies, at least 2.

    Returns:
        Frequencies (points,) from 0 to 1/2 in cycles per sample of the filtered signal, and magnitudes (points,).
        The copies that zero-insertion by f makes of the picture's spectrum lie beyond 1 / (2 f).

    Raises:
        ValueError: if taps is no non-empty 1-D floating-point tensor, or points is below 2.
    """
    if taps.ndim != 1 or taps.numel() == 0 or not taps.is_floating_point():
        raise ValueError(
            f"taps must be a non-empty 1-D floating-point tensor, got shape {tuple(taps.shape)}, {taps.dtype}"
        )
    if isinstance(points, bool) or not isinstance(points, int) or points < 2:
        raise ValueError(f"points must be a whole number of at least 2, got {points!r}")
    frequency = torch.linspace(0, 0.5, points, dtype=taps.dtype, device=taps.device)
    index = torch.arange(taps.numel(), dtype=taps.dtype, device=taps.device)
    angle = 2 * torch.pi * frequency[:, None] * index  # (points, length)
    return frequency, torch.hypot(angle.cos() @ taps, angle.sin() @ taps)


def first_place(length: int, factor: int, *, align_corners: bool) -> int:
    """Where the first of `length` taps lies, in pixels of the zero-inserted signal, counted from the sample.

    Args:
        length: number of taps.
        factor: as given to `taps`.
        align_corners: as given to `taps`.

    Returns:
        A whole number, usually negative: new pixel o takes tap i from the zero-inserted pixel o - first_place - i.
    """
    middle = 0 if align_corners else factor - 1  # twice the true middle, to stay with whole numbers
    return (middle - (length - 1)) // 2


def _drop_zero_pairs(weights: Tensor) -> Tensor:
    """Shorten while both ends are zero: the two ends go together, so that the middle stays the middle."""
    outer = torch.maximum(weights.abs(), weights.flip(0).abs()).nonzero()[0].item()
    return weights[outer : len(weights) - outer]
