"""DeepLabV3: dilation sees far, at several rates at once, and image pooling sees all.

- Parallel: atrous spatial pyramid pooling (ASPP), that is 3x3 convolutions of several dilations ("rates") on the last
  feature, a 1x1 convolution and image pooling, side by side, and a 1x1 convolution to mix them.
- Cascaded: three more copies of the last stage, each with twice the dilation of the one before.

A rate is counted in pixels of the feature, so it belongs to an output stride: 6, 12, 18 at 16, twice as much at 8.
`rates_of` gives them; so weights that were trained at one stride predict at the other without a change. Multi-grid
spreads out the blocks of the last stage by different factors.

The parallel network has torchvision's layers by torchvision's names:
`model.load_state_dict(torchvision_weights("deeplabv3_resnet50"))`. Where others differ: the paper has no auxiliary
head and its ResNets have the stride elsewhere; mmsegmentation has a deep stem and 512 channels, which a 3x3 convolution
mixes, with none behind it; segmentation_models_pytorch dilates the first block of a stage as much as the others, and
upsamples with corners aligned.

Source: Chen et al., Rethinking atrous convolution for semantic image segmentation, arXiv:1706.05587;
torchvision.models.segmentation.deeplabv3.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet50, resnet101
from course.models.blocks import Bottleneck, ConvNormAct, PooledConv, SeparableConv, initialize
from course.models.dense import Dense, DenseWithAuxiliary
from course.models.semantic.fcn_resnet import FCNHead, resnet_small
from course.ops.arguments import as_int, whole

_RATES = {32: (3, 6, 9), 16: (6, 12, 18), 8: (12, 24, 36)}  # the paper's, by output stride


def rates_of(output_stride: int) -> tuple[int, int, int]:
    """The paper's rates at an output stride: 96, 192 and 288 pixels of the image, whatever the stride.

    Args:
        output_stride: 32, 16 or 8.

    Raises:
        ValueError: output_stride is another.

    Example:
        >>> rates_of(16), rates_of(8)
        ((6, 12, 18), (12, 24, 36))
    """
    if output_stride not in _RATES:
        raise ValueError(f"output_stride is {output_stride}; wanted 32, 16 or 8.")
    return _RATES[output_stride]


def check_rates(
    rates: Sequence[int], output_stride: int, usual: Mapping[int, tuple[int, ...]] = _RATES
) -> tuple[int, ...]:
    """The rates as a tuple of ints, unless they are none, or those of another output stride.

    Args:
        rates: dilations, each at least 1.
        output_stride: of the backbone that ASPP stands on.
        usual: the paper's rates by output stride.

    Raises:
        ValueError: there is no rate, one is not a whole number of at least 1, or they are the paper's elsewhere.

    Example:
        >>> check_rates((12, 24, 36), 16)
        Traceback (most recent call last):
            ...
        ValueError: rates are (12, 24, 36), which belong to output stride 8; wanted those of output stride 16. Give \
(6, 12, 18), or a backbone with output_stride=8.
    """
    given = tuple(as_int(rate) for rate in rates)
    if not given or None in given or min(given) < 1:
        raise ValueError(f"rates are {tuple(rates)}; wanted whole numbers of at least 1, such as (6, 12, 18).")
    for stride, others in usual.items():
        if stride != output_stride and given == others:
            raise ValueError(
                f"rates are {given}, which belong to output stride {stride}; wanted those of output stride "
                f"{output_stride}. Give {usual[output_stride]}, or a backbone with output_stride={stride}."
            )
    return given


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling of DeepLabV3.

    Args:
        in_channels: of the feature.
        rates: dilation of each 3x3 convolution.
        out_channels: of each branch and of the whole, 256 in the paper.
        separable: filter each channel first and mix then, as V3+ does.

    Call with (n, in_channels, h, w); returns (n, out_channels, h, w). In training mode it takes two images or more.

    Source: Chen et al., arXiv:1706.05587, section 3.3 and figure 5; arXiv:1802.02611, section 3.1.
    """

    def __init__(self, in_channels: int, rates: Sequence[int], out_channels: int = 256, separable: bool = False):
        super().__init__()
        atrous = SeparableConv if separable else ConvNormAct
        self.convs = nn.ModuleList(
            [
                ConvNormAct(in_channels, out_channels, 1),
                *(atrous(in_channels, out_channels, dilation=rate) for rate in rates),
                PooledConv(in_channels, out_channels),
            ]
        )
        self.project = ConvNormAct(len(self.convs) * out_channels, out_channels, 1)
        self.project.append(nn.Dropout(0.5))

    def forward(self, x: Tensor) -> Tensor:
        """All branches side by side, mixed."""
        return self.project(torch.cat([branch(x) for branch in self.convs], 1))


class DeepLabV3Head(nn.Sequential):
    """ASPP on the last feature, a 3x3 convolution, a 1x1 convolution to score.

    Args:
        in_channels: of the last feature.
        num_classes: k.
        rates: of ASPP.
        channels: of all layers between, 256 in the paper.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.
    """

    def __init__(self, in_channels: int, num_classes: int, rates: Sequence[int], channels: int = 256):
        super().__init__(
            ASPP(in_channels, rates, channels), *ConvNormAct(channels, channels), nn.Conv2d(channels, num_classes, 1)
        )

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return super().forward(features[-1])


