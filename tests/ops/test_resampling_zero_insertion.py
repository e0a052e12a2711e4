import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal
from skimage import data

from course.ops.resampling import (
    area,
    box,
    gaussian,
    keys,
    lanczos,
    mitchell,
    resize,
    taps,
    triangle,
    upsample,
    upsample_polyphase,
    zero_insert,
)

EVERY_KERNEL = [box(), triangle(), keys(-0.5), keys(-0.75), mitchell(), lanczos(3), lanczos(5), gaussian(), area(2.0)]
DEVICES = ["cpu"]
DEVICES += ["cuda"] if torch.cuda.is_available() else []
DEVICES += ["mps"] if torch.backends.mps.is_available() else []

kernels = st.sampled_from(EVERY_KERNEL)
either_way = pytest.mark.parametrize("enlarge", [upsample, upsample_polyphase])


@pytest.fixture(scope="module")
def photo():
    """The astronaut's face, (1, 3, 61, 47) float64 in [0, 1]."""
    face = data.astronaut()[80:141, 200:247]
    return torch.from_numpy(np.ascontiguousarray(face.transpose(2, 0, 1))).double().div(255)[None]


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_zero_insertion_puts_the_sample_at_the_top_left_of_its_block():
    spread = zero_insert(torch.tensor([[1, 2], [3, 4]]), 2)
    assert spread.tolist() == [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_zero_insertion_is_a_transposed_convolution_with_a_single_one(factor):
    image = noise(2, 1, 5, 7)
    needle = torch.zeros(1, 1, factor, factor, dtype=torch.float64)
    needle[..., 0, 0] = 1
    assert torch.equal(zero_insert(image, factor), F.conv_transpose2d(image, needle, stride=factor))


def test_zero_insertion_takes_any_dtype_and_any_leading_dimensions():
    for dtype in (torch.uint8, torch.int64, torch.bool, torch.float16):
        spread = zero_insert(torch.ones(2, 3, 1, 4, 5, dtype=dtype), 3)
        assert spread.shape == (2, 3, 1, 12, 15)
        assert spread.dtype == dtype
        assert spread.sum() == 2 * 3 * 4 * 5


@either_way
def test_the_worked_example_of_four_pixels(enlarge):
    image = torch.tensor([[10.0, 20.0], [30.0, 40.0]])
    nearest = [[10, 10, 20, 20], [10, 10, 20, 20], [30, 30, 40, 40], [30, 30, 40, 40]]
    assert enlarge(image, 2, box()).tolist() == nearest
    bilinear = [[10, 12.5, 17.5, 20], [15, 17.5, 22.5, 25], [25, 27.5, 32.5, 35], [30, 32.5, 37.5, 40]]
    assert enlarge(image, 2, triangle()).tolist() == bilinear


@either_way
def test_the_worked_example_of_the_grid_from_one_to_sixteen(enlarge):
    grid = torch.arange(1.0, 17.0).reshape(4, 4)
    by_hand = signal.convolve2d(
        zero_insert(grid, 2).numpy(), [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]], mode="same"
    )
    aligned = enlarge(grid, 2, triangle(), align_corners=True)
    assert aligned.shape == (7, 7)
    assert aligned[0].tolist() == [1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert aligned[1].tolist() == [3, 3.5, 4, 4.5, 5, 5.5, 6]
    assert aligned.tolist() == by_hand[:7, :7].tolist()


@either_way
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("kernel", "mode"),
    [(box(), "nearest"), (box(), "nearest-exact"), (triangle(), "bilinear"), (keys(-0.75), "bicubic")],
)
def test_upsampling_equals_torch_on_half_pixel_centers(photo, enlarge, factor, kernel, mode):
    expected = F.interpolate(photo, scale_factor=factor, mode=mode)
    assert torch.allclose(enlarge(photo, factor, kernel), expected, atol=1e-10)
    single = enlarge(photo.float(), factor, kernel)
    assert single.dtype == torch.float32
    assert torch.allclose(single, expected.float(), atol=1e-5)


@either_way
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("kernel", "mode"), [(triangle(), "bilinear"), (keys(-0.75), "bicubic")])
def test_upsampling_equals_torch_on_aligned_corners(photo, enlarge, factor, kernel, mode):
    h, w = photo.shape[-2:]
    size = ((h - 1) * factor + 1, (w - 1) * factor + 1)
    expected = F.interpolate(photo, size, mode=mode, align_corners=True)
    assert torch.allclose(enlarge(photo, factor, kernel, align_corners=True), expected, atol=1e-10)


def test_aligned_linear_upsampling_equals_the_zoom_of_scipy():
    camera = data.camera()[200:251, 100:133].astype(np.float64) / 255
    expected = ndimage.zoom(camera, (151 / 51, 97 / 33), order=1, mode="nearest")
    ours = upsample(torch.from_numpy(camera), 3, triangle(), align_corners=True)
    np.testing.assert_allclose(ours.numpy(), expected, atol=1e-10)


