from itertools import product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.ops.convolution import (
    transposed_by_gradient,
    transposed_by_matrix,
    transposed_by_scatter,
    transposed_by_zero_insertion,
    transposed_output_size,
)

WAYS = [transposed_by_scatter, transposed_by_matrix, transposed_by_zero_insertion, transposed_by_gradient]
each_way = pytest.mark.parametrize("transposed", WAYS)


GRID = [
    arguments
    for arguments in product((1, 2, (3, 2)), (0, (1, 2)), (0, 1, (1, 0)), (1, (2, 3)))
    if not (arguments[0] == 1 and arguments[2] != 0 and arguments[3] == 1)  # refused, see below
]


@each_way
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(("stride", "padding", "output_padding", "dilation"), GRID)
def test_each_way_equals_torch(transposed, stride, padding, output_padding, dilation, groups):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, 3, 4, generator=generator)
    weight = torch.randn(4, 3, 3, 2, generator=generator)
    bias = torch.randn(3 * groups, generator=generator)
    expected = F.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)
    y = transposed(x, weight, bias, stride, padding, output_padding, dilation, groups)
    torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(deadline=None, max_examples=25)
@given(
    size=pairs,
    kernel_size=pairs,
    stride=pairs,
    padding=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    output_padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    dilation=pairs,
    groups=st.integers(1, 3),
    biased=st.booleans(),
    seed=st.integers(0, 99),
)
def test_all_ways_agree_with_torch_for_any_pairs(
    size, kernel_size, stride, padding, output_padding, dilation, groups, biased, seed
):
    assume(all(op < max(s, d) for op, s, d in zip(output_padding, stride, dilation, strict=True)))
    axes = zip(size, kernel_size, stride, padding, output_padding, dilation, strict=True)
    assume(all((n - 1) * s - 2 * p + d * (k - 1) + op >= 0 for n, k, s, p, op, d in axes))
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 2 * groups, *size, generator=generator)
    weight = torch.randn(2 * groups, 1, *kernel_size, generator=generator)
    bias = torch.randn(groups, generator=generator) if biased else None
    expected = F.conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)
    for transposed in WAYS:
        y = transposed(x, weight, bias, stride, padding, output_padding, dilation, groups)
        torch.testing.assert_close(y, expected, rtol=1e-5, atol=1e-5)
    assert expected.shape[2:] == transposed_output_size(size, kernel_size, stride, padding, output_padding, dilation)


@settings(deadline=None, max_examples=25)
@given(
    h=st.integers(3, 8),
    w=st.integers(3, 8),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    way=st.sampled_from(WAYS),
    seed=st.integers(0, 99),
)
def test_each_way_is_adjoint_to_the_convolution(h, w, stride, padding, way, seed):
    generator = torch.Generator().manual_seed(seed)
    image = torch.randn(1, 4, h, w, generator=generator, dtype=torch.float64)
    weight = torch.randn(6, 2, 3, 3, generator=generator, dtype=torch.float64)
    forward = F.conv2d(image, weight, None, stride, padding, 1, 2)
    cotangent = torch.randn(forward.shape, generator=generator, dtype=torch.float64)
    extra = ((h + 2 * padding - 3) % stride, (w + 2 * padding - 3) % stride)
    back = way(cotangent, weight, None, stride, padding, extra, groups=2)
    assert back.shape == image.shape
    torch.testing.assert_close((forward * cotangent).sum(), (image * back).sum())


@each_way
def test_gradients_reach_image_weight_and_bias(transposed):
    x, weight, bias = (
        torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in [(1, 2, 2, 3), (2, 1, 3, 2), (2,)]
    )
    assert torch.autograd.gradcheck(lambda *v: transposed(*v, stride=2, padding=1, groups=2), (x, weight, bias))


@each_way
def test_an_empty_batch_gives_an_empty_batch(transposed):
    assert transposed(torch.zeros(0, 2, 3, 4), torch.ones(2, 5, 3, 3), torch.ones(5), stride=2).shape == (0, 5, 7, 9)


@each_way
def test_the_arguments_stay_as_they_were(transposed):
    x, weight = torch.randn(1, 2, 3, 3), torch.randn(2, 1, 3, 3)
    before = x.clone(), weight.clone()
    transposed(x, weight, stride=2)
    assert torch.equal(x, before[0])
    assert torch.equal(weight, before[1])


@each_way
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": torch.ones(4, 3, 3)}, r"x has shape \(4, 3, 3\); wanted \(n, c, h, w\)\. Give x\[None\] for"),
        ({"weight": torch.ones(2, 4, 3, 3)}, r"weight has shape \(2, 4, 3, 3\); wanted .* the c = 4 channels of x"),
        ({"groups": 3}, "groups is 3; wanted a divisor of the 4 channels of x"),
        ({"groups": 2, "bias": torch.ones(2)}, r"bias has shape \(2,\); wanted \(4,\)"),
        ({"stride": 0}, r"stride is 0; wanted a whole number of at least 1, or two as \(h, w\)"),
        ({"output_padding": (0, 1)}, "output_padding is 1; wanted less than stride 1"),
        ({"padding": 3}, "padding is 3; wanted at most 2, so that a pixel is left of the result of size 5"),
    ],
)
def test_each_way_refuses_what_does_not_belong_together(transposed, changes, message):
    arguments = {"x": torch.ones(1, 4, 3, 3), "weight": torch.ones(4, 2, 3, 3)} | changes
    with pytest.raises(ValueError, match=message):
        transposed(**arguments)


def test_the_matrix_way_refuses_images_too_large_to_write_down():
    with pytest.raises(ValueError, match=r"the dense matrix is 32768 x 34848, 4\.3 GiB in float32; wanted at most"):
        transposed_by_matrix(torch.ones(1, 8, 64, 64), torch.ones(8, 8, 3, 3))
