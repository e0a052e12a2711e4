"""SegNet: an encoder that pools with switches, and a decoder that mirrors it and unpools by them.

The decoder gets nothing from the encoder but where each maximum stood. Each unpooled map is nearly empty; the
convolutions behind it fill it. `SegNet` has the 13 convolutions of VGG16 on both sides; `SegNetBasic` has four 7x7
convolutions on both sides, those of the decoder without ReLU.

Sizes need not be even: pooling drops the last odd row or column, and unpooling restores the size it came from.

Our deviation: the small network of the paper normalizes the contrast of its input first; here images are normalized
by a mean and a deviation.

Source: Badrinarayanan, Kendall and Cipolla, arXiv:1511.00561, sections 3 and 4.1.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from course.models.backbones.vgg import VGG, vgg16
from course.models.blocks import initialize
from course.models.images import check_images
from course.ops.arguments import whole
from course.ops.unpooling import max_pool_with_switches, max_unpool

Switches = list[tuple[Tensor, torch.Size]]


def pool_after_each(stages: Iterable[Callable[[Tensor], Tensor]], x: Tensor) -> tuple[Tensor, Switches]:
    """The encoder of a network that unpools: stages with a 2x2 pooling after each.

    Returns:
        the last pooled map; and for each stage the switches of its pooling and the (h, w) before it.
    """
    switches = []
    for stage in stages:
        x = stage(x)
        size = x.shape[2:]
        x, where = max_pool_with_switches(x)
        switches.append((where, size))
    return x, switches


def unpool_before_each(stages: Iterable[nn.Module], x: Tensor, switches: Switches) -> Tensor:
    """The decoder that mirrors `pool_after_each`: stages with an unpooling before each, the last switches first."""
    for stage, (where, size) in zip(stages, reversed(switches), strict=True):
        x = stage(max_unpool(x, where, size))
    return x


class SegNet(nn.Module):
    """SegNet on VGG16 with batch normalization.

    Args:
        num_classes: k, at least 1.
        width: channels of the first stage, 64 in the paper; the others have 2, 4, 8 and 8 times as many.

    Call with normalized images (n, 3, h, w), h and w at least 32; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes is below 1; in the call: images are too small for five poolings.
    """

    def __init__(self, num_classes: int = 11, width: int = 64):
        super().__init__()
        whole(num_classes, "num_classes", 1)
        self.encoder: VGG = vgg16(True, width)
        c1, c2, c3, c4, c5 = self.encoder.channels
        self.decoder = nn.ModuleList(
            [
                _convolutions(c5, c5, c5, c4),
                _convolutions(c4, c4, c4, c3),
                _convolutions(c3, c3, c3, c2),
                _convolutions(c2, c2, c1),
                _convolutions(c1, c1),
            ]
        )
        self.score = nn.Conv2d(c1, num_classes, 3, padding=1)
        initialize(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        check_images(images, least=self.encoder.least)
        x, switches = pool_after_each(self.encoder.stages(), images)
        return self.score(unpool_before_each(self.decoder, x, switches))

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the encoder from torchvision's trained vgg16_bn.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        self.encoder.load_classifier(state_dict)


class SegNetBasic(nn.Module):
    """The small SegNet: four stages, 7x7 convolutions, one number of channels throughout.

    Args:
        num_classes: k, at least 1.
        width: channels of every layer, 64 in the paper.
        stages: poolings, 4 in the paper.

    Call with normalized images (n, 3, h, w), h and w at least 2 to the number of stages; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes or stages is below 1; in the call: images are too small for the poolings.
    """

    def __init__(self, num_classes: int = 11, width: int = 64, stages: int = 4):
        super().__init__()
        whole(num_classes, "num_classes", 1)
        whole(stages, "stages", 1)
        in_channels = [3] + [width] * (stages - 1)
        self.encoder = nn.ModuleList(nn.Sequential(*_conv7(c, width), nn.ReLU(inplace=True)) for c in in_channels)
        self.decoder = nn.ModuleList(nn.Sequential(*_conv7(width, width)) for _ in range(stages))
        self.score = nn.Conv2d(width, num_classes, 1)
        initialize(self.encoder)
        initialize(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        check_images(images, least=2 ** len(self.encoder))
        x, switches = pool_after_each(self.encoder, images)
        return self.score(unpool_before_each(self.decoder, x, switches))


def segnet_small(num_classes: int) -> SegNet:
    """Our own, for a laptop: a quarter of the paper's channels; 1.8 M parameters."""
    return SegNet(num_classes, width=16)


def segnet_full(num_classes: int) -> SegNet:
    """SegNet as in the paper: 29.4 M parameters."""
    return SegNet(num_classes)


def segnet_basic(num_classes: int) -> SegNetBasic:
    """SegNet-Basic as in the paper: 1.4 M parameters."""
    return SegNetBasic(num_classes)


def _convolutions(*channels: int) -> nn.Sequential:
    """3x3 convolution (with a bias, as VGG's), norm, ReLU, from each number of channels to the next."""
    layers = []
    for in_channels, out_channels in pairwise(channels):
        layers += [
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


def _conv7(in_channels: int, out_channels: int) -> tuple[nn.Module, nn.Module]:
    """7x7 convolution and norm."""
    return nn.Conv2d(in_channels, out_channels, 7, padding=3, bias=False), nn.BatchNorm2d(out_channels)
