"""Where the pixels of two pictures lie over one another."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.viz.style import COLORS, RULE, WIDEST, Drawing, house_style, quiet


def sample_places(n_in: int, n_out: int, align_corners: bool) -> np.ndarray:
    """Where the n_out new samples lie, in pixels of the old row, whose own lie at 1/2, 3/2, …

    Args:
        n_in, n_out: how many pixels before and after, at least 1.
        align_corners: False where both rows cover the same length, True where their end samples coincide.

    Returns:
        (n_out,) float64.
    """
    if align_corners:
        return np.linspace(0.5, n_in - 0.5, n_out)
    return (np.arange(n_out) + 0.5) * n_in / n_out


def _draw_grid(axes: Axes, n_in: int, n_out: int, align_corners: bool) -> None:
    for i, j in np.ndindex(n_in, n_in):
        axes.add_patch(Rectangle((i, j), 1, 1, facecolor="#f5f5f7", edgecolor=RULE, linewidth=1.0))
    old = np.arange(n_in) + 0.5
    new = sample_places(n_in, n_out, align_corners)
    for places, marker, size, color in ((old, "o", 11, COLORS[0]), (new, "s", 4, COLORS[1])):
        columns, rows = np.meshgrid(places, places)
        axes.plot(columns.ravel(), rows.ravel(), marker, color=color, markersize=size, markeredgewidth=0)
    axes.set(xlim=(-0.06, n_in + 0.06), ylim=(n_in + 0.06, -0.06), aspect="equal")
    quiet(axes)


@house_style
def sample_grids(n_in: int, n_out: int, *, height: float = 3.2, caption: str | None = None) -> Drawing:
    """Two panels: the pixels of an n_out × n_out picture over those of an n_in × n_in one, for both sample grids.

    Args:
        n_in: pixels along a side of the old picture, drawn as squares with a round point for the sample.
        n_out: pixels along a side of the new picture, drawn as small square points.
        height: of a panel, inches.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: when a number of pixels is below 1.
    """
    if min(n_in, n_out) < 1:
        raise ValueError(f"n_in is {n_in} and n_out {n_out}; wanted both above 0")
    figure = Drawing(min(2 * height + 0.6, WIDEST), height + 0.35, caption)
    titles = ("half-pixel centers", "aligned corners")
    for axes, aligned, title in zip(figure.subplots(1, 2), (False, True), titles, strict=True):
        _draw_grid(axes, n_in, n_out, aligned)
        axes.set_title(title)
    return figure
