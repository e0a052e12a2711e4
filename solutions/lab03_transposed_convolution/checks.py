"""Hidden checks of Lab 3: convolution matrices, transposed convolution two ways, overlaps, pixel shuffle."""

import torch
import torch.nn.functional as F

from autograder.checking.draws import distinct, normal, pick, ranges, sizes
from autograder.checking.expect import expect_close, expect_equal, expect_tensor, result_of
from autograder.checking.gradients import gradient_of
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth


def _symmetric(rng, *shape):
    """A kernel that is its own mirror image, so that a flipped one costs its own property only."""
    kernel = normal(rng, *shape)
    axes = tuple(range(-min(2, len(shape)), 0))
    return kernel + kernel.flip(axes)


# --- conv_matrix_1d


def _matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    """Column j is what the convolution makes of a single 1 at place j."""
    units, row = torch.eye(size, dtype=kernel.dtype)[:, None], kernel[None, None]
    return F.conv1d(units, row, None, stride, padding, dilation)[:, 0].T


@worth(1, "conv_matrix_1d")
def each_row_holds_the_kernel_unflipped(conv_matrix, rng):
    kernel, size = normal(rng, pick(rng, 2, 4)), pick(rng, 6, 9)
    says = "Each row must hold the kernel as it is given (not flipped), one column further right than the row above."
    expect_close(conv_matrix(kernel, size), _matrix_1d(kernel, size), says)
    for name, moved in ranges(distinct(rng, 3)).items():
        expect_close(conv_matrix(moved, 5), _matrix_1d(moved, 5), f"{says} (Taps {name}.)")
    says = "A kernel as long as the signal fits once: one row."
    for taps in (1, 5):
        whole = normal(rng, taps)
        expect_close(conv_matrix(whole, taps), whole[None], says)


@worth(1, "conv_matrix_1d")
def stride_moves_the_next_row_further(conv_matrix, rng):
    kernel = _symmetric(rng, 3)
    says = "With stride s each row starts s columns after the row above, and the number of rows rounds down."
    for size, stride in ((pick(rng, 7, 9), 2), (10, 3), (11, 3), (3, 5), (258, 60)):
        expect_close(conv_matrix(kernel, size, stride), _matrix_1d(kernel, size, stride), says)


@worth(1, "conv_matrix_1d")
def padding_lets_taps_hang_over_both_ends(conv_matrix, rng):
    says = "Padding lets the first rows start before the signal; taps outside meet zeros, so nothing is written there."
    for taps, padding in ((3, 1), (4, 2), (5, 3), (2, 4)):
        kernel, size = _symmetric(rng, taps), pick(rng, 5, 7)
        got = conv_matrix(kernel, size, padding=padding)
        expect_close(got, _matrix_1d(kernel, size, padding=padding), says)
    says = "A signal of one sample can be padded too."
    kernel = _symmetric(rng, 3)
    expect_close(conv_matrix(kernel, 1, padding=1), _matrix_1d(kernel, 1, padding=1), says)


@worth(1, "conv_matrix_1d")
def dilation_sets_the_taps_apart(conv_matrix, rng):
    says = "With dilation d the taps stand d columns apart, and the kernel reaches over d·(k − 1) + 1 inputs."
    for taps, dilation in ((3, 2), (2, 3), (4, 2), (1, 3)):
        kernel, size = _symmetric(rng, taps), pick(rng, 8, 11)
        got = conv_matrix(kernel, size, dilation=dilation)
        expect_close(got, _matrix_1d(kernel, size, dilation=dilation), says)


@worth(1, "conv_matrix_1d")
def all_knobs_work_together(conv_matrix, rng):
    for knobs in ((2, 1, 2), (3, 2, 1), (2, 3, 3)):
        kernel, size = _symmetric(rng, pick(rng, 2, 3)), pick(rng, 7, 10)
        says = "With stride {}, padding {} and dilation {} together the matrix is not right."
        got = conv_matrix(kernel, size, *knobs)
        expect_close(got, _matrix_1d(kernel, size, *knobs), says.format(*knobs))


def _case_1d(conv_matrix, rng, dtype, training):
    return Case(conv_matrix, (normal(rng, 3, dtype=dtype), 9, 2, 1, 2), _matrix_1d)


shared("conv_matrix_1d", _case_1d)


# --- conv_matrix_2d


def _matrix_2d(kernel, size, stride=1, padding=0):
    units = torch.eye(size[0] * size[1], dtype=kernel.dtype).unflatten(1, (1, *size))
    return F.conv2d(units, kernel[None, None], None, stride, padding).flatten(1).T


