import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.ops.convolution import bilinear_weight, overlap_counts, resize_convolution_matrix


def test_kernel_3_at_stride_2_alternates_between_one_and_two_terms():
    assert overlap_counts(4, 3, 2).tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 1]


def test_kernel_4_at_stride_2_is_even_inside():
    assert overlap_counts(4, 4, 2).tolist() == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]


@settings(deadline=None, max_examples=25)
@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    kernel_size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.integers(1, 3),
    padding=st.integers(0, 3),
    output_padding=st.integers(0, 2),
    dilation=st.integers(1, 3),
)
def test_counts_are_torchs_transposed_convolution_of_ones(size, kernel_size, stride, padding, output_padding, dilation):
    assume(output_padding < max(stride, dilation))
    axes = zip(size, kernel_size, strict=True)
    assume(all((n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding >= 0 for n, k in axes))
    ones = torch.ones(1, 1, *size), torch.ones(1, 1, *kernel_size)
    expected = F.conv_transpose2d(*ones, None, stride, padding, output_padding, 1, dilation)[0, 0].long()
    assert torch.equal(overlap_counts(size, kernel_size, stride, padding, output_padding, dilation), expected)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_a_multiple_of_the_stride_gives_every_inner_pixel_as_many_terms(stride, multiple):
    k = multiple * stride
    inside = overlap_counts(8, k, stride)[k - stride : 8 * stride]
    assert torch.equal(inside, torch.full_like(inside, multiple))


def test_counts_refuse_pairs_for_a_signal():
    with pytest.raises(ValueError, match=r"kernel_size is \(3, 3\); wanted one number, like size\. .* give size as"):
        overlap_counts(4, (3, 3), 2)


x, y, z = 1.0, 10.0, 100.0
KERNEL = torch.tensor([x, y, z], dtype=torch.float64)


def test_the_three_matrices_for_a_b_c():
    transposed = [[y, 0, 0], [z, x, 0], [0, y, 0], [0, z, x], [0, 0, y], [0, 0, z]]
    nearest = [[y + z, 0, 0], [x + y, z, 0], [x, y + z, 0], [0, x + y, z], [0, x, y + z], [0, 0, x + y]]
    bilinear = [
        [y + 0.75 * z, 0.25 * z, 0],
        [x + 0.75 * y + 0.25 * z, 0.25 * y + 0.75 * z, 0],
        [0.75 * x + 0.25 * y, 0.25 * x + 0.75 * y + 0.75 * z, 0.25 * z],
        [0.25 * x, 0.75 * x + 0.75 * y + 0.25 * z, 0.25 * y + 0.75 * z],
        [0, 0.75 * x + 0.25 * y, 0.25 * x + 0.75 * y + z],
        [0, 0.25 * x, 0.75 * x + y],
    ]
    for kind, expected in [("transposed", transposed), ("nearest", nearest), ("bilinear", bilinear)]:
        matrix = resize_convolution_matrix(KERNEL, size=3, factor=2, kind=kind)
        torch.testing.assert_close(matrix, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("kind", "mode"), [("nearest", "nearest-exact"), ("bilinear", "linear")])
def test_resize_and_convolution_equals_torchs_two_steps(kind, mode, k, factor):
    kernel, signal = torch.randn(k), torch.randn(6)
    align = None if kind == "nearest" else False
    resized = F.interpolate(signal[None, None], scale_factor=factor, mode=mode, align_corners=align)
    expected = F.conv1d(F.pad(resized, ((k - 1) // 2, k // 2)), kernel[None, None])[0, 0]
    torch.testing.assert_close(resize_convolution_matrix(kernel, 6, factor, kind) @ signal, expected)


@pytest.mark.parametrize("factor", [1, 2, 3, 5])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_transposed_matrix_equals_torchs_transposed_convolution_cut_to_the_multiple(k, factor):
    kernel, signal = torch.randn(k), torch.randn(6)
    uncut = F.conv_transpose1d(signal[None, None], kernel[None, None], stride=factor)[0, 0]
    near = max(0, -(-(k - factor) // 2))
    expected = F.pad(uncut, (0, factor))[near : near + 6 * factor]
    torch.testing.assert_close(resize_convolution_matrix(kernel, 6, factor, "transposed") @ signal, expected)


def test_only_the_transposed_convolution_draws_a_pattern_on_a_constant():
    inside = {
        kind: (resize_convolution_matrix(torch.ones(3), 8, 2, kind) @ torch.ones(8))[2:-2]
        for kind in ("transposed", "nearest", "bilinear")
    }
    assert inside["transposed"].unique().tolist() == [1, 2]
    torch.testing.assert_close(inside["nearest"], torch.full((12,), 3.0))
    torch.testing.assert_close(inside["bilinear"], torch.full((12,), 3.0))


@pytest.mark.parametrize("kind", ["transposed", "nearest", "bilinear"])
def test_gradients_reach_the_kernel_of_a_resize_convolution(kind):
    kernel = KERNEL.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda k: resize_convolution_matrix(k, 4, 2, kind), kernel)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.ones(3), 3, 2, "cubic"), "kind is 'cubic'; wanted 'transposed', 'nearest' or 'bilinear'"),
        ((torch.ones(3), 3, 0, "nearest"), "factor is 0; wanted a whole number of at least 1"),
        ((torch.ones(3), 1.5, 2, "nearest"), r"size is 1\.5; wanted a whole number of at least 1"),
        (
            (torch.tensor([1, 2]), 3, 2, "nearest"),
            r"kernel is torch\.int64 of shape \(2,\); wanted floating point \(k,\)",
        ),
    ],
)
def test_resize_convolution_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        resize_convolution_matrix(*arguments)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 8])
def test_bilinear_weight_makes_a_transposed_convolution_bilinear_upsampling(factor):
    image = torch.rand(2, 3, 5, 6)
    held = F.pad(image, (1, 1, 1, 1), mode="replicate")  # so that the fading border falls outside
    upsampled = F.conv_transpose2d(held, bilinear_weight(3, factor), stride=factor, padding=factor // 2)
    assert upsampled.shape[2:] == (7 * factor, 8 * factor)
    expected = F.interpolate(image, scale_factor=factor, mode="bilinear", align_corners=False)
    torch.testing.assert_close(upsampled[..., factor:-factor, factor:-factor], expected, rtol=1e-5, atol=1e-6)


def test_bilinear_weight_for_groups_is_one_channel_expanded():
    image = torch.rand(1, 3, 4, 4)
    whole = F.conv_transpose2d(image, bilinear_weight(3, 2), stride=2, padding=1)
    depthwise = bilinear_weight(1, 2).expand(3, 1, -1, -1)
    torch.testing.assert_close(F.conv_transpose2d(image, depthwise, stride=2, padding=1, groups=3), whole)


def test_bilinear_weight_of_factor_2_by_hand():
    row = torch.tensor([0.25, 0.75, 0.75, 0.25])
    torch.testing.assert_close(bilinear_weight(1, 2)[0, 0], torch.outer(row, row))


def test_bilinear_weight_refuses_a_factor_below_1():
    with pytest.raises(ValueError, match="factor is 0; wanted a whole number of at least 1"):
        bilinear_weight(2, 0)
