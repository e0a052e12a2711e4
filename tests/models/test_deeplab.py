"""DeepLab v1 and v2 held against the papers' layers written out, and their parameters."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.models.backbones.resnet import ResNet, resnet18
from course.models.blocks import Bottleneck
from course.models.semantic.deeplab import (
    DeepLabV1,
    DeepLabV2,
    deeplab_vgg,
    deeplabv1_vgg16,
    deeplabv2_resnet101,
    deeplabv2_vgg16,
)

VGG16 = 14_714_688  # its convolutions: 138,357,544 by torchvision's documentation, less the dense layers' 123,642,856
RESNET101 = 44_549_160 - 2049 * 1000  # torchvision's documentation, less the classifier


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_they_have_the_papers_parameters():
    with torch.device("meta"):
        one, two, on_resnet = deeplabv1_vgg16(21), deeplabv2_vgg16(21), deeplabv2_resnet101(21)
    branch = (9 * 512 + 1) * 1024 + (1024 + 1) * 1024 + (1024 + 1) * 21
    assert count(one) == VGG16 + branch
    assert round(count(one) / 1e6, 1) == 20.5  # v1, table 2: DeepLab-CRF-LargeFOV
    assert count(two) == VGG16 + 4 * branch
    assert count(on_resnet) == RESNET101 + 4 * (9 * 2048 + 1) * 21


def as_in_the_papers(model, images, rates):
    """VGG16 with 3x3 poolings, two of them at stride 1, then the branches."""
    convs = [layer for layer in model.backbone.modules() if isinstance(layer, nn.Conv2d)]
    x = images
    for number, conv in enumerate(convs, 1):
        rate = 2 if number > 10 else 1
        x = F.conv2d(x, conv.weight, conv.bias, padding=rate, dilation=rate).relu()
        if number in (2, 4, 7, 10, 13):
            x = F.max_pool2d(x, 3, 2 if number < 10 else 1, padding=1)
    scores = 0
    for (fc6, _, _, fc7, _, _, fc8), rate in zip(model.classifier.branches, rates, strict=True):
        y = F.conv2d(x, fc6.weight, fc6.bias, padding=rate, dilation=rate).relu()
        y = F.conv2d(y, fc7.weight, fc7.bias).relu()
        scores = scores + F.conv2d(y, fc8.weight, fc8.bias)
    return F.interpolate(scores, images.shape[2:], mode="bilinear")


@pytest.mark.parametrize("size", [(65, 49), (64, 96), (31, 77)])
@pytest.mark.parametrize(
    ("build", "rates"),
    [
        (lambda: DeepLabV1(deeplab_vgg(width=2), 5, fc_channels=8), (12,)),
        (lambda: DeepLabV2(deeplab_vgg(width=2), 5, fc_channels=8), (6, 12, 18, 24)),
    ],
)
def test_they_compute_the_papers_layers_on_vgg16(build, rates, size):
    torch.manual_seed(0)
    model, images = build().double().eval(), torch.rand(2, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        expected = as_in_the_papers(model, images, rates)
        assert expected.std() > 0
        torch.testing.assert_close(model(images), expected)


def test_v2_on_a_resnet_adds_four_dilated_convolutions():
    torch.manual_seed(0)
    backbone = ResNet(Bottleneck, (1, 1, 1, 1), 4, 8)
    model, images = DeepLabV2(backbone, 5).double().eval(), torch.rand(1, 3, 65, 50, dtype=torch.float64)
    with torch.no_grad():
        last, scores = backbone(images)[-1], 0
        for conv, rate in zip(model.classifier.branches, (6, 12, 18, 24), strict=True):
            scores = scores + F.conv2d(last, conv.weight, conv.bias, padding=rate, dilation=rate)
        torch.testing.assert_close(model(images), F.interpolate(scores, (65, 50), mode="bilinear"))
    halved = DeepLabV2(resnet18(16, 4), 5).classifier.branches
    assert [conv.dilation[0] for conv in halved] == [3, 6, 9, 12]


@pytest.mark.parametrize("size", [(1, 1), (321, 33), (320, 32)])
def test_its_vgg_rounds_up(size):
    features = deeplab_vgg((1, 1, 1, 1, 1), width=1)(torch.rand(1, 3, *size))
    assert [f.shape[2:] for f in features] == [tuple(-(-n // s) for n in size) for s in (2, 4, 8, 8, 8)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DeepLabV1(deeplab_vgg(width=2), 0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: DeepLabV1(deeplab_vgg(width=2), 5, rate=0), "rate is 0; wanted a whole number of at least 1"),
        (lambda: DeepLabV1(deeplab_vgg(width=2), 5, fc_channels=0), "fc_channels is 0; wanted a whole number"),
        (lambda: DeepLabV2(deeplab_vgg(width=2), 0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: DeepLabV2(resnet18(32, 4), 5), r"output stride is 32; wanted 8, or 16\. Give output_stride=8"),
        (
            lambda: DeepLabV2(resnet18(16, 4), 5, (6, 12, 18, 24)),
            r"rates are \(6, 12, 18, 24\), which belong to output stride 8; wanted those of output stride 16\. Give "
            r"\(3, 6, 9, 12\), or a backbone with output_stride=8",
        ),
        (lambda: DeepLabV2(resnet18(8, 4), 5, ()), r"rates are \(\); wanted whole numbers of at least 1"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()
