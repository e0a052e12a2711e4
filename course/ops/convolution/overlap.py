"""Why transposed convolutions draw checkerboards, and two remedies.

A transposed convolution stamps its kernel of k pixels every s pixels. Where s does not divide k, some output pixels lie
under more stamps than their neighbors, so that even a constant image comes out with a pattern (in 2-D the counts of
the two axes multiply). Either choose k as a multiple of s, or resize first and then convolve. And whatever the sizes,
start from a smooth kernel: bilinear upsampling is itself a transposed convolution.

Source: Odena, Dumoulin and Olah, Deconvolution and checkerboard artifacts, Distill 2016, doi:10.23915/distill.00003.
"""

import torch
from torch import Tensor

from course.ops.arguments import Pair, pair, whole
from course.ops.convolution.matrix import conv_matrix_1d
from course.ops.convolution.sizes import transposed_output_size


def overlap_counts(
    size: Pair, kernel_size: Pair, stride: Pair, padding: Pair = 0, output_padding: Pair = 0, dilation: Pair = 1
) -> Tensor:
    """How many terms each output pixel of a transposed convolution sums.

    Args:
        size: input pixels, at least 1: an int for a signal, a pair (h, w) for an image.
        kernel_size: taps, at least 1. This and all others are one int, or a pair (h, w) where size is a pair.
        stride: output pixels from one stamp to the next, at least 1.
        padding: pixels cut from each end, at least 0.
        output_padding: how many pixels fewer are cut at the far end, less than stride or dilation.
        dilation: output pixels from one tap to the next, at least 1.

    Returns:
        int64 counts, (length,) for a signal, (h, w) for an image.

    Raises:
        ValueError: a number is out of range, or there are pairs although size is one number.

    Example:
        >>> overlap_counts(4, kernel_size=3, stride=2).tolist()  # 3 is not a multiple of 2: a pattern
        [1, 1, 2, 1, 2, 1, 2, 1, 1]
        >>> overlap_counts(4, kernel_size=4, stride=2).tolist()  # 4 is: even, but for the ends
        [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]

    Source: Odena et al., Distill 2016.
    """
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    others = (kernel_size, stride, padding, output_padding, dilation)
    signal = not isinstance(size, (tuple, list))
    for name, value in zip(names, others, strict=True):
        if signal and isinstance(value, (tuple, list)):
            raise ValueError(f"{name} is {value!r}; wanted one number, like size. For an image give size as (h, w).")
    pairs = [pair(size, "size", 1), *map(pair, others, names, (1, 1, 0, 0, 1))]
    vertical, horizontal = (_axis_counts(*axis) for axis in zip(*pairs, strict=True))
    return horizontal if signal else torch.outer(vertical, horizontal)


def resize_convolution_matrix(kernel: Tensor, size: int, factor: int, kind: str) -> Tensor:
    """One of three ways to upsample a signal with a learned kernel, as the matrix that acts on the signal.

    With kernel (x, y, z), factor 2 and a signal (a, b, c), the products begin with

        transposed: ay, az + bx, by, ...        neighboring outputs have different weights: a checkerboard
        nearest:    a(y + z), a(x + y) + bz, ...
        bilinear:   a(y + 3z/4) + bz/4, a(x + 3y/4 + z/4) + b(y/4 + 3z/4), ...

    Args:
        kernel: (k,) float; not flipped. The signal is surrounded by zeros.
        size: length of the signal, at least 1.
        factor: output pixels per input pixel, at least 1.
        kind: "transposed": a convolution of stride `factor`, transposed, and cut evenly at the ends (if that cannot be,
            one pixel more at the near end). "nearest" or "bilinear": resizing (half-pixel centers, the border pixels
            repeated), then a convolution that keeps the length (an even kernel reaches one pixel further to the right).

    Returns:
        (factor * size, size), of the kernel's dtype and on its device; gradients reach the kernel.

    Raises:
        ValueError: the kernel is not 1-D floating point, a number is below 1, or the kind is unknown.

    Example:
        >>> xyz = torch.tensor([1.0, 10.0, 100.0])
        >>> resize_convolution_matrix(xyz, size=3, factor=2, kind="transposed")[:3].tolist()
        [[10.0, 0.0, 0.0], [100.0, 1.0, 0.0], [0.0, 10.0, 0.0]]
        >>> resize_convolution_matrix(xyz, size=3, factor=2, kind="nearest")[:3].tolist()
        [[110.0, 0.0, 0.0], [11.0, 100.0, 0.0], [1.0, 110.0, 0.0]]

    Source: Odena et al., Distill 2016, the figure of the three matrices.
    """
    if kernel.ndim != 1 or not kernel.is_floating_point() or len(kernel) == 0:
        raise ValueError(f"kernel is {kernel.dtype} of shape {tuple(kernel.shape)}; wanted floating point (k,).")
    size, factor = whole(size, "size", 1), whole(factor, "factor", 1)
    if kind == "transposed":
        return _transposed_matrix(kernel, size, factor)
    if kind == "nearest":
        return _same_matrix(kernel, size * factor) @ _nearest_matrix(kernel, size, factor)
    if kind == "bilinear":
        return _same_matrix(kernel, size * factor) @ _bilinear_matrix(kernel, size, factor)
    raise ValueError(f"kind is {kind!r}; wanted 'transposed', 'nearest' or 'bilinear'.")


