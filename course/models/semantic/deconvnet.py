"""DeconvNet: VGG16 down to a single pixel, and its mirror image back, by unpooling and transposed convolution.

Where SegNet stops at the last pooling, DeconvNet keeps VGG's dense layers as convolutions (fc6, fc7) and undoes fc6 by
a transposed convolution; that bottleneck holds four fifths of its 252 million parameters. Batch normalization follows
every layer: the paper found that it does not train without.

Sizes need not be even; but the bottleneck's taps must fit into the last pooled map.

All of its transposed convolutions have stride 1. Such a layer is a convolution with each filter rotated by 180°, and is
computed as one (`Deconvolution`): on a CPU that takes a fraction of the time.

Source: Noh, Hong and Han, arXiv:1505.04366, section 3 and table 1.
"""

from collections.abc import Mapping
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from course.models.backbones.vgg import VGG, vgg16
from course.models.blocks import initialize
from course.models.images import check_images
from course.models.semantic.segnet import pool_after_each, unpool_before_each
from course.ops.arguments import Pair, pair, whole


class Deconvolution(nn.ConvTranspose2d):
    """Transposed convolution of stride 1, with the parameters of torch's and the same numbers.

    With stride 1 there are no zeros to insert: it is a convolution with the filters rotated by 180°, input and output
    channels exchanged, and kernel_size - 1 - padding zeros around the map.

    Call with (n, in_channels, h, w); returns (n, out_channels, h + kernel_size - 1 - 2 padding, …).

    Source: Dumoulin and Visin, arXiv:1603.07285, section 4.1 to 4.3.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Pair, padding: int = 0):
        super().__init__(in_channels, out_channels, kernel_size, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        """The convolution that this is."""
        around = [taps - 1 - zeros for taps, zeros in zip(self.kernel_size, self.padding, strict=True)]
        return F.conv2d(x, self.weight.flip(2, 3).transpose(0, 1), self.bias, padding=around)


class DeconvNet(nn.Module):
    """DeconvNet on VGG16 with batch normalization.

    Args:
        num_classes: k, at least 1.
        width: channels of the first stage, 64 in the paper.
        fc_size: (h, w) of fc6's taps, or one number for both, at least 1: 7 in the paper, so that 224 x 224 pixels
            become one. For images of 128 x 192 give (4, 6).
        fc_channels: of the bottleneck, 4096 in the paper; None for 64 times `width`.

    Call with normalized images (n, 3, h, w), h and w at least 32 times fc_size; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes is below 1; in the call: fc6 does not fit into the images' last map.
    """

    def __init__(self, num_classes: int = 21, width: int = 64, fc_size: Pair = 7, fc_channels: int | None = None):
        super().__init__()
        whole(num_classes, "num_classes", 1)
        h, w = pair(fc_size, "fc_size", 1)
        self.least = 32 * h, 32 * w
        self.encoder: VGG = vgg16(True, width)
        c1, c2, c3, c4, c5 = self.encoder.channels
        fc_channels = fc_channels or 64 * width
        self.bottleneck = nn.Sequential(
            *_normed(nn.Conv2d(c5, fc_channels, (h, w))),
            *_normed(nn.Conv2d(fc_channels, fc_channels, 1)),
            *_normed(Deconvolution(fc_channels, c5, (h, w))),
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
        self.score = nn.Conv2d(c1, num_classes, 1)
        initialize(self.bottleneck)
        initialize(self.decoder)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        check_images(images, least=self.least)
        x, switches = pool_after_each(self.encoder.stages(), images)
        return self.score(unpool_before_each(self.decoder, self.bottleneck(x), switches))

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start the encoder from torchvision's trained vgg16_bn.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        self.encoder.load_classifier(state_dict)


def deconvnet_small(num_classes: int) -> DeconvNet:
    """Our own, for a laptop: a quarter of the channels, 2 x 2 taps at the bottom; 2.0 M parameters."""
    return DeconvNet(num_classes, width=16, fc_size=2, fc_channels=128)


def deconvnet_full(num_classes: int) -> DeconvNet:
    """DeconvNet as in the paper: 252 M parameters."""
    return DeconvNet(num_classes)


def _deconvolutions(*channels: int) -> nn.Sequential:
    """3x3 transposed convolution, norm, ReLU, from each number of channels to the next; the size stays."""
    steps = (_normed(Deconvolution(a, b, 3, padding=1)) for a, b in pairwise(channels))
    return nn.Sequential(*(layer for step in steps for layer in step))


def _normed(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[nn.Module, nn.Module, nn.Module]:
    return layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU(inplace=True)
