"""DeepLabV3 held against torchvision's, by weights and logits; cascade, multi-grid and rates against the paper's."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision.models.segmentation import deeplabv3 as peer

from course.models.backbones.resnet import ResNet, resnet18, resnet50
from course.models.blocks import Bottleneck
from course.models.dense import Dense
from course.models.semantic.deeplabv3 import (
    ASPP,
    CascadedHead,
    DeepLabV3,
    DeepLabV3Head,
    check_rates,
    deeplabv3_cascaded,
    deeplabv3_resnet50,
    deeplabv3_resnet101,
    deeplabv3_small,
    rates_of,
    use_multi_grid,
)
from course.models.semantic.pspnet import use_deep_stem


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("build", "parameters"),  # torchvision's documentation
    [(deeplabv3_resnet50, 42_004_074), (deeplabv3_resnet101, 60_996_202)],
)
def test_it_has_torchvision_s_layers_and_parameters(build, parameters):
    with torch.device("meta"):
        ours = build()
        theirs = torchvision.models.get_model(build.__name__, weights_backbone=None, aux_loss=True)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in theirs.state_dict().items()}
    assert count(ours) == parameters
    assert parameters - count(ours.aux_classifier) == {42_004_074: 39_638_869, 60_996_202: 58_630_997}[parameters]


def test_with_its_deviations_it_has_mmsegmentation_s_parameters():
    with torch.device("meta"):
        head = DeepLabV3Head(2048, 19, (12, 24, 36), 512)
        head[0].project[0] = nn.Conv2d(5 * 512, 512, 3, padding=1, bias=False)
        model = Dense(use_deep_stem(resnet50(8), 32), nn.Sequential(head[0], head[-1]))
    assert count(model) == 65_748_339  # mmsegmentation 1.2.2, DeepLabV3-R50-D8, without its auxiliary head


def test_it_computes_torchvision_s_logits_and_auxiliary_logits():
    torch.manual_seed(0)
    theirs = torchvision.models.segmentation.deeplabv3_resnet50(weights_backbone=None, aux_loss=True).eval()
    with torch.device("meta"):
        model = deeplabv3_resnet50()
    model.to_empty(device="cpu").eval().load_state_dict(theirs.state_dict())
    images = torch.rand(1, 3, 65, 50)
    with torch.no_grad():
        expected, (logits, auxiliary) = theirs(images), model.with_auxiliary(images)
        torch.testing.assert_close(logits, expected["out"], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(auxiliary, expected["aux"], rtol=1e-5, atol=1e-6)
        assert torch.equal(model(images), logits)


def test_aspp_is_torchvision_s_in_training_too_with_its_gradients():
    torch.manual_seed(0)
    theirs = peer.ASPP(6, (2, 3, 5), 4).double()
    ours = ASPP(6, (2, 3, 5), 4).double()
    ours.load_state_dict(theirs.state_dict())
    for aspp in (ours, theirs):
        aspp.project[-1].p = 0.0
    x = torch.randn(2, 6, 9, 7, dtype=torch.float64)
    found, expected = (torch.autograd.grad(aspp(x).square().sum(), list(aspp.parameters())) for aspp in (ours, theirs))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


def test_weights_of_stride_16_predict_at_stride_8_because_the_rates_follow():
    torch.manual_seed(0)
    coarse, fine = (ResNet(Bottleneck, (1, 1, 1, 1), 4, stride).double().eval() for stride in (16, 8))
    fine.load_state_dict(coarse.state_dict())
    aspp = [ASPP(128, rates_of(stride), 8).double().eval() for stride in (16, 8)]
    aspp[1].load_state_dict(aspp[0].state_dict())
    images = torch.rand(1, 3, 400, 400, dtype=torch.float64)
    with torch.no_grad():
        small, large = coarse(images)[-1], fine(images)[-1]
        for before, after in zip(aspp[0].convs[:-1], aspp[1].convs[:-1], strict=True):  # pooling sees other pixels
            torch.testing.assert_close(after(large)[..., ::2, ::2], before(small), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("output_stride", "dilation"), [(16, 4), (8, 8)])
def test_the_cascade_goes_on_with_twice_the_dilation_of_each_stage_before(output_stride, dilation):
    with torch.device("meta"):
        model = deeplabv3_cascaded(21, output_stride)
    # Figure 3b of the paper at output stride 16: block4 to block7 with rates 2, 4, 8, 16; here times (1, 2, 1).
    last = [block.conv2.dilation[0] for block in model.backbone.layer4]
    more = [block.conv2.dilation[0] for block in list(model.classifier)[:-1]]
    assert last == [dilation // 2, dilation, dilation // 2]
    assert more == [dilation * factor for factor in (1, 2, 1, 2, 4, 2, 4, 8, 4)]
    # Three stages of three bottlenecks 2048 -> 512 -> 2048 behind ResNet-50's 23,508,032, and the scores.
    block = 2 * 2048 * 512 + 9 * 512 * 512 + 2 * (512 + 512 + 2048)
    assert count(model) == 23_508_032 + 9 * block + 2049 * 21


def test_multi_grid_computes_the_last_stage_with_these_dilations_and_the_same_weights():
    torch.manual_seed(0)
    backbone = ResNet(Bottleneck, (1, 1, 1, 3), 4, 16).double().eval()
    images = torch.rand(1, 3, 70, 50, dtype=torch.float64)
    with torch.no_grad():
        c4 = backbone(images)[2]
        x = c4
        for block, dilation in zip(backbone.layer4, (2, 4, 8), strict=True):
            out = block.bn1(F.conv2d(x, block.conv1.weight)).relu()
            out = block.bn2(F.conv2d(out, block.conv2.weight, padding=dilation, dilation=dilation)).relu()
            out = block.bn3(F.conv2d(out, block.conv3.weight))
            x = (out + (x if block.downsample is None else block.downsample(x))).relu()
        torch.testing.assert_close(use_multi_grid(backbone, (1, 2, 4))(images)[-1], x)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DeepLabV3(resnet18(8, 4), 0), "num_classes is 0; wanted a whole number of at least 1"),
        (
            lambda: DeepLabV3(resnet18(16, 4), 5, (12, 24, 36)),
            r"rates are \(12, 24, 36\), which belong to output stride 8; wanted those of output stride 16\. Give "
            r"\(6, 12, 18\), or a backbone with output_stride=8",
        ),
        (lambda: check_rates((), 8), r"rates are \(\); wanted whole numbers of at least 1, such as"),
        (lambda: check_rates((6, 0), 8), r"rates are \(6, 0\); wanted whole numbers"),
        (lambda: check_rates((6.0, 12), 8), r"rates are \(6\.0, 12\); wanted whole numbers"),
        (lambda: rates_of(4), "output_stride is 4; wanted 32, 16 or 8"),
        (lambda: use_multi_grid(resnet50(32, 4)), r"grid is \(1, 2, 4\), for 3 blocks of output stride 32; wanted"),
        (lambda: use_multi_grid(resnet50(16, 4), (1, 2)), r"grid is \(1, 2\), for 3 blocks .* Give such as \(1, 2"),
        (lambda: CascadedHead(8, 5, 2, stages=0), "stages is 0; wanted a whole number of at least 1"),
        (lambda: deeplabv3_cascaded(0), "num_classes is 0; wanted a whole number of at least 1"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_image_alone_is_refused_in_training_and_taken_in_evaluation():
    model, image = deeplabv3_small(5), torch.rand(1, 3, 40, 40)
    with pytest.raises(ValueError, match=r"the batch is one image, .*Give at least two images, .*drop_last=True.*eval"):
        model(image)
    assert model.eval()(image).shape == (1, 5, 40, 40)
    model.train().classifier[0].convs[-1][2].eval()  # its norm alone is frozen
    assert model(image).shape == (1, 5, 40, 40)
