import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import signal, stats
from scipy.interpolate import BSpline

from course.ops.resampling import (
    Kernel,
    area,
    box,
    frequency_response,
    gaussian,
    keys,
    lanczos,
    mitchell,
    taps,
    triangle,
)

EVERY_KERNEL = [
    box(),
    triangle(),
    keys(-0.5),
    keys(-0.75),
    mitchell(),
    lanczos(3),
    lanczos(5),
    gaussian(),
    area(1.0),
    area(2.5),
]
X = torch.linspace(-6, 6, 1201, dtype=torch.float64)

every_kernel = pytest.mark.parametrize("kernel", EVERY_KERNEL, ids=lambda kernel: kernel.name)
kernels = st.sampled_from(EVERY_KERNEL)


@every_kernel
def test_a_kernel_is_symmetric_and_ends_at_its_support(kernel):
    inside = X[(X.abs() - kernel.support).abs() > 1e-9]  # off the edge of the box, which is half open
    assert torch.allclose(kernel(inside), kernel(-inside), atol=1e-12)
    assert (kernel(inside)[inside.abs() > kernel.support] == 0).all()
    near_the_end = torch.tensor([0.98 * kernel.support], dtype=torch.float64)
    assert kernel(near_the_end).abs() > 0


@every_kernel
def test_the_area_under_a_kernel_is_one(kernel):
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    assert torch.trapezoid(kernel(x), x).item() == pytest.approx(1, abs=0.015)  # Lanczos-3 has 0.997


@pytest.mark.parametrize(
    ("kernel", "knots"),
    [(triangle(), [-1, 0, 1]), (mitchell(1, 0), [-2, -1, 0, 1, 2])],
    ids=["triangle", "cubic B-spline"],
)
def test_splines_agree_with_scipy(kernel, knots):
    inside = X[X.abs() < kernel.support]
    expected = BSpline.basis_element(knots)(inside.numpy())
    np.testing.assert_allclose(kernel(inside).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.3, 0.5, 1.2])
def test_the_gaussian_agrees_with_scipy(sigma):
    inside = X[X.abs() < 4 * sigma - 1e-6]
    np.testing.assert_allclose(gaussian(sigma)(inside).numpy(), stats.norm.pdf(inside.numpy(), scale=sigma), atol=1e-12)


@pytest.mark.parametrize("lobes", [3, 5])
def test_lanczos_is_a_sinc_under_the_window_of_numpy(lobes):
    x = X.numpy()
    expected = np.where(np.abs(x) < lobes, np.sinc(x) * np.sinc(x / lobes), 0)
    np.testing.assert_allclose(lanczos(lobes)(X).numpy(), expected, atol=1e-12)


def test_keys_is_the_curve_that_pillow_draws_from_an_impulse():
    impulse = np.zeros((1, 11), dtype=np.float32)
    impulse[0, 5] = 1
    drawn = np.asarray(Image.fromarray(impulse).resize((11 * 32, 1), Image.Resampling.BICUBIC))[0]
    x = (torch.arange(11 * 32, dtype=torch.float64) + 0.5) / 32 - 5.5
    np.testing.assert_allclose(keys(-0.5)(x).numpy(), drawn, atol=1e-6)


def test_keys_with_minus_three_quarters_is_the_curve_that_torch_draws_from_an_impulse():
    impulse = torch.zeros(1, 1, 11, 11, dtype=torch.float64)
    impulse[0, 0, 5, :] = 1
    drawn = torch.nn.functional.interpolate(impulse, scale_factor=(32, 1), mode="bicubic")[0, 0, :, 5]
    x = (torch.arange(11 * 32, dtype=torch.float64) + 0.5) / 32 - 5.5
    assert torch.allclose(keys(-0.75)(x), drawn, atol=1e-12)


def test_mitchell_has_the_values_of_its_paper_and_contains_keys():
    # Mitchell and Netravali 1988: k(0) = (6 - 2b) / 6 = 8/9 and k(1) = b / 6 = 1/18.
    assert torch.allclose(mitchell()(torch.tensor([0.0, 1.0, 2.0])), torch.tensor([8 / 9, 1 / 18, 0.0]))
    assert torch.allclose(mitchell(0, 0.5)(X), keys(-0.5)(X), atol=1e-12)
    assert torch.allclose(mitchell(0, 0.75)(X), keys(-0.75)(X), atol=1e-12)


@pytest.mark.parametrize("factor", [1.0, 1.7, 3.0])
def test_area_is_the_overlap_of_two_intervals(factor):
    x = X.numpy()
    overlap = np.minimum(0.5, x + 0.5 / factor) - np.maximum(-0.5, x - 0.5 / factor)
    np.testing.assert_allclose(area(factor)(X).numpy(), factor * np.clip(overlap, 0, None), atol=1e-12)


def test_interpolating_kernels_pass_through_the_samples():
    integers = torch.arange(-6.0, 7.0, dtype=torch.float64)
    for kernel in (box(), triangle(), keys(-0.5), keys(-0.75), lanczos(3), lanczos(5), area(2.5)):
        assert torch.allclose(kernel(integers), (integers == 0).double(), atol=1e-12), kernel.name


def test_the_box_gives_a_tie_to_one_side_only():
    assert box()(torch.tensor([-0.5, 0.5])).tolist() == [0, 1]


@every_kernel
def test_a_kernel_survives_a_trip_to_another_process_and_compares_by_name(kernel):
    copy = pickle.loads(pickle.dumps(kernel))
    assert copy == kernel
    assert torch.equal(copy(X), kernel(X))
    assert keys(-0.5) == keys()
    assert keys(-0.5) != keys(-0.75)


