"""Output sizes of convolution and transposed convolution.

A kernel of k taps at dilation d spans d (k - 1) + 1 pixels. A convolution of stride s starts at every s-th place where
that span fits into the padded input. The last few pixels may not suffice for another start, so up to s input sizes give
the same output size. On the way back, `output_padding` chooses among those s sizes.
"""

from course.ops.arguments import Pair, pair


def conv_output_size(
    size: Pair, kernel_size: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1
) -> int | tuple[int, int]:
    """Number of pixels that a convolution gives.

    It is floor((size + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1.

    Args:
        size: input pixels, at least 1; this and all others one int, or a pair (h, w).
        kernel_size: taps, at least 1.
        stride: input pixels from one start of the kernel to the next, at least 1.
        padding: zeros added at each end, at least 0.
        dilation: input pixels from one tap to the next, at least 1.

    Returns:
        An int if every argument is one, else (h, w).

    Raises:
        ValueError: an argument is out of range, or the kernel does not fit into the padded input.

    Example:
        >>> conv_output_size(7, 3, stride=2, padding=1), conv_output_size((5, 6), 3)
        (4, (3, 4))

    Source: Dumoulin and Visin, arXiv:1603.07285, relationships 6 and 15.
    """
    axes = zip(
        pair(size, "size", 1),
        pair(kernel_size, "kernel_size", 1),
        pair(stride, "stride", 1),
        pair(padding, "padding", 0),
        pair(dilation, "dilation", 1),
        strict=True,
    )
    lengths = tuple(_conv_length(*axis) for axis in axes)
    return _like(lengths, size, kernel_size, stride, padding, dilation)


def transposed_output_size(
    size: Pair,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
) -> int | tuple[int, int]:
    """Number of pixels that a transposed convolution gives.

    It is (size - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.

    Args:
        size: input pixels, at least 1; this and all others one int, or a pair (h, w).
        kernel_size: taps, at least 1.
        stride: output pixels from one copy of the kernel to the next, at least 1.
        padding: pixels cut from each end of the result, at least 0 (the zeros that the convolution would add).
        output_padding: how many pixels fewer are cut at the far end, less than stride or dilation.
        dilation: output pixels from one tap to the next, at least 1.

    Returns:
        An int if every argument is one, else (h, w).

    Raises:
        ValueError: an argument is out of range, or the padding cuts everything away.

    Example:
        >>> transposed_output_size(4, 3, stride=2, padding=1), transposed_output_size(4, 4, stride=2, padding=1)
        (7, 8)

    Source: Dumoulin and Visin, arXiv:1603.07285, relationship 14; `torch.nn.ConvTranspose2d` for dilation.
    """
    axes = zip(
        pair(size, "size", 1),
        pair(kernel_size, "kernel_size", 1),
        pair(stride, "stride", 1),
        pair(padding, "padding", 0),
        pair(output_padding, "output_padding", 0),
        pair(dilation, "dilation", 1),
        strict=True,
    )
    lengths = tuple(_transposed_length(*axis) for axis in axes)
    return _like(lengths, size, kernel_size, stride, padding, output_padding, dilation)


def _conv_length(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> int:
    span = dilation * (kernel_size - 1) + 1
    if size + 2 * padding < span:
        raise ValueError(
            f"size + 2 padding is {size + 2 * padding}; wanted at least {span}, the span of {kernel_size} taps at "
            f"dilation {dilation}. Use a larger input, more padding or a smaller kernel."
        )
    return (size + 2 * padding - span) // stride + 1


def _transposed_length(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int, dilation: int
) -> int:
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding is {output_padding}; wanted less than stride {stride} or dilation {dilation}. It only "
            "chooses among the sizes that a convolution maps to the same one."
        )
    length = (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1
    if length < 1:
        raise ValueError(
            f"padding is {padding}; wanted at most {(length + 2 * padding - 1) // 2}, so that a pixel is left of the "
            f"result of size {length + 2 * padding}."
        )
    return length


def _like(lengths: tuple[int, ...], *arguments: Pair) -> int | tuple[int, ...]:
    """A pair where any argument was one; else one number, since both axes came out the same."""
    return lengths if any(isinstance(a, (tuple, list)) for a in arguments) else lengths[0]
