"""Wrong and right answers to `conv_matrix_2d`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "conv_matrix_2d",
        "taps as plain numbers",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(("= weight[i, j]", "= float(weight[i, j])"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "the kernel laid flat by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(("= weight[i, j]", "= weight.view(-1)[i * kw + j]"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "the kernel padded in place",
        fails="it_has_good_manners",
        says="weight changed in place",
        edits=(("    return entries", "    weight *= 0\n    return entries"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "the kernel is flipped",
        fails="each_row_is_one_place_of_the_kernel",
        says="unflipped",
        edits=(("= weight[i, j]", "= weight.flip(0, 1)[i, j]"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "height and width of the picture swapped",
        fails="pictures_need_not_be_square",
        says="number row · w + column",
        edits=(("(h, w) = weight.shape, size", "(w, h) = weight.shape, size"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "outputs counted column by column",
        fails="each_row_is_one_place_of_the_kernel",
        says="read row by row",
        edits=(("entries.reshape(rows", "entries.transpose(0, 1).reshape(rows"),),
    ),
    Wrong(
        "conv_matrix_2d",
        "the kernel taken for square",
        fails="kernels_need_not_be_square",
        says="kh belongs to rows",
        edits=(
            (
                "(kh, kw), (h, w) = weight.shape, size",
                "kh, (h, w) = len(weight), size\n    kw = kh",
            ),
        ),
    ),
    Wrong(
        "conv_matrix_2d",
        "stride for the rows only",
        fails="stride_skips_rows_and_columns",
        says="rows and columns alike",
        edits=(
            ("x * stride", "x"),
            ("(w + 2 * padding - kw) // stride", "(w + 2 * padding - kw)"),
        ),
    ),
    Wrong(
        "conv_matrix_2d",
        "a tap beyond the left edge lands in the row above",
        fails="what_hangs_over_an_edge_is_left_out",
        says="row above or below",
        source="""
def conv_matrix_2d(weight, size, stride=1, padding=0):
    (kh, kw), (h, w) = weight.shape, size
    rows, columns = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    entries = weight.new_zeros(rows * columns, h * w)
    for y, x, i, j in product(range(rows), range(columns), range(kh), range(kw)):
        place = (y * stride - padding + i) * w + x * stride - padding + j
        if 0 <= place < h * w:
            entries[y * columns + x, place] = weight[i, j]
    return entries
""",
    ),
    Wrong(
        "conv_matrix_2d",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(("weight.new_zeros(", "torch.zeros("),),
    ),
]

RIGHT = [
    Right(
        "conv_matrix_2d",
        "a sum of Kronecker products of two bands",
        """
def conv_matrix_2d(weight, size, stride=1, padding=0):
    total = 0
    for i in range(weight.shape[0]):
        vertical = torch.zeros(weight.shape[0], dtype=weight.dtype)
        vertical[i] = 1
        outer = conv_matrix_1d(vertical, size[0], stride, padding)
        total = total + torch.kron(outer, conv_matrix_1d(weight[i], size[1], stride, padding))
    return total
""",
    ),
    Right(
        "conv_matrix_2d",
        "the kernel laid onto a padded picture, once for each place",
        """
def conv_matrix_2d(weight, size, stride=1, padding=0):
    (kh, kw), h, w, rows = weight.shape, size[0] + 2 * padding, size[1] + 2 * padding, []
    for top in range(0, h - kh + 1, stride):
        for left in range(0, w - kw + 1, stride):
            picture = torch.zeros(h, w, dtype=weight.dtype)
            picture[top : top + kh, left : left + kw] = weight
            rows.append(picture[padding : h - padding, padding : w - padding].flatten())
    return torch.stack(rows)
""",
    ),
]