class CascadedHead(nn.Sequential):
    """More copies of a ResNet's last stage behind it, each with twice the dilation, and a 1x1 convolution to score.

    Args:
        in_channels: of the last feature; a multiple of 4.
        num_classes: k.
        dilation: of the first copy's blocks. The paper's is 4 at output stride 16: the stage itself has 2.
        stages: how many copies of three blocks, at least 1; 3 in the paper (block5 to block7).
        grid: multi-grid, a factor of the dilation for each block of a stage.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.

    Raises:
        ValueError: stages or dilation is below 1.

    Source: Chen et al., arXiv:1706.05587, section 3.2 and figure 3b.
    """

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        dilation: int,
        stages: int = 3,
        grid: tuple[int, int, int] = (1, 1, 1),
    ):
        whole(stages, "stages", 1)
        whole(dilation, "dilation", 1)
        rates = (dilation * 2**stage * factor for stage in range(stages) for factor in grid)
        blocks = [Bottleneck(in_channels, in_channels // 4, dilations=(rate, rate)) for rate in rates]
        super().__init__(*blocks, nn.Conv2d(in_channels, num_classes, 1))
        initialize(self)

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return super().forward(features[-1])


class DeepLabV3(DenseWithAuxiliary):
    """DeepLabV3 with ASPP on a ResNet, and an auxiliary head for training.

    Args:
        backbone: from `resnet50(output_stride=8)` and the like.
        num_classes: k, at least 1.
        rates: of ASPP; None for the paper's at the backbone's output stride.

    Call with normalized images (n, 3, h, w) of any size, two or more in training mode; returns logits (n, k, h, w). To
    train with both heads, call `with_auxiliary`.

    Raises:
        ValueError: num_classes is below 1, or the rates belong to another output stride; in the call: one image alone
            in training mode.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21, rates: Sequence[int] | None = None):
        whole(num_classes, "num_classes", 1)
        *_, middle, last = backbone.channels
        output_stride = backbone.strides[-1]
        rates = check_rates(rates_of(output_stride) if rates is None else rates, output_stride)
        auxiliary = FCNHead(middle, num_classes, feature=-2)
        super().__init__(backbone, DeepLabV3Head(last, num_classes, rates), auxiliary)


def use_multi_grid(backbone: ResNet, grid: Sequence[int] = (1, 2, 4)) -> ResNet:
    """Spread out the last stage's blocks by different factors, in place; the weights stay.

    Args:
        backbone: a ResNet of bottlenecks, with output stride 16 or 8.
        grid: for each block of the last stage the factor of that stage's dilation; (1, 2, 4) is the paper's best.

    Returns:
        The backbone. With dilation 2 its blocks now have 2, 4 and 8. (1, 1, 1) gives 2, 2, 2, where torchvision's rule
        leaves 1 in the first block.

    Raises:
        ValueError: there are more or fewer blocks than factors, a factor is below 1, or nothing is dilated.

    Source: Chen et al., arXiv:1706.05587, section 3.2.
    """
    dilation = 32 // backbone.strides[-1]
    if dilation == 1 or len(grid) != len(backbone.layer4) or min(grid) < 1:
        raise ValueError(
            f"grid is {tuple(grid)}, for {len(backbone.layer4)} blocks of output stride {backbone.strides[-1]}; wanted "
            "a factor of at least 1 for each block, and output stride 16 or 8. Give such as (1, 2, 4) to resnet50(16)."
        )
    for block, factor in zip(backbone.layer4, grid, strict=True):
        block.conv2.dilation = block.conv2.padding = (factor * dilation, factor * dilation)
    return backbone


def deeplabv3_small(num_classes: int) -> Dense:
    """Our own, for a laptop: a small ResNet and 48 channels; rates of a third, as its images are; 0.6 M parameters."""
    backbone = resnet_small(8)
    return Dense(backbone, DeepLabV3Head(backbone.channels[-1], num_classes, check_rates((4, 8, 12), 8), 48))


def deeplabv3_resnet50(num_classes: int = 21, output_stride: int = 8) -> DeepLabV3:
    """DeepLabV3 on ResNet-50; torchvision's with the values as they are."""
    return DeepLabV3(resnet50(output_stride), num_classes)


def deeplabv3_resnet101(num_classes: int = 21, output_stride: int = 8) -> DeepLabV3:
    """DeepLabV3 on ResNet-101; torchvision's with the values as they are."""
    return DeepLabV3(resnet101(output_stride), num_classes)


def deeplabv3_cascaded(num_classes: int = 21, output_stride: int = 16) -> Dense:
    """DeepLabV3 on ResNet-50 without ASPP: seven stages, with multi-grid (1, 2, 1)."""
    whole(num_classes, "num_classes", 1)
    backbone = use_multi_grid(resnet50(output_stride), (1, 2, 1))
    head = CascadedHead(backbone.channels[-1], num_classes, 2 * 32 // output_stride, grid=(1, 2, 1))
    return Dense(backbone, head)
