"""Hidden checks of Lab 3: convolution matrices, transposed convolution two ways, overlaps, pixel shuffle."""

import torch
import torch.nn.functional as F

from autograder.checking.draws import pick
from autograder.checking.expect import expect_close, expect_equal, expect_tensor
from autograder.checking.score import worth


def _randn(rng, *shape, dtype=torch.float32):
    return torch.randn(*shape, generator=rng, dtype=dtype)


# --- conv_matrix_1d


def _matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    """Column j is what the convolution makes of a single 1 at place j."""
    units = torch.eye(size, dtype=kernel.dtype)[:, None]
    return F.conv1d(
        units, kernel[None, None], stride=stride, padding=padding, dilation=dilation
    )[:, 0].T


@worth(1, "conv_matrix_1d")
def each_row_holds_the_kernel_unflipped(conv_matrix, rng):
    kernel, size = _randn(rng, pick(rng, 2, 4)), pick(rng, 6, 9)
    says = "Each row must hold the kernel as it is given (not flipped), one column further right than the row above."
    expect_close(conv_matrix(kernel, size), _matrix_1d(kernel, size), says)
    whole = _randn(rng, 5)
    expect_close(
        conv_matrix(whole, 5), whole[None], "A kernel as long as the signal fits once: one row."
    )


@worth(1, "conv_matrix_1d")
def stride_moves_the_next_row_further(conv_matrix, rng):
    kernel = _randn(rng, 3)
    says = "With stride s each row starts s columns after the row above, and the number of rows rounds down."
    for size, stride in ((pick(rng, 7, 9), 2), (10, 3), (11, 3)):
        expect_close(conv_matrix(kernel, size, stride), _matrix_1d(kernel, size, stride), says)


@worth(1, "conv_matrix_1d")
def padding_lets_taps_hang_over_both_ends(conv_matrix, rng):
    says = "Padding lets the first rows start before the signal; taps outside meet zeros, so nothing is written there."
    for taps, padding in ((3, 1), (4, 2), (5, 3)):
        kernel, size = _randn(rng, taps), pick(rng, 5, 7)
        got = conv_matrix(kernel, size, padding=padding)
        expect_close(got, _matrix_1d(kernel, size, padding=padding), says)


@worth(1, "conv_matrix_1d")
def dilation_sets_the_taps_apart(conv_matrix, rng):
    says = "With dilation d the taps stand d columns apart, and the kernel reaches over d·(k − 1) + 1 inputs."
    for taps, dilation in ((3, 2), (2, 3), (4, 2)):
        kernel, size = _randn(rng, taps), pick(rng, 8, 11)
        got = conv_matrix(kernel, size, dilation=dilation)
        expect_close(got, _matrix_1d(kernel, size, dilation=dilation), says)


@worth(1, "conv_matrix_1d")
def all_knobs_work_together_in_the_kernels_dtype(conv_matrix, rng):
    for stride, padding, dilation in ((2, 1, 2), (3, 2, 1), (2, 3, 3)):
        kernel, size = _randn(rng, pick(rng, 2, 3), dtype=torch.float64), pick(rng, 7, 10)
        got = conv_matrix(kernel, size, stride, padding, dilation)
        says = f"With stride {stride}, padding {padding} and dilation {dilation} together the matrix is not right."
        expect_close(got, _matrix_1d(kernel, size, stride, padding, dilation), says)
        expect_tensor(got, "The matrix has the dtype of the kernel.", dtype=torch.float64)


# --- conv_matrix_2d


def _matrix_2d(kernel, size, stride=1, padding=0):
    units = torch.eye(size[0] * size[1], dtype=kernel.dtype).unflatten(1, (1, *size))
    return F.conv2d(units, kernel[None, None], stride=stride, padding=padding).flatten(1).T


@worth(1, "conv_matrix_2d")
def each_row_is_one_place_of_the_kernel(conv_matrix, rng):
    kernel = _randn(rng, 2, 2)
    says = "Row i must hold the kernel, unflipped, at the i-th place of the output, read row by row."
    expect_close(conv_matrix(kernel, (4, 4)), _matrix_2d(kernel, (4, 4)), says)


@worth(1, "conv_matrix_2d")
def pictures_need_not_be_square(conv_matrix, rng):
    kernel = _randn(rng, 2, 2)
    says = "For a picture that is not square, pixel (row, column) is number row · w + column."
    for size in ((3, pick(rng, 5, 6)), (pick(rng, 5, 6), 3)):
        expect_close(conv_matrix(kernel, size), _matrix_2d(kernel, size), says)


