"""U-Net: down to see far, up again to see sharp, and at each level a bridge that carries the detail across.

Each level down is two 3x3 convolutions and a pooling that halves the size while the width doubles; each level up is a
2x2 transposed convolution, the bridge's features beside it, and two convolutions.

- `ValidUNet`: as the paper draws it. No padding, so each convolution loses a pixel on each side and every output pixel
  has seen real pixels only: 572 come out as 388. Bridges are cropped to their middle. Only some sizes fit.
- `UNet`: as people use it. Padded, with batch normalisation, any size.

What the paper has besides: dropout at the end of the way down. It trains from 30 pictures; leave it out with more.

Source: Ronneberger et al., arXiv:1505.04597.
"""

from operator import index

import torch
from torch import Tensor, nn

from course.models.blocks import ConvNormAct, initialise

WIDTHS = (64, 128, 256, 512, 1024)


class UNet(nn.Module):
    """U-Net with padding: logits of the image's size.

    Args:
        classes: k.
        channels: of the image.
        widths: channels of each level, the finest first; one more than there are poolings.
        norm: batch normalisation after each 3x3 convolution; without it they have biases.

    Call with (n, channels, h, w) of any size; returns (n, classes, h, w). Odd sizes are pooled with a last window that
    hangs over the edge, and what is too much on the way up is cut off there.

    Raises:
        ValueError: fewer than one class, channel or level, or, in the call, another number of channels.

    Source: Ronneberger et al., arXiv:1505.04597; padding and normalisation are later custom.
    """

    def __init__(self, classes: int, channels: int = 3, widths: tuple[int, ...] = WIDTHS, norm: bool = True):
        super().__init__()
        _check(classes, channels, widths)
        convolve = _padded_with_norm if norm else _padded
        self.channels = channels
        self.down = nn.ModuleList(map(convolve, (channels, *widths), widths))
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.up = nn.ModuleList(map(_upsample, widths[:0:-1], widths[-2::-1]))
        self.fuse = nn.ModuleList(convolve(2 * width, width) for width in widths[-2::-1])
        self.score = nn.Conv2d(widths[0], classes, 1)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, classes, h, w) of images (n, channels, h, w)."""
        _check_images(images, self.channels)
        bridges = descend(self.down, self.pool, images)
        x = bridges.pop()
        for up, fuse in zip(self.up, self.fuse, strict=True):
            bridge = bridges.pop()
            h, w = bridge.shape[2:]
            x = fuse(torch.cat([bridge, up(x)[:, :, :h, :w]], 1))
        return self.score(x)


class ValidUNet(nn.Module):
    """U-Net as drawn: no padding, no normalisation, the bridges cropped.

    Args:
        classes: k; the paper has 2.
        channels: of the image; the paper's are grey, 1.
        widths: channels of each level, the finest first; one more than there are poolings.

    Call with (n, channels, h, w) of a size that fits, see `valid_size`; returns (n, classes, h - lost, w - lost) with
    `lost` pixels fewer, half of them on each side: the logits of the image's middle. With four poolings 184 are lost.

    Raises:
        ValueError: fewer than one class, channel or level, or, in the call, another number of channels or a size that
            does not fit.

    Source: Ronneberger et al., arXiv:1505.04597, section 2 and figure 1.
    """

    def __init__(self, classes: int = 2, channels: int = 1, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        _check(classes, channels, widths)
        self.channels, self.poolings = channels, len(widths) - 1
        self.lost = lost_pixels(self.poolings)
        self.down = nn.ModuleList(map(_unpadded, (channels, *widths), widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(map(_upsample, widths[:0:-1], widths[-2::-1]))
        self.fuse = nn.ModuleList(_unpadded(2 * width, width) for width in widths[-2::-1])
        self.score = nn.Conv2d(widths[0], classes, 1)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, classes, h - lost, w - lost) of the middle of images (n, channels, h, w)."""
        _check_images(images, self.channels)
        fitting = tuple(valid_size(length, self.poolings) for length in images.shape[2:])
        if images.shape[2:] != fitting:
            raise ValueError(
                f"images of {tuple(images.shape[2:])} do not fit: a pooling would leave half a window; mirror them "
                f"to {fitting}, or let course.ops.tiling.apply_tiled cut them"
            )
        bridges = descend(self.down, self.pool, images)
        x = bridges.pop()
        for up, fuse in zip(self.up, self.fuse, strict=True):
            x = up(x)
            x = fuse(torch.cat([crop_middle(bridges.pop(), x.shape[2:]), x], 1))
        return self.score(x)


def valid_size(length: int, poolings: int = 4) -> int:
    """The smallest input of at least this many pixels that fits a `ValidUNet`.

    At the lowest level b pixels come in; each level above had twice as many and the 4 that its convolutions lose:
    2^p b + 4 (2^p - 1) at the top for p poolings, and b large enough that something is left at the end.

    Args:
        length: pixels along one axis.
        poolings: p, at least 0.

    Returns:
        Pixels along that axis; `lost_pixels(poolings)` fewer come out. For four poolings 188, 204, … 572, …

    Raises:
        ValueError: poolings below 0.
    """
    step = 2 ** _whole(poolings, "poolings", 0)
    frame = 4 * (step - 1)
    least = lost_pixels(poolings) + 1
    return -(-(max(length, least) - frame) // step) * step + frame


def lost_pixels(poolings: int = 4) -> int:
    """How many pixels fewer a `ValidUNet` gives than it gets, along each axis: 184 for four poolings.

    4 in the two convolutions at the lowest level, which are 4 * 2^p at the top; on each other level 4 on the way down
    and 4 on the way up, which are 8 (1 + 2 + … + 2^(p-1)).
    """
    return 4 * 2**poolings + 8 * (2**poolings - 1)


def crop_middle(x: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle of x (n, c, h, w), of the given (h, w); of an odd rest the larger half is lost below and right."""
    top, left = ((have - want) // 2 for have, want in zip(x.shape[2:], size, strict=True))
    return x[:, :, top : top + size[0], left : left + size[1]]


def descend(levels: nn.ModuleList, pool: nn.Module, x: Tensor) -> list[Tensor]:
    """Features of every level, the finest first, with a pooling between one and the next."""
    features = [levels[0](x)]
    for level in levels[1:]:
        features.append(level(pool(features[-1])))
    return features


def _padded_with_norm(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(ConvNormAct(inside, outside), ConvNormAct(outside, outside))


def _padded(inside: int, outside: int, padding: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=padding),
        nn.ReLU(inplace=True),
        nn.Conv2d(outside, outside, 3, padding=padding),
        nn.ReLU(inplace=True),
    )


def _unpadded(inside: int, outside: int) -> nn.Sequential:
    return _padded(inside, outside, padding=0)


def _upsample(inside: int, outside: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inside, outside, 2, stride=2)


def _check(classes: int, channels: int, widths: tuple[int, ...]) -> None:
    for value, name in ((classes, "classes"), (channels, "channels"), *((w, "each of widths") for w in widths)):
        _whole(value, name, 1)
    if len(widths) < 1:
        raise ValueError("widths is empty; give the channels of each level, such as (16, 32, 64)")


def _whole(value: int, name: str, least: int) -> int:
    if index(value) < least:
        raise ValueError(f"{name} is {value}; it must be a whole number of at least {least}")
    return value


def _check_images(images: Tensor, channels: int) -> None:
    if images.ndim != 4 or images.shape[1] != channels or 0 in images.shape[2:]:
        raise ValueError(
            f"images are {tuple(images.shape)}; give (n, {channels}, h, w), or build the network with other channels"
        )
