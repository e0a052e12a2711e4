import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.ops.convolution import conv_output_size, transposed_output_size

axis = {
    "size": st.integers(1, 12),
    "kernel_size": st.integers(1, 5),
    "stride": st.integers(1, 4),
    "padding": st.integers(0, 4),
    "dilation": st.integers(1, 3),
}


@settings(deadline=None, max_examples=25)
@given(**axis)
def test_conv_output_size_is_what_torch_gives(size, kernel_size, stride, padding, dilation):
    assume(size + 2 * padding > dilation * (kernel_size - 1))
    y = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size), None, stride, padding, dilation)
    assert conv_output_size(size, kernel_size, stride, padding, dilation) == y.shape[-1]


@settings(deadline=None, max_examples=25)
@given(**axis, output_padding=st.integers(0, 3))
def test_transposed_output_size_is_what_torch_gives(size, kernel_size, stride, padding, dilation, output_padding):
    assume(output_padding < max(stride, dilation))
    assume((size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding >= 0)
    x, weight = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size)
    y = F.conv_transpose1d(x, weight, None, stride, padding, output_padding, 1, dilation)
    assert transposed_output_size(size, kernel_size, stride, padding, output_padding, dilation) == y.shape[-1]


@pytest.mark.parametrize("output_padding", [0, 1, 2])
def test_output_padding_chooses_among_the_sizes_that_a_convolution_maps_to_the_same(output_padding):
    size = transposed_output_size(4, 5, stride=3, padding=1, output_padding=output_padding)
    assert size == 12 + output_padding
    assert conv_output_size(size, 5, stride=3, padding=1) == 4


def test_one_pair_makes_the_answer_a_pair():
    assert conv_output_size((7, 9), 3) == (5, 7)
    assert conv_output_size(7, (3, 1)) == (5, 7)
    assert conv_output_size(torch.Size([7, 9]), 3, [2, 1], padding=1) == (4, 9)
    assert transposed_output_size(4, 4, stride=2, padding=1) == 8
    assert transposed_output_size((4, 5), 4, stride=2, padding=1) == (8, 10)


def test_a_kernel_that_does_not_fit_is_refused_with_its_reach():
    with pytest.raises(
        ValueError, match=r"size \+ 2 padding is 4; wanted at least 5, the span of 3 taps at dilation 2"
    ):
        conv_output_size(2, 3, padding=1, dilation=2)


def test_an_output_padding_as_large_as_stride_and_dilation_is_refused():
    with pytest.raises(ValueError, match="output_padding is 2; wanted less than stride 2 or dilation 1"):
        transposed_output_size(4, 3, stride=2, output_padding=2)


def test_a_padding_that_cuts_everything_away_is_refused():
    with pytest.raises(
        ValueError, match="padding is 2; wanted at most 1, so that a pixel is left of the result of size 3"
    ):
        transposed_output_size(1, 3, padding=2)
