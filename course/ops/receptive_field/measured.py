"""The receptive field that a network really has, measured three ways.

- by impulse: an input pixel that is not a number spoils exactly the outputs that depend on it.
- by gradient: how much each input pixel moves one output pixel. The theoretical field's border hardly counts: the
  effective field is a bump, narrower than the theory allows (it grows with the square root of the depth).
- by occlusion: a patch is laid over the image at each place in turn; where the output changes most, there it looked.
  It needs trained weights and real images, and says what the network uses, not what it could.

Source: Luo et al., Understanding the effective receptive field, arXiv:1701.04128; Zhou et al., Object detectors emerge
in deep scene CNNs, arXiv:1412.6856, section 3.2 (occlusion, top-K images, discrepancy maps).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from course.ops.arguments import Pair, pair

Network = Callable[[Tensor], Tensor]  # images (n, c, h, w) -> a map (n, k, oh, ow)


@torch.no_grad()
def impulse_field(network: Network, size: Pair, pixel: Pair, *, in_channels: int = 3) -> tuple[int, int, int, int]:
    """The rows and columns of the input on which an output pixel depends, found by spoiling them.

    Args:
        network: in evaluation mode.
        size: (h, w) of the image to try it on; large enough to hold the field.
        pixel: (row, column) of the output pixel.
        in_channels: of the image.

    Returns:
        (first row, first column, last row, last column), all inside: the box of the input pixels that the output
        depends on, clipped at the image's border.

    Raises:
        ValueError: an output pixel that depends on no input pixel.

    Example:
        >>> impulse_field(torch.nn.Conv2d(1, 1, 5, padding=2), 9, (4, 4), in_channels=1)
        (2, 2, 6, 6)
    """
    size, (row, column) = pair(size, "size", 1), pair(pixel, "pixel", 0)
    ends = []
    for axis, length in enumerate(size):
        spoiled = [place for place in range(length) if _is_spoiled(network, size, axis, place, in_channels, row, column)]
        if not spoiled:
            raise ValueError(f"pixel is {(row, column)}; wanted one that depends on the image. It depends on nothing.")
        ends.append((spoiled[0], spoiled[-1]))
    (top, bottom), (left, right) = ends
    return top, left, bottom, right


def _is_spoiled(network: Network, size: tuple, axis: int, place: int, channels: int, row: int, column: int) -> bool:
    image = torch.ones(1, channels, *size)
    image.select(2 + axis, place).fill_(torch.nan)
    return bool(network(image)[0, :, row, column].isnan().any())


def effective_field(network: Network, images: Tensor, pixel: Pair | None = None) -> Tensor:
    """How much each input pixel moves one output pixel: the gradient's absolute value, averaged.

    Args:
        network: in evaluation mode.
        images: (n, c, h, w) float; random ones show what the architecture allows, real ones what training made of it.
        pixel: (row, column) of the output pixel; its middle when not given.

    Returns:
        (h, w) float, at least 0: the mean over images and channels of |d output / d input|, where the output is the
        sum over the map's channels with random signs, so that they do not cancel the same way in each image.

    Source: Luo et al., arXiv:1701.04128, section 3.1.
    """
    images = images.detach().clone().requires_grad_()
    output = network(images)
    row, column = (length // 2 for length in output.shape[2:]) if pixel is None else pair(pixel, "pixel", 0)
    signs = torch.randn(output.shape[:2], generator=torch.Generator().manual_seed(0)).sign().to(output)
    (output[:, :, row, column] * signs).sum().backward()
    return images.grad.abs().mean((0, 1))


def width_of(field: Tensor, share: float = 0.95) -> float:
    """The side of the square that would hold as many pixels as the strongest ones which make up a share of a field.

    Args:
        field: (h, w), at least 0, such as `effective_field` gives.
        share: of the field's sum, above 0 to 1.

    Returns:
        Pixels; 0 for a field that is 0 everywhere.

    Raises:
        ValueError: a share outside its range.

    Example:
        >>> width_of(torch.ones(6, 6), 1.0)
        6.0
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; wanted a number above 0, at most 1.")
    strongest = field.flatten().double().sort(descending=True).values.cumsum(0)
    if strongest[-1] == 0:
        return 0.0
    needed = int((strongest < share * strongest[-1] * (1 - 1e-12)).sum()) + 1
    return math.sqrt(needed)


@torch.no_grad()
def discrepancy_map(network: Network, image: Tensor, unit: int, *, patch: int = 11, stride: int = 3) -> Tensor:
    """How much a unit's strongest response changes when a patch covers each place of an image.

    Args:
        network: in evaluation mode; images -> (n, k, oh, ow).
        image: (c, h, w) float.
        unit: the channel of the map.
        patch: side of the patch in pixels, filled with the image's mean colour.
        stride: pixels from one place of the patch to the next.

    Returns:
        (h, w), at least 0: for each pixel the mean of |change| over the patches that covered it. The response is read
        where it is strongest without a patch.

    Source: Zhou et al., arXiv:1412.6856, section 3.2.
    """
    _, h, w = image.shape
    response = network(image[None])[0, unit]
    row, column = (int(i) for i in torch.unravel_index(response.argmax(), response.shape))
    changes, covered = torch.zeros(h, w), torch.zeros(h, w)
    mean = image.mean((1, 2), keepdim=True)
    for top in range(-patch + stride, h, stride):
        rows = slice(max(0, top), top + patch)
        lefts = range(-patch + stride, w, stride)
        covers = image.repeat(len(lefts), 1, 1, 1)
        for cover, left in zip(covers, lefts, strict=True):
            cover[:, rows, max(0, left) : left + patch] = mean
        change = (network(covers)[:, unit, row, column] - response[row, column]).abs()
        for left, one in zip(lefts, change, strict=True):
            place = (rows, slice(max(0, left), left + patch))
            changes[place] += one
            covered[place] += 1
    return changes / covered
