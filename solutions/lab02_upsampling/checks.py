"""Hidden checks of Lab 2: zero-insertion, kernels, taps, upsampling and resizing against PyTorch, Pillow and SciPy."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.interpolate import CubicHermiteSpline

from autograder.checking.draws import pick
from autograder.checking.expect import expect_close, expect_equal, expect_tensor
from autograder.checking.score import worth

PILLOW = {
    "box": Image.Resampling.BOX,
    "triangle": Image.Resampling.BILINEAR,
    "keys -0.5": Image.Resampling.BICUBIC,
    "lanczos 3": Image.Resampling.LANCZOS,
}


def _random(rng, *shape, dtype=torch.float64):
    return torch.rand(*shape, generator=rng, dtype=torch.float64).to(dtype)


# --- zero_insert


@worth(1, "zero_insert")
def samples_stand_at_every_factor_th_place(insert, rng):
    x, factor = _random(rng, pick(rng, 3, 9)) + 1, pick(rng, 2, 5)
    want = [value for sample in x.tolist() for value in [sample] + [0.0] * (factor - 1)]
    says = (
        f"With factor {factor} each sample is followed by {factor - 1} zeros, the last one too."
    )
    expect_close(insert(x, factor), torch.tensor(want, dtype=torch.float64), says)


@worth(1, "zero_insert")
def only_the_last_axis_is_pulled_apart(insert, rng):
    x, factor = _random(rng, 2, 3, pick(rng, 3, 5)) + 1, pick(rng, 2, 4)
    want = torch.from_numpy(np.kron(x.numpy(), np.eye(1, factor)[0]))
    says = "Rows of a picture, and pictures of a batch, are each pulled apart along the last axis alone."
    expect_close(insert(x, factor), want, says)


@worth(1, "zero_insert")
def whatever_came_in_keeps_its_dtype(insert, rng):
    x = torch.randint(1, 9, (2, 5), generator=rng)
    expect_tensor(
        insert(x, 3), "Whole numbers stay whole numbers.", shape=(2, 15), dtype=torch.int64
    )
    expect_equal(
        insert(x, 1), x, "With factor 1 there is nothing to insert: the same numbers come out."
    )
    expect_tensor(insert(x[:, :0], 2), "No sample gives no place.", shape=(2, 0))


# --- triangle, keys_cubic, lanczos


def _distances(rng, reach):
    """Random distances on both sides of 0, and the whole and half numbers, where curves are joined."""
    joints = torch.arange(-2 * reach - 2, 2 * reach + 3, dtype=torch.float64) / 2
    return torch.cat([joints, (2 * _random(rng, 60) - 1) * (reach + 1)])


@worth(1, "triangle")
def it_falls_straight_from_one_to_zero(triangle, rng):
    x = _distances(rng, 1)
    want = torch.from_numpy(np.interp(x.numpy(), [-1, 0, 1], [0, 1, 0]))
    expect_close(triangle(x), want, "The weight is 1 − |x| on both sides of 0, and 0 beyond 1.")


@worth(1, "triangle")
def it_takes_any_shape_and_dtype(triangle, rng):
    x = _random(rng, 2, 3, 4, dtype=torch.float32)
    expect_tensor(
        triangle(x), "One weight for each distance.", shape=(2, 3, 4), dtype=torch.float32
    )
    x = torch.tensor(0.25)
    expect_close(
        triangle(x),
        torch.tensor(0.75),
        "A single number, without dimensions, has a weight too.",
    )


def _keys(x, a):
    """Keys' kernel as the piecewise cubic with these values and slopes at the whole numbers."""
    curve = CubicHermiteSpline([-2, -1, 0, 1, 2], [0, 0, 1, 0, 0], [0, -a, 0, a, 0])
    inside = np.abs(x.numpy()) < 2
    return torch.from_numpy(np.where(inside, curve(np.clip(x.numpy(), -2, 2)), 0))


@worth(1, "keys_cubic")
def between_the_neighbours_it_is_the_first_piece(keys, rng):
    a = -0.25 - pick(rng, 0, 8) / 8
    x = _random(rng, 50)
    expect_close(
        keys(x, a),
        _keys(x, a),
        f"For |x| ≤ 1 and a = {a} the curve is not the first piece of the formula.",
    )


