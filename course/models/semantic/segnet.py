"""SegNet: an encoder that pools with switches, and a decoder that mirrors it and unpools by them.

The decoder gets nothing from the encoder but where each maximum stood. Each unpooled map is nearly empty; the
convolutions behind it fill it. `SegNet` has the 13 convolutions of VGG16 on both sides; `SegNetBasic` has four 7x7
convolutions on both sides, those of the decoder without ReLU.

Sizes need not be even: pooling drops the last odd row or column, and unpooling restores the size it came from.

Our deviation: the small network of the paper normalises the contrast of the input first; here that is left to the
data's transforms.

Source: Badrinarayanan, Kendall and Cipolla, arXiv:1511.00561, sections 3 and 4.1.
"""

from collections.abc import Mapping
from itertools import pairwise

from torch import Tensor, nn

from course.models.backbones.vgg import VGG, vgg16
from course.models.blocks import initialise
from course.ops.unpooling import max_pool_with_switches, max_unpool


class SegNet(nn.Module):
    """SegNet on VGG16 with batch normalisation.

    Args:
        classes: k, at least 1.
        width: channels of the first stage, 64 in the paper; the others have 2, 4, 8 and 8 times as many.

    Call with images (n, 3, h, w), h and w at least 32; returns logits (n, k, h, w).

    Raises:
        ValueError: fewer than one class; images that five poolings leave nothing of.
    """

    def __init__(self, classes: int = 11, width: int = 64):
        super().__init__()
        if classes < 1:
            raise ValueError(f"classes is {classes}; give at least 1")
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
        self.score = nn.Conv2d(c1, classes, 3, padding=1)
        initialise(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        self.encoder.check(images)
        x, way_back = images, []
        for index in range(5):
            x = self.encoder.stage(index, x)
            size = x.shape[2:]
            x, switches = max_pool_with_switches(x)
            way_back.append((switches, size))
        for convolutions, (switches, size) in zip(self.decoder, reversed(way_back), strict=True):
            x = convolutions(max_unpool(x, switches, size))
        return self.score(x)

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the encoder from torchvision's trained vgg16_bn.

        Raises:
            ValueError: the weights of another network, with the names that differ.
        """
        self.encoder.load_classifier(state_dict)


class SegNetBasic(nn.Module):
    """The small SegNet: four stages, 7x7 convolutions, one number of channels throughout.

    Args:
        classes: k, at least 1.
        width: channels of every layer, 64 in the paper.
        stages: poolings, 4 in the paper.

    Call with images (n, 3, h, w), h and w at least 2 to the number of stages; returns logits (n, k, h, w).

    Raises:
        ValueError: fewer than one class or stage; images that the poolings leave nothing of.
    """

    def __init__(self, classes: int = 11, width: int = 64, stages: int = 4):
        super().__init__()
        if classes < 1 or stages < 1:
            raise ValueError(f"classes is {classes} and stages {stages}; give at least 1 of both")
        inside = [3] + [width] * (stages - 1)
        self.encoder = nn.ModuleList(nn.Sequential(*_seven(c, width), nn.ReLU(inplace=True)) for c in inside)
        self.decoder = nn.ModuleList(nn.Sequential(*_seven(width, width)) for _ in range(stages))
        self.score = nn.Conv2d(width, classes, 1)
        initialise(self.encoder)
        initialise(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        least = 2 ** len(self.encoder)
        if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < least:
            raise ValueError(
                f"images have shape {tuple(images.shape)}; give (n, 3, h, w) with h and w at least {least}, "
                f"of which {len(self.encoder)} poolings leave one pixel"
            )
        x, way_back = images, []
        for convolution in self.encoder:
            x = convolution(x)
            size = x.shape[2:]
            x, switches = max_pool_with_switches(x)
            way_back.append((switches, size))
        for convolution, (switches, size) in zip(self.decoder, reversed(way_back), strict=True):
            x = convolution(max_unpool(x, switches, size))
        return self.score(x)


def _convolutions(*channels: int) -> nn.Sequential:
    """3x3 convolution (with a bias, as VGG's), norm, ReLU, from each number of channels to the next."""
    layers = []
    for inside, outside in pairwise(channels):
        layers += [nn.Conv2d(inside, outside, 3, padding=1), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


def _seven(inside: int, outside: int) -> tuple[nn.Module, nn.Module]:
    """7x7 convolution and norm."""
    return nn.Conv2d(inside, outside, 7, padding=3, bias=False), nn.BatchNorm2d(outside)
