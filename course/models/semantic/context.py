"""Dilated VGG16 (the front end) and the context module: a view that grows exponentially, at one resolution.

Front end: VGG16 without its last two poolings. What stood behind them is dilated instead: conv5 by 2, and fc6, a 7x7
convolution as in FCN, by 4. It scores at stride 8.

Context module: seven 3x3 convolutions with dilations 1, 1, 2, 4, 8, 16, 1 and a 1x1 convolution on the scores. Each
sees 3, 5, 9, 17, 33, 65, 67, 67 pixels of them. The basic form keeps the C channels; the large one has 2, 2, 4, 8, 16,
32, 32 times as many between. It starts as the identity, so that it can be put behind a trained front end.

Our deviation: the front end's convolutions pad by zeros. The paper reflects the image, 186 pixels to each side, and
pads nothing further in; away from the border both are the same.

Source: Yu and Koltun, Multi-scale context aggregation by dilated convolutions, arXiv:1511.07122; network.py of its
code.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from course.models.backbones.vgg import VGG, keep_stride_8
from course.models.dense import Dense
from course.ops.arguments import whole

DILATIONS = (1, 1, 2, 4, 8, 16, 1, 1)
_LARGE = (2, 2, 4, 8, 16, 32, 32, 1)  # channels of each layer, in multiples of C


class ContextModule(nn.Sequential):
    """Eight convolutions of growing dilation, each but the last with a ReLU; the size stays.

    Args:
        channels: C, of the input and the output.
        multiples: channels of each layer, in multiples of C; the last is 1.
        noise: deviation of the random part of the first weights, as a fraction of the identity's weights.

    Call with (n, channels, h, w); returns the same shape. Until it is trained, and without noise, that is max(x, 0).

    Raises:
        ValueError: channels is below 1, multiples are not eight of which the last is 1, or noise is below 0.

    Source: Yu and Koltun, arXiv:1511.07122, section 3, table 1.
    """

    def __init__(self, channels: int, multiples: tuple[int, ...] = (1,) * 8, noise: float = 0.0):
        whole(channels, "channels", 1)
        if len(multiples) != len(DILATIONS) or min(multiples) < 1 or multiples[-1] != 1 or noise < 0:
            raise ValueError(
                f"multiples are {multiples} and noise {noise}; wanted eight numbers of at least 1, the last of them 1, "
                "and noise of at least 0. Use context_basic or context_large."
            )
        layers = []
        for (before, after), dilation in zip(pairwise((1, *multiples)), DILATIONS, strict=True):
            kernel_size = 1 if len(layers) == 14 else 3
            padding = dilation * (kernel_size // 2)
            conv = nn.Conv2d(before * channels, after * channels, kernel_size, padding=padding, dilation=dilation)
            initialize_as_identity(conv, channels, noise)
            layers += [conv, nn.ReLU(inplace=True)]
        super().__init__(*layers[:-1])


def context_basic(channels: int) -> ContextModule:
    """The basic context module: 64 weights per pair of channels."""
    return ContextModule(channels)


def context_large(channels: int, noise: float = 0.001) -> ContextModule:
    """The large context module; without noise the copies of a channel would never learn to differ."""
    return ContextModule(channels, _LARGE, noise)


def initialize_as_identity(conv: nn.Conv2d, channels: int, noise: float = 0.0) -> None:
    """Let a convolution pass on what it is given, in place: copies of C channels to copies of the same channels.

    Args:
        conv: of which in_channels and out_channels are multiples of C.
        channels: C.
        noise: deviation of the random numbers in all other weights, as a fraction of the middle tap's.

    Input channel a holds C's channel floor(a C / in_channels), and output channel b one of floor(b C / out_channels).
    Where these agree, the middle tap is C / out_channels. So a stack of such layers, from C channels to C, is the
    identity whatever lies between.

    Raises:
        ValueError: C divides not both in_channels and out_channels.

    Example:
        >>> conv = nn.Conv2d(2, 4, 1)
        >>> initialize_as_identity(conv, channels=2)
        >>> conv.weight[:, :, 0, 0].tolist()
        [[0.5, 0.0], [0.5, 0.0], [0.0, 0.5], [0.0, 0.5]]

    Source: Yu and Koltun, arXiv:1511.07122, equations 4 and 5.
    """
    if conv.in_channels % channels or conv.out_channels % channels:
        raise ValueError(
            f"channels is {channels}, for a convolution from {conv.in_channels} to {conv.out_channels}; wanted "
            "a number that divides both."
        )
    source = torch.arange(conv.in_channels, device=conv.weight.device) * channels // conv.in_channels
    target = torch.arange(conv.out_channels, device=conv.weight.device) * channels // conv.out_channels
    middle = conv.kernel_size[0] // 2
    tap = channels / conv.out_channels
    nn.init.normal_(conv.weight, std=noise * tap)
    nn.init.zeros_(conv.bias)
    with torch.no_grad():
        centers = conv.weight[:, :, middle, middle]
        centers.copy_(torch.where(target[:, None] == source, tap, centers))


class FrontEndHead(nn.Sequential):
    """VGG's dense layers as dilated convolutions on the last feature, and scores.

    Args:
        in_channels: of the last feature.
        num_classes: k.
        fc_channels: of fc6 and fc7, 4096 in the paper.
        kernel_size: of fc6, 7 in the paper; odd.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.
    """

    def __init__(self, in_channels: int, num_classes: int, fc_channels: int = 4096, kernel_size: int = 7):
        score = nn.Conv2d(fc_channels, num_classes, 1)
        super().__init__(
            nn.Conv2d(in_channels, fc_channels, kernel_size, padding=4 * (kernel_size // 2), dilation=4),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Conv2d(fc_channels, fc_channels, 1),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            score,
        )
        nn.init.normal_(score.weight, std=1 / math.sqrt(fc_channels))
        nn.init.zeros_(score.bias)

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return super().forward(features[-1])


def front_end(num_classes: int = 21) -> Dense:
    """The front end alone, on VGG16: FCN-32s' layers at stride 8. `backbone.load_classifier` takes trained ones."""
    whole(num_classes, "num_classes", 1)
    backbone = keep_stride_8(VGG((2, 2, 3, 3, 3), ceil_mode=True))
    return Dense(backbone, FrontEndHead(backbone.channels[-1], num_classes))


def with_context(front: Dense, context: ContextModule) -> Dense:
    """A front end, such as a trained one, with a context module behind its scores; its layers are used, not copied."""
    return Dense(front.backbone, nn.Sequential(front.classifier, context))


def context_basic_vgg16(num_classes: int = 21) -> Dense:
    """The front end on VGG16 and the basic context module."""
    return with_context(front_end(num_classes), context_basic(num_classes))


def context_large_vgg16(num_classes: int = 21) -> Dense:
    """The front end on VGG16 and the large context module."""
    return with_context(front_end(num_classes), context_large(num_classes))


def context_small(num_classes: int) -> Dense:
    """Our own, for a laptop: narrow, with batch normalization and 3x3 taps in fc6, and the basic module; 0.4 M."""
    backbone = keep_stride_8(VGG((2, 2, 2, 2, 2), batch_norm=True, width=12, ceil_mode=True))
    head = FrontEndHead(backbone.channels[-1], num_classes, fc_channels=96, kernel_size=3)
    return with_context(Dense(backbone, head), context_basic(num_classes))
