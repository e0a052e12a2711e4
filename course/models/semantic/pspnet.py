"""PSPNet: what lies in a part of the image, for parts of four sizes, stands beside each pixel's feature.

The last feature is averaged over 1x1, 2x2, 3x3 and 6x6 parts. A 1x1 convolution gives each level a quarter of the
channels, so that the four together weigh as much as the feature itself; then they are brought back to its size. A 3x3
convolution mixes all, a 1x1 convolution scores. An auxiliary head on the third stage helps a deep backbone to train.

The paper's code begins with three 3x3 convolutions in place of the 7x7 one (`use_deep_stem`), which its text does not
tell; `pspnet_resnet50` has them. `PSPNet(resnet50(output_stride=8))` has the plain ResNet, for torchvision's trained
classifier.

With the same weights it gives pytorchcv's logits but for one point: pytorchcv, as the paper's code in Caffe, aligns
corners when it upsamples. mmsegmentation does as we do; its first convolutions are half as wide.
segmentation_models_pytorch's PSPNet is not the paper's: it ends at stride 8 after two stages, has no dilation, no norm
behind the single part, a 1x1 convolution to mix, and no auxiliary head.

Source: Zhao et al., Pyramid scene parsing network, arXiv:1612.01105.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet50, resnet101
from course.models.blocks import ConvNormAct, PooledConv, initialize
from course.models.dense import Dense, DenseWithAuxiliary
from course.models.semantic.fcn_resnet import FCNHead, resnet_small
from course.ops.arguments import as_int, whole


class PyramidPooling(nn.Module):
    """The feature, and beside it its means over coarser and finer parts.

    Args:
        in_channels: of the feature; a multiple of the number of levels.
        bins: parts along each axis, for each level.

    Call with (n, in_channels, h, w), h and w at least the largest of `bins`; returns (n, 2 * in_channels, h, w).

    Raises:
        ValueError: there is no level, a level has no part, or the levels do not divide in_channels; in the call: a
            part would be finer than a pixel, or one image alone in training mode.

    Source: Zhao et al., arXiv:1612.01105, section 3.2.
    """

    def __init__(self, in_channels: int, bins: Sequence[int] = (1, 2, 3, 6)):
        super().__init__()
        parts = tuple(as_int(level) for level in bins)
        if not parts or None in parts or min(parts) < 1 or in_channels % len(parts):
            raise ValueError(
                f"bins are {tuple(bins)}, for {in_channels} channels; wanted whole numbers of at least 1, and a number "
                "of them that divides the channels. Give such as (1, 2, 3, 6)."
            )
        self.levels = nn.ModuleList(PooledConv(in_channels, in_channels // len(parts), level) for level in parts)

    def forward(self, x: Tensor) -> Tensor:
        """The feature and its levels."""
        return torch.cat([x, *(level(x) for level in self.levels)], 1)


class PSPHead(nn.Sequential):
    """Pyramid pooling of the last feature, a 3x3 convolution, a 1x1 convolution to score.

    Args:
        in_channels: of the last feature.
        num_classes: k.
        bins: of pyramid pooling.
        channels: that the 3x3 convolution leaves; None for a quarter of in_channels, as in the paper's code.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.
    """

    def __init__(
        self, in_channels: int, num_classes: int, bins: Sequence[int] = (1, 2, 3, 6), channels: int | None = None
    ):
        channels = channels or in_channels // 4
        super().__init__(
            PyramidPooling(in_channels, bins),
            *ConvNormAct(2 * in_channels, channels),
            nn.Dropout(0.1),
            nn.Conv2d(channels, num_classes, 1),
        )

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return super().forward(features[-1])


class PSPNet(DenseWithAuxiliary):
    """PSPNet on a ResNet, with an auxiliary head for training.

    Args:
        backbone: from `resnet50(output_stride=8)` and the like.
        num_classes: k, at least 1.
        bins: of pyramid pooling.

    Call with normalized images (n, 3, h, w), two or more in training mode, so large that the last feature has a pixel
    for each part (41 x 41 for 6 bins at stride 8); returns logits (n, k, h, w). To train with both heads, call
    `with_auxiliary`, and weigh the auxiliary loss by 0.4, as in the paper.

    Raises:
        ValueError: num_classes is below 1, or bins are not as `PyramidPooling` wants them; in the call: images are too
            small, or one image alone in training mode.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21, bins: Sequence[int] = (1, 2, 3, 6)):
        whole(num_classes, "num_classes", 1)
        *_, middle, last = backbone.channels
        super().__init__(backbone, PSPHead(last, num_classes, bins), FCNHead(middle, num_classes, feature=-2))


def use_deep_stem(backbone: ResNet, width: int | None = None) -> ResNet:
    """Put three 3x3 convolutions in place of a ResNet's first, 7x7 one, in place; they begin untrained.

    Args:
        backbone: a ResNet.
        width: channels of the first two of them; the third has twice as many. None for the width of the ResNet, 64, as
            in the paper's code; half of that leaves the rest of the ResNet as it is (ResNetV1c).

    Returns:
        The backbone. The first block behind takes the new channels, and is untrained too where these changed.
    """
    before = backbone.conv1.out_channels
    width = before if width is None else whole(width, "width", 1)
    third = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
    backbone.conv1 = nn.Sequential(*ConvNormAct(3, width, stride=2), *ConvNormAct(width, width), third)
    backbone.bn1 = nn.BatchNorm2d(2 * width)
    initialize(backbone.conv1)
    if 2 * width != before:
        first = backbone.layer1[0]
        backbone.layer1[0] = type(first)(2 * width, first.conv1.out_channels)
        initialize(backbone.layer1[0])
    return backbone


def pspnet_small(num_classes: int) -> Dense:
    """Our own, for a laptop: a small ResNet, and 64 channels behind the pyramid; 0.6 M parameters."""
    backbone = resnet_small(8)
    return Dense(backbone, PSPHead(backbone.channels[-1], num_classes, channels=64))


def pspnet_resnet50(num_classes: int = 21, output_stride: int = 8) -> PSPNet:
    """PSPNet on ResNet-50 with a deep stem; pytorchcv's with the values as they are."""
    return PSPNet(use_deep_stem(resnet50(output_stride)), num_classes)


def pspnet_resnet101(num_classes: int = 21, output_stride: int = 8) -> PSPNet:
    """PSPNet on ResNet-101 with a deep stem; pytorchcv's with the values as they are."""
    return PSPNet(use_deep_stem(resnet101(output_stride)), num_classes)
