import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from course.ops.resampling import (
    area,
    box,
    gaussian,
    keys,
    lanczos,
    mitchell,
    resize,
    resize_area,
    resize_nearest_floor,
    triangle,
)

PILLOW = [
    (box(), Image.Resampling.BOX),
    (triangle(), Image.Resampling.BILINEAR),
    (keys(-0.5), Image.Resampling.BICUBIC),
    (lanczos(3), Image.Resampling.LANCZOS),
]
EVERY_KERNEL = [box(), triangle(), keys(-0.5), keys(-0.75), mitchell(), lanczos(3), lanczos(5), gaussian()]
SIZES = [(151, 97), (203, 131), (35, 23), (37, 190), (1, 1), (101, 67)]  # up, up a little, down, both, one, the same

kernels = st.sampled_from(EVERY_KERNEL)
lengths = st.integers(1, 23)
sizes = pytest.mark.parametrize("size", SIZES, ids=str)


@pytest.fixture(scope="module")
def photo():
    """The cameraman, (101, 67) float32 in [0, 1]."""
    return torch.from_numpy(data.camera()[90:191, 180:247].astype(np.float32) / 255)


@pytest.fixture(scope="module")
def color_photo():
    """The astronaut, (1, 3, 101, 67) float64 in [0, 1]."""
    crop = data.astronaut()[60:161, 190:257]
    return torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1))).double().div(255)[None]


def by_pillow(image, size, method):
    return np.asarray(Image.fromarray(image.numpy()).resize(size[::-1], method))


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@sizes
@pytest.mark.parametrize(("kernel", "method"), PILLOW, ids=lambda case: getattr(case, "name", None))
def test_resize_equals_pillow_on_a_photograph(photo, size, kernel, method):
    np.testing.assert_allclose(resize(photo, size, kernel).numpy(), by_pillow(photo, size, method), atol=1e-5)


@pytest.mark.parametrize(("kernel", "method"), PILLOW, ids=lambda case: getattr(case, "name", None))
def test_resize_equals_pillow_at_all_small_sizes(kernel, method):
    # At ties on the edge of the box one rounding more or less moves a whole pixel: (13, 6) is such a pair.
    for n_in in range(1, 24):
        row = noise(1, n_in, seed=n_in).float()
        for n_out in range(1, 24):
            expected = by_pillow(row, (1, n_out), method)
            np.testing.assert_allclose(
                resize(row, (1, n_out), kernel).numpy(), expected, atol=1e-5, err_msg=f"{n_in} -> {n_out}"
            )


@sizes
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize(("kernel", "mode"), [(triangle(), "bilinear"), (keys(-0.75), "bicubic")])
def test_resize_without_antialias_equals_torch(color_photo, size, align_corners, kernel, mode):
    expected = F.interpolate(color_photo, size, mode=mode, align_corners=align_corners)
    ours = resize(color_photo, size, kernel, align_corners=align_corners, antialias=False)
    assert torch.allclose(ours, expected, atol=1e-10)


@sizes
@pytest.mark.parametrize(("kernel", "mode"), [(triangle(), "bilinear"), (keys(-0.5), "bicubic")])
def test_resize_with_antialias_equals_torch(color_photo, size, kernel, mode):
    expected = F.interpolate(color_photo, size, mode=mode, antialias=True)
    assert torch.allclose(resize(color_photo, size, kernel), expected, atol=1e-10)
    single = resize(color_photo.float(), size, kernel)
    assert torch.allclose(single, expected.float(), atol=1e-5)


@sizes
def test_the_box_without_antialias_is_the_nearest_exact_of_torch(color_photo, size):
    expected = F.interpolate(color_photo, size, mode="nearest-exact")
    assert torch.equal(resize(color_photo, size, box(), antialias=False), expected)


@sizes
def test_the_floor_is_the_nearest_of_torch(color_photo, size):
    assert torch.equal(resize_nearest_floor(color_photo, size), F.interpolate(color_photo, size, mode="nearest"))


def test_the_two_nearests_agree_only_when_upsampling_by_a_whole_factor():
    row = torch.arange(6.0)[None]
    for factor in (1, 2, 5):
        size = (1, 6 * factor)
        assert torch.equal(resize_nearest_floor(row, size), resize(row, size, box(), antialias=False))
    assert resize_nearest_floor(row, (1, 3)).tolist() == [[0, 2, 4]]
    assert resize(row, (1, 3), box(), antialias=False).tolist() == [[1, 3, 5]]


def test_a_label_map_is_resized_without_mixing_labels():
    labels = torch.tensor([[0, 255], [7, 3]])
    resized = resize_nearest_floor(labels, (3, 5))
    assert resized.dtype == torch.int64
    assert resized.tolist() == [[0, 0, 0, 255, 255], [0, 0, 0, 255, 255], [7, 7, 7, 3, 3]]


def test_aligned_corners_stay_on_the_corners_with_antialias_too():
    ramp = torch.arange(9.0, dtype=torch.float64).expand(2, 9)
    for n_out in (5, 9, 17):
        resized = resize(ramp, (2, n_out), triangle(), align_corners=True)[0]
        inner = resized[2:-2]
        assert torch.allclose(inner, torch.linspace(0, 8, n_out, dtype=torch.float64)[2:-2], atol=1e-12)