@worth(1, "keys_cubic")
def between_one_and_two_it_is_the_second_piece(keys, rng):
    a = -0.25 - pick(rng, 0, 8) / 8
    x = 1 + _random(rng, 50)
    expect_close(
        keys(x, a),
        _keys(x, a),
        f"For 1 < |x| < 2 and a = {a} the curve is not the second piece.",
    )


@worth(1, "keys_cubic")
def left_and_right_count_the_same(keys, rng):
    x = -_distances(rng, 2).abs()
    expect_close(
        keys(x, -0.75), _keys(x, -0.75), "For negative distances the curve is not that of |x|."
    )


@worth(1, "keys_cubic")
def it_ends_at_two_and_meets_itself_at_one(keys, rng):
    far = torch.tensor([2.0, -2, 2.5, -3, 10]) + 0.0
    expect_equal(
        keys(far, -0.5), torch.zeros(5), "At |x| = 2 and beyond the curve is exactly 0."
    )
    x = _random(rng, 3, 4, dtype=torch.float32) * 4 - 2
    got = keys(x, -0.5)
    expect_tensor(got, "One weight for each distance.", shape=(3, 4), dtype=torch.float32)
    expect_close(
        keys(torch.ones(1, 1), -0.6), torch.zeros(1, 1), "At |x| = 1 both pieces are 0."
    )


def _lanczos(x, lobes):
    t = x.numpy()
    return torch.from_numpy(np.where(np.abs(t) < lobes, np.sinc(t) * np.sinc(t / lobes), 0.0))


@worth(1, "lanczos")
def it_is_a_sinc_faded_out_by_a_wider_one(lanczos, rng):
    x = 3 * _random(rng, 60) + 1e-3
    x = x[x < 3]
    expect_close(
        lanczos(x, 3),
        _lanczos(x, 3),
        "The weight is sinc(x) · sinc(x / lobes), with sinc(x) = sin(πx)/(πx).",
    )
    expect_close(
        lanczos(-x, 3), _lanczos(x, 3), "To the left it is the same curve as to the right."
    )


@worth(1, "lanczos")
def at_zero_it_is_one(lanczos, rng):
    x = torch.tensor([0.0, 0.5, -0.0, 1e-4], dtype=torch.float64)
    expect_close(
        lanczos(x, 3),
        _lanczos(x, 3),
        "At x = 0 the weight is 1, the limit of sin(πx) / (πx), and not NaN.",
    )
    expect_close(
        lanczos(torch.zeros(2, 2), 5),
        torch.ones(2, 2),
        "A table of zeros gives a table of ones.",
    )


@worth(1, "lanczos")
def it_ends_where_the_lobes_end(lanczos, rng):
    lobes = pick(rng, 2, 4)
    x = torch.tensor([1.0, -1, 1.25, -1.5, 2.3], dtype=torch.float64) * lobes
    expect_equal(
        lanczos(x, lobes),
        torch.zeros_like(x),
        "At |x| = lobes and beyond the weight is exactly 0.",
    )
    near = torch.tensor([lobes - 0.25, 0.25 - lobes], dtype=torch.float64)
    expect_close(
        lanczos(near, lobes),
        _lanczos(near, lobes),
        "Just before |x| = lobes the curve has not ended yet.",
    )


@worth(1, "lanczos")
def any_number_of_lobes_any_shape_any_dtype(lanczos, rng):
    for lobes in (1, 2, 5):
        x = _distances(rng, lobes)
        expect_close(
            lanczos(x, lobes), _lanczos(x, lobes), f"With {lobes} lobes the curve is not right."
        )
    x = _random(rng, 2, 3, dtype=torch.float32)
    expect_tensor(
        lanczos(x, 3), "One weight for each distance.", shape=(2, 3), dtype=torch.float32
    )


# --- taps: an impulse, enlarged by another library, draws the filter


