"""VGG as an encoder, held against torchvision's."""

import pytest
import torch
import torchvision
from torch.nn import functional as F

from course.models.backbones.vgg import VGG, vgg11, vgg13, vgg16, vgg19


@pytest.mark.parametrize(("build", "name"), [(vgg11, "vgg11"), (vgg13, "vgg13"), (vgg16, "vgg16"), (vgg19, "vgg19")])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_layers_are_named_and_shaped_as_in_torchvision(build, name, batch_norm):
    with torch.device("meta"):
        ours = build(batch_norm).state_dict()
        theirs = torchvision.models.get_model(name + "_bn" * batch_norm, init_weights=False).features.state_dict()
    assert {k: v.shape for k, v in ours.items()} == {"features." + k: v.shape for k, v in theirs.items()}


@pytest.mark.parametrize("batch_norm", [False, True])
def test_vgg16_computes_the_features_of_torchvision_s(batch_norm):
    torch.manual_seed(0)
    encoder = vgg16(batch_norm).eval()
    with torch.device("meta"):  # the classifier's 120 million numbers are never made
        peer = torchvision.models.get_model("vgg16_bn" if batch_norm else "vgg16", init_weights=False).eval()
    peer.features.to_empty(device="cpu").load_state_dict(torchvision_like(encoder))
    encoder.load_classifier({"features." + k: v for k, v in peer.features.state_dict().items()})
    images = torch.rand(1, 3, 67, 96)
    with torch.no_grad():
        features, expected, x = encoder(images), [], images
        for layer in peer.features:
            x = layer(x)
            if isinstance(layer, torch.nn.MaxPool2d):
                expected.append(x.clone())
    for feature, reference in zip(features, expected, strict=True):
        torch.testing.assert_close(feature, reference, rtol=0, atol=1e-6)


def torchvision_like(encoder):
    """New random weights for torchvision's features, so that loading them back is seen to do something."""
    state = {k.removeprefix("features."): v.clone() for k, v in encoder.state_dict().items()}
    return {k: v + 0.01 * torch.rand_like(v) if v.is_floating_point() else v for k, v in state.items()}


def test_features_have_the_strides_and_channels_that_the_encoder_says():
    encoder = vgg16(width=4)
    features = encoder(torch.rand(2, 3, 64, 96))
    assert encoder.strides == (2, 4, 8, 16, 32)
    assert encoder.channels == (4, 8, 16, 32, 32)
    for feature, stride, channels in zip(features, encoder.strides, encoder.channels, strict=True):
        assert feature.shape == (2, channels, 64 // stride, 96 // stride)


def test_odd_sizes_are_rounded_down_or_with_ceil_mode_up():
    images = torch.rand(1, 3, 37, 51)
    assert [tuple(f.shape[2:]) for f in vgg11(width=2)(images)] == [(18, 25), (9, 12), (4, 6), (2, 3), (1, 1)]
    hanging = VGG((1, 1, 1, 1, 1), width=2, ceil_mode=True)
    assert [tuple(f.shape[2:]) for f in hanging(images)] == [(19, 26), (10, 13), (5, 7), (3, 4), (2, 2)]


def test_stages_with_pooling_between_them_are_the_encoder():
    encoder, images = vgg13(True, width=4).eval(), torch.rand(1, 3, 40, 48)
    x, features = images, []
    for stage in encoder.stages():
        x = F.max_pool2d(stage(x), 2)
        features.append(x)
    for feature, reference in zip(encoder(images), features, strict=True):
        assert torch.equal(feature, reference)


def test_padding_grows_the_picture_at_the_first_convolution():
    encoder = VGG((2, 1), width=2, padding=10)
    assert encoder(torch.rand(1, 3, 8, 9))[0].shape == (1, 2, 13, 13)


def test_gradients_reach_every_parameter():
    encoder = vgg16(True, width=4)
    encoder(torch.rand(2, 3, 64, 64))[-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in encoder.parameters())


def test_weights_of_another_network_are_refused_by_name():
    encoder = vgg16(width=4)
    with pytest.raises(
        ValueError, match=r"not this VGG's: \d+ tensors are missing, the first is 'features\.2\.weight'"
    ):
        encoder.load_classifier(vgg11(width=4).state_dict())
    with pytest.raises(ValueError, match=r"24 tensors are unknown to it, the first is 'features\.2\.weight'"):
        vgg11(width=4).load_classifier(vgg16(width=4).state_dict() | vgg11(width=4).state_dict())
    with pytest.raises(ValueError, match=r"tensors have another shape, the first is 'features\.0\.weight'.*width"):
        encoder.load_classifier(vgg16(width=8).state_dict())


def test_wrong_images_and_arguments_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match=r"images are \(3, 64, 64\); wanted .*Give images\[None\]"):
        vgg11(width=2)(torch.rand(3, 64, 64))
    with pytest.raises(ValueError, match=r"images are \(1, 3, 31, 40\); wanted .* at least 32 × 32"):
        vgg11(width=2)(torch.rand(1, 3, 31, 40))
    with pytest.raises(ValueError, match=r"depths is \(1, 0\) and width 4; wanted stages, each of them"):
        VGG((1, 0), width=4)
