"""FCN on VGG16, held against the paper's numbers and its code's layers; FCN on ResNet, held against torchvision's."""

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from course.models.semantic.fcn import FCN, dense_to_conv, fcn8s, fcn16s, fcn32s
from course.models.semantic.fcn_resnet import FCNResNet, fcn_resnet50, fcn_resnet101


def scored(model):
    """The model with scores that are not zero, so that there is something to compare."""
    torch.manual_seed(1)
    for layer in (model.score, *model.skip_scores):
        nn.init.normal_(layer.weight, std=0.1)
    return model


def as_in_the_code(model, images):
    """The three net.py files of the paper's code, layer by layer, with their numbers for crops written out."""
    x, pools = images, []
    for layer in model.encoder.features:
        if isinstance(layer, nn.Conv2d):
            x = F.conv2d(x, layer.weight, layer.bias, padding=1 if pools or x is not images else 100)
        elif isinstance(layer, nn.ReLU):
            x = x.relu()
        else:
            x = F.max_pool2d(x, 2, ceil_mode=True)
            pools.append(x)
    x = F.conv2d(x, model.fc6.weight, model.fc6.bias).relu()
    x = F.conv2d(x, model.fc7.weight, model.fc7.bias).relu()
    x = F.conv2d(x, model.score.weight, model.score.bias)
    for double, score, pool, offset in zip(model.upsample_2x, model.skip_scores, pools[3:1:-1], (5, 9), strict=False):
        x = F.conv_transpose2d(x, double.weight, stride=2)
        skip = F.conv2d(pool, score.weight, score.bias)
        x = x + skip[:, :, offset : offset + x.shape[2], offset : offset + x.shape[3]]
    x = F.conv_transpose2d(x, model.upsample.weight, stride=model.stride)
    offset = {32: 19, 16: 27, 8: 31}[model.stride]
    return x[:, :, offset : offset + images.shape[2], offset : offset + images.shape[3]]


@pytest.mark.parametrize("stride", [32, 16, 8])
@pytest.mark.parametrize("size", [(1, 1), (37, 50), (64, 33)])
def test_fcn_computes_what_the_layers_of_the_papers_code_compute(stride, size):
    model = scored(FCN(5, stride, width=2)).eval()
    images = torch.rand(2, 3, *size)
    with torch.no_grad():
        logits = model(images)
        torch.testing.assert_close(logits, as_in_the_code(model, images), rtol=1e-5, atol=1e-6)
    assert logits.shape == (2, 5, *size)


