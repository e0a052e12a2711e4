"""The empirical receptive field: what a trained unit looks at, found by covering the image piece by piece.

A patch is laid over each place of an image; where the unit's response changes most, there it looked. The map of these
changes is the discrepancy map. Those of the images to which the unit responds most, laid upon each other at the place
of the response, are its empirical receptive field. It needs trained weights and real images, and says what the network
uses, not what it could.

We fill the patch with the image's mean color instead of noise.

Source: Zhou et al., Object detectors emerge in deep scene CNNs, arXiv:1412.6856, section 3.2.
"""

from itertools import product

import torch
from torch import Tensor

from course.ops.arguments import check_axes, whole
from course.ops.receptive_field.axis import Axis
from course.ops.receptive_field.maps import Network, map_of


@torch.no_grad()
def discrepancy_map(
    network: Network, image: Tensor, unit: int, *, patch: int = 11, stride: int = 3, batch: int = 32
) -> Tensor:
    """How much a unit's strongest response changes when a patch covers each place of an image.

    Args:
        network: in evaluation mode; images -> (n, k, oh, ow).
        image: (c, h, w) float.
        unit: the channel of the map.
        patch: side of the patch in pixels.
        stride: pixels from one place of the patch to the next, at most the patch.
        batch: images that go through at once.

    Returns:
        (h, w), at least 0: for each pixel the mean of |change| over the patches that covered it. The response is read
        where it is strongest without a patch.

    Raises:
        ValueError: the image has other axes, the network gives something else than a map, the map has no such channel,
            or patches leave pixels between them.

    Example:
        >>> image = torch.tensor([[[0.0, 0, 9, 0, 0]]])
        >>> discrepancy_map(torch.nn.Identity(), image, 0, patch=1, stride=1).round(decimals=1)
        tensor([[0.0000, 0.0000, 7.2000, 0.0000, 0.0000]])

    Source: Zhou et al., arXiv:1412.6856, section 3.2.
    """
    place = _strongest(network, image, unit)
    return _changes(network, image, unit, place, tuple(map(range, image.shape[1:])), patch, stride, batch)


@torch.no_grad()
def empirical_field(
    network: Network,
    images: Tensor,
    unit: int,
    axes: tuple[Axis, Axis],
    *,
    top: int = 10,
    patch: int = 11,
    stride: int = 3,
    batch: int = 32,
) -> Tensor:
    """The discrepancy maps of the images to which a unit responds most, cut out where it may look and averaged.

    Args:
        network: in evaluation mode; images -> (n, k, oh, ow).
        images: (n, c, h, w) float, to choose from.
        unit: the channel of the map.
        axes: what the map's pixels see, from `receptive_fields`.
        top: how many images, at most n.
        patch, stride, batch: as for `discrepancy_map`.

    Returns:
        (axes[0].size, axes[1].size), at least 0: for each pixel of the theoretical field the mean over the images that
        have it; 0 where none has.

    Raises:
        ValueError: as for `discrepancy_map`, or a field without a local part.

    Example:
        >>> from course.ops.receptive_field import receptive_fields
        >>> layer = torch.nn.Conv2d(1, 1, (1, 3), padding=(0, 1), bias=False)
        >>> _ = layer.weight.data.copy_(torch.tensor([[[[1.0, 2.0, 0.0]]]]))
        >>> images = torch.eye(5)[2].reshape(1, 1, 1, 5)
        >>> axes = receptive_fields(layer, (1, 5), in_channels=1)["output"]
        >>> empirical_field(layer, images, 0, axes, top=1, patch=1, stride=1).round(decimals=1)
        tensor([[0.2000, 1.6000, 0.0000]])

    Source: Zhou et al., arXiv:1412.6856, section 3.2.
    """
    check_axes(images, "images", "(n, c, h, w)", pixels=True)
    vertical, horizontal = axes
    if not vertical.size or not horizontal.size:
        raise ValueError("axes have no local part; wanted a map before the global pooling. Ask for another module.")
    ranked = sorted(images, key=lambda image: -_strongest(network, image, unit)[2])
    total, count = images.new_zeros(2, vertical.size, horizontal.size)
    for image in ranked[: whole(top, "top", 1)]:
        place = _strongest(network, image, unit)
        corners = vertical.at(place[0])[0], horizontal.at(place[1])[0]
        fields = zip(corners, total.shape, image.shape[1:], strict=True)
        here = tuple(range(max(0, first), min(length, first + size)) for first, size, length in fields)
        there = tuple(slice(r.start - first, r.stop - first) for r, first in zip(here, corners, strict=True))
        total[there] += _changes(network, image, unit, place, here, patch, stride, batch)
        count[there] += 1
    return total / count.clamp(min=1)


def _changes(
    network: Network,
    image: Tensor,
    unit: int,
    place: tuple[int, int, float],
    seen: tuple[range, range],
    patch: int,
    stride: int,
    batch: int,
) -> Tensor:
    """The part of the discrepancy map that lies in the rows and columns `seen`; other patches need not be tried."""
    if not 1 <= stride <= patch:
        raise ValueError(f"stride is {stride}; wanted 1 to {patch}, the patch, so that each pixel is covered.")
    (row, column, response), (_, h, w) = place, image.shape
    starts = (
        [s for s in range(stride - patch, n, stride) if s < r.stop and s + patch > r.start]
        for n, r in zip((h, w), seen, strict=True)
    )
    boxes = [(slice(max(0, y), y + patch), slice(max(0, x), x + patch)) for y, x in product(*starts)]
    mean = image.mean((1, 2))[:, None, None]
    changes, covered = image.new_zeros(2, h, w)
    for first in range(0, len(boxes), whole(batch, "batch", 1)):
        some = boxes[first : first + batch]
        covers = image.repeat(len(some), 1, 1, 1)
        for cover, (rows, columns) in zip(covers, some, strict=True):
            cover[:, rows, columns] = mean
        change = (map_of(network, covers)[:, unit, row, column] - response).abs()
        for box, one in zip(some, change, strict=True):
            changes[box] += one
            covered[box] += 1
    rows, columns = (slice(r.start, r.stop) for r in seen)
    return changes[rows, columns] / covered[rows, columns]


def _strongest(network: Network, image: Tensor, unit: int) -> tuple[int, int, float]:
    """Row, column and value of a unit's strongest response."""
    check_axes(image, "image", "(c, h, w)", pixels=True)
    output = map_of(network, image[None])[0]
    if not 0 <= unit < len(output):
        raise ValueError(f"unit is {unit}; wanted a channel of the map, 0 to {len(output) - 1}.")
    place = int(output[unit].argmax())
    row, column = divmod(place, output.shape[2])
    return row, column, float(output[unit, row, column])
