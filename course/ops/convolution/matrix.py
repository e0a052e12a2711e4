"""A convolution is a linear map, so it has a matrix: output = matrix @ input, both laid out as one long column.

In 1-D the matrix is banded: each row holds the kernel, `stride` columns further right than in the row above, cut off
where it hangs over the ends (this is what zero padding amounts to). In 2-D it is doubly blocked: a band of blocks, one
per pair of image rows, each itself a band. Groups leave only the blocks on the diagonal of the channels.

The course's convolution is cross-correlation, as torch's is. Lecture notes often write the true convolution, which
flips the kernel: the filter (x, y, z) gives [ax, ay + bx, az + by + cx, bz + cy, cz] on [0, a, b, c, 0]. The examples
compute this with x, y, z = 1, 10, 100 and a, b, c = 1, 2, 3, so that each digit tells where it comes from.

    >>> x, y, z = 1, 10, 100
    >>> matrix = conv_matrix_1d(torch.tensor([z, y, x]), size=5, padding=1)
    >>> (matrix @ torch.tensor([0, 1, 2, 3, 0])).tolist()
    [1, 12, 123, 230, 300]
    >>> (matrix.T @ torch.tensor([0, 1, 2, 3, 0])).tolist()  # az, ay + bz, ax + by + cz, bx + cy, cx
    [100, 210, 321, 32, 3]

At stride 2 every other row is left, and the transpose goes from three numbers back to five:

    >>> strided = conv_matrix_1d(torch.tensor([z, y, x]), size=5, stride=2, padding=1)
    >>> (strided @ torch.tensor([0, 1, 2, 3, 0])).tolist()  # ax, az + by + cx, cz
    [1, 123, 300]
    >>> (strided.T @ torch.tensor([1, 2, 3])).tolist()  # ay, ax + bz, by, bx + cz, cy
    [10, 201, 20, 302, 30]

Notes that write the padding into the vector, [0, a, b, c, d, 0], and slide (x, y, z) by 2 without flipping it, have
this matrix, whose transpose on [a, b] is [ax, ay, az + bx, by, bz, 0]:

    >>> (conv_matrix_1d(torch.tensor([x, y, z]), size=6, stride=2).T @ torch.tensor([1, 2])).tolist()
    [1, 10, 102, 20, 200, 0]
"""

import torch
from einops import rearrange
from torch import Tensor

from course.ops.arguments import Pair, pair, whole
from course.ops.convolution.sizes import conv_output_size

# A larger matrix (1 GiB in float32) is almost surely a mistake, and would bring the notebook's kernel down.
LARGEST_MATRIX = 2**28


def conv_matrix_1d(kernel: Tensor, size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Tensor:
    """Matrix of the convolution of a signal with `kernel`: matrix @ signal is `F.conv1d` of it.

    Args:
        kernel: (k,), of any dtype; not flipped.
        size: length of the signal, at least 1.
        stride: columns from one row's kernel to the next, at least 1.
        padding: implied zeros at each end of the signal, at least 0.
        dilation: columns from one tap to the next, at least 1.

    Returns:
        (conv_output_size, size), of the kernel's dtype and on its device; gradients reach the kernel.

    Raises:
        ValueError: the kernel is not 1-D or does not fit into the padded signal, or a number is out of range.

    Example:
        >>> conv_matrix_1d(torch.tensor([1, 2, 3]), size=5, stride=2, padding=1).tolist()
        [[2, 3, 0, 0, 0],
         [0, 1, 2, 3, 0],
         [0, 0, 0, 1, 2]]

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1.
    """
    if kernel.ndim != 1:
        raise ValueError(f"kernel has shape {tuple(kernel.shape)}; wanted (k,). For images use conv_matrix_2d.")
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
        size: (h, w) of the image in pixels, at least 1. This and the next three are one int, or a pair (h, w).
        stride: pixels from one start of the kernel to the next, at least 1.
        padding: implied zeros on each side of the image, at least 0.
        dilation: pixels from one tap to the next, at least 1.
        groups: sets of channels that do not see each other; a divisor of o.

    Returns:
        Dense (o * oh * ow, i * h * w), of the weight's dtype and on its device; gradients reach the weight.
        Rows run over the output (o, oh, ow), columns over the image (i, h, w), both with the last axis fastest.

    Raises:
        ValueError: the weight is not 4-D, the kernel does not fit, a number is out of range, or the matrix would have
            more than `LARGEST_MATRIX` entries.

    Example:
        >>> conv_matrix_2d(torch.tensor([[[[1, 2], [3, 4]]]]), size=(2, 3)).tolist()
        [[1, 2, 0, 3, 4, 0],
         [0, 1, 2, 0, 3, 4]]

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
    """The kernel with dilation - 1 zeros between its taps: a plain convolution with it is the dilated convolution.

    Args:
        weight: (..., kh, kw), or a 1-D kernel (k,).
        dilation: pixels from one tap to the next, at least 1; one int, or (h, w) for a kernel of two axes.

    Returns:
        (..., dilation (kh - 1) + 1, dilation (kw - 1) + 1), or the same of (k,); gradients reach the weight.

    Raises:
        ValueError: the weight has no entries, or the dilation is below 1.

    Example:
        >>> dilate_kernel(torch.tensor([[1, 2], [3, 4]]), 2).tolist()
        [[1, 0, 2], [0, 0, 0], [3, 0, 4]]

    Source: Yu and Koltun, arXiv:1511.07122, section 2.
    """
    if weight.ndim == 0 or 0 in weight.shape[-2:]:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; wanted (k,) or (..., kh, kw) with at least one tap.")
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
    """Which output sees which input through which tap: index vectors (outputs, taps, inputs), one entry a meeting."""
    length = conv_output_size(size, kernel_size, stride, padding, dilation)
    starts = torch.arange(length, device=device)[:, None] * stride - padding
    inputs = starts + torch.arange(kernel_size, device=device) * dilation  # (length, kernel_size)
    valid = (inputs >= 0) & (inputs < size)
    outputs, taps = valid.nonzero(as_tuple=True)
    return outputs, taps, inputs[valid]


def _check_weight(weight: Tensor, groups: int) -> None:
    if weight.ndim != 4 or weight.numel() == 0:
        raise ValueError(f"weight has shape {tuple(weight.shape)}; wanted (o, i / groups, kh, kw), none of them 0.")
    if weight.shape[0] % whole(groups, "groups", 1):
        raise ValueError(f"groups is {groups}; wanted a divisor of {weight.shape[0]}, the output channels of weight.")


def _check_entries(rows: int, columns: int) -> None:
    if rows * columns > LARGEST_MATRIX:
        raise ValueError(
            f"the dense matrix is {rows} x {columns}, {rows * columns * 4 / 2**30:.1f} GiB in float32; wanted at most "
            f"{LARGEST_MATRIX} entries. Use a smaller image or fewer channels, or a convolution without the matrix."
        )