@either_way
@pytest.mark.parametrize("kernel", EVERY_KERNEL, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("align_corners", [False, True])
def test_away_from_the_border_upsampling_is_the_upfirdn_of_scipy(enlarge, kernel, align_corners):
    factor, n = 3, 40
    row = noise(n)
    weights = taps(kernel, factor, align_corners=align_corners, dtype=torch.float64).numpy()
    full = signal.upfirdn(weights, row.numpy(), up=factor)
    middle = (len(weights) - 1) / 2 - (0 if align_corners else (factor - 1) / 2)
    ours = enlarge(row.expand(2, n), factor, kernel, align_corners=align_corners)[0].numpy()
    inner = slice(30, 80)
    np.testing.assert_allclose(ours[inner], full[int(middle) :][inner], atol=1e-12)


@given(
    kernel=kernels,
    factor=st.integers(1, 5),
    align_corners=st.booleans(),
    h=st.integers(1, 9),
    w=st.integers(1, 9),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=25)
def test_with_and_without_the_zeros_come_the_same_numbers(kernel, factor, align_corners, h, w, seed):
    image = noise(2, h, w, seed=seed)
    literal = upsample(image, factor, kernel, align_corners=align_corners)
    polyphase = upsample_polyphase(image, factor, kernel, align_corners=align_corners)
    size = ((h - 1) * factor + 1, (w - 1) * factor + 1) if align_corners else (h * factor, w * factor)
    assert literal.shape == polyphase.shape == (2, *size)
    assert torch.allclose(literal, polyphase, atol=1e-12)


@given(kernel=kernels, factor=st.integers(1, 5), align_corners=st.booleans(), h=st.integers(2, 9), w=st.integers(2, 9))
@settings(deadline=None, max_examples=25)
def test_upsampling_is_the_resize_without_antialias(kernel, factor, align_corners, h, w):
    image = noise(h, w)
    ours = upsample_polyphase(image, factor, kernel, align_corners=align_corners)
    general = resize(image, tuple(ours.shape), kernel, align_corners=align_corners, antialias=False)
    assert torch.allclose(ours, general, atol=1e-12)


@given(kernel=kernels, factor=st.integers(1, 5), align_corners=st.booleans(), level=st.floats(-3, 3))
@settings(deadline=None, max_examples=25)
def test_a_constant_stays_constant(kernel, factor, align_corners, level):
    image = torch.full((3, 4), level, dtype=torch.float64)
    for enlarge in (upsample, upsample_polyphase):
        result = enlarge(image, factor, kernel, align_corners=align_corners)
        assert torch.allclose(result, torch.full_like(result, level), atol=1e-12)


@given(kernel=kernels, factor=st.integers(1, 4), a=st.floats(-3, 3), b=st.floats(-3, 3))
@settings(deadline=None, max_examples=25)
def test_upsampling_is_linear(kernel, factor, a, b):
    x, y = noise(4, 5, seed=1), noise(4, 5, seed=2)
    for enlarge in (upsample, upsample_polyphase):
        together = enlarge(a * x + b * y, factor, kernel)
        assert torch.allclose(together, a * enlarge(x, factor, kernel) + b * enlarge(y, factor, kernel), atol=1e-10)


@either_way
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single_precision(photo, enlarge, dtype):
    image = photo.to(dtype)
    result = enlarge(image, 2, keys())
    assert result.dtype == dtype
    assert torch.equal(result, enlarge(image.float(), 2, keys()).to(dtype))


@either_way
@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (2, 2, 3, 5, 7), (0, 3, 5, 7)])
def test_leading_dimensions_pass_through(enlarge, shape):
    image = noise(*shape)
    result = enlarge(image, 2, keys())
    assert result.shape == (*shape[:-2], 10, 14)
    if image.numel():
        last = image.reshape(-1, 5, 7)[-1]
        assert torch.allclose(result.reshape(-1, 10, 14)[-1], enlarge(last, 2, keys()), atol=1e-12)


@either_way
def test_gradients_flow(enlarge):
    image = noise(1, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: enlarge(x, 2, keys()), image)
    assert torch.autograd.gradcheck(lambda x: zero_insert(x, 2), image)


@either_way
@pytest.mark.parametrize("device", DEVICES)
def test_the_result_stays_on_the_device_of_the_image_and_the_image_as_it_was(photo, enlarge, device):
    image = photo.float().to(device)
    before = image.clone()
    result = enlarge(image, 3, lanczos())
    assert result.device.type == device
    assert torch.allclose(result.cpu(), enlarge(photo, 3, lanczos()).float(), atol=1e-5)
    assert torch.equal(image, before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: zero_insert(torch.ones(4), 2),
            r"image has shape \(4,\); wanted \(\.\.\., h, w\) with at least one pixel",
        ),
        (lambda: zero_insert(torch.ones(0, 4), 2), r"image has shape \(0, 4\); wanted .* with at least one pixel"),
        (lambda: zero_insert([[1.0]], 2), r"image is a list; wanted a tensor \(\.\.\., h, w\)\. Convert it with torch"),
        (lambda: zero_insert(torch.ones(4, 4), 1.5), r"factor is 1\.5; wanted a whole number of at least 1"),
        (lambda: upsample(torch.ones(4, 4).int(), 2, box()), r"image is torch\.int32; wanted floating point"),
        (
            lambda: upsample(torch.ones(4, 4), 0, box()),
            "factor is 0; wanted a whole number of at least 1. For other ratios",
        ),
        (lambda: upsample_polyphase(torch.ones(4, 4), 2, "box"), "kernel is 'box'; wanted a Kernel"),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
