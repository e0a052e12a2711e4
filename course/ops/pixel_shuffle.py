"""Pixel shuffle: depth to space and back, its initialization, and why it is a transposed convolution.

A convolution at low resolution that gives factor^2 channels for each output channel, followed by `depth_to_space`, is
called a sub-pixel convolution. It does the same arithmetic as a transposed convolution whose kernel is `factor` times
as large: each of the factor^2 channels computes one phase of the output grid. `subpixel_to_transposed` turns the weight
of the first into that of the second.

With random weights the phases differ, which shows as a checkerboard. ICNR makes all phases of a channel equal, so that
the layer starts as a convolution followed by nearest upsampling.

Channels are ordered as by `torch.pixel_shuffle`: channel c * factor^2 + a * factor + b is row a, column b of the block.

Source: Shi et al., arXiv:1609.05158 (sub-pixel convolution); Shi et al., arXiv:1609.07009 (the identity);
Aitken et al., arXiv:1707.02937 (ICNR).
"""

from collections.abc import Callable

import torch
from einops import rearrange
from torch import Tensor, nn

from course.ops.arguments import check_axes, whole


def depth_to_space(x: Tensor, factor: int) -> Tensor:
    """Lay out each factor^2 channels as blocks of factor x factor pixels.

    Args:
        x: (..., c * factor^2, h, w), of any dtype.
        factor: output pixels per input pixel and axis, at least 1.

    Returns:
        (..., c, factor * h, factor * w); `torch.pixel_shuffle` gives the same.

    Raises:
        ValueError: x has fewer than three axes, factor is below 1, or factor^2 does not divide the channels.

    Example:
        >>> depth_to_space(torch.tensor([[[1]], [[2]], [[3]], [[4]]]), 2).tolist()
        [[[1, 2], [3, 4]]]

    Source: Shi et al., arXiv:1609.05158, equation 4.
    """
    factor = _check(x, factor)
    if x.shape[-3] % factor**2:
        raise ValueError(
            f"x has {x.shape[-3]} channels; wanted a multiple of factor^2 = {factor**2}. Let the convolution before it "
            "give factor^2 channels for each output channel."
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
        ValueError: x has fewer than three axes, factor is below 1, or it does not divide height and width.

    Example:
        >>> space_to_depth(torch.tensor([[[1, 2], [3, 4]]]), 2).tolist()
        [[[1]], [[2]], [[3]], [[4]]]

    Source: Shi et al., arXiv:1609.05158, equation 4, read backwards.
    """
    factor = _check(x, factor)
    h, w = x.shape[-2:]
    if h % factor or w % factor:
        raise ValueError(
            f"x is {h} x {w} pixels; wanted multiples of factor {factor}. Pad it to "
            f"{-(-h // factor) * factor} x {-(-w // factor) * factor} first."
        )
    return rearrange(x, "... c (h a) (w b) -> ... (c a b) h w", a=factor, b=factor)


def icnr_(weight: Tensor, factor: int, initialize: Callable[[Tensor], object] = nn.init.kaiming_normal_) -> Tensor:
    """Initialize in place the convolution before a `depth_to_space`, with all phases of a channel equal.

    The bias of the convolution must also be equal within each group of factor^2 channels (zeros will do).

    Args:
        weight: (c * factor^2, i, kh, kw) float, overwritten.
        factor: of the `depth_to_space` that follows, at least 1.
        initialize: fills a tensor (c, i, kh, kw) in place, such as any function of `torch.nn.init`.

    Returns:
        weight.

    Raises:
        ValueError: weight is not 4-D, factor is below 1, or factor^2 does not divide the output channels.

    Example:
        >>> weight = icnr_(torch.empty(8, 1, 3, 3), 2)
        >>> torch.equal(weight[0], weight[3]), torch.equal(weight[0], weight[4])
        (True, False)

    Source: Aitken et al., arXiv:1707.02937.
    """
    factor = _check_weight(weight, factor)
    with torch.no_grad():
        kernels = torch.empty_like(weight[:: factor**2])
        initialize(kernels)
        return weight.copy_(kernels.repeat_interleave(factor**2, dim=0))


def subpixel_to_transposed(weight: Tensor, factor: int) -> Tensor:
    """The weight of the transposed convolution that equals a convolution followed by `depth_to_space`.

    For a convolution of stride 1 and padding p, at most k - 1, these two are equal:

        depth_to_space(F.conv2d(x, weight, padding=p), factor)
        F.conv_transpose2d(x, subpixel_to_transposed(weight, factor), stride=factor, padding=factor * (k - 1 - p))

    A bias carries over if it is equal within each group of factor^2 channels: a transposed convolution has one bias per
    output channel.

    Args:
        weight: (c * factor^2, i, k, k) of the convolution; k may differ between the axes, and the padding with it.
        factor: of the `depth_to_space`, at least 1.

    Returns:
        (i, c, factor * k, factor * k): a multiple of the stride, so every pixel sums k * k terms per input channel.
        Gradients reach the weight.

    Raises:
        ValueError: weight is not 4-D, factor is below 1, or factor^2 does not divide the output channels.

    Example:
        >>> subpixel_to_transposed(torch.tensor([[[[1]]], [[[2]]], [[[3]]], [[[4]]]]), 2).tolist()
        [[[[1, 2], [3, 4]]]]

    Source: Shi et al., Is the deconvolution layer the same as a convolutional layer?, arXiv:1609.07009.
    """
    factor = _check_weight(weight, factor)
    # A stamp reaches later outputs with its later taps, a sliding window with its earlier ones: hence the flip.
    return rearrange(weight.flip(2, 3), "(c a b) i kh kw -> i c (kh a) (kw b)", a=factor, b=factor)


def _check(x: Tensor, factor: int) -> int:
    check_axes(x, "x", "(..., c, h, w)")
    return whole(factor, "factor", 1)


def _check_weight(weight: Tensor, factor: int) -> int:
    check_axes(weight, "weight", "(c * factor^2, i, kh, kw)")
    if weight.shape[0] % whole(factor, "factor", 1) ** 2:
        raise ValueError(
            f"weight has {weight.shape[0]} output channels; wanted a multiple of factor^2 = {factor**2}. Make the "
            "convolution with factor^2 channels for each output channel."
        )
    return int(factor)