@worth(1, "conv_matrix_2d")
def each_row_is_one_place_of_the_kernel(conv_matrix, rng):
    kernel = normal(rng, 2, 2)
    says = "Row i must hold the kernel, unflipped, at the i-th place of the output, read row by row."
    expect_close(conv_matrix(kernel, (4, 4)), _matrix_2d(kernel, (4, 4)), says)
    for name, moved in ranges(distinct(rng, 2, 2)).items():
        want = _matrix_2d(moved, (3, 3))
        expect_close(conv_matrix(moved, (3, 3)), want, f"{says} (Taps {name}.)")


@worth(1, "conv_matrix_2d")
def pictures_need_not_be_square(conv_matrix, rng):
    kernel = _symmetric(rng, 2, 2)
    says = "For a picture that is not square, pixel (row, column) is number row · w + column."
    for size in ((3, pick(rng, 5, 6)), (pick(rng, 5, 6), 3), (2, 2)):
        expect_close(conv_matrix(kernel, size), _matrix_2d(kernel, size), says)
    dot = normal(rng, 1, 1)
    expect_close(conv_matrix(dot, (1, 1)), dot, "One pixel and one tap make one entry.")


@worth(1, "conv_matrix_2d")
def kernels_need_not_be_square(conv_matrix, rng):
    says = "For a kernel that is not square, kh belongs to rows and kw to columns."
    for shape in ((1, 3), (3, 2), (2, 4)):
        kernel = _symmetric(rng, *shape)
        expect_close(conv_matrix(kernel, (4, 5)), _matrix_2d(kernel, (4, 5)), says)


@worth(1, "conv_matrix_2d")
def stride_skips_rows_and_columns(conv_matrix, rng):
    kernel = _symmetric(rng, 2, 2)
    says = "Stride holds for rows and columns alike, and the number of places rounds down."
    for size, stride in (((6, 7), 2), ((8, 6), 3), ((3, 2), 4), ((2, 259), 64)):
        expect_close(conv_matrix(kernel, size, stride), _matrix_2d(kernel, size, stride), says)


@worth(1, "conv_matrix_2d")
def what_hangs_over_an_edge_is_left_out(conv_matrix, rng):
    says = "A tap beyond an edge meets padding, which is 0: it must not land in the row above or below."
    for k, stride, padding in ((3, 1, 1), (2, 2, 1), (5, 2, 2)):
        kernel, size = _symmetric(rng, k, k), (pick(rng, 4, 5), pick(rng, 3, 5))
        got = conv_matrix(kernel, size, stride, padding)
        expect_close(got, _matrix_2d(kernel, size, stride, padding), says)


def _case_2d(conv_matrix, rng, dtype, training):
    return Case(conv_matrix, (normal(rng, 3, 3, dtype=dtype), (5, 4), 2, 1), _matrix_2d)


shared("conv_matrix_2d", _case_2d)


# --- transposed convolution: the same questions to both ways, and some to one alone

SCATTER, ZEROS = "transposed_by_scatter", "transposed_by_zero_insertion"


def _by_torch(x, weight, stride=1, padding=0, output_padding=0):
    return F.conv_transpose2d(x, weight, None, stride, padding, output_padding)


def _expect_torchs(transposed, x, weight, says, *settings):
    got = result_of(lambda: transposed(x, weight, *settings), says)
    expect_close(got, _by_torch(x, weight, *settings), says)


@worth(1, SCATTER)
def stamps_add_up_where_they_meet(transposed, rng):
    says = "With stride 1 neighboring stamps overlap, and must add up, with the kernel as it is given."
    for size in ((pick(rng, 2, 4), 3), (1, 1), (5, 2)):
        _expect_torchs(transposed, normal(rng, 1, 1, *size), normal(rng, 1, 1, 3, 3), says)


@worth(1, ZEROS)
def the_kernel_is_flipped_before_it_slides(transposed, rng):
    says = "Slide the kernel flipped in both axes; without that each stamp comes out mirrored."
    for size in ((3, pick(rng, 2, 4)), (1, 1), (5, 2)):
        _expect_torchs(transposed, normal(rng, 1, 1, *size), normal(rng, 1, 1, 3, 3), says)


@worth(1, SCATTER)
@worth(1, ZEROS)
def stride_sets_the_pixels_apart(transposed, rng):
    says = "With stride s pixel (i, j) starts at (i·s, j·s)."
    for size in ((3, pick(rng, 4, 5)), (5, 2), (1, 1)):
        for stride in (2, 3):
            x, weight = normal(rng, 1, 1, *size), _symmetric(rng, 1, 1, 3, 3)
            _expect_torchs(transposed, x, weight, says, stride)


