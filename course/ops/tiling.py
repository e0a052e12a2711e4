"""Overlap-tile: an image of any size through a network, piece by piece, without a seam.

A pixel of the output depends on the pixels around it, its receptive field. So each piece that goes through the network
is a tile of the image with a margin on each side, and only the tile is kept of what comes out. Where the margin reaches
beyond the image, the image is mirrored.

There are two ways, for two kinds of network, and both give what the network gives on the whole image:

- `apply_tiled` for networks without padding, whose output is smaller than their input (U-Net as drawn): it equals
  function(`mirror(image, margin)`).
- `apply_tiled_inside` for networks with padding, whose output has the size of the input: no piece reaches beyond the
  image, so at its borders the network pads as it would anyway; it equals function(image).

Both hold if the margin covers the radius of the receptive field, and if tiles begin at multiples of the network's
stride, so that pooling windows lie the same way in each piece. In U-Net's own figure they do not: 388, the size of its
tiles, is not a multiple of 16, so neighbors pool windows that are shifted by 4. Tiles of 384 with a margin of 94 make
the same input of 572, without a seam.

Source: Ronneberger et al., U-Net, arXiv:1505.04597, section 2 and figure 2.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import torch
from torch import Tensor

from course.ops.arguments import Pair, check_axes, image_size, pair, whole
from course.ops.mirroring import mirror, mirrored_window

__all__ = ["apply_tiled", "apply_tiled_inside", "mirror", "tile", "untile"]

Network = Callable[[Tensor], Tensor]


def tile(image: Tensor, size: Pair, margin: Pair) -> Tensor:
    """Cut an image into tiles that overlap by their margins.

    Args:
        image: (c, h, w), any dtype.
        size: (h, w) of a tile without its margins, in pixels, at least 1, or one int for both.
        margin: pixels on each side, at least 0, an int or a pair (h, w).

    Returns:
        (tiles, c, h + 2 margin, w + 2 margin), row by row. Tiles that reach beyond the bottom or the right are filled
        by mirroring, so that all have one size.

    Raises:
        ValueError: image has no pixels or not three axes, size is below 1 or margin below 0.

    Example:
        >>> tile(torch.arange(6).reshape(1, 2, 3), size=2, margin=0).tolist()
        [[[[0, 1], [3, 4]]], [[[2, 1], [5, 4]]]]

    Source: Ronneberger et al., arXiv:1505.04597, figure 2.
    """
    check_axes(image, "image", "(c, h, w)", pixels=True)
    (th, tw), (mh, mw) = pair(size, "size", 1), pair(margin, "margin", 0)
    corners = _corners(image.shape[1:], (th, tw))
    return torch.stack([mirrored_window(image, (y - mh, y + th + mh), (x - mw, x + tw + mw)) for y, x in corners])


def untile(tiles: Tensor, size: tuple[int, int]) -> Tensor:
    """Put tiles without margins together again.

    Args:
        tiles: (tiles, c, h, w), row by row, as `tile(image, (h, w), 0)` gives them.
        size: (h, w) of the image; what reaches beyond its bottom and its right is cut off.

    Returns:
        (c, *size).

    Raises:
        ValueError: tiles has other axes, or another number of tiles covers an image of this size.

    Example:
        >>> image = torch.arange(6).reshape(1, 2, 3)
        >>> torch.equal(untile(tile(image, size=2, margin=0), (2, 3)), image)
        True

    Source: Ronneberger et al., arXiv:1505.04597, figure 2.
    """
    check_axes(tiles, "tiles", "(tiles, c, h, w)", pixels=True)
    (count, c, th, tw), (h, w) = tiles.shape, image_size(size)
    rows, columns = -(-h // th), -(-w // tw)
    if count != rows * columns:
        raise ValueError(
            f"tiles holds {count} tiles of {(th, tw)}; wanted {rows} x {columns}, to cover an image of {(h, w)}. Give "
            "the size of the image that was cut, and tiles without their margins."
        )
    whole = tiles.view(rows, columns, c, th, tw).permute(2, 0, 3, 1, 4).reshape(c, rows * th, columns * tw)
    return whole[:, :h, :w]


def apply_tiled(
    function: Network, image: Tensor, size: Pair, margin: Pair, *, stride: int = 1, batch: int = 4
) -> Tensor:
    """What `function` gives on the mirrored image, computed tile by tile: for networks without padding.

    Args:
        function: (m, c, h + 2 margin, w + 2 margin) → (m, k, oh, ow), the middle of its input, where oh and ow are at
            least a tile, and smaller than the input by an even number. Put a model into eval mode first: batch
            statistics would differ from tile to tile.
        image: (n, c, h, w), any size.
        size: (h, w) of a tile, a multiple of the stride. The larger it is, the less is computed twice.
        margin: pixels on each side, at least what the function loses on a side; more where its input needs a certain
            size: it gets pieces of size + 2 margin.
        stride: input pixels from one of the function's coarsest pixels to the next: 16 for U-Net, 1 without pooling.
        batch: how many tiles go through at once. Under `torch.no_grad()` memory grows with it and with the result
            alone; otherwise autograd keeps what it needs of every tile.

    Returns:
        (n, k, h, w): the middle of `function(mirror(image, margin))`, where the function takes such a size.

    Raises:
        ValueError: image has no pixels, a tile is not a multiple of the stride, or an output does not cover its tile.

    Example:
        >>> image = torch.arange(30.0).reshape(1, 1, 5, 6)
        >>> mean = torch.nn.AvgPool2d(3, stride=1)
        >>> torch.allclose(apply_tiled(mean, image, size=4, margin=1), mean(mirror(image, 1)))
        True

    Source: Ronneberger et al., arXiv:1505.04597, section 2.
    """
    _check_images(image)
    (th, tw), (mh, mw) = _checked_size(size, stride), pair(margin, "margin", 0)
    places = [(i, y, x) for i in range(len(image)) for y, x in _corners(image.shape[2:], (th, tw))]
    result = None
    for group in _groups(places, batch):
        pieces = torch.stack(
            [mirrored_window(image[i], (y - mh, y + th + mh), (x - mw, x + tw + mw)) for i, y, x in group]
        )
        tiles = _middle(function(pieces), pieces, (th, tw))
        if result is None:
            result = tiles.new_empty(len(image), tiles.shape[1], *image.shape[2:])
        for (i, y, x), found in zip(group, tiles, strict=True):
            into = result[i, :, y : y + th, x : x + tw]
            into.copy_(found[:, : into.shape[1], : into.shape[2]])
    return result


def apply_tiled_inside(
    function: Network, image: Tensor, size: Pair, margin: Pair, *, stride: int = 1, batch: int = 4
) -> Tensor:
    """`function(image)`, computed tile by tile: for networks with padding, whose output has the input's size.

    Args:
        function: (m, c, h, w) → (m, k, h, w), for any size. Put a model into eval mode first.
        image: (n, c, h, w), any size.
        size: (h, w) of a tile, a multiple of the stride.
        margin: pixels on each side that has a neighbor, a multiple of the stride. With at least the radius of the
            receptive field the numbers are those without tiles; with less it is quicker, and leaves a slight seam.
        stride: input pixels from one of the function's coarsest pixels to the next: 2 to the number of poolings.
        batch: how many tiles go through at once, see `apply_tiled`.

    Returns:
        (n, k, h, w).

    Raises:
        ValueError: image has no pixels, a tile or margin is not a multiple of the stride, or an output has another
            size.

    Example:
        >>> image = torch.arange(30.0).reshape(1, 1, 5, 6)
        >>> mean = torch.nn.AvgPool2d(3, stride=1, padding=1)
        >>> torch.allclose(apply_tiled_inside(mean, image, size=4, margin=1), mean(image))
        True

    Source: Ronneberger et al., arXiv:1505.04597, section 2; the rule for the borders is ours.
    """
    _check_images(image)
    th, tw = _checked_size(size, stride)
    mh, mw = _multiple(pair(margin, "margin", 0), "margin", stride)
    h, w = image.shape[2:]
    result, by_shape = None, {}
    for y, x in _corners((h, w), (th, tw)):
        top, left = max(y - mh, 0), max(x - mw, 0)
        bottom, right = min(y + th + mh, h), min(x + tw + mw, w)
        for i in range(len(image)):
            by_shape.setdefault((bottom - top, right - left), []).append((i, y, x, top, left))
    for (ph, pw), places in by_shape.items():
        for group in _groups(places, batch):
            pieces = torch.stack([image[i, :, top : top + ph, left : left + pw] for i, _, _, top, left in group])
            found = _same_size(function(pieces), pieces)
            if result is None:
                result = found.new_empty(len(image), found.shape[1], h, w)
            for (i, y, x, top, left), piece in zip(group, found, strict=True):
                result[i, :, y : y + th, x : x + tw] = piece[:, y - top : y - top + th, x - left : x - left + tw]
    return result


def _check_images(image: Tensor) -> None:
    check_axes(image, "image", "(n, c, h, w)", pixels=True)
    if not len(image):
        raise ValueError(f"image has shape {tuple(image.shape)}; wanted at least one image.")


def _corners(image: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Top left pixels of the tiles that cover the image, row by row."""
    return [(y, x) for y in range(0, image[0], size[0]) for x in range(0, image[1], size[1])]


