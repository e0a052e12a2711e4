"""DeepLabV3+ held against the paper's layers written out, and against segmentation_models_pytorch's."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.models.backbones.resnet import ResNet, resnet18, resnet50
from course.models.blocks import Bottleneck
from course.models.dense import Dense
from course.models.semantic.deeplabv3plus import DeepLabV3Plus, DeepLabV3PlusHead, deeplabv3plus_resnet50
from course.models.semantic.pspnet import use_deep_stem

SMP = 26_682_725  # segmentation_models_pytorch 0.6.0, DeepLabV3Plus("resnet50", classes=21), counted


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_it_has_smp_s_parameters_and_a_norm_in_each_separable_convolution():
    with torch.device("meta"):
        found = count(deeplabv3plus_resnet50(21))
    # Three in ASPP on 2048 channels, two in the decoder on 256 + 48 and on 256 (smp has the latter behind ASPP).
    assert found == SMP + 2 * (3 * 2048 + 304 + 256)


def test_with_its_deviations_it_has_mmsegmentation_s_parameters():
    with torch.device("meta"):
        backbone = use_deep_stem(resnet50(8), 32)
        model = Dense(backbone, DeepLabV3PlusHead(2048, 256, 19, (12, 24, 36), 512))
        model.classifier.aspp.project[0] = nn.Conv2d(5 * 512, 512, 3, padding=1, bias=False)
    assert count(model) == 41_225_187  # mmsegmentation 1.2.2, DeepLabV3+-R50-D8, without its auxiliary head


def test_with_its_deviations_its_head_computes_mmsegmentation_s_scores_as_written_down(numbered, waves):
    # mmsegmentation 1.2.2, DepthwiseSeparableASPPHead of these sizes, weights and features by the formulas of conftest
    # (mmsegmentation's ASPP begins with the pooled branch, so there its weights do too): the scores of pixel (7, 19).
    head = DeepLabV3PlusHead(32, 16, 5, (6, 12, 18), 64)
    head.aspp.project[0] = nn.Conv2d(5 * 64, 64, 3, padding=1, bias=False)
    with torch.no_grad():
        scores = numbered(head)((waves(20, 28, 16), waves(9, 7, 32)))
    expected = torch.tensor([-0.0007199752, -0.5811182135, -0.2209027942, 0.3997678393, 0.1586802500]).double()
    torch.testing.assert_close(scores[0, :, 7, 19], expected, rtol=0, atol=1e-7)


def normed(x, norm):
    return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias).relu()


def separable(x, block, rate=1):
    (depth, first, _), (point, second, _) = block
    x = normed(F.conv2d(x, depth.weight, padding=rate, dilation=rate, groups=len(depth.weight)), first)
    return normed(F.conv2d(x, point.weight), second)


def as_in_the_paper(head, low, high, rates):
    """Figure 2 of the paper, line by line."""
    one, *atrous, pooling = head.aspp.convs
    branches = [normed(F.conv2d(high, one[0].weight), one[1])]
    branches += [separable(high, block, rate) for block, rate in zip(atrous, rates, strict=True)]
    mean = normed(F.conv2d(high.mean((2, 3), keepdim=True), pooling[1].weight), pooling[2])
    branches.append(mean + torch.zeros_like(branches[0]))
    encoded = normed(F.conv2d(torch.cat(branches, 1), head.aspp.project[0].weight), head.aspp.project[1])
    encoded = F.interpolate(encoded, low.shape[2:], mode="bilinear")
    x = torch.cat([encoded, normed(F.conv2d(low, head.reduce[0].weight), head.reduce[1])], 1)
    for block in head.refine:
        x = separable(x, block)
    return F.conv2d(x, head.score.weight, head.score.bias)


@pytest.mark.parametrize("size", [(65, 50), (64, 96)])
def test_it_computes_the_paper_s_figure(size, numbered, waves):
    backbone = ResNet(Bottleneck, (1, 1, 1, 1), 4, 16)
    model = numbered(DeepLabV3Plus(backbone, 5))
    images = waves(*size)
    with torch.no_grad():
        low, *_, high = backbone(images)
        scores = as_in_the_paper(model.classifier, low, high, (6, 12, 18))
        expected = F.interpolate(scores, size, mode="bilinear")
        assert expected.std() > 0
        torch.testing.assert_close(model(images), expected)


def peer_without_its_differences(channels):
    """smp's decoder and scores, with what its docstring is told to lack: the differences, one by one."""
    smp = pytest.importorskip("segmentation_models_pytorch")
    from segmentation_models_pytorch.decoders.deeplabv3 import decoder as module

    decoder = module.DeepLabV3PlusDecoder(channels, 5, 256, (6, 12, 18), 16, True, 0.5)
    aspp, *behind = decoder.aspp
    for part in decoder.modules():
        if isinstance(part, module.SeparableConv2d):
            part.insert(1, nn.BatchNorm2d(part[0].out_channels))
            part.insert(2, nn.ReLU())
    decoder.aspp = aspp
    decoder.up = nn.Upsample(scale_factor=4, mode="bilinear", align_corners=False)
    decoder.block2.extend(behind)
    return nn.ModuleList([decoder, smp.base.SegmentationHead(256, 5, kernel_size=1)])


def test_its_head_computes_smp_s_where_the_differences_are_taken_out(numbered):
    ours = DeepLabV3PlusHead(32, 16, 5, (6, 12, 18))
    theirs = peer_without_its_differences((3, 8, 16, 16, 32, 32))
    theirs.double().eval().load_state_dict(
        dict(zip(theirs.state_dict(), numbered(ours).state_dict().values(), strict=True))
    )
    low, high = torch.rand(1, 16, 40, 56, dtype=torch.float64), torch.rand(1, 32, 10, 14, dtype=torch.float64)
    with torch.no_grad():
        decoder, score = theirs
        torch.testing.assert_close(ours((low, high)), score(decoder([None, None, low, None, None, high])))


def test_rates_of_another_stride_are_refused():
    with pytest.raises(ValueError, match=r"rates are \(12, 24, 36\), which belong to output stride 8"):
        DeepLabV3Plus(resnet18(16, 4), 5, (12, 24, 36))
    with pytest.raises(ValueError, match="num_classes is 0; wanted a whole number of at least 1"):
        DeepLabV3Plus(resnet18(16, 4), 0)
