"""EncNet: its encoding held against the paper's sums, its layers against mmsegmentation's."""

import pytest
import torch
from torch.nn import functional as F

from course.models.backbones.resnet import ResNet, resnet18
from course.models.blocks import Bottleneck
from course.models.semantic.encnet import ContextEncoding, EncHead, EncNet, Encoding, encnet_resnet50, encnet_small


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_it_has_mmsegmentation_s_parameters():
    with torch.device("meta"):
        model = encnet_resnet50(19)
    assert count(model) == 33_527_270  # mmsegmentation 1.2.2, EncNet-R50-D8, without its auxiliary head


def test_encoding_is_the_papers_sum_over_pixels_with_its_gradients():
    torch.manual_seed(0)
    layer = Encoding(3, 4).double()
    x = torch.randn(2, 3, 5, 6, dtype=torch.float64, requires_grad=True)
    pixels = x.flatten(2).transpose(1, 2)
    residuals = pixels[:, :, None] - layer.codewords  # (n, pixels, K, c), as in the paper
    weights = (-layer.smoothing * residuals.square().sum(3)).exp()
    expected = (weights / weights.sum(2, keepdim=True))[..., None].mul(residuals).sum(1)
    found = layer(x)
    torch.testing.assert_close(found, expected)
    inputs = (x, layer.codewords, layer.smoothing)
    for a, b in zip(
        torch.autograd.grad(found.square().sum(), inputs),
        torch.autograd.grad(expected.square().sum(), inputs),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


def test_the_order_of_the_pixels_does_not_matter_and_one_codeword_takes_all():
    torch.manual_seed(0)
    layer, x = Encoding(3, 4).double(), torch.randn(1, 3, 5, 6, dtype=torch.float64)
    mixed = x.flatten(2)[..., torch.randperm(30)].view(1, 3, 6, 5)
    torch.testing.assert_close(layer(mixed), layer(x))
    single = Encoding(3, 1).double()
    torch.testing.assert_close(single(x)[0, 0], (x[0] - single.codewords[0][:, None, None]).sum((1, 2)))


def test_attention_keeps_a_share_between_one_and_two_of_each_channel():
    torch.manual_seed(0)
    context = ContextEncoding(6, 4, 5).double().eval()
    x = torch.rand(2, 6, 7, 8, dtype=torch.float64) + 0.1
    out, presence = context(x)
    share = out / x
    assert (share > 1).all()
    assert (share < 2).all()
    torch.testing.assert_close(share, share.mean((2, 3), keepdim=True).expand_as(share))
    assert presence.shape == (2, 4)


def tiny():
    return EncNet(ResNet(Bottleneck, (1, 1, 1, 1), 4, 8), 5, 16, 8)


def test_it_computes_the_layers_of_the_papers_code(numbered, waves):
    model, images = numbered(tiny()), waves(65, 50)
    head = model.classifier

    def normed(x, norm):
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias).relu()

    with torch.no_grad():
        x = normed(F.conv2d(model.backbone(images)[-1], head.reduce[0].weight, padding=1), head.reduce[1])
        context = head.context
        projected = normed(F.conv2d(x, context.project[0].weight), context.project[1])
        encoded = normed(context.encode(projected), context.norm).mean(1)
        attention = F.linear(encoded, context.attention.weight, context.attention.bias).sigmoid()
        x = (x + x * attention[:, :, None, None]).relu()
        scores = F.conv2d(x, head.score.weight, head.score.bias)
        logits, presence = model.with_presence(images)
        torch.testing.assert_close(logits, F.interpolate(scores, (65, 50), mode="bilinear"))
        torch.testing.assert_close(presence, F.linear(encoded, context.presence.weight, context.presence.bias))
        assert torch.equal(model(images), logits)


def test_its_head_computes_mmsegmentation_s_scores_and_presence_as_written_down(numbered, waves):
    # mmsegmentation 1.2.2, EncHead(in_channels=128, channels=16, num_codes=8, num_classes=5), with weights and feature
    # by the formulas of conftest and the smoothing factors negated: the scores of pixel (4, 3), and the presence.
    with torch.no_grad():
        scores, presence = numbered(EncHead(128, 5, 16, 8)).with_presence((waves(9, 7, 128),))
    expected = torch.tensor([-0.1798696489, -0.1838974798, -0.1635965111, -0.1217657639, -0.0640383406]).double()
    torch.testing.assert_close(scores[0, :, 4, 3], expected, rtol=0, atol=1e-7)
    expected = torch.tensor([3.2052684773, 4.3346334149, 4.8986825527, 4.8239819175, 4.1203838481]).double()
    torch.testing.assert_close(presence[0], expected, rtol=0, atol=1e-6)


def test_one_image_alone_trains():
    logits, presence = encnet_small(5).with_presence(torch.rand(1, 3, 40, 60))
    assert (logits.shape, presence.shape) == ((1, 5, 40, 60), (1, 5))


@pytest.mark.parametrize("name", ["num_classes", "channels", "num_codes"])
def test_what_is_below_one_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} is 0; wanted a whole number of at least 1"):
        EncNet(resnet18(8, 4), **{name: 0})