def _by_torch(mode, factor, n=15):
    impulse = torch.zeros(1, 1, n, n, dtype=torch.float64)
    impulse[..., n // 2] = 1
    return F.interpolate(impulse, scale_factor=factor, mode=mode)[0, 0, n // 2]


def _by_pillow(kernel, factor, n=15):
    impulse = np.zeros((1, n), np.float32)
    impulse[0, n // 2] = 1
    return torch.from_numpy(
        np.array(Image.fromarray(impulse).resize((n * factor, 1), PILLOW[kernel]))[0]
    ).double()


def _middle(row, length):
    """The `length` numbers around the middle of a row; both odd, or both even."""
    start = (len(row) - length) // 2
    return row[start : start + length]


def _length(support, factor):
    """How many distances (i - (length - 1) / 2) / factor lie within the support."""
    return max(
        n
        for n in range(factor % 2, int(2 * support * factor) + 2, 2)
        if n == 0 or (n - 1) / 2 / factor < support
    )


@worth(1, "taps")
def an_even_factor_reads_the_kernel_beside_the_sample(taps, rng):
    factor = 2 * pick(rng, 1, 3)
    for kernel, mode in (("triangle", "bilinear"), ("keys -0.75", "bicubic")):
        want = _middle(_by_torch(mode, factor), 2 * factor * (1 if kernel == "triangle" else 2))
        says = f"For {kernel} and factor {factor} the distances are ±½, ±1½, … divided by {factor}."
        expect_close(taps(kernel, factor), want, says)


@worth(1, "taps")
def an_odd_factor_has_a_tap_on_the_sample(taps, rng):
    factor = 2 * pick(rng, 1, 2) + 1
    want = _middle(_by_torch("bilinear", factor), 2 * factor - 1)
    says = f"For factor {factor} the distances are 0, ±1, ±2, … divided by {factor}, and the length is odd."
    expect_close(taps("triangle", factor), want, says)
    want = torch.tensor([1.0])
    expect_close(taps("triangle", 1), want, "With factor 1 nothing is inserted: one tap, 1.")


@worth(1, "taps")
def places_outside_of_the_support_are_left_out(taps, rng):
    for kernel, support in (("box", 0.5), ("triangle", 1), ("keys -0.5", 2), ("lanczos 5", 5)):
        for factor in (2, 3, 4):
            got = taps(kernel, factor)
            says = f"{kernel} at factor {factor}: as many taps as there are distances below {support}."
            expect_tensor(got, says, shape=(_length(support, factor),))
            if kernel == "box":
                expect_close(
                    got,
                    torch.ones(factor),
                    "Every new pixel of a sample takes it whole: all ones.",
                )


@worth(1, "taps")
def every_phase_sums_to_one(taps, rng):
    for kernel in ("lanczos 3", "gaussian", "mitchell"):
        for factor in (2, 3, 5):
            got = taps(kernel, factor)
            expect_tensor(got, "Taps are a row of numbers.")
            sums = torch.stack([got[phase::factor].sum() for phase in range(factor)]).double()
            says = f"{kernel} at factor {factor}: every {factor}th tap must add up to 1, or a grey wall gets stripes."
            expect_close(sums, torch.ones(factor), says, tol=1e-6)


@worth(1, "taps")
def they_are_the_taps_that_pillow_uses(taps, rng):
    for kernel, support in (("keys -0.5", 2), ("lanczos 3", 3)):
        for factor in (2, 3, 4):
            got = taps(kernel, factor)
            want = _middle(_by_pillow(kernel, factor), _length(support, factor))
            expect_close(
                got,
                want,
                f"{kernel} at factor {factor} is not the filter that Pillow enlarges with.",
            )
            expect_tensor(got, "Taps are float64.", dtype=torch.float64)


# --- upsample


def _bilinear_taps(factor):
    return _middle(_by_torch("bilinear", factor), 2 * factor - factor % 2)


def _bicubic_taps(factor):
    return _middle(_by_torch("bicubic", factor), 4 * factor - factor % 2)


def _interpolate(x, factor, mode):
    return F.interpolate(x, scale_factor=factor, mode=mode)


@worth(1, "upsample")
def ones_repeat_every_pixel(upsample, rng):
    for factor in (2, 3, 4):
        x = _random(rng, 1, 2, 5, 4)
        says = (
            f"With {factor} ones as taps each pixel becomes a block: F.interpolate's nearest."
        )
        expect_close(
            upsample(x, factor, torch.ones(factor)), _interpolate(x, factor, "nearest"), says
        )


@worth(1, "upsample")
def an_even_factor_gives_the_numbers_of_bilinear(upsample, rng):
    for factor in (2, 4):
        x = _random(rng, 1, 1, 6, 6)
        says = f"Factor {factor} with the triangle's taps is not F.interpolate's bilinear: a sample's place is shifted?"
        expect_close(
            upsample(x, factor, _bilinear_taps(factor)),
            _interpolate(x, factor, "bilinear"),
            says,
        )


@worth(1, "upsample")
def an_odd_factor_gives_the_numbers_of_bilinear(upsample, rng):
    for factor in (1, 3, 5):
        x = _random(rng, 1, 1, 6, 6)
        says = f"Factor {factor} with the triangle's odd taps is not F.interpolate's bilinear."
        expect_close(
            upsample(x, factor, _bilinear_taps(factor)),
            _interpolate(x, factor, "bilinear"),
            says,
        )


@worth(1, "upsample")
def longer_filters_give_the_numbers_of_bicubic(upsample, rng):
    for factor in (2, 3, 4):
        x = _random(rng, 1, 1, 5, 6)
        says = f"Factor {factor} with the cubic's taps is not F.interpolate's bicubic."
        expect_close(
            upsample(x, factor, _bicubic_taps(factor)), _interpolate(x, factor, "bicubic"), says
        )


@worth(1, "upsample")
def beyond_the_border_the_outermost_pixels_go_on(upsample, rng):
    flat = torch.full((1, 1, 3, 3), 0.75, dtype=torch.float64)
    says = "A picture of one grey gets a frame: beyond the border the outermost pixel goes on, not zeros."
    expect_close(upsample(flat, 2, _bicubic_taps(2)), torch.full((1, 1, 6, 6), 0.75), says)
    for size in ((1, 1), (1, 4), (2, 1)):
        x = _random(rng, 1, 1, *size)
        says = f"A picture of {size[0]}×{size[1]} pixels, smaller than the filter: the outermost pixels go on."
        expect_close(upsample(x, 3, _bicubic_taps(3)), _interpolate(x, 3, "bicubic"), says)


@worth(1, "upsample")
def any_leading_dimensions_and_float32_too(upsample, rng):
    h, w = pick(rng, 3, 5), pick(rng, 6, 9)
    x = _random(rng, 3, 2, h, w)
    want = _interpolate(x, 2, "bicubic")
    says = (
        f"Pictures of {h}×{w}, higher and wider in the right order, in a batch with channels."
    )
    expect_close(upsample(x, 2, _bicubic_taps(2)), want, says)
    expect_close(
        upsample(x[0, 0], 2, _bicubic_taps(2)),
        want[0, 0],
        "A single plane (h, w) is a picture too.",
    )
    got = upsample(x.float(), 2, _bicubic_taps(2))
    expect_tensor(got, "A float32 picture stays float32.", dtype=torch.float32)
    expect_close(got, want, "A float32 picture with float64 taps is not right.", tol=1e-4)


# --- resize_weights and resize


def _matrix(n_in, n_out, kernel):
    """Pillow's matrix: the identity, resized along one axis."""
    eye = Image.fromarray(np.eye(n_in, dtype=np.float32))
    return torch.from_numpy(np.array(eye.resize((n_in, n_out), PILLOW[kernel])))


@worth(1, "resize_weights")
def on_the_way_up_the_rows_are_those_of_pillow(weights, rng):
    n_in = pick(rng, 5, 9)
    for kernel in ("triangle", "keys -0.5"):
        for n_out in (2 * n_in, 2 * n_in + 3, n_in):
            says = f"{kernel} from {n_in} up to {n_out}: the kernel keeps its width, centres lie at (i + ½) · in / out."
            expect_close(weights(n_in, n_out, kernel), _matrix(n_in, n_out, kernel), says)


@worth(1, "resize_weights")
def on_the_way_down_the_kernel_grows(weights, rng):
    n_in = pick(rng, 16, 24)
    for kernel in ("triangle", "keys -0.5"):
        for n_out in (n_in // 2, n_in // 5 + 1, 1):
            says = f"{kernel} from {n_in} down to {n_out}: the kernel must be widened by in / out to see every pixel."
            expect_close(weights(n_in, n_out, kernel), _matrix(n_in, n_out, kernel), says)


@worth(1, "resize_weights")
def every_row_sums_to_one(weights, rng):
    n_in, n_out = pick(rng, 5, 9), pick(rng, 11, 17)
    for kernel in ("gaussian", "mitchell", "lanczos 5"):
        for sizes in ((n_in, n_out), (n_out, n_in)):
            got = weights(*sizes, kernel)
            expect_tensor(
                got,
                "One row for each new pixel, one column for each old one.",
                shape=sizes[::-1],
            )
            says = "Each row must sum to 1, at the borders too, where a part of the kernel is cut off."
            expect_close(got.sum(1), torch.ones(sizes[1]), says)


@worth(1, "resize_weights")
def lanczos_and_box_are_those_of_pillow(weights, rng):
    for n_in, n_out in ((11, 23), (23, 11), (30, 7)):
        says = f"lanczos 3 from {n_in} to {n_out} is not Pillow's matrix."
        expect_close(weights(n_in, n_out, "lanczos 3"), _matrix(n_in, n_out, "lanczos 3"), says)
    for n_in, n_out in (
        (12, 4),
        (5, 10),
        (7, 9),
    ):  # no new pixel ends in the middle of an old one: no ties
        says = f"box from {n_in} to {n_out} is not Pillow's matrix."
        expect_close(weights(n_in, n_out, "box"), _matrix(n_in, n_out, "box"), says)


@worth(1, "resize_weights")
def they_are_computed_in_float64(weights, rng):
    n_in = pick(rng, 5, 9)
    n_out = n_in + pick(rng, 1, 4)  # never square, so that a transposed matrix shows
    got = weights(n_in, n_out, "triangle")
    expect_tensor(got, "The matrix is (n_out, n_in).", shape=(n_out, n_in), dtype=torch.float64)
    x = _random(rng, 1, n_in, 1)
    want = F.interpolate(
        x[None].expand(1, 1, n_in, n_in), (n_out, n_in), mode="bilinear", antialias=True
    )[0, 0, :, :1]
    expect_close(
        got @ x[0], want, "In float64 the rows are not exact to ten digits.", tol=1e-10
    )


def _pillow(x, size, kernel):
    return torch.from_numpy(
        np.array(Image.fromarray(x.numpy()).resize(size[::-1], PILLOW[kernel]))
    )


@worth(1, "resize")
def up_and_down_it_gives_the_pictures_of_pillow(resize, rng):
    x = _random(rng, 13, 17, dtype=torch.float32)
    for kernel in ("triangle", "keys -0.5", "lanczos 3"):
        for size in ((29, 31), (7, 5), (6, 40)):
            says = f"{kernel} from 13×17 to {size[0]}×{size[1]} is not Pillow's picture."
            expect_close(resize(x, size, kernel), _pillow(x, size, kernel), says, tol=2e-5)


@worth(1, "resize")
def height_comes_first_and_other_dimensions_stay(resize, rng):
    x = _random(rng, 2, 3, 9, 5)
    size = (pick(rng, 3, 6), pick(rng, 10, 14))
    want = F.interpolate(x, size, mode="bilinear", antialias=True)
    says = "size is (h, w): the height comes first; batches and channels are left alone."
    expect_close(resize(x, size, "triangle"), want, says)


@worth(1, "resize")
def the_picture_keeps_its_dtype(resize, rng):
    for dtype in (torch.float32, torch.float64):
        x = _random(rng, 1, 8, 6, dtype=dtype)
        got = resize(x, (5, 9), "keys -0.5")
        expect_tensor(got, "The result has the picture's dtype.", shape=(1, 5, 9), dtype=dtype)
    expect_close(resize(x, (8, 6), "keys -0.5"), x, "The same size gives the same picture.")
