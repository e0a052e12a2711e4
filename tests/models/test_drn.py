"""Dilated residual networks: counts and fields of the authors' code, outputs of pytorchcv's."""

import pytest
import torch
from torch import nn

from course.models.backbones import drn
from course.models.backbones.dilation import dilate
from course.models.backbones.resnet import resnet50
from course.models.networks import count_parameters
from course.ops.receptive_field import receptive_fields

CLASSES = 1000  # of the classifier that the counts include

# The authors' code, instantiated, and pytorchcv 0.0.74; for C-58 what is used, without the shortcut that nothing adds.
EXPECTED = {
    "drn_a_50": (25_557_032, 411),
    "drn_c_26": (21_126_584, 581),
    "drn_c_42": (31_234_744, 1045),
    "drn_c_58": (40_542_008, 573),
    "drn_d_22": (16_393_752, 527),
    "drn_d_38": (26_501_912, 991),
    "drn_d_54": (35_809_176, 519),
    "drn_d_105": (54_801_304, 1063),
}
NAMES = (*EXPECTED, "drn_a_18", "drn_a_34")


def last_of(name):
    return "layer4" if name.startswith("drn_a") else "layer8"


@pytest.mark.parametrize("name", EXPECTED)
def test_parameters_and_field_are_the_authors(name):
    with torch.device("meta"):
        encoder = getattr(drn, name)()
    axis, _ = receptive_fields(encoder, at=(last_of(name),))[last_of(name)]
    parameters = count_parameters(encoder) + (encoder.channels[-1] + 1) * CLASSES
    assert (parameters, axis.size) == EXPECTED[name]
    assert (axis.stride, axis.offset) == (8, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(64, 80), (61, 83)])
def test_features_have_the_strides_and_channels_that_the_encoder_says(name, size):
    encoder = getattr(drn, name)(width=4).eval()
    with torch.no_grad():
        features = encoder(torch.rand(1, 3, *size))
    for feature, stride, channels in zip(features, encoder.strides, encoder.channels, strict=True):
        assert feature.shape == (1, channels, -(-size[0] // stride), -(-size[1] // stride))


@pytest.mark.parametrize("name", ["drn_a_18", "drn_c_26", "drn_c_58", "drn_d_22"])
def test_gradients_reach_every_parameter(name):
    encoder = getattr(drn, name)(width=4)
    encoder(torch.rand(2, 3, 40, 40))[-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in encoder.parameters())


@pytest.mark.parametrize("name", ["drn_c_26", "drn_d_22", "drn_c_58"])
def test_outputs_are_those_of_pytorchcv(name):
    models = pytest.importorskip("pytorchcv.models.drn")
    torch.manual_seed(0)
    peer = getattr(models, name.replace("_", ""))().eval()
    encoder = getattr(drn, name)().eval()
    encoder.load_state_dict(dict(zip(encoder.state_dict(), in_our_order(peer), strict=True)))
    images = torch.rand(1, 3, 65, 72)
    with torch.no_grad():
        expected = peer.features[:-1](images)  # without its pooling
        torch.testing.assert_close(encoder(images)[-1], expected, rtol=0, atol=1e-4 * float(expected.abs().max()))


def in_our_order(peer):
    """Tensors of pytorchcv's network; a block's shortcut comes last in both."""
    return [tensor for name, tensor in peer.state_dict().items() if name.startswith("features")]


def test_the_authors_weights_fit_and_the_shortcut_that_nothing_adds_is_skipped():
    encoder = drn.drn_c_58(width=2)
    weights = {name: tensor + 1 for name, tensor in encoder.state_dict().items()}
    theirs = {
        **weights,
        "fc.weight": torch.ones(1000, 64, 1, 1),
        "layer7.0.downsample.0.weight": torch.ones(64, 256, 1, 1),
        "layer7.0.downsample.1.weight": torch.ones(64),
    }
    encoder.load_classifier(theirs)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in encoder.state_dict().items())
    with pytest.raises(ValueError, match=r"the weights are not this DRN's: \d+ tensors are unknown to it"):
        drn.drn_c_42(width=2).load_classifier(weights)


def test_a_resnet50_s_weights_fit_drn_a_50():
    strided = resnet50(width=2)
    encoder = drn.drn_a_50(width=2)
    encoder.load_classifier(strided.state_dict() | {"fc.weight": torch.ones(1)})
    assert torch.equal(encoder.layer4[2].conv3.weight, strided.layer4[2].conv3.weight)


def test_a_grid_is_carried_past_the_last_blocks_by_shortcuts_alone():
    block = drn.PlainBlock(2, 2, dilation=2).eval()
    nn.init.zeros_(block.conv2.weight)
    assert not block(torch.rand(1, 2, 8, 8)).any()


@pytest.mark.parametrize("make", [lambda: drn.drn_c_26(width=4), lambda: dilate(resnet50(width=4), 8)])
def test_dilated_networks_can_be_exported(make):
    encoder, images = make().eval(), torch.rand(1, 3, 64, 96)
    exported = torch.export.export(encoder, (images,)).module()
    torch.testing.assert_close(exported(images)[-1], encoder(images)[-1])


def test_wrong_images_are_refused():
    with pytest.raises(ValueError, match=r"images are \(1, 1, 40, 40\); wanted \(n, 3, h, w\)"):
        drn.drn_d_22(width=4)(torch.rand(1, 1, 40, 40))