@pytest.mark.parametrize("size", [(7, 5), (10, 4), (3, 2), (1, 1), (21, 30), (4, 20)], ids=str)
def test_area_is_the_mean_over_the_area_of_each_pixel(size):
    image = noise(7, 10)
    fine = image.repeat_interleave(size[0], 0).repeat_interleave(size[1], 1)  # whole cells fill every output pixel
    expected = F.avg_pool2d(fine[None], image.shape)[0]
    ours = resize_area(image, size)
    assert torch.allclose(ours, expected, atol=1e-12)
    assert ours.mean().item() == pytest.approx(image.mean().item())


def test_area_equals_torch_where_the_sizes_divide(color_photo):
    crop = color_photo[..., :96, :60]
    assert torch.allclose(resize_area(crop, (32, 12)), F.interpolate(crop, (32, 12), mode="area"), atol=1e-12)
    assert torch.allclose(resize(crop, (32, 20), area(3)), F.interpolate(crop, (32, 20), mode="area"), atol=1e-12)


@given(kernel=kernels, n_in=lengths, n_out=lengths, a=st.floats(-3, 3), b=st.floats(-3, 3))
@settings(deadline=None, max_examples=25)
def test_resize_is_linear(kernel, n_in, n_out, a, b):
    x, y = noise(3, n_in, seed=1), noise(3, n_in, seed=2)
    together = resize(a * x + b * y, (4, n_out), kernel)
    assert torch.allclose(together, a * resize(x, (4, n_out), kernel) + b * resize(y, (4, n_out), kernel), atol=1e-10)


def test_antialias_removes_the_stripes_that_skipping_pixels_would_fold_down():
    stripes = torch.arange(64).remainder(2).double().expand(4, 64)
    folded = resize(stripes, (4, 24), triangle(), antialias=False)[0]
    averaged = resize(stripes, (4, 24), triangle())[0]
    assert folded.max() - folded.min() > 0.3
    assert (averaged[2:-2] - 0.5).abs().max() < 0.05


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single_precision(photo, dtype):
    image = photo.to(dtype)
    result = resize(image, (33, 90), lanczos())
    assert result.dtype == dtype
    assert torch.equal(result, resize(image.float(), (33, 90), lanczos()).to(dtype))


@pytest.mark.parametrize("shape", [(6, 9), (3, 6, 9), (2, 2, 3, 6, 9), (0, 3, 6, 9)])
def test_leading_dimensions_pass_through(shape):
    image = noise(*shape)
    for result in (resize(image, (4, 11), keys()), resize_area(image, (4, 11)), resize_nearest_floor(image, (4, 11))):
        assert result.shape == (*shape[:-2], 4, 11)
    if image.numel():
        last = resize(image.reshape(-1, 6, 9)[-1], (4, 11), keys())
        assert torch.allclose(resize(image, (4, 11), keys()).reshape(-1, 4, 11)[-1], last, atol=1e-12)


def test_a_picture_with_any_memory_layout_gives_the_same_numbers(color_photo):
    expected = resize(color_photo, (50, 80), keys())
    channels_last = color_photo.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(resize(channels_last, (50, 80), keys()), expected, atol=1e-12)
    assert torch.allclose(resize(color_photo.mT, (80, 50), keys()).mT, expected, atol=1e-12)


def test_gradients_flow_and_equal_those_of_torch(color_photo):
    small = noise(1, 5, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: resize(x, (3, 7), keys()), small)
    ours, theirs = color_photo.clone().requires_grad_(), color_photo.clone().requires_grad_()
    upstream = noise(1, 3, 77, 40)
    resize(ours, (77, 40), triangle()).backward(upstream)
    F.interpolate(theirs, (77, 40), mode="bilinear", antialias=True).backward(upstream)
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-10)


@pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
        pytest.param("mps", marks=pytest.mark.skipif(not torch.backends.mps.is_available(), reason="no MPS device")),
    ],
)
def test_the_result_stays_on_the_device_of_the_image(photo, device):
    result = resize(photo.to(device), (55, 90), lanczos())
    assert result.device.type == device
    np.testing.assert_allclose(result.cpu().numpy(), by_pillow(photo, (55, 90), Image.Resampling.LANCZOS), atol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resize(torch.ones(4), (2, 2), box()), r"image has shape \(4,\); wanted \(\.\.\., h, w\)"),
        (
            lambda: resize(torch.ones(4, 4).long(), (2, 2), box()),
            r"image is torch\.int64; wanted floating point.*use resize_nearest_floor, which never mixes labels",
        ),
        (
            lambda: resize(torch.ones(4, 4), 2, box()),
            r"size is 2; wanted two whole numbers of at least 1\. Give \(h, w\)",
        ),
        (lambda: resize(torch.ones(4, 4), (2, 0), box()), r"size is \(2, 0\); wanted two whole numbers"),
        (lambda: resize(torch.ones(4, 4), (2, 1.5), box()), r"size is \(2, 1\.5\); wanted two whole"),
        (lambda: resize(torch.ones(4, 4), (2, 2), keys), "kernel is <function keys .*; wanted a Kernel. Call"),
        (lambda: resize_area(torch.ones(4, 4), (2,)), r"size is \(2,\); wanted two whole numbers"),
        (
            lambda: resize_nearest_floor(torch.ones(0, 4), (2, 2)),
            r"image has shape \(0, 4\); wanted .* at least one pixel",
        ),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