def bilinear_weight(channels: int, factor: int) -> Tensor:
    """The weight that makes a transposed convolution bilinear upsampling by `factor`, each channel by itself.

    Use stride `factor` and padding `factor // 2`; the result is `factor` times as large. It equals interpolation with
    half-pixel centers except within half a pixel of the border, where the transposed convolution fades into zeros and
    interpolation repeats the last value.

    Args:
        channels: input and output channels, at least 1.
        factor: output pixels per input pixel, at least 1.

    Returns:
        (channels, channels, k, k) float32 with k = 2 factor - factor % 2, zero off the diagonal of the channels.
        With groups = channels, `bilinear_weight(1, factor).expand(channels, 1, -1, -1)` does the same.

    Raises:
        ValueError: channels or factor is below 1.

    Example:
        >>> bilinear_weight(1, 2)[0, 0].tolist()
        [[0.0625, 0.1875, 0.1875, 0.0625],
         [0.1875, 0.5625, 0.5625, 0.1875],
         [0.1875, 0.5625, 0.5625, 0.1875],
         [0.0625, 0.1875, 0.1875, 0.0625]]

    Source: Long et al., arXiv:1411.4038, section 3.3, and the `surgery.py` of its code.
    """
    channels, factor = whole(channels, "channels", 1), whole(factor, "factor", 1)
    k = 2 * factor - factor % 2
    triangle = 1 - (torch.arange(k) - (k - 1) / 2).abs() / factor
    return torch.eye(channels)[:, :, None, None] * torch.outer(triangle, triangle)


def _axis_counts(size: int, kernel_size: int, stride: int, padding: int, output_padding: int, dilation: int) -> Tensor:
    length = transposed_output_size(size, kernel_size, stride, padding, output_padding, dilation)
    stamps = torch.arange(size)[:, None] * stride - padding
    pixels = (stamps + torch.arange(kernel_size) * dilation).flatten()
    return torch.bincount(pixels[(pixels >= 0) & (pixels < length)], minlength=length)


def _transposed_matrix(kernel: Tensor, size: int, factor: int) -> Tensor:
    surplus = len(kernel) - factor  # the uncut result has factor * size + surplus pixels
    near = max(0, (surplus + 1) // 2)
    uncut = factor * (size - 1) + max(len(kernel), factor)  # a short kernel leaves zeros behind the last stamp
    return conv_matrix_1d(kernel, uncut, stride=factor)[:size].T[near : near + factor * size]


def _same_matrix(kernel: Tensor, size: int) -> Tensor:
    near = (len(kernel) - 1) // 2
    return conv_matrix_1d(kernel, size + len(kernel) - 1)[:, near : near + size]  # columns of the padding dropped


def _nearest_matrix(kernel: Tensor, size: int, factor: int) -> Tensor:
    return torch.eye(size, dtype=kernel.dtype, device=kernel.device).repeat_interleave(factor, 0)


def _bilinear_matrix(kernel: Tensor, size: int, factor: int) -> Tensor:
    pixels = torch.arange(size * factor, dtype=kernel.dtype, device=kernel.device)
    centers = ((pixels + 0.5) / factor - 0.5).clamp(0, size - 1)  # in pixels of the signal; clamping repeats the ends
    return (1 - (centers[:, None] - torch.arange(size, device=kernel.device)).abs()).clamp(min=0)