@every_kernel
def test_a_kernel_keeps_shape_and_dtype(kernel):
    for dtype in (torch.float32, torch.float64):
        weights = kernel(torch.zeros(2, 3, dtype=dtype))
        assert weights.shape == (2, 3)
        assert weights.dtype == dtype


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: keys(float("nan")), "a is nan; wanted a finite number"),
        (lambda: mitchell(b=float("inf")), "b is inf; wanted a finite number"),
        (lambda: lanczos(0), "lobes is 0; wanted a whole number of at least 1. 3 and 5 are usual"),
        (lambda: lanczos(2.5), r"lobes is 2\.5; wanted a whole number of at least 1"),
        (lambda: lanczos(True), "lobes is True; wanted a whole number"),
        (lambda: gaussian(0), "sigma is 0; wanted a finite number above 0"),
        (lambda: area(0.5), r"factor is 0\.5; wanted a finite number of at least 1\. Give the larger size"),
        (lambda: box()(torch.tensor([1])), r"x is torch\.int64; wanted a floating-point tensor of distances"),
        (lambda: box()(1.0), "x is a float; wanted a floating-point tensor"),
    ],
)
def test_a_wrong_argument_of_a_kernel_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_worked_example_of_the_taps():
    aligned = taps(triangle(), 2, align_corners=True)
    assert aligned.tolist() == [0.5, 1, 0.5]
    assert torch.outer(aligned, aligned).tolist() == [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]
    assert taps(triangle(), 2).tolist() == [0.25, 0.75, 0.75, 0.25]
    assert taps(box(), 2).tolist() == [1, 1]
    assert taps(box(), 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize("factor", [2, 3, 4, 5])
def test_bilinear_taps_are_those_of_the_fully_convolutional_network(factor):
    # Long et al. 2015, their code's `upsample_filt`: center at factor - 1/2 for even sizes, factor - 1 for odd ones.
    size = 2 * factor - factor % 2
    center = (size - 1) / 2
    expected = 1 - np.abs(np.arange(size) - center) / factor
    np.testing.assert_allclose(taps(triangle(), factor).numpy(), expected, atol=1e-6)


@given(kernel=kernels, factor=st.integers(1, 7), align_corners=st.booleans())
@settings(deadline=None, max_examples=25)
def test_every_phase_of_the_taps_sums_to_one(kernel, factor, align_corners):
    weights = taps(kernel, factor, align_corners=align_corners, dtype=torch.float64)
    for phase in range(min(factor, len(weights))):
        assert weights[phase::factor].sum().item() == pytest.approx(1, abs=1e-12)
    assert weights.sum().item() == pytest.approx(factor, abs=1e-12)


@given(kernel=kernels, factor=st.integers(1, 7))
@settings(deadline=None, max_examples=25)
def test_the_grid_decides_whether_the_length_is_even_or_odd(kernel, factor):
    assert len(taps(kernel, factor)) % 2 == factor % 2
    assert len(taps(kernel, factor, align_corners=True)) % 2 == 1


@given(kernel=kernels, factor=st.integers(1, 7), align_corners=st.booleans())
@settings(deadline=None, max_examples=25)
def test_taps_are_symmetric_but_for_ties_of_the_box(kernel, factor, align_corners):
    weights = taps(kernel, factor, align_corners=align_corners, dtype=torch.float64)
    tie = kernel.support * factor % 1 == 0 and align_corners and kernel == box()
    assert tie or torch.allclose(weights, weights.flip(0), atol=1e-12)


@pytest.mark.parametrize("kernel", [triangle(), keys(-0.5), mitchell()], ids=lambda kernel: kernel.name)
def test_a_kernel_that_sums_to_one_is_sampled_without_change(kernel):
    weights = taps(kernel, 4, dtype=torch.float64)
    places = (torch.arange(len(weights), dtype=torch.float64) - (len(weights) - 1) / 2) / 4
    assert torch.allclose(weights, kernel(places), atol=1e-12)


@every_kernel
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_the_frequency_response_agrees_with_scipy(kernel, factor):
    weights = taps(kernel, factor, dtype=torch.float64)
    frequency, magnitude = frequency_response(weights, points=64)
    assert frequency[0] == 0
    assert frequency[-1] == 0.5
    _, expected = signal.freqz(weights.numpy(), worN=2 * np.pi * frequency.numpy())
    np.testing.assert_allclose(magnitude.numpy(), np.abs(expected), atol=1e-12)
    assert magnitude[0].item() == pytest.approx(factor)


def test_the_images_of_a_constant_are_filtered_out_completely():
    _, magnitude = frequency_response(taps(keys(), 2, dtype=torch.float64), points=3)
    assert magnitude[2].item() == pytest.approx(0, abs=1e-12)  # a constant comes back at 1/2 after zero-insertion by 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: taps(box, 2), "kernel is <function box .*; wanted a Kernel. Call a constructor"),
        (lambda: taps(box(), 0), "factor is 0; wanted a whole number of at least 1"),
        (
            lambda: taps(box(), 2.0),
            r"factor is 2\.0; wanted a whole number of at least 1\. For other ratios use resize",
        ),
        (lambda: taps(box(), True), "factor is True; wanted a whole number"),
        (
            lambda: taps(Kernel("needle", 0.1, lambda x: (x.abs() <= 0.1).to(x)), 2),
            "needle reaches no sample .* at factor 2; wanted a wider",
        ),
        (
            lambda: frequency_response(torch.ones(2, 2)),
            r"taps are torch\.float32 of shape \(2, 2\); wanted floating point",
        ),
        (lambda: frequency_response(torch.tensor([1])), r"taps are torch\.int64 of shape \(1,\); wanted floating"),
        (lambda: frequency_response(torch.ones(3), points=1), "points is 1; wanted a whole number of at least 2"),
    ],
)
def test_a_wrong_argument_of_a_filter_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