@pytest.mark.parametrize("stride", [32, 16, 8])
@pytest.mark.parametrize(
    ("padding", "fc_padding", "size"), [(100, 0, (26, 58)), (98, 0, (30, 62)), (1, 3, (32, 96)), (5, 3, (24, 88))]
)
def test_a_mirrored_network_mirrors_its_logits_so_that_every_crop_is_centered(stride, padding, fc_padding, size):
    # Sizes that pool without a remainder: there, one pixel of offset in any crop would show.
    model = scored(FCN(4, stride, width=2, padding=padding, fc_padding=fc_padding)).double().eval()
    images = torch.rand(1, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        logits = model(images)
        for weight in model.parameters():
            if weight.ndim == 4:
                weight.copy_(weight.flip(2, 3))
        mirrored = model(images.flip(2, 3)).flip(2, 3)
    assert logits.std() > 0
    torch.testing.assert_close(mirrored, logits, rtol=1e-10, atol=1e-12)


def test_fcn_has_the_parameters_that_follow_from_the_papers_layers():
    def count(model):
        return sum(p.numel() for name, p in model.named_parameters() if not name.startswith(("upsample",)))

    with torch.device("meta"):
        assert count(fcn32s()) == 134_346_581  # VGG16 138,357,544, less its last layer 4,097,000, plus 4097 x 21
        assert count(fcn16s()) == 134_346_581 + 513 * 21  # a 1x1 score on pool4
        assert count(fcn8s()) == 134_346_581 + 513 * 21 + 257 * 21  # and one on pool3


@pytest.mark.parametrize("size", [(1, 1), (31, 77), (128, 192)])
def test_padding_of_one_takes_any_size_too(size):
    model = FCN(3, 8, width=2, batch_norm=True, padding=1, fc_padding=3).eval()
    assert model(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_untrained_upsampling_is_bilinear_and_stays_so_unless_learned():
    fixed, learned = FCN(3, 16, width=2), FCN(3, 16, width=2, learn_upsampling=True)
    assert {name for name, p in fixed.named_parameters() if not p.requires_grad} == {
        "upsample_2x.0.weight",
        "upsample.weight",
    }
    assert all(p.requires_grad for p in learned.parameters())
    scores = torch.randn(1, 3, 6, 7)
    inner = slice(16, -16)  # at the border torch repeats pixels, and transposed convolution has zeros
    reference = F.interpolate(scores, scale_factor=16, mode="bilinear", align_corners=False)
    enlarged = fixed.upsample(scores)[..., 8:-8, 8:-8]
    torch.testing.assert_close(enlarged[..., inner, inner], reference[..., inner, inner])


def test_scores_start_at_zero_and_gradients_then_reach_every_parameter():
    torch.manual_seed(0)
    model = FCN(3, 8, width=2, learn_upsampling=True)
    images = torch.rand(1, 3, 40, 50)
    assert model(images).eq(0).all()
    scored(model)(images).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_a_classifier_is_taken_over_with_its_dense_layers():
    torch.manual_seed(0)
    model = FCN(2, 32, width=2, padding=1, fc_padding=3).eval()
    features = {f"features.{k}": torch.randn_like(v) for k, v in model.encoder.features.state_dict().items()}
    six, seven = nn.Linear(16 * 49, 128), nn.Linear(128, 128)
    dense = {f"classifier.{i}.{k}": v for i, d in ((0, six), (3, seven)) for k, v in d.state_dict().items()}
    model.load_classifier(features | dense)
    pool5 = torch.randn(2, 16, 7, 7)
    scores = F.conv2d(pool5, model.fc6.weight, model.fc6.bias)
    torch.testing.assert_close(scores.flatten(1), six(pool5.flatten(1)))
    torch.testing.assert_close(model.fc7(scores).flatten(1), seven(six(pool5.flatten(1))))
    with pytest.raises(ValueError, match=r"classifier\.0 is missing or of another size; wanted the whole state_dict"):
        model.load_classifier(features)


def test_dense_to_conv_is_the_dense_layer_at_every_window():
    torch.manual_seed(0)
    dense = nn.Linear(3 * 4 * 5, 7, dtype=torch.float64)
    maps = torch.randn(2, 3, 6, 8, dtype=torch.float64)
    scores = dense_to_conv(dense, (4, 5))(maps)
    assert scores.shape == (2, 7, 3, 4)
    for y, x in ((0, 0), (2, 1), (1, 3)):
        torch.testing.assert_close(scores[:, :, y, x], dense(maps[:, :, y : y + 4, x : x + 5].flatten(1)))
    assert dense_to_conv(nn.Linear(6, 2, bias=False), (1, 1)).bias is None
    with pytest.raises(ValueError, match=r"size is \(7, 7\); wanted one that divides the dense layer's 60 inputs"):
        dense_to_conv(nn.Linear(60, 7), (7, 7))


def test_a_state_dict_comes_back_with_the_same_logits(tmp_path):
    images = torch.rand(1, 3, 33, 40)
    for build in (lambda: FCN(3, 8, width=2, batch_norm=True), lambda: fcn_resnet50(3, width=2)):
        model, other = build().eval(), build().eval()
        save_file(model.state_dict(), tmp_path / "model.safetensors")
        other.load_state_dict(load_file(tmp_path / "model.safetensors"))
        assert torch.equal(model(images), other(images))


def test_wrong_arguments_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match="stride is 4; wanted 32, 16 or 8"):
        FCN(3, 4)
    with pytest.raises(ValueError, match=r"padding is 50 and fc_padding 0; wanted .*Give 100 and 0 as in the paper"):
        FCN(3, 8, width=2, padding=50)
    with pytest.raises(ValueError, match="padding is 0 and fc_padding 3"):
        FCN(3, 8, width=2, padding=0, fc_padding=3)
    with pytest.raises(ValueError, match="num_classes is 0; wanted a whole number of at least 1"):
        FCN(0)
    with pytest.raises(ValueError, match="num_classes is 0; wanted a whole number of at least 1"):
        FCNResNet(None, 0)
    with pytest.raises(ValueError, match=r"images are \(3, 40, 40\); wanted \(n, 3, h, w\)\. Give images\[None\]"):
        FCN(3, 8, width=2)(torch.rand(3, 40, 40))


@pytest.mark.parametrize(
    ("build", "name", "parameters"),  # parameters: torchvision's documentation
    [(fcn_resnet50, "fcn_resnet50", 35_322_218), (fcn_resnet101, "fcn_resnet101", 54_314_346)],
)
def test_fcn_on_resnet_has_torchvision_s_layers_and_parameters(build, name, parameters):
    with torch.device("meta"):
        ours = build()
        theirs = torchvision.models.get_model(name, weights_backbone=None, aux_loss=True)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in theirs.state_dict().items()}
    assert sum(p.numel() for p in ours.parameters()) == parameters


def test_fcn_on_resnet_computes_torchvision_s_logits_and_auxiliary_logits():
    torch.manual_seed(0)
    peer = torchvision.models.segmentation.fcn_resnet50(weights_backbone=None, aux_loss=True).eval()
    with torch.device("meta"):
        model = fcn_resnet50()
    model.to_empty(device="cpu").eval().load_state_dict(peer.state_dict())
    images = torch.rand(1, 3, 65, 50)
    with torch.no_grad():
        expected, (logits, auxiliary) = peer(images), model.with_auxiliary(images)
        torch.testing.assert_close(logits, expected["out"], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(auxiliary, expected["aux"], rtol=1e-5, atol=1e-6)
        assert torch.equal(model(images), logits)


def test_gradients_of_both_heads_reach_every_parameter_of_fcn_on_resnet():
    torch.manual_seed(0)
    model = fcn_resnet50(3, output_stride=16, width=4)
    logits, auxiliary = model.with_auxiliary(torch.rand(2, 3, 47, 50))
    assert logits.shape == auxiliary.shape == (2, 3, 47, 50)
    (logits.square().mean() + auxiliary.square().mean()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
