"""Transposed convolution, four ways to the same numbers (those of `F.conv_transpose2d`).

Let C be the matrix of a convolution. The transposed convolution applies C^T: it leads from the convolution's output
size back to its input size. It does not undo the convolution (C^T C is not the identity), which is why
"deconvolution" is the wrong name. The weight keeps the shape that it has in the convolution, so its first axis, there
the output, is the input here: (c, o / groups, kh, kw).

- by scatter: each input pixel stamps its multiple of the kernel onto the output, and the stamps add up.
- by matrix: C^T written out.
- by zero insertion: stride - 1 zeros between the pixels, then a plain convolution with the flipped kernel.
- by gradient: backpropagation through a convolution multiplies by C^T, so ask autograd for that product.

All four take the same arguments, in the order of `F.conv2d` with output_padding after padding.

Source: Dumoulin and Visin, arXiv:1603.07285, section 4; Zeiler et al., Deconvolutional networks, CVPR 2010 (the name).
"""

from itertools import product

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

from course.ops.arguments import Pair
from course.ops.convolution.arguments import check_arguments
from course.ops.convolution.matrix import conv_matrix_2d, dilate_kernel
from course.ops.convolution.sizes import conv_output_size


def transposed_by_scatter(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Transposed convolution: every input pixel adds its multiple of the kernel to the output.

    Args:
        x: (n, c, h, w) float.
        weight: (c, o / groups, kh, kw) float.
        bias: (o,), added to every pixel of its channel, or None.
        stride: output pixels from one copy of the kernel to the next, at least 1. This and the next three are one int,
            or a pair (h, w).
        padding: pixels cut from each side of the result, at least 0.
        output_padding: how many pixels fewer are cut at the bottom and on the right, less than stride or dilation.
        dilation: output pixels from one tap to the next, at least 1.
        groups: sets of channels that do not see each other; a divisor of c.

    Returns:
        (n, o, *transposed_output_size); gradients reach x, weight and bias.

    Raises:
        ValueError: the shapes do not fit together, or a number is out of range.

    Example:
        >>> x, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> transposed_by_scatter(x, weight, stride=(1, 2)).tolist()
        [[[[1.0, 10.0, 102.0, 20.0, 200.0]]]]

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.
    """
    geometry = check_arguments(x, weight, bias, stride, padding, output_padding, dilation, groups)
    (h, w), (sh, sw), (dh, dw) = x.shape[2:], geometry.stride, geometry.dilation
    (top, left), (oh, ow) = geometry.padding, geometry.output_size
    pixels = rearrange(x, "n (g i) h w -> n g i h w", g=groups)
    taps = rearrange(weight, "(g i) o kh kw -> kh kw g i o", g=groups)
    canvas = x.new_zeros(len(x), groups, weight.shape[1], oh + 2 * top, ow + 2 * left)
    for ky, kx in product(*map(range, weight.shape[2:])):  # one tap of all the stamps at a time
        rows = slice(ky * dh, ky * dh + (h - 1) * sh + 1, sh)
        columns = slice(kx * dw, kx * dw + (w - 1) * sw + 1, sw)
        canvas[..., rows, columns] += torch.einsum("ngihw,gio->ngohw", pixels, taps[ky, kx])
    return _finish(canvas[..., top : top + oh, left : left + ow].flatten(1, 2), bias)


def transposed_by_matrix(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Transposed convolution as C^T x, with the dense matrix C of the convolution; for small images.

    Arguments and result as for `transposed_by_scatter`. ValueError also where the matrix is too large.

    Example:
        >>> x, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> transposed_by_matrix(x, weight, stride=(1, 2)).tolist()
        [[[[1.0, 10.0, 102.0, 20.0, 200.0]]]]

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1.
    """
    geometry = check_arguments(x, weight, bias, stride, padding, output_padding, dilation, groups)
    convolution = (geometry.stride, geometry.padding, geometry.dilation)
    matrix = conv_matrix_2d(weight, geometry.output_size, *convolution, groups)
    # An output_padding of the stride or more makes room for outputs of C beyond x; they would meet only zeros.
    rows = conv_output_size(geometry.output_size, tuple(weight.shape[2:]), *convolution)
    matrix = matrix.unflatten(0, (-1, *rows))[:, : x.shape[2], : x.shape[3]].flatten(0, 2)
    return _finish((x.flatten(1) @ matrix).unflatten(1, (-1, *geometry.output_size)), bias)


def transposed_by_zero_insertion(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Transposed convolution as zeros between the pixels, then a convolution of stride 1 with the flipped kernel.

    Arguments and result as for `transposed_by_scatter`.

    Example:
        >>> x, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> transposed_by_zero_insertion(x, weight, stride=(1, 2)).tolist()
        [[[[1.0, 10.0, 102.0, 20.0, 200.0]]]]

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.
    """
    geometry = check_arguments(x, weight, bias, stride, padding, output_padding, dilation, groups)
    (top, left), (oh, ow), (down, right) = geometry.padding, geometry.output_size, geometry.reach
    extra_rows, extra_columns = geometry.output_padding
    spread = dilate_kernel(x, geometry.stride)  # spreads pixels as it spreads taps
    padded = F.pad(spread, (right, right + extra_columns, down, down + extra_rows))
    window = padded[..., top : top + oh + down, left : left + ow + right]  # what gives oh x ow outputs
    flipped = rearrange(weight.flip(2, 3), "(g i) o kh kw -> (g o) i kh kw", g=groups)
    return F.conv2d(window, flipped, bias, dilation=geometry.dilation, groups=groups)


def transposed_by_gradient(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Transposed convolution as the vector-Jacobian product of the convolution that it transposes; the vector is x.

    Arguments and result as for `transposed_by_scatter`.

    Example:
        >>> x, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[[1.0, 10.0, 100.0]]]])
        >>> transposed_by_gradient(x, weight, stride=(1, 2)).tolist()
        [[[[1.0, 10.0, 102.0, 20.0, 200.0]]]]

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.
    """
    geometry = check_arguments(x, weight, bias, stride, padding, output_padding, dilation, groups)
    h, w = x.shape[2:]

    def convolve(image: Tensor) -> Tensor:
        outputs = F.conv2d(image, weight, None, geometry.stride, geometry.padding, geometry.dilation, groups)
        return outputs[..., :h, :w]  # an output_padding of the stride or more makes room for outputs beyond x

    # The convolution is linear, so its Jacobian is the same matrix everywhere, also at zeros.
    anywhere = x.new_zeros(len(x), groups * weight.shape[1], *geometry.output_size)
    _, vector_jacobian_product = torch.func.vjp(convolve, anywhere)
    return _finish(vector_jacobian_product(x)[0], bias)


def _finish(result: Tensor, bias: Tensor | None) -> Tensor:
    return result if bias is None else result + bias[:, None, None]