@worth(1, SCATTER)
@worth(1, ZEROS)
def kernels_need_not_be_square_nor_reach_the_next_pixel(transposed, rng):
    kernels = (
        ((3, 2), (2,)),
        ((2, 4), (3,)),
        ((1, 3), (4,)),
        ((1, 1), (2,)),
        ((4, 3), (2, 1, 1)),
    )
    for (kh, kw), settings in kernels:
        x, weight = normal(rng, 1, 1, 3, pick(rng, 3, 5)), _symmetric(rng, 1, 1, kh, kw)
        says = f"A kernel of {kh}×{kw} at stride {settings[0]}: kh belongs to rows and kw to columns."
        _expect_torchs(transposed, x, weight, says, *settings)
    says = "A long row: the result has more than 256 columns."
    _expect_torchs(transposed, normal(rng, 1, 1, 1, 66), torch.ones(1, 1, 1, 2), says, 4)


@worth(1, SCATTER)
@worth(1, ZEROS)
def channels_and_pictures_go_their_own_ways(transposed, rng):
    says = "Each output channel sums over all input channels, picture by picture; the weight is (in, out, kh, kw)."
    for shape, channels in (
        ((3, 4, 2, 3), 4),
        ((2, 3, 3, 4), pick(rng, 4, 5)),
        ((1, 5, 2, 2), 2),
    ):
        x, weight = normal(rng, *shape), _symmetric(rng, shape[1], channels, 2, 2)
        _expect_torchs(transposed, x, weight, says, 2)
    none = transposed(normal(rng, 0, 2, 2, 2), normal(rng, 2, 3, 2, 2))
    expect_tensor(none, "No picture in, no picture out.", shape=(0, 3, 3, 3))


@worth(1, SCATTER)
@worth(1, ZEROS)
def numbers_of_any_size_and_sign_add_up(transposed, rng):
    weight = torch.randint(-3, 4, (2, 2, 3, 3), generator=rng).float()
    for name, x in ranges(distinct(rng, 1, 2, 3, 3)).items():
        says = f"Where the pixels are {name}, the result is not right."
        _expect_torchs(transposed, x, weight, says)


@worth(1, SCATTER)
def padding_cuts_every_side(transposed, rng):
    says = "Padding p cuts p pixels off every side of the full result."
    for k, stride, padding in ((3, 1, 1), (4, 2, 1), (5, 2, 2)):
        x, weight = normal(rng, 1, 2, 4, 3), _symmetric(rng, 2, 1, k, k)
        _expect_torchs(transposed, x, weight, says, stride, padding)


@worth(1, SCATTER)
def output_padding_cuts_less_at_the_far_ends(transposed, rng):
    says = "Output padding keeps pixels at the bottom and on the right that padding would cut off, with their values."
    for k, stride, padding, more in ((3, 2, 1, 1), (4, 3, 2, 2), (5, 2, 2, 1), (2, 2, 0, 1)):
        x, weight = normal(rng, 2, 1, 3, pick(rng, 2, 4)), _symmetric(rng, 1, 2, k, k)
        _expect_torchs(transposed, x, weight, says, stride, padding, more)


@worth(1, ZEROS)
def padding_and_output_padding_choose_the_size(transposed, rng):
    says = "Pad by k − 1 − padding on every side, and by output_padding more at the bottom and on the right only."
    for k, stride, padding, more in ((3, 1, 1, 0), (4, 2, 1, 0), (5, 2, 2, 1), (3, 3, 0, 2)):
        x, weight = normal(rng, 2, 1, 3, pick(rng, 2, 4)), _symmetric(rng, 1, 2, k, k)
        _expect_torchs(transposed, x, weight, says, stride, padding, more)


def _transposed_case(transposed, rng, dtype, training):
    x, weight = normal(rng, 2, 3, 4, 3, dtype=dtype), normal(rng, 3, 2, 3, 3, dtype=dtype)
    return Case(transposed, (x, weight, 2, 1, 1), _by_torch)


@worth(1, SCATTER)
@worth(1, ZEROS)
def the_kernel_gets_its_gradient_too(transposed, rng):
    case = _transposed_case(transposed, rng, torch.float32, True)
    got = gradient_of(case.call, *case.args, wrt=1)
    says = "The gradient that comes back to the weight is not right: the layer would not learn."
    expect_close(got, gradient_of(case.want, *case.args, wrt=1), says, tol=1e-4)


shared(SCATTER, _transposed_case)
shared(ZEROS, _transposed_case)


# --- overlap_counts


def _counts(size, kernel_size, stride, padding=0):
    ones, taps = torch.ones(1, 1, size), torch.ones(1, 1, kernel_size)
    return F.conv_transpose1d(ones, taps, None, stride, padding)[0, 0].long()


@worth(1, "overlap_counts")
def a_kernel_that_the_stride_does_not_divide_alternates(overlap_counts, rng):
    says = "Count, for each output, the stamps that cover it: with k = 3 and s = 2 that is 1 and 2 by turns."
    for kernel_size, stride in ((3, 2), (5, 2), (4, 3), (5, 3)):
        args = (pick(rng, 3, 6), kernel_size, stride)
        expect_equal(overlap_counts(*args), _counts(*args), says)


