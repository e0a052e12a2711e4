"""Discrepancy maps and empirical receptive fields of layers whose answer is known."""

import pytest
import torch
from torch import nn

from course.ops.receptive_field import discrepancy_map, empirical_field, receptive_fields


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
