"""Strides replaced by dilation in a network that stands, held against torchvision's and timm's dilated ResNets."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models.feature_extraction import create_feature_extractor

from course.models.backbones.dilation import dilate
from course.models.backbones.resnet import ResNet, resnet50
from course.models.backbones.vgg import vgg11
from course.models.blocks import BasicBlock
from course.models.semantic.unet import unet_small
from course.ops.receptive_field import receptive_fields

REPLACED = {16: [False, False, True], 8: [False, True, True], 4: [True, True, True]}


def settled(network):
    """The network with norms that do something, in evaluation mode."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
    return network.eval()


@pytest.mark.parametrize("output_stride", [16, 8, 4])
def test_a_dilated_resnet50_is_torchvision_s_of_the_same_weights(output_stride):
    torch.manual_seed(0)
    network = settled(torchvision.models.resnet50()).double()
    peer = torchvision.models.resnet50(replace_stride_with_dilation=REPLACED[output_stride]).double().eval()
    peer.load_state_dict(network.state_dict())
    dilated, images = dilate(network, output_stride), torch.rand(1, 3, 65, 96, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(dilated(images), peer(images), rtol=0, atol=1e-11)
        stages = [create_feature_extractor(each, ["layer3", "layer4"])(images) for each in (dilated, peer)]
    for ours, theirs in zip(*(stage.values() for stage in stages), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", ["resnet101", "resnext50_32x4d", "wide_resnet50_2"])
def test_each_layer_of_a_dilated_resnet_is_torchvision_s(name):
    with torch.device("meta"):
        ours = dilate(torchvision.models.get_model(name), 8)
        theirs = torchvision.models.get_model(name, replace_stride_with_dilation=REPLACED[8])
    seen = [
        (m.stride, m.dilation, m.padding)
        for m in ours.modules()
        if isinstance(m, nn.Conv2d) and m.kernel_size != (1, 1)
    ]
    wanted = [
        (m.stride, m.dilation, m.padding)
        for m in theirs.modules()
        if isinstance(m, nn.Conv2d) and m.kernel_size != (1, 1)
    ]
    assert seen == wanted


def test_rates_of_a_dilated_resnet50_are_those_that_timm_gives():
    with torch.device("meta"):
        dilated = dilate(torchvision.models.resnet50(), 8)
    rates = [[block.conv2.dilation[0] for block in stage] for stage in (dilated.layer3, dilated.layer4)]
    assert rates == [[1, 2, 2, 2, 2, 2], [2, 4, 4]]  # timm 1.0.31, resnet50 with output_stride=8
    timm = pytest.importorskip("timm")
    peer = timm.create_model("resnet50", output_stride=8)
    assert rates == [[block.conv2.dilation[0] for block in stage] for stage in (peer.layer3, peer.layer4)]


def test_a_dilated_resnet50_has_the_features_of_timm_s():
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = settled(torchvision.models.resnet50()).double()
    peer = timm.create_model("resnet50", output_stride=8).double().eval()
    peer.load_state_dict(network.state_dict())
    images = torch.rand(1, 3, 64, 95, dtype=torch.float64)
    with torch.no_grad():
        ours = create_feature_extractor(dilate(network, 8), ["layer4"])(images)["layer4"]
        torch.testing.assert_close(ours, peer.forward_features(images), rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", ["resnet50", "resnet101", "mobilenet_v2", "mobilenet_v3_large", "vgg16", "alexnet"])
def test_the_receptive_field_stays_and_the_stride_is_what_was_asked(name):
    with torch.device("meta"):
        network = torchvision.models.get_model(name)
    module = "layer4" if name.startswith("resnet") else "features"
    before, _ = receptive_fields(network, at=(module,))[module]
    after, _ = receptive_fields(dilate(network, 8), at=(module,))[module]
    assert (after.size, after.stride, after.offset) == (before.size, 8, before.offset)
    assert before.stride == 32


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "vgg11_bn", "efficientnet_b0", "densenet121"])
@pytest.mark.parametrize("size", [(64, 96), (95, 67)])
def test_every_second_pixel_of_a_dilated_network_is_the_network_s(name, size):
    torch.manual_seed(0)
    network = torchvision.models.get_model(name)
    if name == "efficientnet_b0":  # its gates look at the whole map, which has more pixels now
        for module in network.modules():
            if isinstance(module, torchvision.ops.SqueezeExcitation):
                module.avgpool = nn.Identity()
    network = settled(network).double()
    body = (lambda n: nn.Sequential(*list(n.children())[:-2])) if name == "resnet18" else (lambda n: n.features)
    images = torch.rand(1, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        coarse, fine = body(network)(images), body(dilate(network, 16))(images)
    every_second = fine[..., ::2, ::2][..., : coarse.shape[2], : coarse.shape[3]]
    torch.testing.assert_close(every_second, coarse, rtol=0, atol=1e-9 * float(coarse.abs().max()))
    assert fine.shape[2] >= 2 * coarse.shape[2] - 1


def test_our_own_dilated_encoder_is_the_same_one():
    torch.manual_seed(0)
    strided, built = ResNet(BasicBlock, (1, 2, 2, 2), width=4).eval(), ResNet(BasicBlock, (1, 2, 2, 2), 4, 8).eval()
    built.load_state_dict(strided.state_dict())
    dilated, images = dilate(strided, 8), torch.rand(1, 3, 61, 80)
    assert dilated.strides == built.strides == (4, 8, 8, 8)
    assert strided.strides == (4, 8, 16, 32)
    with torch.no_grad():
        for ours, theirs in zip(dilated(images), built(images), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_the_network_itself_is_left_alone():
    network = vgg11(width=2)
    before = str(network)
    dilated = dilate(network, 8)
    assert str(network) == before != str(dilated)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, dilated.state_dict()[name])
    dilated.features[0].weight.data.zero_()
    assert network.features[0].weight.any()


def test_at_its_own_stride_a_network_stays_as_it_is():
    network = resnet50(width=2)
    assert str(dilate(network, 32)) == str(network)


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 3, 2, padding=1), nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return self.b(F.max_pool2d(self.a(x), 2))


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.halve = nn.Conv2d(3, 3, 3, 2, padding=1)

    def forward(self, x):
        return self.halve(self.halve(x))


@pytest.mark.parametrize(
    ("network", "stride", "message"),
    [
        (lambda: resnet50(width=2), 5, r"output_stride is 5; wanted a stride that the network has: 2, 4, 8, 16, 32\."),
        (lambda: resnet50(width=2), 64, "output_stride is 64; wanted a stride that the network has"),
        (
            lambda: torchvision.models.densenet121(),
            8,
            r"transition3\.pool \(AvgPool2d\) is at stride 16; wanted convolutions",
        ),
        (lambda: unet_small(3), 8, r"pool runs at strides 1 and 2; wanted a layer for each\. Give the encoder\."),
        (
            lambda: nn.Sequential(nn.Conv2d(3, 3, 2, 2), nn.Conv2d(3, 3, 2, 2), nn.ConvTranspose2d(3, 3, 2, 2)),
            2,
            r"2 \(ConvTranspose2d\) is at stride 4; wanted .* cannot be dilated\. Give a larger",
        ),
        (Functional, 2, "the network still has stride 4; wanted 2. It has strides that are no layers of its own"),
        (Twice, 2, "halve runs at strides 1 and 2; wanted a layer for each"),
        (
            lambda: nn.Sequential(nn.Conv2d(3, 3, 3, 2, padding=1), nn.Conv2d(3, 3, 3, 3, padding=1)),
            2,
            r"1 has stride \(3, 3\) where the map goes from stride 2 to \d; wanted strides that are powers of two",
        ),
        (lambda: nn.Conv2d(1, 1, 3, 2), 2, "Conv2d cannot run on a 512 x 512 image without numbers; wanted an encoder"),
    ],
)
def test_what_cannot_be_dilated_is_refused_with_a_way_out(network, stride, message):
    with torch.device("meta"):
        made = network()
    with pytest.raises(ValueError, match=message):
        dilate(made, stride)