@worth(1, "overlap_counts")
def a_multiple_of_the_stride_is_even_inside(overlap_counts, rng):
    says = "A kernel that is a multiple of the stride gives every inner output k / s terms, and fewer at the ends."
    for kernel_size, stride in ((4, 2), (3, 1), (6, 3), (2, 2)):
        args = (pick(rng, 4, 7), kernel_size, stride)
        expect_equal(overlap_counts(*args), _counts(*args), says)
    got = overlap_counts(3, 2, 2)
    expect_tensor(got, "Counts are whole numbers.", dtype=torch.int64)


@worth(1, "overlap_counts")
def few_inputs_and_many_terms(overlap_counts, rng):
    says = "One input makes one stamp."
    for kernel_size, stride in ((4, 2), (3, 1), (1, 1), (1, 3)):
        expect_equal(overlap_counts(1, kernel_size, stride), torch.ones(kernel_size), says)
    says = "With fewer inputs than k / s no output gets k / s terms."
    for args in ((2, 7, 2), (3, 9, 1), (2, 5, 1)):
        expect_equal(overlap_counts(*args), _counts(*args), says)
    says = "Counts above 255 are counts too."
    args = (257, 256, 1, 250)
    expect_equal(overlap_counts(*args), _counts(*args), says)


@worth(1, "overlap_counts")
def gaps_get_no_term(overlap_counts, rng):
    says = (
        "A kernel shorter than the stride leaves outputs that no stamp reaches: they count 0."
    )
    for args in ((pick(rng, 2, 5), pick(rng, 1, 2), 3), (4, 1, 2)):
        expect_equal(overlap_counts(*args), _counts(*args), says)


@worth(1, "overlap_counts")
def padding_cuts_counts_off_both_ends(overlap_counts, rng):
    says = "Padding p cuts p counts off each end and leaves the others as they are."
    for kernel_size, stride, padding in ((3, 2, 1), (4, 2, 1), (5, 3, 2)):
        args = (pick(rng, 3, 6), kernel_size, stride, padding)
        expect_equal(overlap_counts(*args), _counts(*args), says)


def _counts_case(overlap_counts, rng, dtype, training):
    return Case(overlap_counts, (pick(rng, 3, 9), 5, pick(rng, 1, 4), 1), _counts)


shared("overlap_counts", _counts_case, float64=0, gradient=0)


# --- pixel_shuffle


@worth(1, "pixel_shuffle")
def four_channels_make_blocks_of_two_by_two(pixel_shuffle, rng):
    says = "Channel a·f + b must land in row a, column b of each block."
    for name, x in ranges(distinct(rng, 1, 4, 3, 3)).items():
        expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), f"{says} (Numbers {name}.)")


@worth(1, "pixel_shuffle")
def the_output_channel_counts_slowest(pixel_shuffle, rng):
    x = distinct(rng, pick(rng, 2, 3), 4 * pick(rng, 2, 4), 2, 2)
    says = "Output channel c is made of the input channels c·f² to c·f² + f² − 1, picture by picture."
    expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), says)


@worth(1, "pixel_shuffle")
def height_and_width_are_kept_apart(pixel_shuffle, rng):
    says = "For a picture that is not square the result is (f·h, f·w), with rows as rows."
    for size in sizes(rng):
        x = distinct(rng, 2, 8, *size)
        expect_equal(pixel_shuffle(x, 2), F.pixel_shuffle(x, 2), says)


@worth(1, "pixel_shuffle")
def any_factor_will_do(pixel_shuffle, rng):
    for factor in (4, 3, 1, pick(rng, 5, 6)):
        x = distinct(rng, 2, 2 * factor**2, 2, 3)
        says = f"With factor {factor} each block is {factor}×{factor} pixels and takes {factor**2} channels."
        expect_equal(pixel_shuffle(x, factor), F.pixel_shuffle(x, factor), says)


@worth(1, "pixel_shuffle")
def numbers_of_any_dtype_only_move(pixel_shuffle, rng):
    whole = 1000 * distinct(rng, 2, 8, 2, 3)
    for x in (whole.long(), whole.abs().to(torch.uint8), whole > 0):
        got = pixel_shuffle(x, 2)
        expect_tensor(got, "Numbers only move: the dtype stays.", dtype=x.dtype)
        says = f"Given {x.dtype}, the numbers are not those that came in."
        expect_equal(got, F.pixel_shuffle(x, 2), says)


def _shuffle_case(pixel_shuffle, rng, dtype, training):
    return Case(pixel_shuffle, (normal(rng, 2, 8, 3, 5, dtype=dtype), 2), F.pixel_shuffle)


shared("pixel_shuffle", _shuffle_case)
