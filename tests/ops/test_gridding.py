"""Gridding: the share of a map's energy at the dilation's frequency, where it is known."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from course.ops.gridding import grid_energy, grid_share


@settings(deadline=None, max_examples=30)
@given(
    period=st.tuples(st.integers(1, 5), st.integers(2, 5)),
    times=st.tuples(st.integers(2, 5), st.integers(2, 5)),
    seed=st.integers(0, 99),
)
def test_a_map_that_repeats_has_all_its_energy_in_the_grid(period, times, seed):
    cell = torch.randn(3, *period, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(grid_energy(cell.repeat(1, *times), period), torch.ones(3, dtype=torch.float64))


@settings(deadline=None, max_examples=30)
@given(
    period=st.tuples(st.integers(1, 4), st.integers(2, 4)),
    size=st.tuples(st.integers(8, 15), st.integers(8, 15)),
    seed=st.integers(0, 99),
)
def test_the_share_is_that_of_the_fourier_transform(period, size, seed):
    x = torch.randn(2, *size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    h, w = (length // step * step for length, step in zip(size, period, strict=True))
    energy = torch.fft.fft2(x[:, :h, :w]).abs().square()
    energy[:, 0, 0] = 0
    at_the_grid = energy[:, :: h // period[0], :: w // period[1]].sum((1, 2))
    torch.testing.assert_close(grid_energy(x, period), at_the_grid / energy.sum((1, 2)))


@pytest.mark.parametrize("period", [2, 3, (1, 4)])
def test_white_noise_has_its_share(period):
    x = torch.randn(4000, 12, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert float(grid_energy(x, period).mean()) == pytest.approx(grid_share((12, 12), period), rel=0.05)


def test_another_period_has_none_of_it():
    x = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64).repeat(12, 4)
    torch.testing.assert_close(grid_energy(x, 3), torch.tensor(1.0, dtype=torch.float64))
    torch.testing.assert_close(grid_energy(x, 2), torch.tensor(0.0, dtype=torch.float64))


def test_a_dilated_convolution_of_points_is_a_grid_and_of_a_smooth_map_is_not():
    points = torch.zeros(1, 1, 32, 32)
    points[0, 0, 3::16, 5::16] = 1.0
    kernel = torch.ones(1, 1, 3, 3)
    gridded = F.conv2d(F.pad(points, (16,) * 4, mode="circular"), kernel, dilation=4)[..., 12:44, 12:44]
    near = F.conv2d(F.pad(points, (16,) * 4, mode="circular"), kernel)[..., 15:47, 15:47]
    assert grid_energy(gridded, 4) > 5 * grid_energy(near, 4)


def test_scale_and_mean_do_not_matter_and_a_gradient_comes_back():
    x = torch.randn(1, 9, 10, dtype=torch.float64, requires_grad=True)
    torch.testing.assert_close(grid_energy(7 * x + 100, 3), grid_energy(x, 3))
    assert torch.autograd.gradcheck(lambda v: grid_energy(v, 3), x)


def test_a_constant_map_has_no_energy():
    assert grid_energy(torch.ones(2, 8, 8), 2).isnan().all()


@pytest.mark.parametrize(
    ("size", "period", "message"),
    [
        ((7, 8), 4, r"x is 7 x 8; wanted at least two periods of \(4, 4\)\. Give a larger image"),
        ((8, 8), 1, "period is 1; wanted at least 2"),
        ((8, 8), 2.5, r"period is 2\.5; wanted a whole number of at least 1, or two"),
        ((0, 8), 2, r"x has shape \(0, 8\); wanted \(\.\.\., h, w\) with at least one pixel"),
    ],
)
def test_what_holds_no_grid_is_refused(size, period, message):
    for measure in (lambda: grid_energy(torch.ones(size), period), lambda: grid_share(size, period)):
        with pytest.raises(ValueError, match=message):
            measure()
