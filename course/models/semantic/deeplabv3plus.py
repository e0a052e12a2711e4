"""DeepLabV3+: V3 as an encoder, with separable convolutions, and a small decoder that brings back the detail.

ASPP's result at stride 16 is upsampled to stride 4 and stands there beside the ResNet's first feature, which a 1x1
convolution has reduced to a few channels; two 3x3 convolutions mix both, and a 1x1 convolution scores.

Norm and ReLU follow each half of a separable convolution, as in the paper's code. Where others differ:
segmentation_models_pytorch has neither between the halves, one separable convolution in the decoder and the other
behind ASPP, keeps the rates 12, 24, 36 at stride 16, and upsamples with corners aligned; so it has 13,408 parameters
less. mmsegmentation's has 512 channels, a 3x3 convolution that mixes ASPP's branches, and a deep stem;
with these its parameters and scores are the same.
Our deviation: the encoder is a ResNet; the paper's best is a modified Xception-65.

Source: Chen et al., Encoder-decoder with atrous separable convolution, arXiv:1802.02611.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet50
from course.models.blocks import ConvNormAct, SeparableConv
from course.models.dense import Dense
from course.models.images import resize_to
from course.models.semantic.deeplabv3 import ASPP, check_rates, rates_of
from course.models.semantic.fcn_resnet import resnet_small
from course.ops.arguments import whole


class DeepLabV3PlusHead(nn.Module):
    """Separable ASPP on the last feature, upsampled to the first, whose few channels stand beside it; then two 3x3s.

    Args:
        in_channels: of the last feature.
        low_channels: of the first feature, at stride 4.
        num_classes: k.
        rates: of ASPP.
        channels: of ASPP and of the decoder's convolutions, 256 in the paper.
        few: what the first feature is reduced to, so that it does not outweigh the other; 48 in the paper.

    Call with a tuple of features; returns scores (n, k, h, w) of the first one's size.

    Source: Chen et al., arXiv:1802.02611, section 3.1, figure 2, and tables 1 and 2 for the decoder's choices.
    """

    def __init__(
        self,
        in_channels: int,
        low_channels: int,
        num_classes: int,
        rates: Sequence[int],
        channels: int = 256,
        few: int = 48,
    ):
        super().__init__()
        self.aspp = ASPP(in_channels, rates, channels, separable=True)
        self.reduce = ConvNormAct(low_channels, few, 1)
        self.refine = nn.Sequential(SeparableConv(channels + few, channels), SeparableConv(channels, channels))
        self.score = nn.Conv2d(channels, num_classes, 1)

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the first feature's size."""
        fine, coarse = self.reduce(features[0]), self.aspp(features[-1])
        x = torch.cat([resize_to(coarse, fine.shape[2:]), fine], 1)
        return self.score(self.refine(x))


class DeepLabV3Plus(Dense):
    """DeepLabV3+ on a ResNet.

    Args:
        backbone: from `resnet50(output_stride=16)` and the like.
        num_classes: k, at least 1.
        rates: of ASPP; None for the paper's at the backbone's output stride.

    Call with normalized images (n, 3, h, w) of any size, two or more in training mode; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes is below 1, or the rates belong to another output stride; in the call: one image alone
            in training mode.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21, rates: Sequence[int] | None = None):
        whole(num_classes, "num_classes", 1)
        output_stride = backbone.strides[-1]
        rates = check_rates(rates_of(output_stride) if rates is None else rates, output_stride)
        super().__init__(backbone, DeepLabV3PlusHead(backbone.channels[-1], backbone.channels[0], num_classes, rates))


def deeplabv3plus_small(num_classes: int) -> Dense:
    """Our own, for a laptop: a small ResNet at stride 16, 64 channels, rates of a third; 0.5 M parameters."""
    backbone = resnet_small(16)
    rates = check_rates((2, 4, 6), 16)
    return Dense(backbone, DeepLabV3PlusHead(backbone.channels[-1], backbone.channels[0], num_classes, rates, 64, 16))


def deeplabv3plus_resnet50(num_classes: int = 21, output_stride: int = 16) -> DeepLabV3Plus:
    """DeepLabV3+ on ResNet-50: 26.7 M parameters."""
    return DeepLabV3Plus(resnet50(output_stride), num_classes)
