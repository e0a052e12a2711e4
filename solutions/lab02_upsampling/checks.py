"""Hidden checks of Lab 2: zero-insertion, kernels, taps, upsampling and resizing against PyTorch and Pillow."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from autograder.checking.draws import distinct, normal, pick, ranges, sizes, uniform
from autograder.checking.expect import expect_close, expect_equal, expect_tensor, result_of
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth

PILLOW = {
    "box": Image.Resampling.BOX,
    "triangle": Image.Resampling.BILINEAR,
    "keys -0.5": Image.Resampling.BICUBIC,
    "lanczos 3": Image.Resampling.LANCZOS,
}


# --- zero_insert


def _spread(x, factor):
    """Each number times 1, 0, …, 0, by a Kronecker product along the last axis."""
    return torch.kron(x, torch.eye(1, factor, dtype=x.dtype)[0])


@worth(1, "zero_insert")
def samples_stand_at_every_factor_th_place(insert, rng):
    for w in (1, pick(rng, 3, 9), 13, 257):
        for name, x in ranges(distinct(rng, w)).items():
            factor = pick(rng, 2, 5)
            says = f"With factor {factor} a sample takes {factor} places: itself, then zeros; the last one too."
            expect_close(insert(x, factor), _spread(x, factor), f"{says} (Samples {name}.)")


@worth(1, "zero_insert")
def only_the_last_axis_is_pulled_apart(insert, rng):
    says = "Rows of a picture, and pictures of a batch, are each pulled apart along the last axis alone."
    for size in sizes(rng):
        x, factor = distinct(rng, 2, 3, *size), pick(rng, 2, 4)
        expect_close(insert(x, factor), _spread(x, factor), says)


@worth(1, "zero_insert")
def whatever_came_in_keeps_its_dtype(insert, rng):
    whole = 1000 * distinct(rng, 2, 6)
    for x in (whole.long(), whole.bool(), whole.abs().to(torch.uint8)):
        got = insert(x, 3)
        expect_tensor(got, f"Given {x.dtype}, zeros are {x.dtype} too.", dtype=x.dtype)
        expect_equal(got, _spread(x, 3), f"Given {x.dtype}, the numbers are not right.")
        says = "With factor 1 there is nothing to insert: the same numbers come out."
        expect_equal(insert(x, 1), x, says)
        expect_tensor(insert(x[:, :0], 2), "No sample gives no place.", shape=(2, 0))


def _insert_case(insert, rng, dtype, training):
    return Case(insert, (normal(rng, 2, 3, 5, 4, dtype=dtype), 3), _spread)


shared("zero_insert", _insert_case)


# --- triangle, keys_cubic, lanczos: functions of a distance


def _distances(rng, reach):
    """Distances on both sides of 0: whole and half ones, where curves are joined, far ones and random ones."""
    joints = torch.arange(-2 * reach - 2, 2 * reach + 3) / 2
    drawn = (2 * uniform(rng, 60) - 1) * (reach + 1)
    return torch.cat([joints, drawn, torch.tensor([-1000.0, 1000.0, 77.25])])


def _between(rng, reach, *shape, dtype=torch.float32):
    """Distances of both signs within the support and a little beyond, none of them close to 0."""
    sign = 2.0 * (uniform(rng, *shape) < 0.5) - 1
    return sign.to(dtype) * (0.05 + 1.2 * reach * uniform(rng, *shape, dtype=dtype))


def _expect_any_shape(kernel, want, rng, reach):
    for shape in ((), (0,), (1, 1), (7, 2), (2, 5), (2, 3, 4)):
        x = _between(rng, reach, *shape)
        says = f"Distances of shape {shape}: each has a weight."
        got = kernel(x)
        expect_tensor(got, says, dtype=torch.float32)
        expect_close(got, want(x), says)


def _triangle(x):
    return F.relu(1 - x.abs())


@worth(1, "triangle")
def it_falls_straight_from_one_to_zero(triangle, rng):
    x = _distances(rng, 1)
    says = "The weight is 1 − |x| on both sides of 0, and 0 beyond 1."
    expect_close(triangle(x), _triangle(x), says)


@worth(1, "triangle")
def it_takes_any_shape(triangle, rng):
    _expect_any_shape(triangle, _triangle, rng, 1)


def _triangle_case(triangle, rng, dtype, training):
    return Case(triangle, (_between(rng, 1, 2, 3, 4, dtype=dtype),), _triangle)


shared("triangle", _triangle_case)


def _keys(x, a):
    """Hermite's form: value 1 and slope 0 at 0, value 0 and slope a at 1, both 0 at 2."""
    t = x.abs()
    near = (1 + 2 * t) * (1 - t) ** 2 + a * t**2 * (t - 1)
    far = a * (t - 1) * (2 - t) ** 2
    return near * (t <= 1) + far * ((t > 1) & (t < 2))


