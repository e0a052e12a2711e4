"""Filters: their taps as stems, and their spectra."""

from __future__ import annotations

import math

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course.ops.resampling import frequency_response
from course.viz.plots import draw_curves
from course.viz.style import COLORS, DIM, RULE, WIDEST, Drawing, array, house_style


def draw_stems(axes: Axes, taps: ArrayLike, width: float) -> None:
    """Draw taps as stems around their center, an even number at half positions; numbers where `width` inches allow."""
    values = array(taps).astype(np.float64)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"taps are {values.shape}; wanted a row of numbers (t,)")
    places = np.arange(values.size) - (values.size - 1) / 2
    axes.axhline(0, color=RULE, linewidth=0.8)
    axes.vlines(places, 0, values, color=COLORS[0], linewidth=2.2 if values.size < 40 else 1.2)
    axes.plot(places, values, "o", color=COLORS[0], markersize=5.5 if values.size < 24 else 3)
    axes.set(xlabel="position")
    axes.margins(x=0.14 if values.size < 9 else 0.05, y=0.24)
    axes.set_xticks(places[:: math.ceil(values.size * 0.45 / width)])
    if values.size * 0.5 <= width:
        for place, value in zip(places, values, strict=True):
            offset = 7 if value >= 0 else -7
            axes.annotate(
                f"{value:.3g}".replace("-", "−"),
                (place, value),
                xytext=(0, offset),
                textcoords="offset points",
                ha="center",
                va="bottom" if value >= 0 else "top",
                fontsize=9,
                color=DIM,
            )


@house_style
def stems(taps: dict[str, ArrayLike] | ArrayLike, *, height: float = 2.1, caption: str | None = None) -> Drawing:
    """Filters as stems around their center, one panel each, with a common scale.

    Args:
        taps: {name: (t,) numbers}, or one row of numbers.
        height: inches.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: when taps are not a row of numbers.
    """
    named = taps if isinstance(taps, dict) else {"": taps}
    columns = min(len(named), 4)
    rows = -(-len(named) // columns)
    width = min(4.2, WIDEST / columns)
    figure = Drawing(width * columns, height * rows, caption)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes in grid.flat[len(named) :]:
        axes.set_visible(False)
    for axes, (name, values) in zip(grid.flat, named.items(), strict=False):
        draw_stems(axes, values, width - 0.5)
        axes.set_title(name)
    return figure


def draw_spectrum(axes: Axes, taps: dict[str, ArrayLike], height: float) -> None:
    """Draw how much of each frequency the named filters let through, relative to a constant signal."""
    responses = {}
    for name, values in taps.items():
        row = torch.as_tensor(array(values).astype(np.float64))
        frequencies, response = frequency_response(row)
        constant = row.sum().abs()
        responses[name] = response / constant if constant > 1e-12 else response
    draw_curves(axes, frequencies, responses, height)
    axes.set(xlabel="frequency (cycles per sample)", ylabel="gain", ylim=(0, None))


@house_style
def spectrum(
    taps: dict[str, ArrayLike], *, cutoff: float | None = None, height: float = 2.8, caption: str | None = None
) -> Drawing:
    """How much of each frequency a filter lets through: |DFT| of its taps, 1 for a constant signal.

    Args:
        taps: {name: (t,) numbers}.
        cutoff: a frequency to mark, 0 to 0.5 cycles per sample, such as 0.5 / factor: what lies beyond are copies.
        height: inches.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.
    """
    figure = Drawing(7.2, height, caption)
    axes = figure.subplots()
    draw_spectrum(axes, taps, height)
    if cutoff is not None:
        mark_cutoff(axes, cutoff)
    return figure


def mark_cutoff(axes: Axes, cutoff: float) -> None:
    """Shade the frequencies beyond the cut-off."""
    axes.axvspan(cutoff, 0.5, color="#f0f0f3", zorder=0)
    axes.text(0.495, 0.97, "copies", transform=axes.get_xaxis_transform(), ha="right", va="top", fontsize=9, color=DIM)
