"""The shared blocks, held against torch's layers and torchvision's residual blocks."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torchvision.models import resnet as peer
from torchvision.ops import Conv2dNormActivation

from course.models.blocks import BasicBlock, Bottleneck, ConvNormAct, PooledConv, SeparableConv, initialize


@settings(deadline=None, max_examples=25)
@given(
    kernel_size=st.sampled_from([1, 3, 5, 7]),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    groups=st.sampled_from([1, 2, 4]),
    h=st.integers(1, 12),
    w=st.integers(1, 12),
)
def test_conv_norm_act_is_torchvision_s_block(kernel_size, stride, dilation, groups, h, w):
    torch.manual_seed(0)
    ours = ConvNormAct(4, 8, kernel_size, stride, dilation, groups).eval()
    theirs = Conv2dNormActivation(4, 8, kernel_size, stride, dilation=dilation, groups=groups).eval()
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, 4, h, w)
    out = ours(x)
    assert out.shape == (2, 8, -(-h // stride), -(-w // stride))
    torch.testing.assert_close(out, theirs(x))


def test_separable_conv_filters_each_channel_and_then_mixes_them():
    torch.manual_seed(0)
    block = SeparableConv(3, 5, stride=2, dilation=2)
    x = torch.randn(2, 3, 9, 11)
    (depth, norm, _), (point, last, _) = block
    filtered = torch.cat([F.conv2d(x[:, i : i + 1], depth.weight[i : i + 1], None, 2, 2, 2) for i in range(3)], 1)
    filtered = F.relu(F.batch_norm(filtered, None, None, training=True, eps=norm.eps))
    mixed = torch.einsum("nchw,kc->nkhw", filtered, point.weight[:, :, 0, 0])
    mixed = F.relu(F.batch_norm(mixed, None, None, training=True, eps=last.eps))
    torch.testing.assert_close(block(x), mixed)


@pytest.mark.parametrize(("ours", "theirs"), [(BasicBlock, peer.BasicBlock), (Bottleneck, peer.Bottleneck)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("same", [True, False])
def test_residual_blocks_are_torchvision_s(ours, theirs, stride, same):
    torch.manual_seed(0)
    width = 4
    out_channels = width * ours.expansion
    in_channels = out_channels if same else 6
    block = ours(in_channels, width, stride).eval()
    around = None
    if stride != 1 or in_channels != out_channels:
        around = nn.Sequential(peer.conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels))
    reference = theirs(in_channels, width, stride, around).eval()
    reference.load_state_dict(block.state_dict())
    x = torch.randn(2, in_channels, 7, 10)
    torch.testing.assert_close(block(x), reference(x))


@pytest.mark.parametrize("build", [ConvNormAct, SeparableConv, PooledConv, BasicBlock, Bottleneck])
def test_gradients_reach_every_parameter(build):
    torch.manual_seed(0)
    block = build(4, 8)
    block(torch.randn(2, 4, 9, 9)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in block.parameters())


def test_initialize_draws_convolutions_with_he_s_variance_and_makes_norms_the_identity():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64), nn.ConvTranspose2d(64, 32, 3))
    nn.init.constant_(module[1].weight, 5)
    initialize(module)
    assert module[0].weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)  # fan out: 64 x 3 x 3
    assert module[1].weight.eq(1).all()
    assert all(layer.bias.eq(0).all() for layer in module)


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="kernel_size is 4; wanted an odd number"):
        ConvNormAct(3, 8, 4)


@pytest.mark.parametrize("bins", [1, 2, 3, 6])
def test_pooled_conv_is_mean_of_the_parts_convolution_and_bilinear_upsampling(bins):
    torch.manual_seed(0)
    block = PooledConv(3, 5, bins).eval()
    x = torch.randn(2, 3, 7, 10)
    means = torch.empty(2, 3, bins, bins)
    for row in range(bins):
        for column in range(bins):  # part i of b on h pixels: floor(i h / b) up to ceil((i + 1) h / b)
            rows = slice(row * 7 // bins, -(-(row + 1) * 7 // bins))
            columns = slice(column * 10 // bins, -(-(column + 1) * 10 // bins))
            means[:, :, row, column] = x[:, :, rows, columns].mean((2, 3))
    _, conv, norm, _ = block
    pooled = F.relu(F.batch_norm(F.conv2d(means, conv.weight), norm.running_mean, norm.running_var))
    expected = F.interpolate(pooled, (7, 10), mode="bilinear")
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_bins_finer_than_the_map_are_refused_with_the_remedy():
    message = r"the features are 5 × 9; wanted at least 6 × 6 for as many bins\. Give larger images, a smaller output_s"
    with pytest.raises(ValueError, match=message):
        PooledConv(3, 4, 6)(torch.rand(2, 3, 5, 9))


def test_one_image_is_refused_in_training_only_where_one_bin_leaves_one_number():
    with pytest.raises(
        ValueError, match=r"the batch is one image, .*Give at least two images, .*\(drop_last=True\), or"
    ):
        PooledConv(3, 4)(torch.rand(1, 3, 5, 9))
    assert PooledConv(3, 4, 2)(torch.rand(1, 3, 5, 9)).shape == (1, 4, 5, 9)
    assert PooledConv(3, 4).eval()(torch.rand(1, 3, 5, 9)).shape == (1, 4, 5, 9)
