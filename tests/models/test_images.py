"""What every network does with its images, and the head that semantic networks share."""

import pytest
import torch
from torch import nn

from course import IMAGENET_MEAN, IMAGENET_STD
from course.models.dense import Dense
from course.models.images import Normalized, check_images, resize_to


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 40, 40), r"images are \(3, 40, 40\); wanted \(n, 3, h, w\) of at least 32 × 16. Give images\[None\]"),
        ((1, 1, 40, 40), r"images are \(1, 1, 40, 40\); wanted .*Give grey images with \.expand\(-1, 3, -1, -1\)"),
        ((1, 4, 40, 40), r"images are \(1, 4, 40, 40\); wanted .*Drop the others"),
        ((1, 3, 31, 40), r"images are \(1, 3, 31, 40\); wanted .*at least 32 × 16. Pad or resize them"),
        ((1, 3, 40, 15), "Pad or resize them"),
    ],
)
def test_images_that_do_not_fit_are_refused_with_the_shape_to_give(shape, message):
    with pytest.raises(ValueError, match=message):
        check_images(torch.zeros(shape), least=(32, 16))


def test_images_that_fit_pass():
    check_images(torch.zeros(2, 1, 32, 16), channels=1, least=(32, 16))
    check_images(torch.zeros(0, 3, 1, 1))


def test_resizing_is_bilinear_with_pixels_as_squares_and_leaves_what_fits_as_it_is():
    x = torch.rand(1, 2, 3, 4)
    assert resize_to(x, (3, 4)) is x
    wide = resize_to(torch.tensor([[[[0.0, 1.0]]]]), torch.Size((1, 4)))
    torch.testing.assert_close(wide, torch.tensor([[[[0.0, 0.25, 0.75, 1.0]]]]))


def test_normalization_is_torchvisions():
    from torchvision.transforms.v2.functional import normalize

    images = torch.rand(2, 3, 5, 6)
    found = Normalized(nn.Identity())(images)
    torch.testing.assert_close(found, normalize(images, list(IMAGENET_MEAN), list(IMAGENET_STD)))


def test_the_statistics_travel_with_the_weights():
    one = Normalized(nn.Conv2d(1, 2, 1), mean=(0.3,), std=(0.1,))
    other = Normalized(nn.Conv2d(1, 2, 1), mean=(0.5,), std=(0.5,))
    other.load_state_dict(one.state_dict())
    images = torch.rand(1, 1, 4, 4)
    assert torch.equal(one(images), other(images))
    assert set(one.state_dict()) == {"mean", "std", "network.weight", "network.bias"}


def test_statistics_and_images_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match=r"mean is \(0\.5,\) and std \(0\.2, 0\.2\); wanted a number a channel"):
        Normalized(nn.Identity(), (0.5,), (0.2, 0.2))
    with pytest.raises(ValueError, match="std above 0"):
        Normalized(nn.Identity(), (0.5,), (0.0,))
    with pytest.raises(ValueError, match=r"images are \(1, 1, 4, 4\); wanted \(n, 3, h, w\)"):
        Normalized(nn.Identity())(torch.zeros(1, 1, 4, 4))


def test_a_dense_network_is_its_head_on_a_backbones_features_at_the_images_size():
    class Halved(nn.Module):
        def forward(self, images):
            return images, images[..., ::2, ::2]

    class Head(nn.Module):
        def forward(self, features):
            return features[-1][:, :2]

    images = torch.rand(1, 3, 6, 10)
    expected = nn.functional.interpolate(images[:, :2, ::2, ::2], (6, 10), mode="bilinear", align_corners=False)
    assert torch.equal(Dense(Halved(), Head())(images), expected)
    with pytest.raises(ValueError, match="Give images"):
        Dense(Halved(), Head())(images[0])
