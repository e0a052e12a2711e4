"""A convolution is a linear map, so it has a matrix: output = matrix @ input, both laid out as one long column.

In 1-D the matrix is banded: each row holds the kernel, `stride` columns further right than in the row above, cut off
where it hangs over the ends (that is what zero padding comes to). In 2-D it is doubly blocked: a band of blocks, one
per pair of image rows, each itself a band. Groups leave only the blocks on the diagonal of the channels.

The course's convolution is cross-correlation, as torch's is. Lecture notes often write the true convolution, which
flips the kernel. The filter (x, y, z) on [0, a, b, c, 0], giving [ax, ay + bx, az + by + cx, bz + cy, cz], is

    conv_matrix_1d(torch.tensor([z, y, x]), size=5, padding=1) @ torch.tensor([0, a, b, c, 0])

and with `stride=2` it gives [ax, az + by + cx, cz]; the transposes of these two matrices give
[az, ay + bz, ax + by + cz, bx + cy, cx] and, on [a, b, c], [ay, ax + bz, by, bx + cz, cy]. Notes that put the padding
into the vector, [0, a, b, c, d, 0], and slide (x, y, z) unflipped by 2 use
`conv_matrix_1d(torch.tensor([x, y, z]), size=6, stride=2)`, whose transpose on [a, b] is [ax, ay, az + bx, by, bz, 0].
"""

import torch
from einops import rearrange
from torch import Tensor

from course.ops.arguments import Pair, pair
from course.ops.convolution.sizes import conv_output_size

# Larger matrices (1 GiB in float32) are almost surely a mistake, and would take the notebook's kernel with them.
LARGEST_MATRIX = 2**28


def conv_matrix_1d(kernel: Tensor, size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Tensor:
    """Matrix of the convolution of a signal with `kernel`: matrix @ signal is `F.conv1d` of it.

    Args:
        kernel: (k,), of any dtype; slid over the signal as it is, not flipped.
        size: length of the signal, at least 1.
        stride: columns from one row's kernel to the next, at least 1.
        padding: zeros understood at each end of the signal, at least 0.
        dilation: columns from one tap to the next, at least 1.

    Returns:
        (conv_output_size, size), of the kernel's dtype and on its device; gradients reach the kernel.

    Raises:
        ValueError: a kernel that is not 1-D or does not fit into the padded signal, or a number out of range.

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1.
    """
    if kernel.ndim != 1:
        raise ValueError(f"kernel has shape {tuple(kernel.shape)}; give a 1-D kernel (k,), or use conv_matrix_2d")
    length = conv_output_size(size, len(kernel), stride, padding, dilation)
    _check_entries(length, size)
    outputs, taps, inputs = _meetings(size, len(kernel), stride, padding, dilation, kernel.device)
    matrix = kernel.new_zeros(length, size)
    matrix[outputs, inputs] = kernel[taps]
    return matrix


def conv_matrix_2d(
    weight: Tensor, size: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1, groups: int = 1
) -> Tensor:
    """Matrix of the convolution of an image with `weight`: matrix @ image.flatten() is `F.conv2d` of it, flattened.

    Args:
        weight: (o, i / groups, kh, kw), as in `F.conv2d`; not flipped.
        size: (h, w) of the image in pixels, at least 1; this and the next three one int, or a pair (h, w).
        stride: pixels from one start of the kernel to the next, at least 1.
        padding: zeros understood on each side of the image, at least 0.
        dilation: pixels from one tap to the next, at least 1.
        groups: sets of channels that do not see each other; divides o.

    Returns:
        Dense (o * oh * ow, i * h * w), of the weight's dtype and on its device; gradients reach the weight.
        Rows count the output (o, oh, ow), columns the image (i, h, w), both with the last axis fastest.

    Raises:
        ValueError: a weight that is not 4-D, a kernel that does not fit, a number out of range, or a matrix of more
            than `LARGEST_MATRIX` entries.

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1.
    """
    _check_weight(weight, groups)
    h, w = pair(size, "size", 1)
    kernel_size = tuple(weight.shape[2:])
    stride, padding, dilation = pair(stride, "stride", 1), pair(padding, "padding", 0), pair(dilation, "dilation", 1)
    oh, ow = conv_output_size((h, w), kernel_size, stride, padding, dilation)
    rows, columns = weight.shape[0] * oh * ow, weight.shape[1] * groups * h * w
    _check_entries(rows, columns)

    vertical, horizontal = (
        _meetings(*axis, weight.device) for axis in zip((h, w), kernel_size, stride, padding, dilation, strict=True)
    )
    y, ky, row = (v[:, None] for v in vertical)  # each (v, 1), against (u,) below: every pair of meetings, (v, u)
    x, kx, column = horizontal
    g = torch.arange(groups, device=weight.device)[:, None, None]

    weight = rearrange(weight, "(g o) i kh kw -> g o i kh kw", g=groups)
    matrix = weight.new_zeros(groups, weight.shape[1], oh, ow, groups, weight.shape[2], h, w)
    matrix[g, :, y, x, g, :, row, column] = rearrange(weight[..., ky, kx], "g o i v u -> g v u o i")
    return matrix.reshape(rows, columns)


def dilate_kernel(weight: Tensor, dilation: Pair) -> Tensor:
    """The kernel with dilation - 1 zeros between its taps: an ordinary convolution with it is the dilated one.

    Args:
        weight: (..., kh, kw), or a 1-D kernel (k,).
        dilation: pixels from one tap to the next, at least 1; one int, or (h, w) for a kernel of two axes.

    Returns:
        (..., dilation (kh - 1) + 1, dilation (kw - 1) + 1), or the same of (k,); gradients reach the weight.

    Raises:
        ValueError: a weight without entries, or a dilation below 1.

    Source: Yu and Koltun, arXiv:1511.07122, section 2.
    """
    if weight.ndim == 0 or 0 in weight.shape[-2:]:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; give a kernel (k,) or (..., kh, kw) with taps in it")
    down, right = pair(dilation, "dilation", 1)
    if weight.ndim == 1:
        return dilate_kernel(weight[None], (1, right))[0]
    kh, kw = weight.shape[-2:]
    spread = weight.new_zeros(*weight.shape[:-2], down * (kh - 1) + 1, right * (kw - 1) + 1)
    spread[..., ::down, ::right] = weight
    return spread


def _meetings(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Which output sees which input through which tap: three index vectors, one entry for each such meeting."""
    length = conv_output_size(size, kernel_size, stride, padding, dilation)
    starts = torch.arange(length, device=device)[:, None] * stride - padding
    inputs = starts + torch.arange(kernel_size, device=device) * dilation  # (length, kernel_size)
    inside = (inputs >= 0) & (inputs < size)
    outputs, taps = inside.nonzero(as_tuple=True)
    return outputs, taps, inputs[inside]


def _check_weight(weight: Tensor, groups: int) -> None:
    if weight.ndim != 4 or weight.numel() == 0:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; give (o, i / groups, kh, kw), none of them 0")
    if groups < 1 or weight.shape[0] % groups:
        raise ValueError(f"groups is {groups}; it must divide the {weight.shape[0]} channels of weight's first axis")


def _check_entries(rows: int, columns: int) -> None:
    if rows * columns > LARGEST_MATRIX:
        raise ValueError(
            f"the dense matrix would be {rows} x {columns}, {rows * columns * 4 / 2**30:.1f} GiB in float32; "
            "use a smaller image or fewer channels, or a convolution that never writes the matrix down"
        )
