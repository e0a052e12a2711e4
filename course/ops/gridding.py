"""Gridding, measured: how much of a feature map's energy lies at the frequencies of its dilation.

A convolution dilated by d reads every d-th pixel, so neighbors of its output come from input pixels that do not
overlap. Where the input has a bright single pixel, a grid of period d comes out. Such a grid is a pattern that repeats
every d pixels, and a pattern of period d has energy at multiples of the frequency 1 / d alone.

Source: Yu, Koltun and Funkhouser, Dilated residual networks, arXiv:1705.09914, section 4 and figure 4 (gridding).
"""

import torch
from torch import Tensor

from course.ops.arguments import check_axes, pair


def grid_energy(x: Tensor, period: int | tuple[int, int]) -> Tensor:
    """The share of a map's energy, its mean left out, that lies at multiples of the frequency 1 / period.

    What is left is the map cut to whole periods, with its mean subtracted; of that, the part that repeats from period
    to period, which is the mean over all periods.

    Args:
        x: (..., h, w) float.
        period: the dilation in pixels, at least 2; one int, or (h, w), of which one may be 1 (a grid along the other
            axis alone).

    Returns:
        (...) of x's dtype, 0 to 1: 1 for a map that repeats with the period, 0 for one that has nothing of it;
        white noise has `grid_share` on average. NaN for a map that is constant, which has no energy.

    Raises:
        ValueError: x is smaller than two periods, or the period is no such number.

    Example:
        >>> fine, coarse = torch.tensor([0.0, 1, 0, 1]).repeat(8, 2), torch.tensor([0.0, 0, 1, 1]).repeat(8, 2)
        >>> grid_energy(fine, 2), grid_energy(coarse, 2), grid_energy(coarse, 4)
        (tensor(1.), tensor(0.), tensor(1.))

    Source: Parseval's theorem.
    """
    down, right = _checked(x, period)
    h, w = (length - length % step for length, step in zip(x.shape[-2:], (down, right), strict=True))
    x = x[..., :h, :w]
    x = x - x.mean((-2, -1), keepdim=True)
    repeated = x.unflatten(-1, (-1, right)).unflatten(-3, (-1, down)).mean((-4, -2))
    return repeated.square().mean((-2, -1)) / x.square().mean((-2, -1))


def grid_share(size: tuple[int, int], period: int | tuple[int, int]) -> float:
    """The share of its energy that white noise of a size has at multiples of 1 / period, on average: the chance level.

    Of the frequencies that the cut map has besides 0, so many are multiples.

    Args:
        size: (h, w) of the map.
        period: as for `grid_energy`.

    Raises:
        ValueError: as for `grid_energy`.

    Example:
        >>> round(grid_share((8, 8), 2), 4)  # 3 of 63 frequencies
        0.0476
    """
    down, right = _checked(torch.empty(size, device="meta"), period)
    h, w = (length - length % step for length, step in zip(size, (down, right), strict=True))
    return (down * right - 1) / (h * w - 1)


def _checked(x: Tensor, period: int | tuple[int, int]) -> tuple[int, int]:
    check_axes(x, "x", "(..., h, w)", pixels=True)
    steps = pair(period, "period", 1)
    if max(steps) < 2:
        raise ValueError(f"period is {period}; wanted at least 2. Every map repeats with period 1 in its mean alone.")
    if any(length < 2 * step for length, step in zip(x.shape[-2:], steps, strict=True)):
        raise ValueError(
            f"x is {x.shape[-2]} x {x.shape[-1]}; wanted at least two periods of {steps}. Give a larger image."
        )
    return steps
