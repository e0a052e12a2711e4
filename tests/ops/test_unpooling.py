import dataclasses

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.data import astronaut

from course.ops.unpooling import (
    bed_of_nails,
    max_pool_with_switches,
    max_unpool,
    nearest_unpool,
    pack_switches,
    unpack_switches,
)

GRID = torch.tensor([[1.0, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]])[None, None]
SMALL = torch.tensor([[1.0, 2], [3, 4]])[None, None]

shapes = {
    "n": st.integers(0, 3),
    "c": st.integers(1, 3),
    "h": st.integers(2, 9),
    "w": st.integers(2, 9),
    "seed": st.integers(0, 99),
}


def draw(*shape, seed=0):
    """Small whole numbers, so that ties are common."""
    return torch.randint(0, 4, shape, generator=torch.Generator().manual_seed(seed)).float()


def test_the_lectures_grid_pools_to_its_four_maxima_and_remembers_where():
    pooled, switches = max_pool_with_switches(GRID)
    assert pooled[0, 0].tolist() == [[5, 6], [7, 8]]
    assert switches[0, 0].tolist() == [[5, 2], [12, 15]]


def test_the_lectures_values_go_back_to_where_the_maxima_stood():
    _, switches = max_pool_with_switches(GRID)
    up = max_unpool(SMALL, switches, (4, 4))
    assert up[0, 0].tolist() == [[0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]


def test_nearest_and_bed_of_nails_by_hand():
    assert nearest_unpool(SMALL)[0, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert bed_of_nails(SMALL)[0, 0].tolist() == [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]


@settings(deadline=None, max_examples=50)
@given(**shapes, kernel_size=st.tuples(st.integers(1, 4), st.integers(1, 4)), stride=st.integers(1, 3) | st.none())
def test_pooling_equals_torchs_with_ties_odd_sizes_and_overlap(n, c, h, w, seed, kernel_size, stride):
    kernel_size = min(kernel_size[0], h), min(kernel_size[1], w)
    x = draw(n, c, h, w, seed=seed)
    pooled, switches = max_pool_with_switches(x, kernel_size, stride)
    expected, indices = F.max_pool2d(x, kernel_size, stride, return_indices=True)
    assert torch.equal(pooled, expected)
    assert torch.equal(switches, indices)


@settings(deadline=None, max_examples=25)
@given(**shapes)
def test_unpooling_equals_torchs_for_any_size(n, c, h, w, seed):
    _, switches = max_pool_with_switches(draw(n, c, h, w, seed=seed))
    x = draw(n, c, h // 2, w // 2, seed=seed + 1)
    assert torch.equal(max_unpool(x, switches, (h, w)), F.max_unpool2d(x, switches, 2, output_size=(h, w)))


def test_a_photograph_pools_and_unpools_as_torch_does():
    photo = torch.from_numpy(astronaut()).permute(2, 0, 1)[None, :, :301, :403].float() / 255
    pooled, switches = max_pool_with_switches(photo)
    expected, indices = F.max_pool2d(photo, 2, return_indices=True)
    assert torch.equal(pooled, expected)
    assert torch.equal(switches, indices)
    restored = F.max_unpool2d(expected, indices, 2, output_size=(301, 403))
    assert torch.equal(max_unpool(pooled, switches, (301, 403)), restored)
    assert torch.equal(unpack_switches(pack_switches(switches, (301, 403))), indices)


def test_of_a_tie_the_first_pixel_wins():
    _, switches = max_pool_with_switches(torch.zeros(1, 1, 4, 4))
    assert switches[0, 0].tolist() == [[0, 2], [8, 10]]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_pool_as_in_torch(value):
    x = torch.randn(1, 2, 6, 6)
    x[:, :, 2:, ::2] = value
    pooled, switches = max_pool_with_switches(x, 3, 2)
    expected, indices = F.max_pool2d(x, 3, 2, return_indices=True)
    torch.testing.assert_close(pooled, expected, equal_nan=True, rtol=0, atol=0)
    assert torch.equal(switches, indices)


def test_the_gradient_of_pooling_is_torchs():
    ours, theirs = (draw(2, 3, 7, 8).requires_grad_() for _ in range(2))
    cotangent = torch.randn(2, 3, 3, 3)
    max_pool_with_switches(ours, 3, 2)[0].backward(cotangent)
    F.max_pool2d(theirs, 3, 2).backward(cotangent)
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_gradients_reach_x_through_every_way_up():
    _, switches = max_pool_with_switches(draw(1, 2, 5, 7))
    x = torch.randn(1, 2, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: max_unpool(v, switches, (5, 7)), x)
    assert torch.autograd.gradcheck(lambda v: nearest_unpool(v, 2, (5, 7)), x)
    assert torch.autograd.gradcheck(lambda v: bed_of_nails(v, 2, (5, 7)), x)


@settings(deadline=None, max_examples=25)
@given(**shapes)
def test_unpooling_is_adjoint_to_reading_at_the_switches(n, c, h, w, seed):
    x, y = draw(n, c, h, w, seed=seed), draw(n, c, h // 2, w // 2, seed=seed + 1)
    pooled, switches = max_pool_with_switches(x)
    torch.testing.assert_close((pooled * y).sum(), (x * max_unpool(y, switches, (h, w))).sum())


@settings(deadline=None, max_examples=25)
@given(**shapes)
def test_pooling_what_was_unpooled_gives_it_back(n, c, h, w, seed):
    _, switches = max_pool_with_switches(draw(n, c, h, w, seed=seed))
    x = draw(n, c, h // 2, w // 2, seed=seed + 1) + 1  # positive, so that it wins over the zeros
    for up in (max_unpool(x, switches, (h, w)), nearest_unpool(x, 2, (h, w)), bed_of_nails(x, 2, (h, w))):
        assert up.shape == (n, c, h, w)
        assert torch.equal(max_pool_with_switches(up)[0], x)


@pytest.mark.parametrize("factor", [1, 2, (3, 2)])
def test_nearest_unpool_is_torchs_nearest_interpolation(factor):
    x = torch.randn(2, 3, 4, 5)
    assert torch.equal(nearest_unpool(x, factor), F.interpolate(x, scale_factor=factor, mode="nearest"))


def test_nearest_unpool_repeats_the_last_window_beyond_it():
    up = nearest_unpool(SMALL, 2, (5, 5))
    assert torch.equal(up[..., 4, :], up[..., 3, :])
    assert torch.equal(up[..., :, 4], up[..., :, 3])


def test_bed_of_nails_is_a_transposed_convolution_with_a_single_one():
    x, nail = torch.randn(2, 1, 4, 5), torch.zeros(1, 1, 3, 2)
    nail[0, 0, 0, 0] = 1
    expected = F.conv_transpose2d(x, nail, stride=(3, 2))
    assert torch.equal(bed_of_nails(x, (3, 2)), expected)


@settings(deadline=None, max_examples=50)
@given(**shapes)
def test_packing_and_unpacking_changes_nothing(n, c, h, w, seed):
    _, switches = max_pool_with_switches(draw(n, c, h, w, seed=seed))
    packed = pack_switches(switches, (h, w))
    assert torch.equal(unpack_switches(packed), switches)
    assert packed.codes.dtype == torch.uint8
    assert packed.nbytes == -(-switches.numel() // 4)


def test_the_lectures_switches_pack_into_one_byte():
    packed = pack_switches(max_pool_with_switches(GRID)[1], (4, 4))
    assert packed.codes.tolist() == [0b11_10_00_11]  # the last window is in the highest bits
    assert packed.nbytes == 1


def test_packed_switches_take_a_64th_of_the_float_map():
    features = torch.randn(2, 16, 32, 32)
    packed = pack_switches(max_pool_with_switches(features)[1], (32, 32))
    assert packed.nbytes * 64 == features.numel() * features.element_size()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: max_pool_with_switches(torch.ones(3, 4, 4)),
            r"x has shape \(3, 4, 4\); wanted \(n, c, h, w\)\. Give x",
        ),
        (lambda: max_pool_with_switches(GRID, 5), r"size \+ 2 padding is 4; wanted at least 5, the span of 5 taps"),
        (lambda: max_pool_with_switches(GRID, 2, 0), "stride is 0; wanted a whole number of at least 1"),
        (
            lambda: max_unpool(SMALL, torch.zeros(1, 1, 2, 3).long(), (4, 4)),
            r"switches are torch\.int64 of shape \(1, 1, 2, 3\); wanted int64 of the shape of values, \(1, 1, 2, 2\)",
        ),
        (
            lambda: max_unpool(SMALL, torch.zeros(1, 1, 2, 2), (4, 4)),
            r"switches are torch\.float32 of .*; wanted int64",
        ),
        (
            lambda: max_unpool(SMALL, torch.zeros(1, 1, 2, 2).long(), 4),
            "size is 4; wanted two whole numbers of at least 1",
        ),
        (
            lambda: max_unpool(SMALL, torch.full((1, 1, 2, 2), 16), (4, 4)),
            "switches run from 16 to 16; wanted 0 to 15, the numbers of 4 x 4 pixels",
        ),
        (
            lambda: nearest_unpool(SMALL, 2, (6, 4)),
            r"size is \(6, 4\), which windows of \(2, 2\) pool to \(3, 2\); wanted one that they pool to \(2, 2\)",
        ),
        (
            lambda: bed_of_nails(SMALL, 2, (4, 3)),
            r"size is \(4, 3\), which windows of \(2, 2\) pool to \(2, 1\); wanted one that they pool to \(2, 2\)",
        ),
        (lambda: pack_switches(torch.zeros(1, 1, 2, 2).long(), (6, 4)), r"wanted int64 \(n, c, 3, 2\)\. Give those"),
        (lambda: pack_switches(torch.zeros(1, 1, 2, 2).long(), (4, 4)), "outside its 2 x 2 window; wanted switches of"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_unpacking_refuses_bytes_that_are_missing():
    packed = pack_switches(max_pool_with_switches(draw(1, 2, 4, 4))[1], (4, 4))
    with pytest.raises(ValueError, match=r"wanted 2 bytes \(uint8\) for switches of shape \(1, 2, 2, 2\)"):
        unpack_switches(dataclasses.replace(packed, codes=packed.codes[:1]))
