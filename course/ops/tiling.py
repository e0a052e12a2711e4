"""Overlap-tile: a picture of any size through a network, piece by piece, without a seam.

A pixel of the output depends on the pixels around it, its receptive field. So each piece that goes through the network
is a tile of the picture with a margin on each side, and of what comes out only the tile is kept. Where the margin
sticks out of the picture, the picture is mirrored.

Two ways, for two kinds of network, and each gives what the network gives on the whole picture:

- `apply_tiled` for networks without padding, whose output is smaller than their input (U-Net as drawn): it equals
  function(`mirror(image, margin)`).
- `apply_tiled_inside` for networks with padding, whose output has the size of the input: no piece sticks out, so at the
  picture's borders the network pads as it would have anyway; it equals function(image).

Both hold if the margin covers the receptive field's radius, and if tiles begin at multiples of the network's stride, so
that pooling windows lie alike in each piece. U-Net's own figure does not: its tiles of 388 pixels are no multiple of
16, so neighbours pool windows that are shifted by 4. Tiles of 384 with a margin of 94 make the same input of 572, and
have no seam.

Source: Ronneberger et al., U-Net, arXiv:1505.04597, section 2 and figure 2.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import torch
from torch import Tensor

from course.ops.arguments import Pair, pair
from course.ops.mirroring import check_picture, mirror, mirrored_window

__all__ = ["apply_tiled", "apply_tiled_inside", "mirror", "tile", "untile"]

Network = Callable[[Tensor], Tensor]


def tile(image: Tensor, size: Pair, margin: Pair) -> Tensor:
    """Cut the picture into tiles that overlap by their margins.

    Args:
        image: (c, h, w), any dtype.
        size: (h, w) of a tile without its margins, in pixels, at least 1.
        margin: pixels on each side, at least 0, an int or a pair (h, w).

    Returns:
        (tiles, c, h + 2 margin, w + 2 margin), row by row. Tiles that stick out below or on the right are mirrored, so
        that all are of one size.

    Raises:
        ValueError: an image without pixels or of other than three axes, a size below 1 or a margin below 0.

    Source: Ronneberger et al., arXiv:1505.04597, figure 2.
    """
    check_picture(image, axes=3)
    (th, tw), (mh, mw) = pair(size, "size", 1), pair(margin, "margin", 0)
    corners = _corners(image.shape[1:], (th, tw))
    return torch.stack([mirrored_window(image, (y - mh, y + th + mh), (x - mw, x + tw + mw)) for y, x in corners])


def untile(tiles: Tensor, size: tuple[int, int]) -> Tensor:
    """Put tiles without margins together again.

    Args:
        tiles: (tiles, c, h, w), row by row, as `tile(image, (h, w), 0)` gives them.
        size: (h, w) of the picture; what sticks out below and on the right is cut off.

    Returns:
        (c, *size).

    Raises:
        ValueError: a number of tiles that does not cover a picture of this size.

    Source: Ronneberger et al., arXiv:1505.04597, figure 2.
    """
    if tiles.ndim != 4 or 0 in tiles.shape[2:]:
        raise ValueError(f"tiles are {tuple(tiles.shape)}; give (tiles, c, h, w)")
    (count, c, th, tw), (h, w) = tiles.shape, pair(size, "size", 1)
    rows, columns = -(-h // th), -(-w // tw)
    if count != rows * columns:
        raise ValueError(
            f"{count} tiles of {(th, tw)} do not cover a picture of {(h, w)}, which takes {rows} x {columns}; "
            "give the size of the picture that was cut, and tiles without their margins"
        )
    whole = tiles.view(rows, columns, c, th, tw).permute(2, 0, 3, 1, 4).reshape(c, rows * th, columns * tw)
    return whole[:, :h, :w]


def apply_tiled(
    function: Network, image: Tensor, size: Pair, margin: Pair, *, stride: int = 1, batch: int = 4
) -> Tensor:
    """What `function` gives on the mirrored picture, computed tile by tile: for networks without padding.

    Args:
        function: (m, c, h + 2 margin, w + 2 margin) → (m, k, oh, ow), the middle of its input, where oh and ow are
            smaller than the input's by an even number, and at least a tile. Put a model into eval mode first: batch
            statistics would differ from tile to tile.
        image: (n, c, h, w), any size.
        size: (h, w) of a tile, a multiple of the stride. The larger, the less is computed twice.
        margin: pixels on each side, at least what the function loses on a side; larger where its input must have a
            certain size: the piece that it gets is size + 2 margin.
        stride: input pixels from one of the function's coarsest pixels to the next: 16 for U-Net. 1 for none.
        batch: how many tiles go through at once. Under `torch.no_grad()` memory grows with it, and with nothing else
            but the result; otherwise autograd keeps what every tile left behind.

    Returns:
        (n, k, h, w): the middle of `function(mirror(image, margin))`, where the function takes such a size.

    Raises:
        ValueError: no pixels, a tile that is no multiple of the stride, or an output that does not cover its tile.

    Source: Ronneberger et al., arXiv:1505.04597, section 2.
    """
    check_picture(image, axes=4)
    (th, tw), (mh, mw) = _checked_size(size, stride), pair(margin, "margin", 0)
    corners = [(i, y, x) for i in range(len(image)) for y, x in _corners(image.shape[2:], (th, tw))]
    result = None
    for group in _groups(corners, batch):
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
        margin: pixels on each side that has a neighbour, a multiple of the stride; at least the radius of the
            receptive field for the same numbers as without tiles. Less is quicker, and leaves a slight seam.
        stride: input pixels from one of the function's coarsest pixels to the next: 2 to the number of poolings.
        batch: how many tiles go through at once. Under `torch.no_grad()` memory grows with it, and with nothing else
            but the result; otherwise autograd keeps what every tile left behind.

    Returns:
        (n, k, h, w).

    Raises:
        ValueError: no pixels, a tile or margin that is no multiple of the stride, or an output of another size.

    Source: Ronneberger et al., arXiv:1505.04597, section 2; our own rule for the borders.
    """
    check_picture(image, axes=4)
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


