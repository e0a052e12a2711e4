import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course.models.semantic.hrnet import ExchangeUnit, HRNet, hrnet_small, hrnet_w18_small, hrnet_w48


def conv(in_channels, out_channels, taps):
    """Weights of a convolution without bias and of its batch norm."""
    return taps * taps * in_channels * out_channels + 2 * out_channels


def by_arithmetic(classes, width, modules, blocks, bottlenecks, bottleneck):
    """Parameters, summed from the published configuration line by line."""
    widths, out_channels = [width, 2 * width, 4 * width, 8 * width], 4 * bottleneck
    total = conv(3, 64, 3) + conv(64, 64, 3)
    for i in range(bottlenecks):
        in_channels = out_channels if i else 64
        total += conv(in_channels, bottleneck, 1) + conv(bottleneck, bottleneck, 3) + conv(bottleneck, out_channels, 1)
        total += conv(in_channels, out_channels, 1) if in_channels != out_channels else 0
    total += conv(out_channels, widths[0], 3) + conv(out_channels, widths[1], 3)
    total += conv(widths[1], widths[2], 3) + conv(widths[2], widths[3], 3)
    for streams, repeats in zip((2, 3, 4), modules, strict=True):
        here = widths[:streams]
        each = sum(2 * blocks * conv(w, w, 3) for w in here)
        for i, goal in enumerate(here):
            for j, source in enumerate(here):
                if j > i:
                    each += conv(source, goal, 1)
                if j < i:
                    each += (i - j - 1) * conv(source, source, 3) + conv(source, goal, 3)
        total += repeats * each
    together = sum(widths)
    return total + together * together + together + 2 * together + together * classes + classes


# Configurations seg_hrnet_*.yaml and the table of parameters in README.md (master) of
# github.com/HRNet/HRNet-Semantic-Segmentation; the table cuts the second digit off instead of rounding.
PUBLISHED = [
    (hrnet_w48, (48, (1, 4, 3), 4, 4, 64), 65.8),
    (hrnet_w18_small, (18, (1, 3, 2), 2, 2, 64), 3.9),
    (lambda classes: HRNet(classes, 16, (1, 1, 1), 2, 1, 32), (16, (1, 1, 1), 2, 1, 32), 1.5),  # W18-Small-v1
]


@pytest.mark.parametrize(("build", "configuration", "millions"), PUBLISHED, ids=["W48", "W18-Small-v2", "W18-Small-v1"])
def test_parameters_are_those_published(build, configuration, millions):
    with torch.device("meta"):
        count = sum(p.numel() for p in build(19).parameters())
    assert count == by_arithmetic(19, *configuration)
    assert int(count / 1e5) / 10 == millions


def test_layers_have_the_published_names_so_that_published_weights_fit():
    with torch.device("meta"):
        shapes = {name: tuple(t.shape) for name, t in hrnet_w18_small(19).state_dict().items()}
    assert shapes["layer1.0.downsample.0.weight"] == (256, 64, 1, 1)
    assert shapes["transition1.0.0.weight"] == (18, 256, 3, 3)
    assert shapes["transition3.3.0.0.weight"] == (144, 72, 3, 3)
    assert shapes["stage3.2.branches.1.1.conv2.weight"] == (36, 36, 3, 3)
    assert shapes["stage4.1.fuse_layers.0.3.0.weight"] == (18, 144, 1, 1)
    assert shapes["stage4.1.fuse_layers.3.0.1.0.weight"] == (18, 18, 3, 3)
    assert shapes["stage4.1.fuse_layers.3.0.2.1.running_mean"] == (144,)
    assert shapes["last_layer.3.bias"] == (19,)
    assert "stage4.1.fuse_layers.3.0.3.0.weight" not in shapes


def randomise_norms(network):
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for t in (layer.weight, layer.bias, layer.running_mean):
                nn.init.normal_(t)
            nn.init.uniform_(layer.running_var, 0.5, 2)


def normed(x, norm):
    mean, var, weight, bias = (t[:, None, None] for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias))
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def test_an_exchange_unit_of_three_streams_is_the_sum_written_out():
    torch.manual_seed(0)
    exchange = ExchangeUnit((2, 3, 4)).double().eval()
    randomise_norms(exchange)
    sizes = (13, 18), (7, 9), (4, 5)
    a, b, c = (torch.randn(2, w, *s, dtype=torch.float64) for w, s in zip((2, 3, 4), sizes, strict=True))

    def up(i, j, x):
        scored = normed(F.conv2d(x, exchange[i][j][0].weight), exchange[i][j][1])
        return F.interpolate(scored, sizes[i], mode="bilinear")

    def down(step, x):
        return normed(F.conv2d(x, step[0].weight, stride=2, padding=1), step[1])

    expected = [
        (a + up(0, 1, b) + up(0, 2, c)).relu(),
        (down(exchange[1][0][0], a) + b + up(1, 2, c)).relu(),
        (down(exchange[2][0][1], down(exchange[2][0][0], a).relu()) + down(exchange[2][1][0], b) + c).relu(),
    ]
    for found, wanted in zip(exchange([a, b, c]), expected, strict=True):
        torch.testing.assert_close(found, wanted)


def test_the_finest_stream_stays_at_stride_4_and_each_other_is_half_the_one_before():
    network = hrnet_small(5).eval()
    shapes = [tuple(f.shape) for f in network.features(torch.rand(1, 3, 96, 64))]
    assert shapes == [(1, 16, 24, 16), (1, 32, 12, 8), (1, 64, 6, 4), (1, 128, 3, 2)]


@pytest.mark.parametrize("size", [(64, 96), (75, 101), (33, 1), (1, 1)])
def test_any_size_comes_out_as_it_went_in(size):
    network = hrnet_small(7).eval()
    assert network(torch.rand(2, 3, *size)).shape == (2, 7, *size)


@pytest.mark.parametrize("build", [hrnet_w48, hrnet_w18_small])
def test_the_large_ones_take_odd_sizes_too(build):
    with torch.device("meta"):
        assert build(19)(torch.zeros(2, 3, 123, 77)).shape == (2, 19, 123, 77)


def test_gradients_reach_every_weight_and_the_image():
    network, images = hrnet_small(5), torch.rand(2, 3, 70, 65, requires_grad=True)
    network(images).square().mean().backward()
    assert images.grad.abs().sum() > 0
    for name, p in network.named_parameters():
        assert p.grad is not None, name
        assert p.grad.isfinite().all(), name
        assert p.grad.abs().sum() > 0 or name.endswith("bias"), name


def test_coarse_streams_reach_the_finest_at_once():
    exchange = ExchangeUnit((2, 4)).eval()
    fine, coarse = torch.rand(1, 2, 8, 8), torch.rand(1, 4, 4, 4, requires_grad=True)
    exchange([fine, coarse])[0].sum().backward()
    assert coarse.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hrnet_small(5)(torch.zeros(1, 1, 8, 8)), r"images are \(1, 1, 8, 8\); wanted \(n, 3, h, w\)"),
        (lambda: hrnet_small(5)(torch.zeros(3, 8, 8)), r"images are \(3, 8, 8\); wanted \(n, 3, h, w\)"),
        (lambda: HRNet(0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: HRNet(5, modules=(1, 1)), r"modules \(1, 1\), .* and three modules"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