@worth(1, "conv_matrix_2d")
def kernels_need_not_be_square(conv_matrix, rng):
    says = "For a kernel that is not square, kh belongs to rows and kw to columns."
    for kernel in (_randn(rng, 1, 3), _randn(rng, 3, 2), _randn(rng, 2, 4)):
        expect_close(conv_matrix(kernel, (4, 5)), _matrix_2d(kernel, (4, 5)), says)


@worth(1, "conv_matrix_2d")
def stride_skips_rows_and_columns(conv_matrix, rng):
    kernel = _randn(rng, 3, 2)
    says = "Stride holds for rows and columns alike, and the number of places rounds down."
    for size, stride in (((6, 7), 2), ((8, 6), 3)):
        expect_close(conv_matrix(kernel, size, stride), _matrix_2d(kernel, size, stride), says)


@worth(1, "conv_matrix_2d")
def what_hangs_over_an_edge_is_left_out(conv_matrix, rng):
    says = "A tap beyond an edge meets padding, which is 0: it must not land in the row above or below."
    for shape, stride, padding in (((3, 3), 1, 1), ((3, 2), 2, 1), ((3, 5), 2, 2)):
        kernel, size = (
            _randn(rng, *shape, dtype=torch.float64),
            (pick(rng, 4, 5), pick(rng, 3, 5)),
        )
        got = conv_matrix(kernel, size, stride, padding)
        expect_close(got, _matrix_2d(kernel, size, stride, padding), says)
        expect_tensor(got, "The matrix has the dtype of the kernel.", dtype=torch.float64)


# --- transposed convolution: the same questions to both ways


def _held_against_torch(
    transposed, rng, says, shape, weight_shape, dtype=torch.float32, **settings
):
    x, weight = _randn(rng, *shape, dtype=dtype), _randn(rng, *weight_shape, dtype=dtype)
    got = transposed(x, weight, **settings)
    expect_close(got, F.conv_transpose2d(x, weight, **settings), says)
    expect_tensor(got, "The result has the dtype of x.", dtype=dtype)


@worth(1, "transposed_by_scatter")
def stamps_add_up_where_they_meet(transposed, rng):
    says = "With stride 1 neighbouring stamps overlap, and must add up, with the kernel as it is given."
    _held_against_torch(transposed, rng, says, (1, 1, pick(rng, 2, 4), 3), (1, 1, 3, 3))


@worth(1, "transposed_by_zero_insertion")
def the_kernel_is_flipped_before_it_slides(transposed, rng):
    says = "Slide the kernel flipped in both axes; without that each stamp comes out mirrored."
    _held_against_torch(transposed, rng, says, (1, 1, 3, pick(rng, 2, 4)), (1, 1, 3, 3))


@worth(1, "transposed_by_zero_insertion")
def stride_sets_the_pixels_apart(transposed, rng):
    says = "With stride s pixel (i, j) starts at (i·s, j·s); heights and widths of picture and kernel may differ."
    for stride, kernel in ((2, (3, 2)), (3, (2, 4)), (4, (1, 3))):
        _held_against_torch(
            transposed, rng, says, (1, 1, 3, pick(rng, 4, 5)), (1, 1, *kernel), stride=stride
        )


@worth(1, "transposed_by_zero_insertion")
def channels_and_pictures_go_their_own_ways(transposed, rng):
    says = "Each output channel sums over all input channels, picture by picture; the weight is (in, out, kh, kw)."
    _held_against_torch(transposed, rng, says, (3, 4, 2, 3), (4, 4, 2, 2))
    _held_against_torch(
        transposed, rng, says, (2, 3, 3, 4), (3, pick(rng, 4, 5), 2, 3), torch.float64, stride=2
    )
    _held_against_torch(transposed, rng, says, (0, 2, 2, 2), (2, 3, 2, 2))


@worth(1, "transposed_by_scatter")
def padding_cuts_every_side(transposed, rng):
    says = "Padding p cuts p pixels off every side of the full result."
    for kernel, stride, padding in (((3, 3), 1, 1), ((4, 3), 2, 1), ((3, 5), 2, 2)):
        _held_against_torch(
            transposed, rng, says, (1, 2, 4, 3), (2, 1, *kernel), stride=stride, padding=padding
        )


@worth(1, "transposed_by_scatter")
def output_padding_cuts_less_at_the_far_ends(transposed, rng):
    says = "Output padding keeps pixels at the bottom and on the right that padding would cut off, with their values."
    for kernel, stride, padding, more in (
        ((3, 3), 2, 1, 1),
        ((4, 3), 3, 2, 2),
        ((5, 4), 2, 2, 1),
        ((3, 2), 2, 0, 1),
    ):
        settings = {"stride": stride, "padding": padding, "output_padding": more}
        _held_against_torch(
            transposed, rng, says, (2, 1, 3, pick(rng, 2, 4)), (1, 2, *kernel), **settings
        )


