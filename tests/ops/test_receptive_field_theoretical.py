"""Theoretical receptive fields: the tables of the literature, branches, and what cannot be followed."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from course.models.backbones.resnet import resnet50, resnet101
from course.models.semantic.segnet import segnet_small
from course.models.semantic.unet import UNet
from course.ops.receptive_field import Axis, impulse_field, receptive_fields


def sizes(model, at=(), **options):
    return [field[0].size for field in list(receptive_fields(model, at=at, **options).values())[: len(at) or None]]


def on_meta(name):
    with torch.device("meta"):
        return torchvision.models.get_model(name)


STAGES = ("layer1", "layer2", "layer3", "layer4")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet18", [43, 99, 211, 435]),
        ("resnet34", [59, 179, 547, 899]),
        ("resnet50", [35, 91, 267, 427]),
        ("resnet101", [35, 91, 811, 971]),
        ("resnet152", [35, 155, 1291, 1451]),
    ],
)
def test_stages_of_the_resnets_see_what_distill_s_calculator_says(name, expected):
    fields = receptive_fields(on_meta(name), at=STAGES)
    assert [fields[stage][0].size for stage in STAGES] == expected
    assert [fields[stage][1].stride for stage in STAGES] == [4, 8, 16, 32]
    assert {fields[stage][0].offset for stage in STAGES} == {0}
    assert fields["output"][0].unbounded
    assert not fields["layer4"][0].unbounded


def test_resnet50_with_the_paper_s_strides_sees_483_pixels():
    model = on_meta("resnet50")
    for stage in (model.layer2, model.layer3, model.layer4):
        stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    assert sizes(model, at=("layer4",)) == [483]


def test_poolings_of_vgg16_and_its_first_dense_layer_as_a_convolution():
    pools = ("4", "9", "16", "23", "30")
    model = on_meta("vgg16").features.append(nn.Conv2d(512, 1, 7, device="meta"))
    fields = receptive_fields(model, at=pools)
    assert [field[0].size for field in fields.values()] == [6, 16, 44, 100, 212, 404]
    assert [float(fields[pool][0].offset) for pool in pools] == [0.5, 1.5, 3.5, 7.5, 15.5]
    assert [fields[pool][0].stride for pool in pools] == [2, 4, 8, 16, 32]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alexnet", (195, 32, 31, False)),
        ("mobilenet_v2", (491, 32, 0, False)),
        ("mobilenet_v3_large", (595, 32, 0, True)),
        ("mobilenet_v3_small", (639, 32, 0, True)),
        ("efficientnet_b0", (851, 32, 0, True)),
        ("densenet121", (2071, 32, 14, False)),
    ],
)
def test_features_of_other_classifiers_and_squeeze_and_excitation_is_unbounded(name, expected):
    axis, _ = receptive_fields(on_meta(name), at=("features",))["features"]
    assert (axis.size, axis.stride, axis.offset, axis.unbounded) == expected


@pytest.mark.parametrize(("build", "expected"), [(resnet50, 427), (resnet101, 971)])
def test_dilation_in_place_of_strides_keeps_the_field(build, expected):
    with torch.device("meta"):
        axis, _ = receptive_fields(build(output_stride=8), at=("layer4",))["layer4"]
    assert (axis.size, axis.stride) == (expected, 8)


def test_context_module_of_yu_and_koltun():
    dilations = (1, 1, 2, 4, 8, 16, 1)
    layers = [nn.Conv2d(2, 2, 3, padding=dilation, dilation=dilation) for dilation in dilations]
    model = nn.Sequential(*layers, nn.Conv2d(2, 2, 1))
    at = [str(i) for i in range(8)]
    assert sizes(model, at, in_channels=2) == [3, 5, 9, 17, 33, 65, 67, 67]


def test_bottom_of_the_unet_sees_140_pixels_and_a_pixel_of_its_output_what_the_impulse_says():
    net = UNet(1, widths=(1,) * 5, norm=False).eval()
    fields = receptive_fields(net, at=("down.4",))
    assert fields["down.4"][0].size == 140
    axis, _ = fields["output"]
    assert (axis.stride, axis.period) == (1, 16)
    for pixel in (127, 128, 136, 139):
        x1, y1, x2, y2 = impulse_field(net, 256, pixel)
        assert (x1, x2 - 1) == (y1, y2 - 1) == axis.at(pixel)


def test_axes_are_told_apart_and_signals_have_one():
    tall = receptive_fields(nn.Conv2d(1, 1, (3, 5), stride=(2, 1)), in_channels=1)["output"]
    assert [(axis.size, axis.stride) for axis in tall] == [(3, 2), (5, 1)]
    signal = receptive_fields(nn.Conv1d(1, 1, 7, stride=3), (50,), in_channels=1)["output"]
    assert [(axis.size, axis.stride, axis.offset) for axis in signal] == [(7, 3, 3)]


class Branches(nn.Module):
    """Two convolutions of different reach, put together one way or another."""

    def __init__(self, together, second=None):
        super().__init__()
        self.together = together
        self.near, self.far = nn.Conv2d(1, 2, 3, padding=1), second or nn.Conv2d(1, 2, 9, padding=4)

    def forward(self, x):
        return self.together(self.near(x), self.far(x))


POOLED = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(1, 2, 1), nn.Sigmoid())


@pytest.mark.parametrize(
    ("together", "second", "expected"),
    [
        (torch.add, None, (9, False)),
        (lambda a, b: torch.cat([a, b], 1), None, (9, False)),
        (lambda a, b: torch.cat([a[:, :, 2:-2], F.pad(b, (0, 0, -2, -2))], 1), None, (9, False)),
        (torch.mul, POOLED, (3, True)),
        (lambda a, b: a * b.expand(-1, -1, 256, 256), POOLED, (3, True)),
        (lambda a, b: torch.cat([a, F.interpolate(b, (256, 256), mode="bilinear")], 1), POOLED, (3, True)),
        (lambda a, b: a / b.norm(), None, (3, True)),
        (lambda a, b: a + b.amax((2, 3), keepdim=True), None, (3, True)),
        (lambda a, b: a + b.mean(1, keepdim=True), None, (9, False)),
        (lambda a, b: a + b.mean(1)[:, None], None, (9, False)),
        (lambda a, b: a * b.softmax(1), None, (9, False)),
        (lambda a, b: a * b.softmax(2), None, (9, True)),
        (lambda a, b: F.instance_norm(a + b), None, (9, True)),
        (lambda a, b: F.group_norm(a + b, 2), None, (9, True)),
        (lambda a, b: F.layer_norm(a + b, (256,)), None, (9, True)),
        (lambda a, b: (a + b).unflatten(1, (1, 2)).transpose(1, 2).flatten(1, 2), None, (9, False)),
    ],
)
def test_a_sum_has_seen_what_its_parts_have_and_a_global_part_makes_it_unbounded(together, second, expected):
    axis, _ = receptive_fields(Branches(together, second), in_channels=1)["output"]
    assert (axis.size, axis.unbounded) == expected


def test_strip_pooling_is_unbounded_along_its_strip_alone():
    axes = receptive_fields(Branches(lambda a, b: a + b.mean(2, keepdim=True)), in_channels=1)["output"]
    assert [(axis.size, axis.unbounded) for axis in axes] == [(3, True), (9, False)]


def test_image_pooling_of_deeplab_is_reported():
    with torch.device("meta"):
        model = torchvision.models.segmentation.deeplabv3_resnet50(weights_backbone=None)
    fields = receptive_fields(model, at=("backbone", "classifier.0.convs.4"))
    assert [(f[0].size, f[0].unbounded) for f in fields.values()] == [(427, False), (0, True), (1027, True)]


def test_a_dense_layer_sees_everything():
    model = nn.Sequential(nn.Conv2d(3, 1, 3), nn.Flatten(), nn.Linear(36, 5))
    axis, _ = receptive_fields(model, (8, 8))["output"]
    assert (axis.size, axis.unbounded) == (0, True)


def test_bins_of_a_pyramid_see_their_share_of_the_image():
    axis, _ = receptive_fields(nn.AdaptiveAvgPool2d(3), (32, 32))["output"]
    assert [axis.at(i) for i in range(3)] == [(0, 10), (10, 21), (21, 31)]


def test_the_model_is_not_changed_and_no_weight_is_copied():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    receptive_fields(model, at=("0",))
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.training
    assert not model[0]._forward_hooks


def test_a_part_can_be_asked_for_where_the_rest_cannot_be_followed():
    with pytest.raises(
        ValueError, match=r"a map of \(1, 16, 128, 128\) into \(1, 16, 16384\) by view; wanted pixels that"
    ):
        receptive_fields(segnet_small(4))
    assert sizes(segnet_small(4).encoder) == [6]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            Branches(lambda a, b: torch.fft.fft2(a).abs()),
            r"the network uses _fft_.2c; wanted convolutions, .* or measure",
        ),
        (
            Branches(lambda a, b: torch.cat([a, b], 3)),
            r"cat along dimension 3; wanted maps that are stacked as channels",
        ),
        (Branches(lambda a, b: a.flip(2)), r"the network uses flip; wanted convolutions"),
        (Branches(lambda a, b: a.transpose(2, 3)), r"by transpose; wanted pixels that stay where they are"),
        (Branches(lambda a, b: a.mean(2)), r"takes the mean over one axis of a map; wanted it with keepdim=True"),
        (
            Branches(lambda a, b: a if a.sum() > 0 else b),
            r"Branches cannot run on an image of .* without numbers; wanted",
        ),
        (Branches(lambda a, b, c: a), r"Branches cannot run on an image of \(1, 1, 256, 256\)"),
        (
            Branches(lambda a, b: a[:, :, ::2] + b[:, :, :128]),
            r"strides are 2 and 1; wanted the same for maps that are",
        ),
        (Branches(lambda a, b: torch.zeros(3)), r"output does not depend on the image; wanted a map that does\."),
        (Branches(lambda a, b: None), r"output is a NoneType; wanted a tensor, or what holds one\."),
        (
            nn.ConvTranspose2d(1, 1, 2, stride=3),
            r"kernel_size is 2, stride 3 and dilation 1; wanted stamps that leave no",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused_with_a_way_out(model, message):
    with pytest.raises(ValueError, match=message):
        receptive_fields(model, in_channels=1)


def test_writing_into_a_part_of_a_map_is_not_mistaken_for_a_map():
    def write(a, b):
        canvas = torch.zeros_like(a)
        canvas[:, :, 3:] = b[:, :, :-3]
        return canvas

    with pytest.raises(ValueError, match="the network writes into a part of a map; wanted maps that are made whole"):
        receptive_fields(Branches(write), in_channels=1)


def test_unknown_modules_are_named():
    with pytest.raises(ValueError, match=r"at is \['layer9'\]; wanted names of modules\. There is no 'layer9'\."):
        receptive_fields(on_meta("resnet18"), at=("layer9",))


def test_an_axis_says_what_each_pixel_sees():
    axis = Axis().window(3, stride=2, padding=1).transposed(4, stride=2, padding=1)
    assert [axis.at(pixel) for pixel in (-1, 0, 1, 2, 3)] == [(-3, 1), (-3, 1), (-1, 3), (-1, 3), (1, 5)]
    assert (axis.size, axis.stride, axis.period) == (5, 1, 2)