@worth(1, "keys_cubic")
def between_the_neighbors_it_is_the_first_piece(keys, rng):
    for a in (-1.0, -0.25 - pick(rng, 0, 8) / 8):
        x = uniform(rng, 50)
        says = f"For |x| ≤ 1 and a = {a} the curve is not the first piece of the formula."
        expect_close(keys(x, a), _keys(x, a), says)


@worth(1, "keys_cubic")
def between_one_and_two_it_is_the_second_piece(keys, rng):
    for a in (-1.0, -0.25 - pick(rng, 0, 8) / 8):
        x = 1 + uniform(rng, 50)
        says = f"For 1 < |x| < 2 and a = {a} the curve is not the second piece."
        expect_close(keys(x, a), _keys(x, a), says)


@worth(1, "keys_cubic")
def left_and_right_count_the_same(keys, rng):
    x = -_distances(rng, 2).abs()
    says = "For negative distances the curve is not that of |x|."
    expect_close(keys(x, -0.75), _keys(x, -0.75), says)


@worth(1, "keys_cubic")
def it_ends_at_two_and_meets_itself_at_one(keys, rng):
    far = torch.tensor([2, -2, 2.5, -3, 10, 1000])
    says = "At |x| = 2 and beyond the curve is exactly 0."
    expect_equal(keys(far, -0.5), torch.zeros(6), says)
    expect_close(keys(torch.ones(1), -0.6), torch.zeros(1), "At |x| = 1 both pieces are 0.")


@worth(1, "keys_cubic")
def the_cubic_takes_any_shape(keys, rng):
    _expect_any_shape(lambda x: keys(x, -0.5), lambda x: _keys(x, -0.5), rng, 2)


def _keys_case(keys, rng, dtype, training):
    return Case(keys, (_between(rng, 2, 2, 3, 4, dtype=dtype), -0.625), _keys)


shared("keys_cubic", _keys_case)


def _lanczos(x, lobes):
    return torch.sinc(x) * torch.sinc(x / lobes) * (x.abs() < lobes)


@worth(1, "lanczos")
def it_is_a_sinc_faded_out_by_a_wider_one(lanczos, rng):
    x = 0.001 + 2.998 * uniform(rng, 60)
    says = "The weight is sinc(x) · sinc(x / lobes), with sinc(x) = sin(πx)/(πx)."
    expect_close(lanczos(x, 3), _lanczos(x, 3), says)
    says = "To the left it is the same curve as to the right."
    expect_close(lanczos(-x, 3), _lanczos(x, 3), says)


@worth(1, "lanczos")
def at_zero_it_is_one(lanczos, rng):
    x = torch.tensor([0.0, 0.5, -0.0, 1e-4])
    says = "At x = 0 the weight is 1, the limit of sin(πx) / (πx), and not NaN."
    expect_close(lanczos(x, 3), _lanczos(x, 3), says)
    ones = torch.ones(2, 2)
    expect_close(lanczos(0 * ones, 5), ones, "A table of zeros gives a table of ones.")


