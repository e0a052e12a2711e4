"""The context module held against the paper's table 1, the front end against the layers of the paper's code."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.models.backbones.vgg import VGG, keep_stride_8
from course.models.dense import Dense
from course.models.semantic.context import (
    ContextModule,
    FrontEndHead,
    context_basic,
    context_basic_vgg16,
    context_large,
    front_end,
    initialize_as_identity,
    with_context,
)


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("build", "channels", "parameters"),
    [
        (context_basic, 19, 23_256),
        (context_basic, 21, 28_392),
        (context_large, 19, 5_569_185),
        (context_large, 21, 6_803_139),
    ],
)
def test_it_has_the_papers_parameters(build, channels, parameters):
    with torch.device("meta"):
        module = build(channels)
    assert count(module) == parameters
    if build is context_basic:  # section 3: about 64 C² weights
        assert parameters == 64 * channels**2 + 8 * channels


def test_each_layer_sees_what_table_1_says():
    module = context_basic(1).double()
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    x = torch.zeros(1, 1, 81, 81, dtype=torch.float64, requires_grad=True)
    fields, out = [], x
    for layer in module:
        out = layer(out)
        if isinstance(layer, nn.Conv2d):
            (gradient,) = torch.autograd.grad(out[0, 0, 40, 40], x, retain_graph=True)
            rows, columns = gradient[0, 0].nonzero().T
            assert (rows.min() + rows.max(), columns.min() + columns.max()) == (80, 80)
            fields.append(int(rows.max() - rows.min()) + 1)
    assert fields == [3, 5, 9, 17, 33, 65, 67, 67]
    assert isinstance(module[-1], nn.Conv2d)


@pytest.mark.parametrize("build", [context_basic, lambda channels: context_large(channels, noise=0.0)])
@pytest.mark.parametrize("channels", [1, 3, 9])
def test_it_starts_as_the_identity_of_what_is_not_negative(build, channels):
    module = build(channels).double()
    x = torch.randn(2, channels, 37, 70, dtype=torch.float64)
    torch.testing.assert_close(module(x.abs()), x.abs())
    torch.testing.assert_close(module(x), x.relu())


def test_noise_lets_the_copies_of_a_channel_differ_and_hardly_changes_the_result():
    torch.manual_seed(0)
    module, x = context_large(4), torch.rand(1, 4, 30, 30)
    assert (module(x) - x).abs().max() < 0.05
    gradients = torch.autograd.grad(module(x).square().sum(), module[0].weight)[0]
    assert not torch.equal(gradients[0], gradients[1])
    silent = context_large(4, noise=0.0)
    first, second, *_ = torch.autograd.grad(silent(x).square().sum(), silent[0].weight)[0]
    torch.testing.assert_close(first, second)  # without it they stay the same for ever


def as_in_the_code(model, images):
    """network.py: reflected by 186 pixels, then no padding; the context module padded by its dilation."""
    convs = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    x = F.pad(images, (186,) * 4, mode="reflect")
    vgg, (fc6, fc7, score), context = convs[:13], convs[13:16], convs[16:]
    for number, conv in enumerate(vgg, 1):
        x = F.conv2d(x, conv.weight, conv.bias, dilation=2 if number > 10 else 1).relu()
        x = F.max_pool2d(x, 2) if number in (2, 4, 7) else x
    x = F.conv2d(x, fc6.weight, fc6.bias, dilation=4).relu()
    x = F.conv2d(x, fc7.weight, fc7.bias).relu()
    x = F.conv2d(x, score.weight, score.bias)
    for conv, dilation in zip(context, (1, 1, 2, 4, 8, 16, 1), strict=False):
        x = F.conv2d(x, conv.weight, conv.bias, padding=dilation, dilation=dilation).relu()
    return F.conv2d(x, context[-1].weight, context[-1].bias) if context else x


def test_away_from_the_border_it_computes_the_papers_layers():
    torch.manual_seed(0)
    backbone = keep_stride_8(VGG((2, 2, 3, 3, 3), width=2, ceil_mode=True))
    front = Dense(backbone, FrontEndHead(16, 3, 8)).double().eval()
    model = with_context(front, context_basic(3).double())
    images = torch.rand(1, 3, 472, 496, dtype=torch.float64)
    with torch.no_grad():
        scores, expected = front.classifier(backbone(images)), as_in_the_code(front, images)
        assert scores.shape == expected.shape == (1, 3, 59, 62)
        inner = slice(24, -24)  # 186 pixels are a little more than 23 of them
        assert scores[..., inner, inner].std() > 0
        torch.testing.assert_close(scores[..., inner, inner], expected[..., inner, inner])
        plugged = F.interpolate(scores.relu(), (472, 496), mode="bilinear")
        torch.testing.assert_close(model(images), plugged)  # a fresh module changes nothing that is above 0
        nn.init.normal_(model.classifier[1][4].weight)
        torch.testing.assert_close(model.classifier[1](expected), as_in_the_code(model, images))


def test_the_front_end_has_fcn_32s_layers_and_the_module_comes_on_top():
    with torch.device("meta"):
        assert count(front_end(21)) == 134_346_581  # as FCN-32s before its upsampling
        assert count(context_basic_vgg16(21)) == 134_346_581 + 28_392


@pytest.mark.parametrize("size", [(1, 1), (31, 77), (64, 96)])
def test_a_dilated_vgg_keeps_stride_8_and_its_names(size):
    plain, dilated = (
        VGG((1, 1, 1, 2, 2), width=2, ceil_mode=True),
        keep_stride_8(VGG((1, 1, 1, 2, 2), width=2, ceil_mode=True)),
    )
    dilated.load_state_dict(plain.state_dict())
    h, w = size
    features = dilated(torch.rand(1, 3, h, w))
    assert [f.shape[2:] for f in features] == [(-(-h // s), -(-w // s)) for s in (2, 4, 8, 8, 8)]
    assert dilated.strides == (2, 4, 8, 8, 8)
    assert [c.dilation[0] for c in dilated.modules() if isinstance(c, nn.Conv2d)] == [1, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: context_basic(0), "channels is 0; wanted a whole number of at least 1"),
        (lambda: ContextModule(3, (1, 2)), r"multiples are \(1, 2\) and noise 0\.0; wanted eight numbers"),
        (
            lambda: ContextModule(3, (1,) * 7 + (2,)),
            r"multiples are .*; wanted eight numbers of at least 1, the last of",
        ),
        (lambda: ContextModule(3, noise=-1.0), r"noise -1\.0; wanted .*Use context_basic or context_large"),
        (
            lambda: initialize_as_identity(nn.Conv2d(3, 4, 3), 3),
            "channels is 3, for a convolution from 3 to 4; wanted a number that divides both",
        ),
        (lambda: front_end(0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: keep_stride_8(VGG((1, 1, 1))), r"the VGG has 3 stages; wanted five, as vgg16\(\) has"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
