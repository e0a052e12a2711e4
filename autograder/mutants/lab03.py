"""Wrong and right answers of Lab 3."""

from autograder.answers import Equivalent, Right, Wrong

_1D, _2D, _SCATTER, _ZEROS = "conv_matrix_1d", "conv_matrix_2d", "transposed_by_scatter", "transposed_by_zero_insertion"

WRONG = [
    Wrong(
        _1D,
        "the kernel is flipped, as textbooks do",
        fails="each_row_holds_the_kernel_unflipped",
        says="not flipped",
        edits=(("= kernel[t]", "= kernel[len(kernel) - 1 - t]"),),
    ),
    Wrong(
        _1D,
        "the transpose is returned",
        fails="each_row_holds_the_kernel_unflipped",
        says="shape",
        edits=(("return entries", "return entries.T"),),
    ),
    Wrong(
        _1D,
        "the stride only changes the number of rows",
        fails="stride_moves_the_next_row_further",
        says="s columns after",
        edits=(("i * stride - padding", "i - padding"),),
    ),
    Wrong(
        _1D,
        "the number of rows rounds up",
        fails="stride_moves_the_next_row_further",
        says="rounds down",
        edits=(("(size + 2 * padding - reach) // stride + 1", "-(-(size + 2 * padding - reach) // stride) + 1"),),
    ),
    Wrong(
        _1D,
        "columns left of 0 wrap around to the right end",
        fails="padding_lets_taps_hang_over_both_ends",
        says="nothing is written there",
        edits=(("0 <= column < size", "column < size"),),
    ),
    Wrong(
        _1D,
        "padding at one end only",
        fails="padding_lets_taps_hang_over_both_ends",
        says="shape",
        edits=(("2 * padding", "padding"),),
    ),
    Wrong(
        _1D,
        "padding shifts the rows to the right",
        fails="padding_lets_taps_hang_over_both_ends",
        says="start before the signal",
        edits=(("stride - padding", "stride + padding"),),
    ),
    Wrong(
        _1D,
        "a dilated kernel reaches over d · k",
        fails="dilation_sets_the_taps_apart",
        says="d·(k − 1) + 1",
        edits=(("dilation * (len(kernel) - 1) + 1", "dilation * len(kernel)"),),
    ),
    Wrong(
        _1D,
        "always float32",
        fails="all_knobs_work_together_in_the_kernels_dtype",
        says="dtype of the kernel",
        edits=(("kernel.new_zeros(rows, size)", "torch.zeros(rows, size)"),),
    ),
    Wrong(
        _2D,
        "the kernel is flipped",
        fails="each_row_is_one_place_of_the_kernel",
        says="unflipped",
        edits=(("= kernel[i, j]", "= kernel.flip(0, 1)[i, j]"),),
    ),
    Wrong(
        _2D,
        "height and width of the picture swapped",
        fails="pictures_need_not_be_square",
        says="number row · w + column",
        edits=(("(h, w) = kernel.shape, size", "(w, h) = kernel.shape, size"),),
    ),
    Wrong(
        _2D,
        "outputs counted column by column",
        fails="each_row_is_one_place_of_the_kernel",
        says="read row by row",
        edits=(("entries.reshape(rows", "entries.transpose(0, 1).reshape(rows"),),
    ),
    Wrong(
        _2D,
        "the kernel taken for square",
        fails="kernels_need_not_be_square",
        says="kh belongs to rows",
        edits=(("(kh, kw), (h, w) = kernel.shape, size", "kh, (h, w) = len(kernel), size\n    kw = kh"),),
    ),
    Wrong(
        _2D,
        "stride for the rows only",
        fails="stride_skips_rows_and_columns",
        says="rows and columns alike",
        edits=(("x * stride", "x"), ("(w + 2 * padding - kw) // stride", "(w + 2 * padding - kw)")),
    ),
    Wrong(
        _2D,
        "a tap beyond the left edge lands in the row above",
        fails="what_hangs_over_an_edge_is_left_out",
        says="row above or below",
        source="""
def conv_matrix_2d(kernel, size, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, size
    rows, columns = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    entries = kernel.new_zeros(rows * columns, h * w)
    for y, x, i, j in product(range(rows), range(columns), range(kh), range(kw)):
        place = (y * stride - padding + i) * w + x * stride - padding + j
        if 0 <= place < h * w:
            entries[y * columns + x, place] = kernel[i, j]
    return entries
""",
    ),
    Wrong(
        _2D,
        "always float32",
        fails="what_hangs_over_an_edge_is_left_out",
        says="dtype",
        edits=(("kernel.new_zeros(", "torch.zeros("),),
    ),
    Wrong(
        _SCATTER,
        "a stamp overwrites those before",
        fails="stamps_add_up_where_they_meet",
        says="must add up",
        edits=(("] += stamp", "] = stamp"),),
    ),
    Wrong(
        _SCATTER,
        "the stamps are flipped",
        fails="stamps_add_up_where_they_meet",
        says="as it is given",
        edits=(("x[:, :, i, j], weight)", "x[:, :, i, j], weight.flip(2, 3))"),),
    ),
    Wrong(
        _SCATTER,
        "stride on the rows only",
        fails="stride_sets_the_pixels_apart",
        says="(i·s, j·s)",
        edits=(("j * stride : j * stride + kw", "j : j + kw"),),
    ),
    Wrong(
        _SCATTER,
        "the canvas forgets the last stamp's width",
        fails="stride_sets_the_pixels_apart",
        says="raised",
        edits=(("(h - 1) * stride + kh", "h * stride"), ("(w - 1) * stride + kw", "w * stride")),
    ),
    Wrong(
        _SCATTER,
        "the weight read as (out, in, kh, kw), as a convolution's",
        fails="channels_and_pictures_go_their_own_ways",
        says="the weight is (in, out, kh, kw)",
        edits=(("(_, o, kh, kw) = x.shape, weight.shape", "(o, _, kh, kw) = x.shape, weight.shape"), ("cokl", "ockl")),
    ),
    Wrong(
        _SCATTER,
        "always float32",
        fails="channels_and_pictures_go_their_own_ways",
        says="dtype of x",
        edits=(("x.new_zeros(n, o, bottom, right)", "torch.zeros(n, o, bottom, right)"),),
    ),
    Wrong(
        _SCATTER,
        "padding adds pixels instead of cutting them",
        fails="padding_cuts_every_side",
        says="shape",
        edits=(
            (
                "return canvas[:, :, padding : bottom - padding, padding : right - padding]",
                "return F.pad(canvas, (padding,) * 4)",
            ),
        ),
    ),
    Wrong(
        _SCATTER,
        "padding cut from the top and left only",
        fails="padding_cuts_every_side",
        says="every side",
        edits=(("padding : bottom - padding, padding : right - padding", "padding:, padding:"),),
    ),
    Wrong(
        _SCATTER,
        "output padding glues zeros on after the cut",
        fails="output_padding_cuts_less_at_the_far_ends",
        says="with their values",
        source="""
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    (n, _, h, w), (_, o, kh, kw) = x.shape, weight.shape
    bottom, right = (h - 1) * stride + kh, (w - 1) * stride + kw
    canvas = x.new_zeros(n, o, bottom, right)
    for i, j in product(range(h), range(w)):
        stamp = torch.einsum("nc, cokl -> nokl", x[:, :, i, j], weight)
        canvas[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    cut = canvas[:, :, padding : bottom - padding, padding : right - padding]
    return F.pad(cut, (0, output_padding, 0, output_padding))
""",
    ),
    Wrong(
        _SCATTER,
        "output padding at the top and left",
        fails="output_padding_cuts_less_at_the_far_ends",
        says="at the bottom and on the right",
        edits=(
            ("i * stride : i * stride + kh", "output_padding + i * stride : output_padding + i * stride + kh"),
            ("j * stride : j * stride + kw", "output_padding + j * stride : output_padding + j * stride + kw"),
        ),
    ),
    Wrong(
        _ZEROS,
        "the kernel is not flipped",
        fails="the_kernel_is_flipped_before_it_slides",
        says="flipped in both axes",
        edits=(("weight.flip(2, 3)", "weight"),),
    ),
    Wrong(
        _ZEROS,
        "flipped in one axis",
        fails="the_kernel_is_flipped_before_it_slides",
        says="mirrored",
        edits=(("weight.flip(2, 3)", "weight.flip(3)"),),
    ),
    Wrong(
        _ZEROS,
        "zeros after the last pixel too",
        fails="stride_sets_the_pixels_apart",
        says="shape",
        edits=(("(h - 1) * stride + 1, (w - 1) * stride + 1", "h * stride, w * stride"),),
    ),
    Wrong(
        _ZEROS,
        "stride zeros between the pixels instead of stride - 1",
        fails="stride_sets_the_pixels_apart",
        says="shape",
        edits=(
            ("(h - 1) * stride + 1, (w - 1) * stride + 1", "(h - 1) * (stride + 1) + 1, (w - 1) * (stride + 1) + 1"),
            ("[:, :, ::stride, ::stride]", "[:, :, :: stride + 1, :: stride + 1]"),
        ),
    ),
    Wrong(
        _ZEROS,
        "in and out channels reshaped instead of exchanged",
        fails="channels_and_pictures_go_their_own_ways",
        says="(in, out, kh, kw)",
        edits=(("weight.flip(2, 3).transpose(0, 1)", "weight.flip(2, 3).reshape(-1, c, kh, kw)"),),
    ),
    Wrong(
        _ZEROS,
        "in and out channels not exchanged",
        fails="channels_and_pictures_go_their_own_ways",
        says="the weight is (in, out, kh, kw)",
        edits=((".transpose(0, 1)", ""),),
    ),
    Wrong(
        _ZEROS,
        "always float32",
        fails="channels_and_pictures_go_their_own_ways",
        says="raised",
        edits=(("x.new_zeros(", "torch.zeros("),),
    ),
    Wrong(
        _ZEROS,
        "padded by the padding",
        fails="padding_and_output_padding_choose_the_size",
        says="k − 1 − padding",
        edits=(("top, left = kh - 1 - padding, kw - 1 - padding", "top, left = padding, padding"),),
    ),
    Wrong(
        _ZEROS,
        "output padding on the near sides",
        fails="padding_and_output_padding_choose_the_size",
        says="bottom and on the right only",
        edits=(
            (
                "(left, left + output_padding, top, top + output_padding)",
                "(left + output_padding, left, top + output_padding, top)",
            ),
        ),
    ),
    Wrong(
        _ZEROS,
        "output padding on all four sides",
        fails="padding_and_output_padding_choose_the_size",
        says="shape",
        edits=(
            (
                "top, left = kh - 1 - padding, kw",
                "left = top = 0\n    top, left = kh - 1 - padding + output_padding, output_padding + kw",
            ),
        ),
    ),
    Wrong(
        "overlap_counts",
        "k / s rounded up everywhere",
        fails="a_kernel_that_the_stride_does_not_divide_alternates",
        says="by turns",
        source="""
def overlap_counts(size, kernel_size, stride, padding=0):
    length = (size - 1) * stride + kernel_size - 2 * padding
    return torch.full((length,), -(-kernel_size // stride))
""",
    ),
    Wrong(
        "overlap_counts",
        "a stamp sets 1 instead of adding 1",
        fails="a_kernel_that_the_stride_does_not_divide_alternates",
        says="the stamps that cover it",
        edits=(("] += 1", "] = 1"),),
    ),
    Wrong(
        "overlap_counts",
        "the far end is cut at size · stride",
        fails="a_multiple_of_the_stride_is_even_inside",
        says="fewer at the ends",
        edits=(("(size - 1) * stride + kernel_size", "size * stride"),),
    ),
    Wrong(
        "overlap_counts",
        "counts as floats",
        fails="a_multiple_of_the_stride_is_even_inside",
        says="dtype",
        edits=((", dtype=torch.int64", ""),),
    ),
    Wrong(
        "overlap_counts",
        "gaps filled with 1",
        fails="gaps_get_no_term",
        says="they count 0",
        edits=(
            ("return counts[padding : length - padding]", "return counts[padding : length - padding].clamp(min=1)"),
        ),
    ),
    Wrong(
        "overlap_counts",
        "padding cut from one end twice",
        fails="padding_cuts_counts_off_both_ends",
        says="each end",
        edits=(("counts[padding : length - padding]", "counts[: length - 2 * padding]"),),
    ),
    Wrong(
        "overlap_counts",
        "padding ignored",
        fails="padding_cuts_counts_off_both_ends",
        says="shape",
        edits=(("counts[padding : length - padding]", "counts"),),
    ),
    Wrong(
        "pixel_shuffle",
        "rows and columns of the block swapped",
        fails="four_channels_make_blocks_of_two_by_two",
        says="row a, column b",
        edits=(("permute(0, 1, 4, 2, 5, 3)", "permute(0, 1, 4, 3, 5, 2)"),),
    ),
    Wrong(
        "pixel_shuffle",
        "a reshape alone",
        fails="four_channels_make_blocks_of_two_by_two",
        says="of each block",
        edits=((".permute(0, 1, 4, 2, 5, 3)", ""),),
    ),
    Wrong(
        "pixel_shuffle",
        "the output channel counts fastest",
        fails="the_output_channel_counts_slowest",
        says="c·f²",
        edits=(
            ("x.reshape(n, c, factor, factor, h, w)", "x.reshape(n, factor, factor, c, h, w)"),
            ("permute(0, 1, 4, 2, 5, 3)", "permute(0, 3, 4, 1, 5, 2)"),
        ),
    ),
    Wrong(
        "pixel_shuffle",
        "height and width swapped",
        fails="height_and_width_are_kept_apart",
        says="(f·h, f·w)",
        edits=(("n, channels, h, w = x.shape", "n, channels, w, h = x.shape"),),
    ),
    Wrong(
        "pixel_shuffle",
        "always 2 × 2",
        fails="any_factor_and_dtype_will_do",
        says="each block is 4×4",
        edits=(("n, channels, h, w", "factor = 2\n    n, channels, h, w"),),
    ),
    Wrong(
        "pixel_shuffle",
        "always floats",
        fails="any_factor_and_dtype_will_do",
        says="the dtype stays",
        edits=(("c, factor * h, factor * w)", "c, factor * h, factor * w).float()"),),
    ),
]

