"""ParseNet: its norm held against torchvision's in SSD and the paper's gradients, its fusions against each other."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection.ssd import SSDFeatureExtractorVGG
from torchvision.models.vgg import vgg11

from course.models.semantic.deeplab import deeplab_vgg, deeplabv1_vgg16
from course.models.semantic.parsenet import (
    EarlyFusion,
    L2Norm,
    LateFusion,
    ParseNet,
    parsenet_late_vgg16,
    parsenet_vgg16,
)


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_its_norm_is_that_of_torchvision_s_ssd():
    torch.manual_seed(0)
    theirs = SSDFeatureExtractorVGG(vgg11().features, highres=False)
    x = torch.rand(2, 512, 3, 4)
    theirs.features, theirs.extra = nn.Identity(), nn.ModuleList()
    ours = L2Norm(512)
    nn.init.normal_(theirs.scale_weight)
    ours.scale.data.copy_(theirs.scale_weight)
    torch.testing.assert_close(ours(x), theirs(x)["0"])


def test_its_gradients_are_those_of_the_paper():
    torch.manual_seed(0)
    norm = L2Norm(5).double()
    nn.init.normal_(norm.scale)
    x = torch.randn(1, 5, 1, 1, dtype=torch.float64, requires_grad=True)
    g = torch.randn(5, dtype=torch.float64)  # dl/dy
    norm(x).backward(g.view(1, 5, 1, 1))
    v, length = x.detach().flatten(), x.detach().norm()
    g_unit = norm.scale.detach() * g  # section 3.3: dl/dx^ = γ dl/dy, dl/dx = dl/dx^ (I/|x| - x x'/|x|³)
    expected = (torch.eye(5, dtype=torch.float64) / length - torch.outer(v, v) / length**3) @ g_unit
    torch.testing.assert_close(x.grad.flatten(), expected)
    torch.testing.assert_close(norm.scale.grad, g * v / length)


def test_a_zero_vector_stays_zero_with_finite_gradients():
    x = torch.zeros(1, 3, 2, 2, requires_grad=True)
    out = L2Norm(3)(x)
    out.sum().backward()
    assert out.eq(0).all()
    assert x.grad.isfinite().all()


def test_late_fusion_with_the_halves_of_the_weights_is_early_fusion():
    torch.manual_seed(0)
    early, late = EarlyFusion(6, 4).double(), LateFusion(6, 4).double()
    late.local_norm.load_state_dict(early.local_norm.state_dict())
    late.global_norm.load_state_dict(early.global_norm.state_dict())
    with torch.no_grad():
        late.local_score.weight.copy_(early.score.weight[:, :6])
        late.global_score.weight.copy_(early.score.weight[:, 6:])
        late.local_score.bias.copy_(early.score.bias)
        late.global_score.bias.zero_()
    x = torch.randn(2, 6, 5, 7, dtype=torch.float64)
    torch.testing.assert_close(late(x), early(x))


def test_it_computes_the_papers_figure():
    torch.manual_seed(0)
    model = ParseNet(deeplab_vgg(width=2), 5, fc_channels=8).double().eval()
    images = torch.rand(2, 3, 65, 50, dtype=torch.float64)
    fc6, _, _, fc7, _, _ = model.classifier.layers
    fusion = model.classifier.fusion
    with torch.no_grad():
        x = F.conv2d(model.backbone(images)[-1], fc6.weight, fc6.bias, padding=12, dilation=12).relu()
        x = F.conv2d(x, fc7.weight, fc7.bias).relu()
        mean = x.mean((2, 3), keepdim=True)
        parts = [part / part.square().sum(1, keepdim=True).sqrt() * 10 for part in (x, mean.repeat(1, 1, 9, 7))]
        scores = F.conv2d(torch.cat(parts, 1), fusion.score.weight, fusion.score.bias)
        torch.testing.assert_close(model(images), F.interpolate(scores, (65, 50), mode="bilinear"))


def test_it_adds_scales_and_scores_to_the_large_field():
    with torch.device("meta"):
        base, early, late = (count(build(21)) for build in (deeplabv1_vgg16, parsenet_vgg16, parsenet_late_vgg16))
    assert base == 20_505_429  # tests/models/test_deeplab.py
    assert early == base + 2 * 1024 + 1024 * 21
    assert late == early + 21


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ParseNet(deeplab_vgg(width=2), 0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: ParseNet(deeplab_vgg(width=2), 5, rate=0), "rate is 0; wanted a whole number of at least 1"),
        (lambda: ParseNet(deeplab_vgg(width=2), 5, fc_channels=0), "fc_channels is 0; wanted a whole number"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
