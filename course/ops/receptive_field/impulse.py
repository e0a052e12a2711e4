"""The receptive field found by impulse: an input that is not a number spoils exactly the outputs that depend on it.

Whatever the weights are, not a number stays so through sums, products, maxima and ReLUs, even times 0. So the network
is asked, not its description; and if half of the image is spoiled instead of one pixel, a few halvings find each end.
"""

from __future__ import annotations

from bisect import bisect_left

import torch

from course.ops.arguments import Pair, pair
from course.ops.receptive_field.maps import Network, map_of, pixel_of


@torch.no_grad()
def impulse_field(
    network: Network, size: Pair, pixel: Pair | None = None, *, in_channels: int = 3
) -> tuple[int, int, int, int]:
    """The box of input pixels that an output pixel depends on.

    Args:
        network: in evaluation mode.
        size: (h, w) of the image to try it on; large enough to hold the field.
        pixel: (row, column) of the output pixel; the map's middle when not given.
        in_channels: of the image.

    Returns:
        (x1, y1, x2, y2), x2 and y2 just outside, clipped at the image's border. Behind a global branch it is the whole
        image. Interpolation that gives a neighbor the weight 0 still counts it.

    Raises:
        ValueError: a map has no such pixel, or it depends on nothing; the network gives something else than a map.

    Example:
        >>> impulse_field(torch.nn.Conv2d(1, 1, (3, 5), padding=(1, 2)), 9, in_channels=1)
        (2, 3, 7, 6)
    """
    h, w = size = pair(size, "size", 1)
    image = torch.ones(1, in_channels, h, w)
    row, column = pixel_of(pixel, map_of(network, image))

    def spoiled(dim: int, start: int, length: int) -> bool:
        half = image.clone()
        half.narrow(dim, start, length).fill_(torch.nan)
        return bool(map_of(network, half)[0, :, row, column].isnan().any())

    ends = []
    for dim, length in ((3, w), (2, h)):
        if not spoiled(dim, 0, length):
            raise ValueError(f"pixel is {(row, column)}; wanted one that depends on the image. It depends on nothing.")
        counts = range(length + 1)
        first = bisect_left(counts, True, key=lambda count, dim=dim: spoiled(dim, 0, count)) - 1
        last = length - bisect_left(
            counts, True, key=lambda count, dim=dim, length=length: spoiled(dim, length - count, count)
        )
        ends.append((first, last + 1))
    (x1, x2), (y1, y2) = ends
    return x1, y1, x2, y2