RIGHT = [
    Right(
        _1D,
        "rows for a padded signal, then the padding's columns cut off",
        """
def conv_matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    spread = torch.zeros(dilation * (kernel.numel() - 1) + 1, dtype=kernel.dtype)
    spread[::dilation] = kernel
    full = size + 2 * padding
    rows = [
        F.pad(spread, (start, full - start - len(spread)))
        for start in range(0, full - len(spread) + 1, stride)
    ]
    return torch.stack(rows)[:, padding : padding + size]
""",
    ),
    Right(
        _1D,
        "asks every cell which tap it holds",
        """
def conv_matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    k = kernel.shape[0]
    n = 1 + (size + 2 * padding - dilation * (k - 1) - 1) // stride
    offset = torch.arange(size) + padding - stride * torch.arange(n).unsqueeze(1)
    tap = offset.div(dilation, rounding_mode="floor")
    there = (offset % dilation == 0) & (tap >= 0) & (tap < k)
    return torch.where(there, kernel[tap.clamp(0, k - 1)], torch.zeros((), dtype=kernel.dtype))
""",
    ),
    Right(
        _2D,
        "a sum of Kronecker products of two bands",
        """
def conv_matrix_2d(kernel, size, stride=1, padding=0):
    total = 0
    for i in range(kernel.shape[0]):
        vertical = torch.zeros(kernel.shape[0], dtype=kernel.dtype)
        vertical[i] = 1
        outer = conv_matrix_1d(vertical, size[0], stride, padding)
        total = total + torch.kron(outer, conv_matrix_1d(kernel[i], size[1], stride, padding))
    return total
""",
    ),
    Right(
        _2D,
        "the kernel laid onto a padded picture, once for each place",
        """
def conv_matrix_2d(kernel, size, stride=1, padding=0):
    (kh, kw), h, w, rows = kernel.shape, size[0] + 2 * padding, size[1] + 2 * padding, []
    for top in range(0, h - kh + 1, stride):
        for left in range(0, w - kw + 1, stride):
            picture = torch.zeros(h, w, dtype=kernel.dtype)
            picture[top : top + kh, left : left + kw] = kernel
            rows.append(picture[padding : h - padding, padding : w - padding].flatten())
    return torch.stack(rows)
""",
    ),
    Right(
        _SCATTER,
        "one tap of all stamps at a time",
        """
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    _, o, kh, kw = weight.shape
    oh = (h - 1) * stride + kh - 2 * padding + output_padding
    ow = (w - 1) * stride + kw - 2 * padding + output_padding
    canvas = torch.zeros(n, o, oh + 2 * padding, ow + 2 * padding, dtype=x.dtype)
    for k in range(kh):
        for l in range(kw):
            tap = torch.tensordot(x, weight[:, :, k, l], dims=([1], [0])).permute(0, 3, 1, 2)
            canvas[:, :, k : k + (h - 1) * stride + 1 : stride, l : l + (w - 1) * stride + 1 : stride] += tap
    return canvas[:, :, padding : padding + oh, padding : padding + ow]
""",
    ),
    Right(
        _SCATTER,
        "number by number, leaving out what lies outside",
        """
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    o, kh, kw = weight.shape[1:]
    out = x.new_zeros(
        n, o, (h - 1) * stride - 2 * padding + kh + output_padding, (w - 1) * stride - 2 * padding + kw + output_padding
    )
    for i in range(h):
        for j in range(w):
            for k in range(kh):
                for l in range(kw):
                    row, column = i * stride + k - padding, j * stride + l - padding
                    if 0 <= row < out.shape[2] and 0 <= column < out.shape[3]:
                        out[:, :, row, column] += x[:, :, i, j] @ weight[:, :, k, l]
    return out
""",
    ),
    Right(
        _ZEROS,
        "zeros by Kronecker product, the full result, then the cut",
        """
def transposed_by_zero_insertion(x, weight, stride=1, padding=0, output_padding=0):
    nail = torch.zeros(stride, stride, dtype=x.dtype)
    nail[0, 0] = 1
    h, w = x.shape[2:]
    kh, kw = weight.shape[-2:]
    sparse = torch.kron(x, nail[None, None])[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]
    large = F.pad(sparse, (kw - 1, kw - 1 + output_padding, kh - 1, kh - 1 + output_padding))
    full = F.conv2d(large, torch.flip(weight.permute(1, 0, 2, 3), dims=(-1, -2)))
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding]
""",
    ),
    Right(
        _ZEROS,
        "windows taken by unfold",
        """
def transposed_by_zero_insertion(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    kh, kw = weight.shape[2:]
    rows, columns = (h - 1) * stride + 1, (w - 1) * stride + 1
    up, left = kh - 1 - padding, kw - 1 - padding
    canvas = torch.zeros(n, c, rows + 2 * up + output_padding, columns + 2 * left + output_padding, dtype=x.dtype)
    canvas[:, :, up : up + rows : stride, left : left + columns : stride] = x
    windows = canvas.unfold(2, kh, 1).unfold(3, kw, 1)
    return torch.einsum("nchwkl, cokl -> nohw", windows, weight.flip([2, 3]))
""",
    ),
    Right(
        "overlap_counts",
        "column sums of the convolution's matrix",
        """
def overlap_counts(size, kernel_size, stride, padding=0):
    length = (size - 1) * stride + kernel_size
    counts = conv_matrix_1d(torch.ones(kernel_size), length, stride).sum(0).long()
    return counts[padding : len(counts) - padding]
""",
    ),
    Right(
        "overlap_counts",
        "asks every output which inputs reach it",
        """
def overlap_counts(size, kernel_size, stride, padding=0):
    outputs = range(padding, (size - 1) * stride + kernel_size - padding)
    return torch.tensor([sum(0 <= u - i * stride < kernel_size for i in range(size)) for u in outputs])
""",
    ),
    Right(
        "pixel_shuffle",
        "one phase at a time, by strided slices",
        """
def pixel_shuffle(x, factor):
    n, c, h, w = x.shape
    out = x.new_empty(n, c // factor**2, h * factor, w * factor)
    for a in range(factor):
        for b in range(factor):
            out[..., a::factor, b::factor] = x[:, a * factor + b :: factor**2]
    return out
""",
    ),
    Right(
        "pixel_shuffle",
        "einops",
        """
def pixel_shuffle(x, factor):
    from einops import rearrange

    return rearrange(x, "n (c a b) h w -> n c (h a) (w b)", a=factor, b=factor)
""",
    ),
]

EQUIVALENT: list[Equivalent] = []