@worth(1, "transposed_by_zero_insertion")
def padding_and_output_padding_choose_the_size(transposed, rng):
    says = "Pad by k − 1 − padding on every side, and by output_padding more at the bottom and on the right only."
    for kernel, stride, padding, more in (
        ((3, 3), 1, 1, 0),
        ((4, 3), 2, 1, 0),
        ((5, 3), 2, 2, 1),
        ((3, 4), 3, 0, 2),
    ):
        settings = {"stride": stride, "padding": padding, "output_padding": more}
        _held_against_torch(
            transposed, rng, says, (2, 1, 3, pick(rng, 2, 4)), (1, 2, *kernel), **settings
        )


# --- overlap_counts


def _counts(size, kernel_size, stride, padding=0):
    ones = F.conv_transpose1d(
        torch.ones(1, 1, size), torch.ones(1, 1, kernel_size), stride=stride, padding=padding
    )
    return ones[0, 0].long()


@worth(1, "overlap_counts")
def a_kernel_that_the_stride_does_not_divide_alternates(overlap_counts, rng):
    says = "Count, for each output, the stamps that cover it: with k = 3 and s = 2 that is 1 and 2 by turns."
    for kernel_size, stride in ((3, 2), (5, 2), (4, 3), (5, 3)):
        size = pick(rng, 3, 6)
        expect_equal(
            overlap_counts(size, kernel_size, stride), _counts(size, kernel_size, stride), says
        )


@worth(1, "overlap_counts")
def a_multiple_of_the_stride_is_even_inside(overlap_counts, rng):
    says = "A kernel that is a multiple of the stride gives every inner output k / s terms, and fewer at the ends."
    for kernel_size, stride in ((4, 2), (3, 1), (6, 3), (2, 2)):
        size = pick(rng, 4, 7)
        expect_equal(
            overlap_counts(size, kernel_size, stride), _counts(size, kernel_size, stride), says
        )
    got = overlap_counts(3, 2, 2)
    expect_tensor(got, "Counts are whole numbers.", dtype=torch.int64)


@worth(1, "overlap_counts")
def gaps_get_no_term(overlap_counts, rng):
    size, kernel_size = pick(rng, 2, 5), pick(rng, 1, 2)
    says = (
        "A kernel shorter than the stride leaves outputs that no stamp reaches: they count 0."
    )
    expect_equal(overlap_counts(size, kernel_size, 3), _counts(size, kernel_size, 3), says)
    expect_equal(
        overlap_counts(1, 4, 2), torch.ones(4, dtype=torch.int64), "One input makes one stamp."
    )


@worth(1, "overlap_counts")
def padding_cuts_counts_off_both_ends(overlap_counts, rng):
    says = "Padding p cuts p counts off each end and leaves the others as they are."
    for kernel_size, stride, padding in ((3, 2, 1), (4, 2, 1), (5, 3, 2)):
        size = pick(rng, 3, 6)
        got = overlap_counts(size, kernel_size, stride, padding)
        expect_equal(got, _counts(size, kernel_size, stride, padding), says)


# --- pixel_shuffle


@worth(1, "pixel_shuffle")
def four_channels_make_blocks_of_two_by_two(pixel_shuffle, rng):
    x = _randn(rng, 1, 4, 3, 3)
    says = "Channel a·f + b must land in row a, column b of each block."
    expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), says)


@worth(1, "pixel_shuffle")
def the_output_channel_counts_slowest(pixel_shuffle, rng):
    x = _randn(rng, pick(rng, 2, 3), 4 * pick(rng, 2, 4), 2, 2)
    says = "Output channel c is made of the input channels c·f² to c·f² + f² − 1, picture by picture."
    expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), says)


@worth(1, "pixel_shuffle")
def height_and_width_are_kept_apart(pixel_shuffle, rng):
    for h, w in ((pick(rng, 1, 2), 4), (5, pick(rng, 2, 3))):
        x = _randn(rng, 2, 8, h, w)
        says = "For a picture that is not square the result is (f·h, f·w), with rows as rows."
        expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), says)


@worth(1, "pixel_shuffle")
def any_factor_and_dtype_will_do(pixel_shuffle, rng):
    for factor, dtype in ((4, torch.uint8), (1, torch.float64), (3, torch.int64)):
        x = torch.randint(0, 200, (2, 2 * factor**2, 2, 3), generator=rng).to(dtype)
        says = f"With factor {factor} each block is {factor}×{factor} pixels and takes {factor**2} channels."
        got = pixel_shuffle(x, factor)
        expect_equal(got, F.pixel_shuffle(x, factor), says)
        expect_tensor(got, "Numbers only move: the dtype stays.", dtype=dtype)
