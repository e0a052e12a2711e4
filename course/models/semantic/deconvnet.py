"""DeconvNet: VGG16 down to a single pixel, and its mirror image back, by unpooling and transposed convolution.

Where SegNet stops at the last pooling, DeconvNet keeps VGG's dense layers as convolutions (fc6, fc7) and turns fc6
round with a transposed convolution; that bottleneck holds four fifths of its 252 million parameters. Batch
normalisation follows every layer: the paper found that it does not train without.

Sizes need not be even; but the bottleneck's taps must fit into the last pooled map.

All of its transposed convolutions have stride 1. Such a one is a convolution with each filter turned round, and is
computed so (`Deconvolution`): on a CPU that takes a fraction of the time.

Source: Noh, Hong and Han, arXiv:1505.04366, section 3 and table 1.
"""

from collections.abc import Mapping
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from course.models.backbones.vgg import VGG, vgg16
from course.models.blocks import initialise
from course.ops.arguments import Pair, pair
from course.ops.unpooling import max_pool_with_switches, max_unpool


class Deconvolution(nn.ConvTranspose2d):
    """Transposed convolution of stride 1, with the parameters of torch's and the same numbers.

    With stride 1 there are no zeros to insert: it is a convolution with the filters turned by 180°, input and output
    channels exchanged, and taps - 1 - padding zeros around the map.

    Call with (n, inside, h, w); returns (n, outside, h + taps - 1 - 2 padding, …).

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1 to 4.3.
    """

    def __init__(self, inside: int, outside: int, taps: Pair, padding: int = 0):
        super().__init__(inside, outside, taps, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        """The convolution that this is."""
        around = [taps - 1 - zeros for taps, zeros in zip(self.kernel_size, self.padding, strict=True)]
        return F.conv2d(x, self.weight.flip(2, 3).transpose(0, 1), self.bias, padding=around)


class DeconvNet(nn.Module):
    """DeconvNet on VGG16 with batch normalisation.

    Args:
        classes: k, at least 1.
        width: channels of the first stage, 64 in the paper.
        bottleneck: taps of fc6, at least 1, an int or (h, w): 7 in the paper, so that 224 x 224 pixels become one.
            For images of 128 x 192 give (4, 6).
        dense: channels of the bottleneck, 4096 in the paper; None for 64 times `width`.

    Call with images (n, 3, h, w), h and w at least 32 times the bottleneck's; returns logits (n, k, h, w).

    Raises:
        ValueError: fewer than one class; images in whose last map the bottleneck does not fit, with the size to use.
    """

    def __init__(self, classes: int = 21, width: int = 64, bottleneck: Pair = 7, dense: int | None = None):
        super().__init__()
        if classes < 1:
            raise ValueError(f"classes is {classes}; give at least 1")
        self.taps = pair(bottleneck, "bottleneck", 1)
        self.encoder: VGG = vgg16(True, width)
        c1, c2, c3, c4, c5 = self.encoder.channels
        dense = dense or 64 * width
        self.bottleneck = nn.Sequential(
            *_normed(nn.Conv2d(c5, dense, self.taps)),
            *_normed(nn.Conv2d(dense, dense, 1)),
            *_normed(Deconvolution(dense, c5, self.taps)),
        )
        self.decoder = nn.ModuleList(
            [
                _deconvolutions(c5, c5, c5, c5),
                _deconvolutions(c5, c4, c4, c3),
                _deconvolutions(c3, c3, c3, c2),
                _deconvolutions(c2, c2, c1),
                _deconvolutions(c1, c1, c1),
            ]
        )
        self.score = nn.Conv2d(c1, classes, 1)
        initialise(self.bottleneck)
        initialise(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        self._check(images)
        x, way_back = images, []
        for index in range(5):
            x = self.encoder.stage(index, x)
            size = x.shape[2:]
            x, switches = max_pool_with_switches(x)
            way_back.append((switches, size))
        x = self.bottleneck(x)
        for deconvolutions, (switches, size) in zip(self.decoder, reversed(way_back), strict=True):
            x = deconvolutions(max_unpool(x, switches, size))
        return self.score(x)

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the encoder from torchvision's trained vgg16_bn.

        Raises:
            ValueError: the weights of another network, with the names that differ.
        """
        self.encoder.load_classifier(state_dict)

    def _check(self, images: Tensor) -> None:
        self.encoder.check(images)
        (h, w), (rows, columns) = images.shape[2:], self.taps
        if h < 32 * rows or w < 32 * columns:
            raise ValueError(
                f"images are {h} x {w}, and the bottleneck's {rows} x {columns} taps do not fit into their last map "
                f"of {h // 32} x {w // 32}; give images of at least {32 * rows} x {32 * columns}, or build the network "
                f"with bottleneck=({min(rows, h // 32)}, {min(columns, w // 32)})"
            )


def _deconvolutions(*channels: int) -> nn.Sequential:
    """3x3 transposed convolution, norm, ReLU, from each number of channels to the next; the size stays."""
    steps = (_normed(Deconvolution(a, b, 3, padding=1)) for a, b in pairwise(channels))
    return nn.Sequential(*(layer for step in steps for layer in step))


def _normed(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[nn.Module, nn.Module, nn.Module]:
    return layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU(inplace=True)