@worth(1, "lanczos")
def it_ends_where_the_lobes_end(lanczos, rng):
    for lobes in (1, pick(rng, 2, 4), 5):
        x = torch.tensor([1.0, -1, 1.25, -1.5, 2.3, 400]) * lobes
        says = "At |x| = lobes and beyond the weight is exactly 0."
        expect_equal(lanczos(x, lobes), torch.zeros_like(x), says)
        near = torch.tensor([lobes - 0.25, 0.25 - lobes])
        says = "Just before |x| = lobes the curve has not ended yet."
        expect_close(lanczos(near, lobes), _lanczos(near, lobes), says)


@worth(1, "lanczos")
def it_has_as_many_lobes_as_one_likes(lanczos, rng):
    for lobes in (1, 2, 5, 8):
        x, says = _distances(rng, lobes), f"With {lobes} lobes the curve is not right."
        expect_close(lanczos(x, lobes), _lanczos(x, lobes), says)


@worth(1, "lanczos")
def the_windowed_sinc_takes_any_shape(lanczos, rng):
    _expect_any_shape(lambda x: lanczos(x, 3), lambda x: _lanczos(x, 3), rng, 3)


def _lanczos_case(lanczos, rng, dtype, training):
    return Case(lanczos, (_between(rng, 3, 2, 3, 4, dtype=dtype), 3), _lanczos)


shared("lanczos", _lanczos_case)


# --- taps: an impulse, enlarged by another library, draws the filter