def _groups(places: list[tuple], batch: int) -> Iterator[list[tuple]]:
    rest, batch = iter(places), whole(batch, "batch", 1)
    while group := list(islice(rest, batch)):
        yield group


def _middle(output: Tensor, pieces: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle of the output, of a tile's size."""
    got, given = tuple(output.shape), tuple(pieces.shape)
    lost = [a - b for a, b in zip(given[2:], got[2:], strict=True)] if len(got) == 4 else [1]
    if got[:1] != given[:1] or any(d < 0 or d % 2 for d in lost):
        raise ValueError(
            f"function turned {given} into {got}; wanted (m, k, oh, ow), smaller than its input by the same number on "
            "both sides."
        )
    extra = [o - t for o, t in zip(got[2:], size, strict=True)]
    if min(extra) < 0:
        raise ValueError(
            f"function loses {lost[0]} x {lost[1]} pixels, so that {got[2:]} of {given[2:]} come out; wanted at least "
            f"a tile of {size}. Give a margin of at least {(-(-lost[0] // 2), -(-lost[1] // 2))}."
        )
    top, left = extra[0] // 2, extra[1] // 2  # extra is even: what is lost is, and so are two margins
    return output[:, :, top : top + size[0], left : left + size[1]]


def _same_size(output: Tensor, pieces: Tensor) -> Tensor:
    if output.ndim != 4 or output.shape[0] != pieces.shape[0] or output.shape[2:] != pieces.shape[2:]:
        raise ValueError(
            f"function turned {tuple(pieces.shape)} into {tuple(output.shape)}; wanted the same n, h and w. Resize "
            "within the function, or use apply_tiled for a network without padding."
        )
    return output


def _checked_size(size: Pair, stride: int) -> tuple[int, int]:
    whole(stride, "stride", 1, "Give 1 for a function that does not pool.")
    return _multiple(pair(size, "size", 1), "size", stride)


def _multiple(values: tuple[int, int], name: str, stride: int) -> tuple[int, int]:
    fitting = tuple(-(-v // stride) * stride for v in values)
    if values != fitting:
        raise ValueError(
            f"{name} is {values}; wanted multiples of the stride {stride}, or pooling windows lie differently in each "
            f"tile. Use {fitting}."
        )
    return values
