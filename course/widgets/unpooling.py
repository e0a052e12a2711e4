"""Lab 4: a small picture is pooled and unpooled in three ways; only switches remember where."""

import numpy as np
import torch
from matplotlib.patches import Rectangle

from course.ops.unpooling import bed_of_nails, max_pool_with_switches, max_unpool, nearest_unpool
from course.viz.grids import LIGHT_TO_BLUE, cells
from course.viz.style import DIM, WIDEST, WRONG, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, choice, slider

KINDS = {"max-unpooling with switches": "switches", "nearest": "nearest", "bed of nails": "nails"}


def _unpool(kind, pooled, switches, size):
    if kind == "switches":
        return max_unpool(pooled, switches, (size, size))
    return (nearest_unpool if kind == "nearest" else bed_of_nails)(pooled, 2, (size, size))


def _draw_grid(axes, values, title, room):
    """Draw a grid at such a scale that `room` cells would fill the panel."""
    size = len(values)
    texts = np.array([[f"{value:.0f}" for value in row] for row in values], dtype=object)
    cells(axes, values, texts, LIGHT_TO_BLUE(0.72 * values / 9), fontsize=8 + 24 / max(room, 4))
    axes.set(xlim=(0, room), ylim=(room, 0))
    axes.set_title(f"{title}, {size} × {size}")
    axes.set_anchor("NW")
    quiet(axes)


def _mark(axes, flat, size):
    """Outline the pixels with these numbers, counted row by row."""
    for place in flat:
        row, column = divmod(place, size)
        axes.add_patch(Rectangle((column + 0.06, row + 0.06), 0.88, 0.88, fill=False, edgecolor=WRONG, linewidth=2.4))


@house_style
def picture(kind, size, seed):
    """A grid of digits, pooled by 2 × 2 maxima, and unpooled.

    Args:
        kind: "switches", "nearest" or "nails".
        size: rows and columns of the grid, 2 to 8; the last of an odd number belongs to no window.
        seed: of the digits.

    Returns:
        the figure, always of one size.
    """
    digits = np.random.default_rng(seed).integers(1, 10, (size, size))
    grid = torch.from_numpy(digits).float()[None, None]
    pooled, switches = max_pool_with_switches(grid, 2)
    restored = _unpool(kind, pooled, switches, size)
    figure = Drawing(WIDEST, 3.2, layout=None)
    panels = [figure.add_axes((left, 0.06, 0.32, 0.82)) for left in (0.01, 0.345, 0.68)]
    for axes, values, title in zip(panels, (grid, pooled, restored), ("picture", "pooled", "unpooled"), strict=True):
        _draw_grid(axes, values[0, 0].numpy(), title, size)
    _mark(panels[0], switches.flatten().tolist(), size)
    if kind == "switches":
        _mark(panels[2], switches.flatten().tolist(), size)
    note = "outlined: the maximum of each\nwindow, where its switch points"
    panels[1].text(0, 0.4, note, transform=panels[1].transAxes, fontsize=9, color=DIM, va="top")
    right = int(((restored == grid) & (restored > 0)).sum())
    figure.caption = _caption(kind, right, pooled.numel(), size * size)
    return figure


def _caption(kind, right, values, pixels):
    how = {
        "switches": "Each maximum returns to its own pixel, zeros elsewhere",
        "nearest": "Each maximum fills its window",
        "nails": "Each maximum goes to the top left corner of its window, zeros elsewhere",
    }[kind]
    return f"{how}. {values} numbers were kept of {pixels}; {right} pixels have their value back."


def unpooling_explorer():
    """The kind of unpooling, the size and the digits to choose; the way down and up again to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {"kind": choice("unpooling", KINDS), "size": slider("size", 4, 2, 8), "seed": slider("other digits", 0, 0, 20)},
    )
