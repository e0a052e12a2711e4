import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course.ops.pixel_shuffle import depth_to_space, icnr_, space_to_depth, subpixel_to_transposed

shapes = {
    "n": st.integers(0, 3),
    "c": st.integers(1, 3),
    "h": st.integers(1, 4),
    "w": st.integers(1, 4),
    "factor": st.integers(1, 4),
}


@settings(deadline=None, max_examples=25)
@given(**shapes)
def test_there_and_back_again_changes_nothing(n, c, h, w, factor):
    deep = torch.randn(n, c * factor**2, h, w)
    wide = torch.randn(n, c, h * factor, w * factor)
    assert torch.equal(space_to_depth(depth_to_space(deep, factor), factor), deep)
    assert torch.equal(depth_to_space(space_to_depth(wide, factor), factor), wide)


@settings(deadline=None, max_examples=25)
@given(**shapes | {"n": st.integers(1, 3)})  # torch.pixel_unshuffle returns an empty batch in its old shape
def test_channels_are_in_torchs_order(n, c, h, w, factor):
    deep = torch.randn(n, c * factor**2, h, w)
    wide = torch.randn(n, c, h * factor, w * factor)
    assert torch.equal(depth_to_space(deep, factor), F.pixel_shuffle(deep, factor))
    assert torch.equal(space_to_depth(wide, factor), F.pixel_unshuffle(wide, factor))


def test_four_channels_of_one_pixel_make_a_block_row_by_row():
    assert depth_to_space(torch.tensor([1, 2, 3, 4]).reshape(4, 1, 1), 2).tolist() == [[[1, 2], [3, 4]]]


def test_gradients_come_back_to_their_pixels():
    x = torch.randn(1, 8, 2, 3, requires_grad=True)
    cotangent = torch.randn(1, 2, 4, 6)
    depth_to_space(x, 2).backward(cotangent)
    assert torch.equal(x.grad, F.pixel_unshuffle(cotangent, 2))


@pytest.mark.parametrize("factor", [2, 3])
def test_icnr_starts_as_a_convolution_and_nearest_upsampling(factor):
    convolution = nn.Conv2d(3, 2 * factor**2, 3, padding=1, bias=False)
    assert icnr_(convolution.weight, factor) is convolution.weight
    x = torch.randn(2, 3, 5, 4)
    small = F.conv2d(x, convolution.weight[:: factor**2], padding=1)
    expected = F.interpolate(small, scale_factor=factor, mode="nearest")
    torch.testing.assert_close(depth_to_space(convolution(x), factor), expected, rtol=1e-5, atol=1e-5)
    assert convolution.weight.requires_grad


def test_icnr_draws_each_channels_kernel_by_the_given_rule():
    weight = torch.empty(8, 5, 3, 3)
    torch.manual_seed(3)
    icnr_(weight, 2, nn.init.xavier_uniform_)
    torch.manual_seed(3)
    drawn = nn.init.xavier_uniform_(torch.empty(2, 5, 3, 3))
    assert torch.equal(weight, drawn[[0, 0, 0, 0, 1, 1, 1, 1]])
    assert not torch.equal(drawn[0], drawn[1])


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize(("kernel_size", "padding"), [((1, 1), (0, 0)), ((3, 3), (1, 1)), ((3, 2), (2, 0))])
def test_subpixel_convolution_is_a_transposed_convolution(factor, kernel_size, padding):
    x, weight = torch.randn(2, 3, 5, 4), torch.randn(2 * factor**2, 3, *kernel_size)
    subpixel = F.pixel_shuffle(F.conv2d(x, weight, padding=padding), factor)
    cut = [factor * (k - 1 - p) for k, p in zip(kernel_size, padding, strict=True)]
    transposed = F.conv_transpose2d(x, subpixel_to_transposed(weight, factor), stride=factor, padding=cut)
    torch.testing.assert_close(transposed, subpixel, rtol=1e-5, atol=1e-5)


def test_gradients_reach_the_subpixel_weight():
    weight = torch.randn(4, 2, 3, 3, requires_grad=True)
    subpixel_to_transposed(weight, 2).sum().backward()
    assert torch.equal(weight.grad, torch.ones_like(weight))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: depth_to_space(torch.ones(1, 6, 2, 2), 2), r"x has 6 channels; wanted a multiple of factor\^2 = 4"),
        (lambda: depth_to_space(torch.ones(4, 4), 2), r"x has shape \(4, 4\); wanted \(\.\.\., c, h, w\)"),
        (lambda: depth_to_space(torch.ones(4, 2, 2), 0), "factor is 0; wanted a whole number of at least 1"),
        (
            lambda: space_to_depth(torch.ones(1, 5, 6), 4),
            "x is 5 x 6 pixels; wanted multiples of factor 4. Pad it to 8 x 8 first",
        ),
        (
            lambda: icnr_(torch.ones(6, 1, 3, 3), 2),
            r"weight has 6 output channels; wanted a multiple of factor\^2 = 4",
        ),
        (lambda: icnr_(torch.ones(4, 3), 2), r"weight has shape \(4, 3\); wanted \(c \* factor\^2, i, kh, kw\)"),
        (
            lambda: subpixel_to_transposed(torch.ones(4, 1, 3, 3), -1),
            "factor is -1; wanted a whole number of at least 1",
        ),
    ],
)
def test_what_does_not_divide_is_refused_with_a_way_out(call, message):
    with pytest.raises(ValueError, match=message):
        call()
