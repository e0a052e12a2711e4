"""ParseNet: the mean of a feature over the whole image stands beside the feature of each pixel.

Features of different layers, and their means, differ in magnitude by orders, and the larger would drown the smaller. So
each vector is divided by its length first, and each channel gets a learned scale.

- Early fusion: the mean is repeated at each pixel, both are concatenated, and one layer scores them.
- Late fusion: each is scored on its own, and the scores are added.

With a linear layer to score, both can express the same; they start and train differently.

Our base is the paper's for VOC: DeepLab's large field of view on VGG16. The paper fuses other features of VGG as well
(pool3, conv4, conv5), and averages scores over image positions; both are left out. The
scale starts at 10, our choice: unit vectors would leave the scores too small to learn fast.

Source: Liu, Rabinovich and Berg, ParseNet: looking wider to see better, arXiv:1506.04579, sections 3.1 to 3.3.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.models.backbones.vgg import VGG
from course.models.dense import Dense
from course.models.semantic.deeplab import LargeField, deeplab_vgg
from course.ops.arguments import whole


class L2Norm(nn.Module):
    """Each pixel's vector divided by its length, times a learned scale per channel.

    Args:
        channels: c.
        scale: what each channel's scale starts at.

    Call with (n, c, h, w); returns the same shape. Vectors shorter than 1e-6 are divided by that instead, so that zero
    stays zero.

    Example:
        >>> L2Norm(2, scale=10.0)(torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)).flatten().tolist()
        [6.0, 8.0]

    Source: Liu et al., arXiv:1506.04579, section 3.3.
    """

    def __init__(self, channels: int, scale: float = 10.0):
        super().__init__()
        self.scale = nn.Parameter(torch.full((channels,), scale))

    def forward(self, x: Tensor) -> Tensor:
        """Vectors of the scale's length."""
        return self.scale[:, None, None] * F.normalize(x, dim=1, eps=1e-6)


class EarlyFusion(nn.Module):
    """Scores of each pixel's feature and the image's mean, side by side.

    Args:
        channels: c, of the feature.
        num_classes: k.

    Call with (n, c, h, w); returns scores (n, k, h, w).
    """

    def __init__(self, channels: int, num_classes: int):
        super().__init__()
        self.local_norm, self.global_norm = L2Norm(channels), L2Norm(channels)
        self.score = nn.Conv2d(2 * channels, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Concatenate, then score."""
        mean = self.global_norm(x.mean((2, 3), keepdim=True))
        return self.score(torch.cat([self.local_norm(x), mean.expand_as(x)], 1))


class LateFusion(nn.Module):
    """Scores of each pixel's feature, and of the image's mean, added.

    Args:
        channels: c, of the feature.
        num_classes: k.

    Call with (n, c, h, w); returns scores (n, k, h, w).
    """

    def __init__(self, channels: int, num_classes: int):
        super().__init__()
        self.local_norm, self.global_norm = L2Norm(channels), L2Norm(channels)
        self.local_score = nn.Conv2d(channels, num_classes, 1)
        self.global_score = nn.Conv2d(channels, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Score, then add."""
        mean = x.mean((2, 3), keepdim=True)
        return self.local_score(self.local_norm(x)) + self.global_score(self.global_norm(mean))


class ParseNetHead(nn.Module):
    """VGG's dense layers with a large field of view, and the mean of their last feature beside it.

    Args:
        in_channels: of the backbone's last feature.
        fusion: from `fc_channels` to scores.
        rate: dilation of fc6.
        fc_channels: of fc6 and fc7, 1024 in the paper.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.
    """

    def __init__(self, in_channels: int, fusion: EarlyFusion | LateFusion, rate: int = 12, fc_channels: int = 1024):
        super().__init__()
        *layers, _ = LargeField(in_channels, 1, rate, fc_channels)
        self.layers, self.fusion = nn.Sequential(*layers), fusion

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return self.fusion(self.layers(features[-1]))


class ParseNet(Dense):
    """ParseNet on a VGG.

    Args:
        backbone: from `deeplab_vgg()`.
        num_classes: k, at least 1.
        fusion: `EarlyFusion` or `LateFusion`.
        rate: dilation of fc6, in pixels of stride 8.
        fc_channels: of fc6 and fc7, 1024 in the paper.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes, rate or fc_channels is below 1.
    """

    def __init__(
        self,
        backbone: VGG,
        num_classes: int = 21,
        fusion: type[EarlyFusion] | type[LateFusion] = EarlyFusion,
        rate: int = 12,
        fc_channels: int = 1024,
    ):
        for value, name in ((num_classes, "num_classes"), (rate, "rate"), (fc_channels, "fc_channels")):
            whole(value, name, 1)
        head = ParseNetHead(backbone.channels[-1], fusion(fc_channels, num_classes), rate, fc_channels)
        super().__init__(backbone, head)


def parsenet_small(num_classes: int) -> ParseNet:
    """Our own, for a laptop: early fusion, with batch normalization and a third of the rate; 0.4 M parameters."""
    backbone = deeplab_vgg((2, 2, 2, 2, 2), batch_norm=True, width=12)
    return ParseNet(backbone, num_classes, rate=4, fc_channels=96)


def parsenet_vgg16(num_classes: int = 21) -> ParseNet:
    """ParseNet with early fusion on VGG16: 20.5 M parameters."""
    return ParseNet(deeplab_vgg(), num_classes)


def parsenet_late_vgg16(num_classes: int = 21) -> ParseNet:
    """ParseNet with late fusion on VGG16: 20.5 M parameters."""
    return ParseNet(deeplab_vgg(), num_classes, LateFusion)
