"""Pixel shuffle: depth to space and back, its initialisation, and why it is a transposed convolution.

A convolution at low resolution that gives factor^2 channels for each output channel, followed by `depth_to_space`,
is called a sub-pixel convolution. It does the same arithmetic as a transposed convolution whose kernel is `factor`
times as large: each of the factor^2 channels computes one phase of the output grid. `subpixel_to_transposed` turns
the one's weight into the other's.

At a random start the phases differ, which shows as a checkerboard. ICNR starts all phases of a channel equal, so that
the layer starts as a convolution followed by nearest upsampling.

Channels are ordered as by `torch.pixel_shuffle`: channel c * factor^2 + a * factor + b is row a, column b of the block.

Source: Shi et al., arXiv:1609.05158 (sub-pixel convolution); Shi et al., arXiv:1609.07009 (the identity);
Aitken et al., arXiv:1707.02937 (ICNR).
"""

from collections.abc import Callable

import torch
from einops import rearrange
from torch import Tensor, nn


def depth_to_space(x: Tensor, factor: int) -> Tensor:
    """Lay out each factor^2 channels as blocks of factor x factor pixels.

    Args:
        x: (..., c * factor^2, h, w), of any dtype.
        factor: output pixels per input pixel and axis, at least 1.

    Returns:
        (..., c, factor * h, factor * w); `torch.pixel_shuffle` gives the same.

    Raises:
        ValueError: fewer than three axes, a factor below 1, or channels that factor^2 does not divide.

    Source: Shi et al., arXiv:1609.05158, equation 4.
    """
    _check_factor(x, factor)
    if x.shape[-3] % factor**2:
        raise ValueError(
            f"x has {x.shape[-3]} channels, which factor^2 = {factor**2} does not divide; "
            "let the convolution before give factor^2 channels for each output channel"
        )
    return rearrange(x, "... (c a b) h w -> ... c (h a) (w b)", a=factor, b=factor)


def space_to_depth(x: Tensor, factor: int) -> Tensor:
    """Lay out blocks of factor x factor pixels as channels: the inverse of `depth_to_space`.

    Args:
        x: (..., c, factor * h, factor * w), of any dtype.
        factor: pixels per block and axis, at least 1.

    Returns:
        (..., c * factor^2, h, w); `torch.pixel_unshuffle` gives the same.

    Raises:
        ValueError: fewer than three axes, a factor below 1, or a height or width that it does not divide.

    Source: Shi et al., arXiv:1609.05158, equation 4, read backwards.
    """
    _check_factor(x, factor)
    h, w = x.shape[-2:]
    if h % factor or w % factor:
        raise ValueError(
            f"x is {h} x {w} pixels, which factor {factor} does not divide; "
            f"pad it to {-(-h // factor) * factor} x {-(-w // factor) * factor} first"
        )
    return rearrange(x, "... c (h a) (w b) -> ... (c a b) h w", a=factor, b=factor)


def icnr_(weight: Tensor, factor: int, initialise: Callable[[Tensor], object] = nn.init.kaiming_normal_) -> Tensor:
    """Initialise in place the convolution before a `depth_to_space`, all phases of a channel alike.

    The convolution's bias has to be alike within each factor^2 channels too (zeros will do).

    Args:
        weight: (c * factor^2, i, kh, kw) float, overwritten.
        factor: of the `depth_to_space` that follows, at least 1.
        initialise: fills a tensor (c, i, kh, kw) in place, such as any of `torch.nn.init`.

    Returns:
        weight.

    Raises:
        ValueError: a weight that is not 4-D, a factor below 1, or channels that factor^2 does not divide.

    Source: Aitken et al., arXiv:1707.02937.
    """
    _check_weight(weight, factor)
    with torch.no_grad():
        alike = torch.empty_like(weight[:: factor**2])
        initialise(alike)
        return weight.copy_(alike.repeat_interleave(factor**2, dim=0))


def subpixel_to_transposed(weight: Tensor, factor: int) -> Tensor:
    """The transposed convolution's weight that does what a convolution and then `depth_to_space` do.

    With a convolution of stride 1 and padding p, at most k - 1, these two are equal:

        depth_to_space(F.conv2d(x, weight, padding=p), factor)
        F.conv_transpose2d(x, subpixel_to_transposed(weight, factor), stride=factor, padding=factor * (k - 1 - p))

    A bias carries over where it is alike within each factor^2 channels: a transposed convolution has one per channel.

    Args:
        weight: (c * factor^2, i, k, k) of the convolution; k may differ between the axes, and so the padding.
        factor: of the `depth_to_space`, at least 1.

    Returns:
        (i, c, factor * k, factor * k): a kernel of a multiple of the stride, so every pixel sums k * k terms per input
        channel. Gradients reach the weight.

    Raises:
        ValueError: a weight that is not 4-D, a factor below 1, or channels that factor^2 does not divide.

    Source: Shi et al., Is the deconvolution layer the same as a convolutional layer?, arXiv:1609.07009.
    """
    _check_weight(weight, factor)
    # A stamp meets later outputs with its later taps, a sliding window with its earlier ones: hence the flip.
    return rearrange(weight.flip(2, 3), "(c a b) i kh kw -> i c (kh a) (kw b)", a=factor, b=factor)


def _check_factor(x: Tensor, factor: int) -> None:
    if x.ndim < 3:
        raise ValueError(f"x has shape {tuple(x.shape)}; give (..., c, h, w)")
    if factor < 1:
        raise ValueError(f"factor is {factor}; it must be at least 1")


def _check_weight(weight: Tensor, factor: int) -> None:
    if weight.ndim != 4:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; give (c * factor^2, i, kh, kw)")
    if factor < 1:
        raise ValueError(f"factor is {factor}; it must be at least 1")
    if weight.shape[0] % factor**2:
        raise ValueError(
            f"weight has {weight.shape[0]} output channels, which factor^2 = {factor**2} does not divide; "
            "make the convolution with c * factor^2 of them"
        )
