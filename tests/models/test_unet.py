from itertools import pairwise

import pytest
import torch
from torch import nn

from course.models.semantic.unet import UNet, ValidUNet, crop_middle, descend, lost_pixels, valid_size
from course.ops.mirroring import mirrored_window
from course.ops.tiling import apply_tiled, apply_tiled_inside


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def by_the_figure(length, poolings):
    """Sizes through figure 1 of the paper, level by level; None where half a window or nothing is left."""
    for _ in range(poolings):
        length -= 4
        if length < 2 or length % 2:
            return None
        length //= 2
    length -= 4
    for _ in range(poolings):
        length = 2 * length - 4
    return length if length > 0 else None


def test_as_drawn_it_has_the_parameters_that_follow_from_the_figure():
    with torch.device("meta"):
        network = ValidUNet(num_classes=2, in_channels=1)
    widths = [1, 64, 128, 256, 512, 1024]
    down = sum(9 * a * b + b + 9 * b * b + b for a, b in pairwise(widths))
    up = sum(4 * 2 * b * b + b + 9 * 2 * b * b + b + 9 * b * b + b for b in widths[1:-1])
    assert down + up + 64 * 2 + 2 == 31_030_658  # computed by hand from figure 1 of arXiv:1505.04597
    assert parameters(network) == 31_030_658


def test_572_pixels_come_out_as_388():
    with torch.device("meta"):
        network, image = ValidUNet(), torch.zeros(1, 1, 572, 572)
    assert network(image).shape == (1, 2, 388, 388)
    assert [tuple(f.shape[1:]) for f in descend(network.down, network.pool, image)] == [
        (64, 568, 568),
        (128, 280, 280),
        (256, 136, 136),
        (512, 64, 64),
        (1024, 28, 28),
    ]


def test_a_pixel_of_the_bottleneck_sees_140_pixels():
    network = ValidUNet(widths=(1, 1, 1, 1, 1)).double()
    for p in network.parameters():
        nn.init.ones_(p)
    image = torch.ones(1, 1, 188, 188, dtype=torch.float64, requires_grad=True)
    average = nn.AvgPool2d(2)  # as far as the largest of the four, but each of them shows
    bottom = descend(network.down, average, image)[-1]
    bottom[0, 0, 0, 0].backward()
    rows, columns = image.grad[0, 0].nonzero().T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 139, 0, 139)


@pytest.mark.parametrize("poolings", [0, 1, 2, 3, 4])
def test_valid_sizes_are_those_that_go_through_the_figure(poolings):
    fitting = [length for length in range(1, 400) if by_the_figure(length, poolings)]
    for length in range(1, fitting[-1] + 1):
        assert valid_size(length, poolings) == next(f for f in fitting if f >= length)
    assert all(by_the_figure(f, poolings) == f - lost_pixels(poolings) for f in fitting)


def test_the_papers_own_size_is_valid():
    assert valid_size(572) == 572
    assert valid_size(573) == 588
    assert valid_size(1) == 188


def test_an_image_that_does_not_fit_is_refused_with_the_size_to_use():
    network = ValidUNet(widths=(2, 3, 4))
    with pytest.raises(ValueError, match=r"images are 60 × 61; wanted 60 × 64, .*Mirror them"):
        network(torch.zeros(1, 1, 60, 61))


def test_bridges_are_cropped_to_their_middle():
    x = torch.arange(36).view(1, 1, 6, 6)
    assert torch.equal(crop_middle(x, (2, 4)), x[:, :, 2:4, 1:5])


def test_every_output_pixel_of_the_valid_form_saw_real_pixels_only():
    network = ValidUNet(widths=(2, 3, 4)).eval().double()
    image = torch.rand(1, 1, 92, 76, dtype=torch.float64)
    shifted = network(image[:, :, 16:, 16:])
    torch.testing.assert_close(shifted, network(image)[:, :, 16:, 16:], rtol=0, atol=1e-12)


def whole_and_tiled(tile, margin):
    """A picture of 53 x 70 through a network with three poolings: at once, and in tiles."""
    torch.manual_seed(0)
    network, lost = ValidUNet(num_classes=3, widths=(2, 3, 4, 5)).eval().double(), lost_pixels(3) // 2
    image = torch.rand(1, 1, 53, 70, dtype=torch.float64)
    h, w = (valid_size(length + 2 * margin, 3) for length in (53, 70))
    with torch.no_grad():
        whole = network(mirrored_window(image, (-margin, h - margin), (-margin, w - margin)))
        tiled = apply_tiled(network, image, tile, margin)
    edge = margin - lost
    return whole[:, :, edge : edge + 53, edge : edge + 70], tiled


def test_tiles_of_the_valid_form_at_multiples_of_its_stride_have_no_seam():
    whole, tiled = whole_and_tiled(tile=16, margin=46)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-12)


def test_tiles_of_the_whole_output_as_in_the_papers_figure_are_off_the_stride_and_have_seams():
    assert 388 % 16 == 4  # as here: 20 come out of 108, and 20 is no multiple of 8
    whole, tiled = whole_and_tiled(tile=20, margin=44)
    assert (tiled - whole).abs().max() > 1e-3


def test_tiles_of_the_padded_form_have_no_seam():
    network = UNet(5, widths=(4, 5, 6)).eval().double()
    images = torch.rand(2, 3, 61, 83, dtype=torch.float64)
    with torch.no_grad():
        tiled = apply_tiled_inside(network, images, 16, 24, stride=4)
        torch.testing.assert_close(tiled, network(images), rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(64, 48), (37, 53), (1, 1), (5, 130)])
@pytest.mark.parametrize("norm", [True, False])
def test_the_padded_form_takes_any_size(size, norm):
    network = UNet(7, widths=(4, 8, 12, 16), norm=norm).eval()
    assert network(torch.rand(2, 3, *size)).shape == (2, 7, *size)


@pytest.mark.parametrize("widths", [(4,), (3, 5), (4, 8, 16, 32, 64, 8)])
def test_any_number_of_levels_and_any_widths(widths):
    network = UNet(5, in_channels=1, widths=widths)
    assert network(torch.rand(2, 1, 33, 40)).shape == (2, 5, 33, 40)


@pytest.mark.parametrize("network", [UNet(3, widths=(4, 6, 8)), UNet(3, widths=(4, 6, 8), norm=False)])
def test_gradients_reach_every_parameter_and_the_image(network):
    images = torch.rand(2, 3, 21, 30, requires_grad=True)
    network(images).square().mean().backward()
    assert images.grad.abs().sum() > 0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert all(p.grad.abs().sum() > 0 for name, p in network.named_parameters() if name.endswith("weight"))


def test_gradients_reach_every_parameter_of_the_valid_form():
    network = ValidUNet(widths=(2, 3, 4))
    network(torch.rand(1, 1, 60, 60)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: UNet(5, widths=(2, 3))(torch.zeros(1, 1, 8, 8)), r"images are \(1, 1, 8, 8\); wanted \(n, 3, h, w\)"),
        (lambda: ValidUNet(widths=(2, 3))(torch.zeros(188, 188)), r"images are \(188, 188\); wanted \(n, 1, h, w\)"),
        (lambda: UNet(0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: UNet(5, widths=(4, 0)), "each of widths is 0"),
        (lambda: UNet(5, widths=()), "widths is empty; wanted the channels of each level"),
        (lambda: valid_size(100, -1), "poolings is -1; wanted a whole number of at least 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
