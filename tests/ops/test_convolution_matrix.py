import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.ops.convolution import conv_matrix_1d, conv_matrix_2d, dilate_kernel

# Products of these are all different, so a sum of products can be read off digit by digit.
x, y, z = 1.0, 10.0, 100.0
a, b, c, d = 1.0, 1e3, 1e6, 1e9


def column(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_true_convolution_of_the_lecture_is_the_flipped_kernel_on_the_padded_vector():
    matrix = conv_matrix_1d(column(z, y, x), size=5, padding=1)
    expected = column(a * x, a * y + b * x, a * z + b * y + c * x, b * z + c * y, c * z)
    torch.testing.assert_close(matrix @ column(0, a, b, c, 0), expected, rtol=0, atol=0)


def test_its_transpose_is_the_kernel_turned_round():
    matrix = conv_matrix_1d(column(z, y, x), size=5, padding=1)
    expected = column(a * z, a * y + b * z, a * x + b * y + c * z, b * x + c * y, c * x)
    torch.testing.assert_close(matrix.T @ column(0, a, b, c, 0), expected, rtol=0, atol=0)


def test_stride_2_keeps_every_other_row_and_its_transpose_goes_back_to_five():
    matrix = conv_matrix_1d(column(z, y, x), size=5, stride=2, padding=1)
    forward = column(a * x, a * z + b * y + c * x, c * z)
    back = column(a * y, a * x + b * z, b * y, b * x + c * z, c * y)
    torch.testing.assert_close(matrix @ column(0, a, b, c, 0), forward, rtol=0, atol=0)
    torch.testing.assert_close(matrix.T @ column(a, b, c), back, rtol=0, atol=0)


def test_kernel_of_3_at_stride_2_on_a_vector_that_holds_its_padding():
    matrix = conv_matrix_1d(column(x, y, z), size=6, stride=2)
    forward = column(a * y + b * z, b * x + c * y + d * z)
    back = column(a * x, a * y, a * z + b * x, b * y, b * z, 0)
    torch.testing.assert_close(matrix @ column(0, a, b, c, d, 0), forward, rtol=0, atol=0)
    torch.testing.assert_close(matrix.T @ column(a, b), back, rtol=0, atol=0)


@settings(deadline=None, max_examples=25)
@given(
    size=st.integers(1, 10),
    kernel_size=st.integers(1, 5),
    stride=st.integers(1, 3),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_matrix_of_a_signal_equals_conv1d(size, kernel_size, stride, padding, dilation, seed):
    assume(size + 2 * padding > dilation * (kernel_size - 1))
    generator = torch.Generator().manual_seed(seed)
    kernel, signal = (torch.randn(k, generator=generator, dtype=torch.float64) for k in (kernel_size, size))
    expected = F.conv1d(signal[None, None], kernel[None, None], None, stride, padding, dilation)[0, 0]
    torch.testing.assert_close(conv_matrix_1d(kernel, size, stride, padding, dilation) @ signal, expected)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("dilation", [1, (2, 1)])
@pytest.mark.parametrize("padding", [0, 2, (1, 3)])
@pytest.mark.parametrize("stride", [1, (2, 3)])
def test_matrix_of_an_image_equals_conv2d(stride, padding, dilation, groups):
    image, weight = torch.randn(4, 7, 6), torch.randn(6, 4 // groups, 3, 2)
    expected = F.conv2d(image[None], weight, None, stride, padding, dilation, groups)[0]
    matrix = conv_matrix_2d(weight, (7, 6), stride, padding, dilation, groups)
    assert matrix.shape == (expected.numel(), image.numel())
    torch.testing.assert_close(matrix @ image.flatten(), expected.flatten(), rtol=1e-5, atol=1e-5)


def test_matrix_of_a_depthwise_convolution_is_block_diagonal():
    matrix = conv_matrix_2d(torch.ones(3, 1, 2, 2), 4, groups=3).reshape(3, 9, 3, 16)
    assert matrix[0, :, 0].any()
    assert not matrix[0, :, 1:].any()


def test_matrix_in_2d_is_doubly_blocked():
    weight = torch.arange(1.0, 5.0).reshape(1, 1, 2, 2)
    blocks = conv_matrix_2d(weight, 4).reshape(3, 3, 4, 4).transpose(1, 2)
    upper, lower = (conv_matrix_1d(row, 4) for row in weight[0, 0])
    for i in range(3):
        torch.testing.assert_close(blocks[i, i], upper)
        torch.testing.assert_close(blocks[i, i + 1], lower)


def test_matrix_is_the_jacobian_of_the_convolution():
    weight = torch.randn(2, 3, 3, 3, dtype=torch.float64)
    jacobian = torch.func.jacrev(lambda v: F.conv2d(v, weight, stride=2, padding=1))(torch.zeros(3, 5, 5).double())
    torch.testing.assert_close(conv_matrix_2d(weight, 5, 2, 1), jacobian.reshape(18, 75))


@settings(deadline=None, max_examples=25)
@given(
    h=st.integers(3, 6),
    w=st.integers(3, 6),
    kernel_size=st.integers(1, 3),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_matrix_and_torchs_transposed_convolution_are_adjoint(h, w, kernel_size, stride, padding, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(2, 3, kernel_size, kernel_size, generator=generator, dtype=torch.float64)
    image = torch.randn(3, h, w, generator=generator, dtype=torch.float64)
    forward = conv_matrix_2d(weight, (h, w), stride, padding) @ image.flatten()
    cotangent = torch.randn(forward.shape, generator=generator, dtype=torch.float64)
    oh, ow = ((v + 2 * padding - kernel_size) // stride + 1 for v in (h, w))
    extra = [(v + 2 * padding - kernel_size) % stride for v in (h, w)]
    back = F.conv_transpose2d(cotangent.reshape(1, 2, oh, ow), weight, None, stride, padding, extra)
    torch.testing.assert_close(forward @ cotangent, image.flatten() @ back.flatten())


def test_gradients_reach_the_kernel_and_the_weight():
    kernel = torch.randn(3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 1, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda k: conv_matrix_1d(k, 5, 2, 1, 2), kernel)
    assert torch.autograd.gradcheck(lambda v: conv_matrix_2d(v, (4, 5), (1, 2), 1, 1, 2), weight)


def test_a_weight_that_is_not_a_number_spoils_only_what_it_touches():
    matrix = conv_matrix_1d(torch.tensor([1.0, float("nan")]), 4)
    assert matrix.isnan().sum() == 3


@pytest.mark.parametrize("dtype", [torch.int64, torch.float16, torch.float64])
def test_matrices_keep_the_dtype(dtype):
    assert conv_matrix_1d(torch.ones(3, dtype=dtype), 4).dtype == dtype
    assert conv_matrix_2d(torch.ones(1, 1, 3, 3, dtype=dtype), 4).dtype == dtype


@pytest.mark.parametrize("dilation", [1, 2, (3, 2)])
def test_dilated_convolution_is_convolution_with_the_dilated_kernel(dilation):
    image, weight = torch.randn(2, 4, 11, 10), torch.randn(3, 4, 3, 4)
    expected = F.conv2d(image, weight, dilation=dilation)
    torch.testing.assert_close(F.conv2d(image, dilate_kernel(weight, dilation)), expected, rtol=1e-5, atol=1e-5)


def test_dilated_kernel_of_a_signal_has_zeros_between_its_taps():
    assert dilate_kernel(torch.tensor([1, 2, 3]), 3).tolist() == [1, 0, 0, 2, 0, 0, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conv_matrix_1d(torch.ones(2, 2), 4), r"kernel has shape \(2, 2\); wanted \(k,\)\. For images"),
        (lambda: conv_matrix_1d(torch.ones(5), 4), r"size \+ 2 padding is 4; wanted at least 5, the span of 5 taps"),
        (lambda: conv_matrix_2d(torch.ones(3, 3), 4), r"weight has shape \(3, 3\); wanted \(o, i / groups, kh, kw\)"),
        (
            lambda: conv_matrix_2d(torch.ones(3, 1, 2, 2), 4, groups=2),
            "groups is 2; wanted a divisor of 3, the output channels",
        ),
        (lambda: conv_matrix_2d(torch.ones(2, 1, 2, 2), 4, groups=True), "groups is True; wanted a whole number"),
        (
            lambda: conv_matrix_2d(torch.ones(1, 1, 3, 3), 256),
            r"64516 x 65536, 15\.8 GiB in float32; wanted at most 268435456 entries\. Use a smaller",
        ),
        (
            lambda: dilate_kernel(torch.ones(()), 2),
            r"weight has shape \(\); wanted \(k,\) or \(\.\.\., kh, kw\) with at",
        ),
        (lambda: dilate_kernel(torch.ones(3, 3), 0), "dilation is 0; wanted a whole number of at least 1"),
    ],
)
def test_what_makes_no_matrix_is_refused_with_a_way_out(call, message):
    with pytest.raises(ValueError, match=message):
        call()
