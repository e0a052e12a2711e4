"""U-Net: down to see far, up again to see sharp, and at each level a skip connection that carries the detail across.

Each level down is two 3x3 convolutions and a pooling that halves the size while the width doubles; each level up is a
2x2 transposed convolution, the skip's features beside it, and two convolutions.

- `ValidUNet`: as the paper draws it. No padding, so each convolution loses a pixel on each side and every output pixel
  has seen real pixels only: 572 come out as 388. Skips are cropped to their middle. Only some sizes fit.
- `UNet`: as people use it. Padded, with batch normalization, any size.

What the paper has besides: dropout at the end of the way down. It trains on 30 images; leave it out with more.

Source: Ronneberger et al., arXiv:1505.04597.
"""

import torch
from torch import Tensor, nn

from course.models.blocks import ConvNormAct, initialize
from course.models.images import check_images
from course.ops.arguments import whole

WIDTHS = (64, 128, 256, 512, 1024)


class UNet(nn.Module):
    """U-Net with padding: logits of the image's size.

    Args:
        num_classes: k.
        in_channels: of the image.
        widths: channels of each level, the finest first; one more than there are poolings.
        norm: batch normalization after each 3x3 convolution; without it they have biases.

    Call with normalized images (n, in_channels, h, w) of any size; returns logits (n, k, h, w). Odd sizes are pooled
    with a last window that hangs over the edge, and what is too much on the way up is cropped there.

    Raises:
        ValueError: num_classes, in_channels or a width is below 1; in the call: images have other channels.

    Source: Ronneberger et al., arXiv:1505.04597; padding and normalization came later.
    """

    def __init__(self, num_classes: int, in_channels: int = 3, widths: tuple[int, ...] = WIDTHS, norm: bool = True):
        super().__init__()
        _check(num_classes, in_channels, widths)
        convolve = _padded_with_norm if norm else _padded
        self.in_channels = in_channels
        self.down = nn.ModuleList(map(convolve, (in_channels, *widths), widths))
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.up = nn.ModuleList(map(_upsample, widths[:0:-1], widths[-2::-1]))
        self.fuse = nn.ModuleList(convolve(2 * width, width) for width in widths[-2::-1])
        self.score = nn.Conv2d(widths[0], num_classes, 1)
        initialize(self)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        check_images(images, self.in_channels)
        skips = descend(self.down, self.pool, images)
        x = skips.pop()
        for up, fuse in zip(self.up, self.fuse, strict=True):
            skip = skips.pop()
            h, w = skip.shape[2:]
            x = fuse(torch.cat([skip, up(x)[:, :, :h, :w]], 1))
        return self.score(x)


class ValidUNet(nn.Module):
    """U-Net as drawn: no padding, no normalization, the skips cropped.

    Args:
        num_classes: k; the paper has 2.
        in_channels: of the image; the paper's are grey, 1.
        widths: channels of each level, the finest first; one more than there are poolings.

    Call with normalized images (n, in_channels, h, w) of a size that fits, see `valid_size`; returns logits
    (n, k, h - lost, w - lost) with `lost` pixels fewer, half of them on each side: those of the image's middle. With
    four poolings 184 are lost.

    Raises:
        ValueError: num_classes, in_channels or a width is below 1; in the call: images have other channels, or a size
            that does not fit.

    Source: Ronneberger et al., arXiv:1505.04597, section 2 and figure 1.
    """

    def __init__(self, num_classes: int = 2, in_channels: int = 1, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        _check(num_classes, in_channels, widths)
        self.in_channels, self.poolings = in_channels, len(widths) - 1
        self.lost = lost_pixels(self.poolings)
        self.down = nn.ModuleList(map(_unpadded, (in_channels, *widths), widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(map(_upsample, widths[:0:-1], widths[-2::-1]))
        self.fuse = nn.ModuleList(_unpadded(2 * width, width) for width in widths[-2::-1])
        self.score = nn.Conv2d(widths[0], num_classes, 1)
        initialize(self)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' middle."""
        check_images(images, self.in_channels)
        size = tuple(images.shape[2:])
        fitting = tuple(valid_size(length, self.poolings) for length in size)
        if size != fitting:
            raise ValueError(
                f"images are {size[0]} × {size[1]}; wanted {fitting[0]} × {fitting[1]}, or a pooling leaves half a "
                "window. Mirror them to that size, or let course.ops.tiling.apply_tiled cut them."
            )
        skips = descend(self.down, self.pool, images)
        x = skips.pop()
        for up, fuse in zip(self.up, self.fuse, strict=True):
            x = up(x)
            x = fuse(torch.cat([crop_middle(skips.pop(), x.shape[2:]), x], 1))
        return self.score(x)


def unet_small(num_classes: int) -> UNet:
    """Our own, for a laptop: an eighth to a quarter of the paper's channels; 0.95 M parameters."""
    return UNet(num_classes, widths=(16, 32, 64, 96, 128))


def unet_deep(num_classes: int) -> UNet:
    """Our own, for a GPU: one pooling more and narrower than drawn, so it sees twice as far for half the work."""
    return UNet(num_classes, widths=(48, 96, 192, 384, 512, 512))


def unet_full(num_classes: int) -> UNet:
    """U-Net with the paper's widths: 31 M parameters."""
    return UNet(num_classes)


def valid_size(length: int, poolings: int = 4) -> int:
    """The smallest input of at least this many pixels that fits a `ValidUNet`.

    At the lowest level b pixels come in; each level above had twice as many and the 4 that its convolutions lose:
    2^p b + 4 (2^p - 1) at the top for p poolings, and b large enough that something is left at the end.

    Args:
        length: pixels along one axis.
        poolings: p, at least 0.

    Returns:
        Pixels along that axis; `lost_pixels(poolings)` fewer come out.

    Raises:
        ValueError: poolings is below 0.

    Example:
        >>> [valid_size(length) for length in (1, 189, 572)]
        [188, 204, 572]
    """
    step = 2 ** whole(poolings, "poolings", 0)
    frame = 4 * (step - 1)
    least = lost_pixels(poolings) + 1
    return -(-(max(length, least) - frame) // step) * step + frame


def lost_pixels(poolings: int = 4) -> int:
    """How many pixels fewer a `ValidUNet` gives than it gets, along each axis.

    4 in the two convolutions at the lowest level, which are 4 * 2^p at the top; on each other level 4 on the way down
    and 4 on the way up, which are 8 (1 + 2 + … + 2^(p-1)).

    Example:
        >>> lost_pixels(4)
        184
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


def _padded_with_norm(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(ConvNormAct(in_channels, out_channels), ConvNormAct(out_channels, out_channels))


def _padded(in_channels: int, out_channels: int, padding: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=padding),
        nn.ReLU(inplace=True),
        nn.Conv2d(out_channels, out_channels, 3, padding=padding),
        nn.ReLU(inplace=True),
    )


def _unpadded(in_channels: int, out_channels: int) -> nn.Sequential:
    return _padded(in_channels, out_channels, padding=0)


def _upsample(in_channels: int, out_channels: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)


def _check(num_classes: int, in_channels: int, widths: tuple[int, ...]) -> None:
    named = ((num_classes, "num_classes"), (in_channels, "in_channels"), *((w, "each of widths") for w in widths))
    for value, name in named:
        whole(value, name, 1)
    if len(widths) < 1:
        raise ValueError("widths is empty; wanted the channels of each level. Give such as (16, 32, 64).")
