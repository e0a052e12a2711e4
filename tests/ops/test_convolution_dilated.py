"""Dilated convolution three ways, each held against torch's."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.ops.convolution import dilated_by_definition, dilated_by_matrix, dilated_by_zero_insertion

WAYS = [dilated_by_definition, dilated_by_zero_insertion, dilated_by_matrix]
each_way = pytest.mark.parametrize("dilated", WAYS)
pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


@settings(deadline=None, max_examples=60)
@given(
    size=st.tuples(st.integers(1, 13), st.integers(1, 13)),
    kernel_size=pairs,
    stride=pairs,
    padding=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    dilation=pairs,
    groups=st.integers(1, 3),
    biased=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 99),
)
def test_all_ways_agree_with_torch_for_any_pairs(
    size, kernel_size, stride, padding, dilation, groups, biased, dtype, seed
):
    assume(all(n + 2 * p > d * (k - 1) for n, k, p, d in zip(size, kernel_size, padding, dilation, strict=True)))
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 2 * groups, *size, generator=generator, dtype=dtype)
    weight = torch.randn(3 * groups, 2, *kernel_size, generator=generator, dtype=dtype)
    bias = torch.randn(3 * groups, generator=generator, dtype=dtype) if biased else None
    expected = F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    for dilated in WAYS:
        y = dilated(x, weight, bias, stride, padding, dilation, groups)
        torch.testing.assert_close(y, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@each_way
def test_gradients_reach_image_weight_and_bias(dilated):
    x, weight, bias = (
        torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in [(1, 2, 5, 6), (2, 1, 3, 2), (2,)]
    )
    assert torch.autograd.gradcheck(
        lambda *v: dilated(*v, stride=(1, 2), padding=1, dilation=(2, 3), groups=2), (x, weight, bias)
    )


@each_way
def test_the_arguments_stay_as_they_were_and_the_batch_may_be_empty(dilated):
    x, weight = torch.randn(1, 2, 7, 7), torch.randn(2, 2, 3, 3)
    before = x.clone(), weight.clone()
    dilated(x, weight, dilation=2)
    assert torch.equal(x, before[0])
    assert torch.equal(weight, before[1])
    assert dilated(x[:0], weight, dilation=2).shape == (0, 2, 3, 3)


@each_way
def test_a_pixel_that_is_not_a_number_spoils_what_the_taps_read(dilated):
    x = torch.zeros(1, 1, 9, 9)
    x[0, 0, 4, 4] = torch.nan
    spoiled = dilated(x, torch.ones(1, 1, 3, 3), padding=3, dilation=3)[0, 0].isnan()
    assert {(1, 1), (1, 4), (1, 7), (4, 1), (4, 4), (4, 7), (7, 1), (7, 4), (7, 7)} <= set(
        map(tuple, spoiled.nonzero().tolist())
    )


@each_way
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": torch.ones(4, 9, 9)}, r"x has shape \(4, 9, 9\); wanted \(n, c, h, w\)"),
        ({"x": torch.ones(1, 3, 9, 9)}, "x has 3 channels; wanted 4, weight's times the 1 groups"),
        ({"weight": torch.ones(4, 3, 3)}, r"weight has shape \(4, 3, 3\); wanted \(o, c / groups, kh, kw\), none of"),
        ({"groups": 4}, "wanted .* o a multiple of the 4 groups"),
        ({"bias": torch.ones(4)}, r"bias has shape \(4,\); wanted \(6,\)"),
        ({"dilation": 0}, r"dilation is 0; wanted a whole number of at least 1, or two as \(h, w\)"),
        ({"dilation": (1, 5)}, r"size \+ 2 padding is 9; wanted at least 11, the span of 3 taps at dilation 5\. Use a"),
    ],
)
def test_each_way_refuses_what_does_not_belong_together(dilated, changes, message):
    arguments = {"x": torch.ones(1, 4, 9, 9), "weight": torch.ones(6, 4, 3, 3)} | changes
    with pytest.raises(ValueError, match=message):
        dilated(**arguments)


def test_the_matrix_way_refuses_images_too_large_to_write_down():
    with pytest.raises(ValueError, match=r"the dense matrix is .* GiB in float32; wanted at most"):
        dilated_by_matrix(torch.ones(1, 8, 64, 64), torch.ones(8, 8, 3, 3), dilation=2)
