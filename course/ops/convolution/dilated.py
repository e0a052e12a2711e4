"""Dilated convolution, three ways to the same numbers (those of `F.conv2d` with `dilation`).

Between the taps of the kernel lie l - 1 pixels that are not read: (F *_l k)(p) = sum over s + l t = p of F(s) k(t). As
everywhere in the course, torch's cross-correlation is meant: output[y] = sum over taps t of k(t) F(y + l t).

- by definition: each tap weighs the image, moved by l t.
- by zero insertion: the kernel with l - 1 zeros between its taps, then a plain convolution.
- by matrix: the convolution's matrix, its bands spread.

The number of weights stays, and the field grows: stacked 3 x 3 layers with dilations 1, 2, 4 … see (2^(i+2) - 1)^2
pixels behind layer i + 1.

    >>> from course.ops.receptive_field import receptive_fields
    >>> layers = [torch.nn.Conv2d(1, 1, 3, dilation=2**i) for i in range(5)]
    >>> fields = receptive_fields(torch.nn.Sequential(*layers), in_channels=1, at=("0", "1", "2", "3", "4"))
    >>> [fields[str(i)][0].size for i in range(5)], [2 ** (i + 2) - 1 for i in range(5)]
    ([3, 7, 15, 31, 63], [3, 7, 15, 31, 63])
    >>> sum(layer.weight.numel() for layer in layers)  # nine a layer, at any dilation
    45

Source: Yu and Koltun, Multi-scale context aggregation by dilated convolutions, arXiv:1511.07122, section 2.
"""

from itertools import product

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

from course.ops.arguments import Pair, check_axes, pair, whole
from course.ops.convolution.matrix import conv_matrix_2d, dilate_kernel
from course.ops.convolution.sizes import conv_output_size


def dilated_by_definition(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Dilated convolution: one tap after the other, each on the image moved by a multiple of the dilation.

    Args:
        x: (n, c, h, w) float.
        weight: (o, c / groups, kh, kw) float; not flipped.
        bias: (o,), added to every pixel of its channel, or None.
        stride: pixels from one start of the kernel to the next, at least 1. This and the next two are one int, or a
            pair (h, w).
        padding: zeros added on each side, at least 0.
        dilation: pixels from one tap to the next, at least 1.
        groups: sets of channels that do not see each other; a divisor of c and o.

    Returns:
        (n, o, *conv_output_size); gradients reach x, weight and bias.

    Raises:
        ValueError: the shapes do not fit together, a number is out of range, or the kernel spans more than the padded
            image.

    Example:
        >>> x, weight = torch.arange(1.0, 8).reshape(1, 1, 1, 7), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> dilated_by_definition(x, weight, dilation=2).tolist()
        [[[[531.0, 642.0, 753.0]]]]

    Source: Yu and Koltun, arXiv:1511.07122, section 2.
    """
    oh, ow = _output_size(x, weight, bias, stride, padding, dilation, groups)
    (sh, sw), (dh, dw), (top, left) = (
        pair(stride, "stride", 1),
        pair(dilation, "dilation", 1),
        pair(padding, "padding", 0),
    )
    pixels = rearrange(F.pad(x, (left, left, top, top)), "n (g i) h w -> n g i h w", g=groups)
    taps = rearrange(weight, "(g o) i kh kw -> kh kw g o i", g=groups)
    result = x.new_zeros(len(x), groups, weight.shape[0] // groups, oh, ow)
    for ky, kx in product(*map(range, weight.shape[2:])):
        rows = slice(ky * dh, ky * dh + (oh - 1) * sh + 1, sh)
        columns = slice(kx * dw, kx * dw + (ow - 1) * sw + 1, sw)
        result = result + torch.einsum("ngihw,goi->ngohw", pixels[..., rows, columns], taps[ky, kx])
    return _finish(result.flatten(1, 2), bias)


def dilated_by_zero_insertion(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Dilated convolution as a plain one with zeros between the taps; it multiplies by them too.

    Arguments and result as for `dilated_by_definition`.

    Example:
        >>> x, weight = torch.arange(1.0, 8).reshape(1, 1, 1, 7), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> dilated_by_zero_insertion(x, weight, dilation=2).tolist()
        [[[[531.0, 642.0, 753.0]]]]

    Source: Yu and Koltun, arXiv:1511.07122, section 2.
    """
    _output_size(x, weight, bias, stride, padding, dilation, groups)
    return F.conv2d(x, dilate_kernel(weight, dilation), bias, stride, padding, groups=groups)


def dilated_by_matrix(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Dilated convolution as the product with its dense matrix; for small images.

    Arguments and result as for `dilated_by_definition`. ValueError also where the matrix is too large.

    Example:
        >>> x, weight = torch.arange(1.0, 8).reshape(1, 1, 1, 7), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> dilated_by_matrix(x, weight, dilation=2).tolist()
        [[[[531.0, 642.0, 753.0]]]]

    Source: Yu and Koltun, arXiv:1511.07122, section 2; Dumoulin and Visin, arXiv:1603.07285, section 4.1.
    """
    size = _output_size(x, weight, bias, stride, padding, dilation, groups)
    matrix = conv_matrix_2d(weight, tuple(x.shape[2:]), stride, padding, dilation, groups)
    return _finish((x.flatten(1) @ matrix.T).unflatten(1, (-1, *size)), bias)


def _output_size(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> tuple[int, int]:
    """Pixels that come out, where all arguments fit together."""
    check_axes(x, "x", "(n, c, h, w)", pixels=True)
    if weight.ndim != 4 or weight.numel() == 0 or weight.shape[0] % whole(groups, "groups", 1):
        raise ValueError(
            f"weight has shape {tuple(weight.shape)}; wanted (o, c / groups, kh, kw), none of them 0, and o a multiple "
            f"of the {groups} groups."
        )
    if x.shape[1] != groups * weight.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels; wanted {groups * weight.shape[1]}, weight's times the {groups} groups."
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"bias has shape {tuple(bias.shape)}; wanted ({len(weight)},), one number per output channel.")
    return conv_output_size(tuple(x.shape[2:]), tuple(weight.shape[2:]), stride, padding, dilation)


def _finish(result: Tensor, bias: Tensor | None) -> Tensor:
    return result if bias is None else result + bias[:, None, None]