def _corners(image: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Top left pixels of the tiles that cover the picture, row by row."""
    return [(y, x) for y in range(0, image[0], size[0]) for x in range(0, image[1], size[1])]


def _groups(places: list[tuple], batch: int) -> Iterator[list[tuple]]:
    if batch < 1:
        raise ValueError(f"batch is {batch}; at least 1 tile must go through at a time")
    rest = iter(places)
    while group := list(islice(rest, batch)):
        yield group


def _middle(output: Tensor, pieces: Tensor, size: tuple[int, int]) -> Tensor:
    """The output's middle, of a tile's size."""
    got, given = tuple(output.shape), tuple(pieces.shape)
    lost = [a - b for a, b in zip(given[2:], got[2:], strict=True)] if len(got) == 4 else [1]
    if got[:1] != given[:1] or any(d < 0 or d % 2 for d in lost):
        raise ValueError(
            f"function turned {given} into {got}; it must give (m, k, oh, ow), smaller than its input by the same on "
            "both sides"
        )
    extra = [o - t for o, t in zip(got[2:], size, strict=True)]
    if min(extra) < 0:
        raise ValueError(
            f"function loses {lost[0]} x {lost[1]} pixels, so that {got[2:]} of {given[2:]} come out, less than a tile "
            f"of {size}; give a margin of at least {(-(-lost[0] // 2), -(-lost[1] // 2))}"
        )
    top, left = extra[0] // 2, extra[1] // 2  # even, because what is lost and the two margins are
    return output[:, :, top : top + size[0], left : left + size[1]]


def _same_size(output: Tensor, pieces: Tensor) -> Tensor:
    if output.ndim != 4 or output.shape[0] != pieces.shape[0] or output.shape[2:] != pieces.shape[2:]:
        raise ValueError(
            f"function turned {tuple(pieces.shape)} into {tuple(output.shape)}; it must keep n, h and w: resize inside "
            "it, or use apply_tiled for a network without padding"
        )
    return output


def _checked_size(size: Pair, stride: int) -> tuple[int, int]:
    if stride < 1:
        raise ValueError(f"stride is {stride}; give 1 for a function without one")
    return _multiple(pair(size, "size", 1), "size", stride)


def _multiple(values: tuple[int, int], name: str, stride: int) -> tuple[int, int]:
    fitting = tuple(-(-v // stride) * stride for v in values)
    if values != fitting:
        raise ValueError(
            f"{name} {values} is no multiple of the stride {stride}, so pooling windows would lie differently in each "
            f"tile; use {fitting}"
        )
    return values
