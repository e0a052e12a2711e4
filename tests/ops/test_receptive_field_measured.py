"""Receptive fields measured by impulse, gradient and occlusion, each against the others and against the theory."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from course.models.backbones.resnet import ResNet, resnet18
from course.models.blocks import BasicBlock
from course.ops.receptive_field import (
    Axis,
    discrepancy_map,
    effective_field,
    effective_size,
    empirical_field,
    impulse_field,
    receptive_fields,
)

ones, twos = st.integers(1, 3), st.integers(0, 2)
pairs = st.tuples(ones, ones)


class Block(nn.Module):
    """A residual connection around a convolution."""

    def __init__(self, reach):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=reach, dilation=reach)

    def forward(self, x):
        return x + self.conv(x)


convolutions = st.builds(
    lambda k, s, p, d: nn.Conv2d(1, 1, k, s, p, d),
    st.tuples(st.integers(1, 4), ones),
    pairs,
    st.tuples(twos, twos),
    pairs,
)
transposed = st.builds(
    lambda extra, s, p, d: nn.ConvTranspose2d(1, 1, s + extra, s, p, dilation=d), twos, ones, st.integers(0, 1), ones
).filter(lambda layer: _leaves_no_holes(layer.kernel_size[0], layer.stride[0], layer.dilation[0]))
resizing = st.builds(
    lambda factor, mode: nn.Upsample(scale_factor=factor, mode=mode),
    st.integers(1, 3),
    st.sampled_from(["nearest", "nearest-exact"]),
) | st.sampled_from([nn.Upsample(scale_factor=2, mode=mode) for mode in ("bilinear", "bicubic")])
linear = (
    convolutions
    | transposed
    | resizing
    | st.builds(Block, ones)
    | st.builds(lambda k, s: nn.AvgPool2d(k, s, k // 2), st.integers(1, 4), ones)
    | st.sampled_from([nn.ZeroPad2d((1, -2, -1, 2)), nn.ReplicationPad2d(1)])
)
layers = linear | st.builds(lambda k, s, d: nn.MaxPool2d(k, s, k // 2, d), st.integers(1, 4), ones, ones)
stack = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])


def _leaves_no_holes(kernel_size, stride, dilation):
    return {dilation * tap % stride for tap in range(kernel_size)} == set(range(stride))


def theory(net, size):
    """The theoretical box of the middle pixel of the map."""
    shape = net(torch.ones(1, 1, size, size)).shape
    axes = receptive_fields(net, (size, size), in_channels=1)["output"]
    (y1, y2), (x1, x2) = (axis.at(length // 2) for axis, length in zip(axes, shape[2:], strict=True))
    return x1, y1, x2 + 1, y2 + 1


def inside(box, size):
    """Far enough from the border that no padding plays a part."""
    return min(box) >= 4 and max(box) <= size - 4


def network(parts):
    try:
        net = nn.Sequential(*parts).double().eval()
        net(torch.ones(1, 1, 48, 48).double())
    except (RuntimeError, ValueError):  # nothing is left of the map
        assume(False)
    for parameter in net.parameters():
        nn.init.uniform_(parameter, 0.5, 1.0)
    return net.float()


@stack
@given(st.lists(layers, min_size=1, max_size=5))
def test_the_impulse_finds_what_the_theory_says_for_any_stack_of_layers(parts):
    net = network(parts)
    expected = theory(net, 48)
    assume(inside(expected, 48))
    assert impulse_field(net, 48, in_channels=1) == expected


@stack
@given(st.lists(linear, min_size=1, max_size=4))
def test_the_gradient_of_positive_layers_lives_exactly_in_the_theoretical_field(parts):
    net = network(parts)
    expected = theory(net, 48)
    assume(inside(expected, 48))
    assert box_of(effective_field(net, torch.ones(1, 1, 48, 48))) == expected


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(convolutions | st.builds(Block, ones), min_size=1, max_size=2), st.integers(0, 99))
def test_occlusion_by_a_single_pixel_sees_the_field_of_the_strongest_response(parts, seed):
    net = network(parts)
    image = torch.rand(1, 24, 24, generator=torch.Generator().manual_seed(seed))
    output = net(image[None])[0, 0]
    row, column = divmod(int(output.argmax()), output.shape[1])
    seen = box_of(discrepancy_map(net, image, 0, patch=1, stride=1), least=1e-4)
    assert seen == impulse_field(net, 24, (row, column), in_channels=1)


def box_of(field, least=0.0):
    rows, columns = (field > least).any(1).nonzero(), (field > least).any(0).nonzero()
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_stamps_of_a_dilated_transposed_convolution_are_not_in_order_and_still_counted():
    # Output o of this one reads input o / 2 and (o - 3) / 2, where they are whole: 0, -1, 1, 0, 2, 1 …
    net = network([nn.ConvTranspose2d(1, 1, 2, stride=2, dilation=3), nn.Conv2d(1, 1, 3)])
    assert theory(net, 48) == impulse_field(net, 48, in_channels=1)


def test_the_impulse_is_clipped_at_the_border_and_global_behind_squeeze_and_excitation():
    net = nn.Conv2d(1, 1, 5, padding=2)
    assert impulse_field(net, (9, 12), (0, 11), in_channels=1) == (9, 0, 12, 3)

    def excited(images):
        return net(images) * images.mean((2, 3), keepdim=True)

    assert impulse_field(excited, (9, 12), in_channels=1) == (0, 0, 12, 9)


def test_the_impulse_field_of_a_resnet_is_the_theoretical_one():
    net = resnet18(output_stride=8, width=2).eval()
    x1, y1, x2, y2 = impulse_field(lambda images: net(images)[1], (160, 128), (10, 8))
    assert (x1, x2, y1, y2) == (64 - 49, 64 + 50, 80 - 49, 80 + 50)  # 99 pixels at stride 8


@pytest.mark.parametrize("depth", [4, 16])
def test_the_effective_field_of_a_stack_is_the_binomial_bump_of_the_paper(depth):
    net = network([nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in range(depth)])
    for layer in net:
        nn.init.ones_(layer.weight)
    row = effective_field(net, torch.zeros(1, 1, 65, 65)).sum(0)
    places = torch.arange(65.0) - 32
    variance = float((row * places**2).sum() / row.sum())
    assert variance == pytest.approx(depth * 2 / 3, rel=1e-4)  # each box of three adds 2 / 3: the root of the depth


def test_the_effective_field_is_smaller_than_the_theoretical_one():
    torch.manual_seed(0)
    net = ResNet(BasicBlock, (2, 2, 2, 2), width=8).eval()
    field = effective_field(lambda images: net(images)[1], torch.rand(4, 3, 129, 129))
    x1, y1, x2, y2 = box_of(field)
    assert (x2 - x1, y2 - y1) == (99, 99)
    assert 10 < effective_size(field) < 80
    assert effective_size(field, 0.5) < effective_size(field, 0.9)


def test_the_size_of_a_field_is_the_square_that_its_strongest_pixels_fill():
    field = torch.zeros(20, 20)
    field[3:7, 5:9] = 1.0
    assert effective_size(field, 1.0) == 4
    assert effective_size(field, 0.25) == 2
    assert effective_size(torch.zeros(4, 4)) == 0
    with pytest.raises(ValueError, match="share is 0; wanted a number above 0, at most 1"):
        effective_size(field, 0)


def test_discrepancies_are_those_of_each_patch_in_turn():
    torch.manual_seed(0)
    net, image = nn.Conv2d(2, 3, 3, padding=1), torch.rand(2, 9, 7)
    response = net(image[None])[0, 1]
    row, column = divmod(int(response.argmax()), 7)
    changes, covered = torch.zeros(9, 7), torch.zeros(9, 7)
    for y in (-2, 0, 2, 4, 6, 8):
        for x in (-2, 0, 2, 4, 6):
            inside = torch.zeros(9, 7, dtype=torch.bool)
            inside[max(0, y) : y + 4, max(0, x) : x + 4] = True
            covered_image = torch.where(inside, image.mean((1, 2))[:, None, None], image)
            change = net(covered_image[None])[0, 1, row, column] - response[row, column]
            changes += change.abs() * inside
            covered += inside
    found = discrepancy_map(net, image, 1, patch=4, stride=2, batch=7)
    torch.testing.assert_close(found, (changes / covered).detach())


def test_the_empirical_field_finds_the_taps_that_a_unit_uses_whatever_the_place():
    layer = nn.Conv2d(1, 2, 5, stride=2, padding=2, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[1, 0, 1, 3] = 1.0  # one row up, one column to the right
    images = torch.zeros(6, 1, 17, 17)
    for image, (row, column) in zip(images, [(3, 5), (5, 9), (7, 7), (9, 3), (11, 11), (13, 5)], strict=True):
        image[0, row, column] = float(row)
    axes = receptive_fields(layer, (17, 17), in_channels=1)["output"]
    field = empirical_field(layer, images, 1, axes, top=3, patch=1, stride=1)
    assert field.shape == (5, 5)
    assert divmod(int(field.argmax()), 5) == (1, 3)
    strongest = torch.tensor([9.0, 11, 13])  # the three images to which it responds most
    assert float(field[1, 3]) == pytest.approx(float((strongest * (1 - 1 / 17**2)).mean()))
    field[1, 3] = 0
    assert not field.any()


def test_the_empirical_field_of_one_image_is_cut_out_of_its_discrepancy_map():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))
    images = torch.rand(1, 3, 33, 41)
    axes = receptive_fields(net, (33, 41))["output"]
    whole = discrepancy_map(net, images[0], 1, patch=4, stride=3)
    row, column = divmod(int(net(images)[0, 1].argmax()), 19)
    (y, _), (x, _) = axes[0].at(row), axes[1].at(column)
    assert min(x, y) >= 0
    found = empirical_field(net, images, 1, axes, patch=4, stride=3)
    torch.testing.assert_close(found, whole[y : y + 9, x : x + 9])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: impulse_field(net, 16, (9, 0)), r"pixel is \(9, 0\); wanted one of the map's 8 x 8"),
        (
            lambda net: impulse_field(lambda x: x.new_zeros(1, 1, 4, 4), 16),
            "wanted one that depends on the image. It dep",
        ),
        (
            lambda net: impulse_field(lambda x: (net(x),), 16),
            r"result is a tuple; wanted one map .* images: network\(images",
        ),
        (
            lambda net: effective_field(lambda x: x.mean((2, 3)), torch.ones(1, 3, 8, 8)),
            r"has shape \(1, 3\); wanted one",
        ),
        (lambda net: effective_field(net, torch.ones(3, 8, 8)), r"images has shape \(3, 8, 8\); wanted \(n, c, h, w\)"),
        (lambda net: discrepancy_map(net, torch.ones(3, 8, 8), 3), "unit is 3; wanted a channel of the map, 0 to 2"),
        (lambda net: discrepancy_map(net, torch.ones(8, 8), 0), r"image has shape \(8, 8\); wanted \(c, h, w\)"),
        (lambda net: discrepancy_map(net, torch.ones(3, 8, 8), 0, patch=2), "stride is 3; wanted 1 to 2, the patch"),
        (
            lambda net: empirical_field(net, torch.ones(1, 3, 8, 8), 0, (Axis().whole(),) * 2),
            "axes have no local part; wanted a map before the global pooling",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_what_to_give(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.AvgPool2d(2))
