"""Lab 7: a picture goes through a U-Net tile by tile; with too small a margin the seams show."""

from functools import cache

import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle

from course.data.photos import photo
from course.models.semantic.unet import ValidUNet, lost_pixels
from course.ops.mirroring import mirror
from course.ops.tiling import tile, untile
from course.viz.style import COLOURS, WIDEST, WRONG, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, slider

SIDE = 96
POOLINGS = 2
NEEDED = lost_pixels(POOLINGS) // 2  # pixels that the network loses on a side
STEP = 2**POOLINGS


@cache
def _network():
    """A valid U-Net with fixed random weights, drawn from a generator of its own."""
    network = ValidUNet(1, 1, (4, 6, 8)).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(4)
    for value in network.parameters():
        fan = value[0].numel() if value.ndim > 1 else 1
        scale = (2 / fan) ** 0.5 if value.ndim > 1 else 0.0
        value.copy_(scale * torch.randn(value.shape, generator=generator, dtype=value.dtype))
    return network


@cache
def _scene():
    """The photograph (1, h, w), and what the network gives on it in one piece."""
    image = photo("camera", size=(SIDE, SIDE))[:1].double()
    return image, _network()(mirror(image[None], NEEDED))[0, 0]


@cache
def _tiled(size, margin):
    """The network's output tile by tile; what it needs beyond the margin is black to it."""
    image, _ = _scene()
    pieces = F.pad(tile(image, size, margin), (NEEDED - margin,) * 4)
    return untile(_network()(pieces), (SIDE, SIDE))[0]


def _draw(axes, picture, title, **colours):
    quiet(axes)
    axes.imshow(picture.numpy(), **colours)
    axes.set_title(title)


def _outline(axes, left, top, side, colour, dash="-"):
    axes.add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=colour, linewidth=2.2, linestyle=dash))


@house_style
def picture(size, margin, position):
    """A picture, one tile as the network gets it, and where the tiled output differs from the output in one piece.

    Args:
        size: of a tile, a multiple of 4, so that pooling windows lie alike in all tiles.
        margin: mirrored or overlapping pixels on each side, 0 to 20; the network needs 20.
        position: which tile to look at, row by row; beyond the last one it starts again.

    Returns:
        the figure, always of one size.
    """
    image, whole = _scene()
    columns = -(-SIDE // size)
    row, column = divmod(position % columns**2, columns)
    figure = Drawing(WIDEST, 3.4, layout=None)
    left, middle, right = (figure.add_axes((x, 0.02, 0.31, 0.86)) for x in (0.01, 0.345, 0.68))
    _draw(left, mirror(image, NEEDED)[0], f"mirrored by {NEEDED}, tiles of {size}", cmap="gray", vmin=0, vmax=1)
    for i in range(0, SIDE, size):
        for j in range(0, SIDE, size):
            _outline(left, NEEDED + j - 0.5, NEEDED + i - 0.5, size, "#ffffff60")
    top, first = row * size + NEEDED, column * size + NEEDED
    _outline(left, first - 0.5, top - 0.5, size, COLOURS[5])
    _outline(left, first - margin - 0.5, top - margin - 0.5, size + 2 * margin, WRONG, (0, (3, 1.5)))
    end = max(SIDE + 2 * NEEDED, first + size + margin, top + size + margin)
    left.set(xlim=(-0.5, end - 0.5), ylim=(end - 0.5, -0.5))
    piece = F.pad(tile(image, size, margin)[row * columns + column], (NEEDED - margin,) * 4)[0]
    _draw(middle, piece, "what the network gets for it", cmap="gray", vmin=0, vmax=1)
    _outline(middle, NEEDED - 0.5, NEEDED - 0.5, size, COLOURS[5])
    error = (_tiled(size, margin) - whole).abs()
    spread = whole.std()
    _draw(right, error / spread, "difference to one piece", cmap="magma", vmin=0, vmax=1)
    figure.caption = _caption(size, margin, (error.max() / spread).item())
    return figure


def _caption(size, margin, worst):
    start = f"Tiles of {size} with a margin of {margin}: "
    if worst < 1e-9:
        return (
            start + f"the network sees all the {NEEDED} pixels that it needs on each side. No seam: equal to one piece."
        )
    return (
        start + f"{NEEDED - margin} of the {NEEDED} pixels that the network needs on each side are black to it. "
        f"The largest difference is {worst:.2f} standard deviations of the output."
    )


def tiling_explorer():
    """Tile size, margin and position to choose; what the tile sees and the seams to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "size": slider("tile size", 32, 24, 64, 4),
            "margin": slider("margin", 0, 0, NEEDED, 2),
            "position": slider("tile", 4, 0, 15),
        },
    )
