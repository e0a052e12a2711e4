"""SegNet and SegNet-Basic, held against their layers written out with torch's own pooling and unpooling."""

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from course.models.semantic.segnet import SegNet, SegNetBasic


def mirrored(model, down, up, images):
    """Any encoder and decoder around torch's max_pool2d with indices and max_unpool2d."""
    x, way_back = images, []
    for layers in down:
        x = layers(x)
        size = x.shape[2:]
        x, indices = F.max_pool2d(x, 2, return_indices=True)
        way_back.append((indices, size))
    for layers, (indices, size) in zip(up, reversed(way_back), strict=True):
        x = layers(F.max_unpool2d(x, indices, 2, output_size=size))
    return model.score(x)


def encoder_of(model):
    stages, layers = [], []
    for layer in model.encoder.features:
        if isinstance(layer, nn.MaxPool2d):
            stages.append(nn.Sequential(*layers))
            layers = []
        else:
            layers.append(layer)
    return stages


@pytest.mark.parametrize("size", [(32, 32), (45, 71), (64, 33)])
def test_segnet_is_its_layers_around_torchs_pooling_and_unpooling(size):
    torch.manual_seed(0)
    model, images = SegNet(5, width=4).eval(), torch.rand(2, 3, *size)
    with torch.no_grad():
        logits = model(images)
        torch.testing.assert_close(logits, mirrored(model, encoder_of(model), model.decoder, images))
    assert logits.shape == (2, 5, *size)


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (50, 20)])
def test_segnet_basic_is_its_layers_around_torchs_pooling_and_unpooling(size):
    torch.manual_seed(0)
    model, images = SegNetBasic(5, width=4).eval(), torch.rand(2, 3, *size)
    with torch.no_grad():
        logits = model(images)
        torch.testing.assert_close(logits, mirrored(model, model.encoder, model.decoder, images))
    assert logits.shape == (2, 5, *size)


def test_segnet_has_the_parameters_that_follow_from_the_papers_layers():
    with torch.device("meta"):
        assert sum(p.numel() for p in SegNet(11).parameters()) == 29_449_355
        # 7x7 filters: 3 -> 64 once and 64 -> 64 seven times; eight norms; a 1x1 score.
        basic = 49 * 64 * (3 + 7 * 64) + 8 * 2 * 64 + 65 * 11
        assert sum(p.numel() for p in SegNetBasic(11).parameters()) == basic


def test_the_decoder_of_segnet_basic_has_no_relu():
    kinds = {type(m) for m in SegNetBasic(3, width=2).decoder.modules()}
    assert kinds == {nn.ModuleList, nn.Sequential, nn.Conv2d, nn.BatchNorm2d}


def test_the_encoder_of_segnet_is_torchvision_s_vgg16_bn():
    with torch.device("meta"):
        peer = torchvision.models.vgg16_bn(init_weights=False).features
    peer = peer.to_empty(device="cpu").eval()
    torch.manual_seed(0)
    for p in peer.state_dict().values():
        p.copy_(0.05 * torch.rand(p.shape))
    model = SegNet(2).eval()
    model.load_classifier({f"features.{k}": v for k, v in peer.state_dict().items()})
    images = torch.rand(1, 3, 32, 40)
    with torch.no_grad():
        torch.testing.assert_close(model.encoder(images)[-1], peer(images))


@pytest.mark.parametrize("build", [SegNet, SegNetBasic])
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    model = build(3, width=4)
    model(torch.rand(2, 3, 64, 72)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("build", [SegNet, SegNetBasic])
def test_a_few_steps_learn_a_picture_by_heart(build):
    torch.manual_seed(0)
    images = torch.rand(2, 3, 32, 48)
    labels = (images[:, 0] > 0.5).long()
    model = build(2, width=8)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(20):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("build", [SegNet, SegNetBasic])
def test_a_state_dict_comes_back_with_the_same_logits(build, tmp_path):
    model, other, images = build(3, width=2).eval(), build(3, width=2).eval(), torch.rand(1, 3, 33, 40)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(model(images), other(images))


def test_small_images_and_wrong_arguments_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match=r"images are \(1, 3, 31, 64\); wanted .* at least 32 × 32"):
        SegNet(3, width=2)(torch.rand(1, 3, 31, 64))
    with pytest.raises(ValueError, match=r"images are \(1, 3, 16, 15\); wanted \(n, 3, h, w\) of at least 16 × 16"):
        SegNetBasic(3, width=2)(torch.rand(1, 3, 16, 15))
    with pytest.raises(ValueError, match="num_classes is 0; wanted a whole number of at least 1"):
        SegNet(0)
    with pytest.raises(ValueError, match="stages is 0; wanted a whole number of at least 1"):
        SegNetBasic(3, stages=0)