def _by_torch(mode, factor, n=15):
    impulse = torch.zeros(1, 1, n, n, dtype=torch.float64)
    impulse[..., n // 2] = 1
    return F.interpolate(impulse, scale_factor=factor, mode=mode)[0, 0, n // 2]


def _by_pillow(kernel, factor, n=15):
    impulse = np.zeros((1, n), np.float32)
    impulse[0, n // 2] = 1
    large = Image.fromarray(impulse).resize((n * factor, 1), PILLOW[kernel])
    return torch.from_numpy(np.array(large)[0]).double()


def _middle(row, length):
    """The `length` numbers around the middle of a row; both odd, or both even."""
    start = (len(row) - length) // 2
    return row[start : start + length]


def _length(support, factor):
    """How many distances (i - (length - 1) / 2) / factor lie within the support."""
    lengths = range(factor % 2, int(2 * support * factor) + 2, 2)
    return max(n for n in lengths if (n - 1) / 2 / factor < support)


def _bilinear_taps(factor):
    return _middle(_by_torch("bilinear", factor), 2 * factor - factor % 2)


def _bicubic_taps(factor):
    return _middle(_by_torch("bicubic", factor), 4 * factor - factor % 2)


@worth(1, "taps")
def an_even_factor_reads_the_kernel_beside_the_sample(taps, rng):
    for factor in (2, 2 * pick(rng, 2, 5), 64):
        says = f"at factor {factor} is not read at ±½, ±1½, … divided by {factor}."
        expect_close(taps("triangle", factor), _bilinear_taps(factor), f"triangle {says}")
        expect_close(taps("keys -0.75", factor), _bicubic_taps(factor), f"keys -0.75 {says}")


@worth(1, "taps")
def an_odd_factor_has_a_tap_on_the_sample(taps, rng):
    for factor in (3, 2 * pick(rng, 2, 5) + 1, 131):
        says = f"For factor {factor} the distances are 0, ±1, ±2, … divided by {factor}, and the length is odd."
        expect_close(taps("triangle", factor), _bilinear_taps(factor), says)
    says = "With factor 1 nothing is inserted: one tap, 1."
    expect_close(taps("triangle", 1), torch.ones(1), says)


@worth(1, "taps")
def places_outside_of_the_support_are_left_out(taps, rng):
    for kernel, support in (("box", 0.5), ("triangle", 1), ("keys -0.5", 2), ("lanczos 5", 5)):
        for factor in (1, 2, 3, 4, pick(rng, 5, 9)):
            got = taps(kernel, factor)
            says = f"{kernel} at factor {factor}: as many taps as there are distances below {support}."
            expect_tensor(got, says, shape=(_length(support, factor),))
            if kernel == "box":
                says = "Every new pixel of a sample takes it whole: all ones."
                expect_close(got, torch.ones(factor), says)


@worth(1, "taps")
def every_phase_sums_to_one(taps, rng):
    for kernel in ("lanczos 3", "gaussian", "mitchell"):
        for factor in (2, 3, 5, pick(rng, 6, 9)):
            got = taps(kernel, factor)
            expect_tensor(got, "Taps are a row of numbers.")
            sums = torch.stack([got[phase::factor].sum() for phase in range(factor)])
            says = f"{kernel}: taps p, p + {factor}, p + {2 * factor}, … must add up to 1, or a grey wall gets stripes."
            expect_close(sums, torch.ones(factor), says, tol=1e-6)


@worth(1, "taps")
def they_are_the_taps_that_pillow_uses(taps, rng):
    for kernel, support in (("keys -0.5", 2), ("lanczos 3", 3)):
        for factor in (2, 3, 4):
            want = _middle(_by_pillow(kernel, factor), _length(support, factor))
            says = f"{kernel} at factor {factor} is not the filter that Pillow enlarges with."
            expect_close(taps(kernel, factor), want, says)


@worth(1, "taps")
def they_are_computed_in_float64(taps, rng):
    for factor in (2, 3, 2 * pick(rng, 4, 6) + 1):
        got, says = taps("keys -0.75", factor), "Taps are float64."
        expect_tensor(got, says, dtype=torch.float64)
        expect_close(got, _bicubic_taps(factor), f"{says} Not all digits are right.", tol=1e-9)


def _taps_case(taps, rng, dtype, training):
    factor = pick(rng, 2, 40)
    return Case(taps, ("keys -0.75", factor), lambda kernel, factor: _bicubic_taps(factor))


shared("taps", _taps_case, float64=0, gradient=0)


# --- upsample


def _interpolate(x, factor, mode):
    """F.interpolate with any leading dimensions; in float64, for in float32 its places are not exact."""
    planes = x.double().reshape(-1, 1, *x.shape[-2:])
    large = F.interpolate(planes, scale_factor=factor, mode=mode).to(x)
    return large.reshape(*x.shape[:-2], *large.shape[-2:])


@worth(1, "upsample")
def ones_repeat_every_pixel(upsample, rng):
    for factor in (2, 3, 4):
        says = f"With {factor} ones as taps each pixel becomes a block, as by F.interpolate's nearest"
        x, ones = distinct(rng, 2, 2, 5, 4), torch.ones(factor)
        expect_close(upsample(x, factor, ones), _interpolate(x, factor, "nearest"), f"{says}.")
        for name, moved in ranges(x).items():
            want = _interpolate(moved, factor, "nearest")
            expect_close(
                upsample(moved, factor, ones),
                want,
                f"{says}, where the numbers are {name} too.",
            )


def _expect_bilinear(upsample, rng, factor, says):
    line = _bilinear_taps(factor).float()
    for size in sizes(rng):
        x = uniform(rng, 1, 1, *size)
        expect_close(upsample(x, factor, line), _interpolate(x, factor, "bilinear"), says)


@worth(1, "upsample")
def an_even_factor_gives_the_numbers_of_bilinear(upsample, rng):
    for factor in (2, 4):
        says = f"Factor {factor} with the triangle's taps is not F.interpolate's bilinear: is a sample's place shifted?"
        _expect_bilinear(upsample, rng, factor, says)


@worth(1, "upsample")
def an_odd_factor_gives_the_numbers_of_bilinear(upsample, rng):
    for factor in (1, 3, 5):
        says = f"Factor {factor} with the triangle's odd taps is not F.interpolate's bilinear."
        _expect_bilinear(upsample, rng, factor, says)


@worth(1, "upsample")
def longer_filters_give_the_numbers_of_bicubic(upsample, rng):
    for factor in (2, 3, 4):
        x = uniform(rng, 1, 1, pick(rng, 4, 6), pick(rng, 7, 9))
        says = f"Factor {factor} with the cubic's taps is not F.interpolate's bicubic."
        got = upsample(x, factor, _bicubic_taps(factor).float())
        expect_close(got, _interpolate(x, factor, "bicubic"), says)


@worth(1, "upsample")
def beyond_the_border_the_outermost_pixels_go_on(upsample, rng):
    cubic = _bicubic_taps(2).float()
    says = "A picture of one grey gets a frame: beyond the border the outermost pixel goes on, not zeros."
    grey = torch.full((1, 1, 3, 3), 0.75)
    expect_close(upsample(grey, 2, cubic), torch.full((1, 1, 6, 6), 0.75), says)
    for h, w in ((1, 1), (1, 4), (2, 1)):
        x = uniform(rng, 1, 1, h, w)
        says = (
            f"A picture of {h}×{w} pixels, smaller than the filter: the outermost pixels go on."
        )
        expect_close(upsample(x, 2, cubic), _interpolate(x, 2, "bicubic"), says)


@worth(1, "upsample")
def any_leading_dimensions_will_do(upsample, rng):
    for lead in ((), (3,), (2, 3), (2, 1, 3)):
        greys = uniform(
            rng, *lead, 1, 1
        )  # one a plane: here only shapes and planes can be wrong
        says = f"With {len(lead)} dimensions before (h, w): they stay as they are, each plane for itself."
        args = (greys.expand(*lead, 3, 5), 2, torch.tensor([0.25, 0.75, 0.75, 0.25]))
        got = result_of(lambda args=args: upsample(*args), says)
        expect_close(got, greys.expand(*lead, 6, 10), says)


@worth(1, "upsample")
def taps_in_float64_fit_a_float32_picture(upsample, rng):
    x, says = (
        uniform(rng, 2, 4, 5),
        "A float32 picture stays float32, also with taps in float64.",
    )
    got = result_of(lambda: upsample(x, 2, _bicubic_taps(2)), says)
    expect_tensor(got, says, dtype=torch.float32)
    expect_close(got, _interpolate(x, 2, "bicubic"), says, tol=1e-4)


def _upsample_case(upsample, rng, dtype, training):
    args = (normal(rng, 2, 3, 5, 4, dtype=dtype), 3, _bicubic_taps(3).to(dtype))
    return Case(upsample, args, lambda x, factor, line: _interpolate(x, factor, "bicubic"))


shared("upsample", _upsample_case)


# --- resize_weights and resize


def _matrix(n_in, n_out, kernel):
    """Pillow's matrix: the identity, resized along one axis."""
    eye = Image.fromarray(np.eye(n_in, dtype=np.float32))
    return torch.from_numpy(np.array(eye.resize((n_in, n_out), PILLOW[kernel]))).double()


@worth(1, "resize_weights")
def on_the_way_up_the_rows_are_those_of_pillow(weights, rng):
    n_in = pick(rng, 5, 9)
    for kernel in ("triangle", "keys -0.5"):
        for before, after in ((n_in, 2 * n_in), (n_in, 2 * n_in + 3), (n_in, n_in), (1, 5)):
            says = f"{kernel} from {before} up to {after}: the kernel keeps its width, centers lie at (i + ½) · in / out."
            expect_close(weights(before, after, kernel), _matrix(before, after, kernel), says)


@worth(1, "resize_weights")
def on_the_way_down_the_kernel_grows(weights, rng):
    n_in = pick(rng, 12, 18)
    for kernel in ("triangle", "keys -0.5"):
        for before, after in ((n_in, n_in // 2), (n_in, n_in // 5 + 1), (257, 1)):
            says = f"{kernel} from {before} down to {after}: the kernel must be widened by in / out to see every pixel."
            expect_close(weights(before, after, kernel), _matrix(before, after, kernel), says)


@worth(1, "resize_weights")
def every_row_sums_to_one(weights, rng):
    few, many = pick(rng, 5, 9), pick(rng, 11, 17)
    for kernel in ("gaussian", "mitchell", "lanczos 5"):
        for n_in, n_out in ((few, many), (many, few)):
            got = weights(n_in, n_out, kernel)
            says = "One row for each new pixel, one column for each old one."
            expect_tensor(got, says, shape=(n_out, n_in))
            says = "Each row must sum to 1, at the borders too, where a part of the kernel is cut off."
            expect_close(got.sum(1), torch.ones(n_out), says)


@worth(1, "resize_weights")
def lanczos_and_box_are_those_of_pillow(weights, rng):
    lanczos = ("lanczos 3", ((11, 23), (23, 11), (30, 7)))
    box = ("box", ((12, 4), (5, 10), (7, 9)))  # no new pixel ends in the middle of an old one
    for kernel, pairs in (lanczos, box):
        for n_in, n_out in pairs:
            says = f"{kernel} from {n_in} to {n_out} is not Pillow's matrix."
            expect_close(weights(n_in, n_out, kernel), _matrix(n_in, n_out, kernel), says)


@worth(1, "resize_weights")
def the_matrix_is_computed_in_float64(weights, rng):
    for n_in, n_out in ((7, 11), (11, pick(rng, 5, 10))):  # a transposed matrix shows
        got, shape = weights(n_in, n_out, "triangle"), (n_out, n_in)
        expect_tensor(got, "The matrix is (n_out, n_in).", shape=shape, dtype=torch.float64)
        units = torch.eye(n_in, dtype=torch.float64)[None, None]
        want = F.interpolate(units, shape, mode="bilinear", antialias=True)[0, 0]
        says = "In float64 the rows are not exact to ten digits."
        expect_close(got, want, says, tol=1e-10)


def _weights_case(weights, rng, dtype, training):
    n_in = pick(rng, 4, 9)
    return Case(weights, (n_in, n_in + pick(rng, -3, 3), "triangle"), _matrix)


shared("resize_weights", _weights_case, float64=0, gradient=0)


def _pillow(x, size, kernel):
    picture = Image.fromarray(x.numpy()).resize(size[::-1], PILLOW[kernel])
    return torch.from_numpy(np.array(picture))


def _bilinear(x, size, kernel="triangle"):
    return F.interpolate(x, size, mode="bilinear", antialias=True)


@worth(1, "resize")
def up_and_down_it_gives_the_pictures_of_pillow(resize, rng):
    x = uniform(rng, 13, 17)
    for kernel in ("triangle", "keys -0.5", "lanczos 3"):
        for size in ((29, 31), (7, 5), (6, 40), (1, 1), (300, 2)):
            says = f"{kernel} from 13×17 to {size[0]}×{size[1]} is not Pillow's picture."
            expect_close(resize(x, size, kernel), _pillow(x, size, kernel), says, tol=2e-5)
    says = "The same size gives the same picture."
    expect_close(resize(x, (13, 17), "keys -0.5"), x, says)


@worth(1, "resize")
def height_comes_first_and_other_dimensions_stay(resize, rng):
    for h, w in sizes(rng):
        x, size = uniform(rng, 2, 3, h, w), (pick(rng, 3, 6), pick(rng, 10, 14))
        says = "size is (h, w): the height comes first; batches and channels are left alone."
        got = result_of(lambda x=x, size=size: resize(x, size, "triangle"), says)
        expect_close(got, _bilinear(x, size), says)


@worth(1, "resize")
def numbers_of_any_size_and_sign_are_resized(resize, rng):
    for name, x in ranges(distinct(rng, 1, 2, 4, 4)).items():
        says = f"Where the numbers are {name}, the result is not right."
        expect_close(resize(x, (8, 8), "triangle"), _bilinear(x, (8, 8)), says)


def _resize_case(resize, rng, dtype, training):
    return Case(resize, (normal(rng, 2, 3, 6, 6, dtype=dtype), (9, 9), "triangle"), _bilinear)


shared("resize", _resize_case)
