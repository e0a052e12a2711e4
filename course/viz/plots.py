"""Curves and bars."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course.viz.style import COLORS, DASHES, DIM, INK, RULE, Drawing, array, house_style


def _spread(heights: np.ndarray, gap: float) -> np.ndarray:
    """Move label positions apart until neighbors are `gap` away, as little as possible, keeping their order."""
    order = np.argsort(heights, kind="stable")
    placed = np.array(heights, dtype=float)[order]
    for _ in range(200):
        overlap = gap - np.diff(placed)
        if (overlap <= 1e-9).all():
            break
        push = np.clip(overlap, 0, None) / 2
        placed[:-1] -= push
        placed[1:] += push
    result = np.empty_like(placed)
    result[order] = placed
    return result


def _label_ends(axes: Axes, ends: list[tuple], height: float) -> None:
    """Write each curve's name beside its right end, with a piece of its line, instead of a legend."""
    low, high = axes.get_ylim()
    positions = _spread([np.clip(y, low, high) for _, y, *_ in ends], 0.19 * (high - low) / height)
    for (name, _, color, dash), position in zip(ends, positions, strict=True):
        place = axes.get_yaxis_transform()
        axes.plot([1.015, 1.065], [position] * 2, color=color, linestyle=dash, transform=place, clip_on=False)
        axes.text(1.075, position, name, color=color, fontweight="bold", fontsize=9.5, va="center", transform=place)
    axes.set_ylim(low, high)


def draw_curves(axes: Axes, xs: ArrayLike | None, series: dict[str, ArrayLike], height: float) -> None:
    """Draw named curves into axes, each with its own color and dash, and its name at its right end."""
    ends = []
    for index, (name, values) in enumerate(series.items()):
        color, dash = COLORS[index % len(COLORS)], DASHES[index % len(DASHES)]
        ys = array(values).astype(np.float64)
        x = np.arange(len(ys)) if xs is None else array(xs)
        if ys.shape != x.shape or ys.ndim != 1:
            raise ValueError(f"xs are {x.shape} and curve {name!r} is {ys.shape}; wanted one y for each x")
        axes.plot(x, ys, color=color, linestyle=dash)
        finite = ys[np.isfinite(ys)]
        ends.append((name, finite[-1] if finite.size else 0.0, color, dash))
    axes.grid(axis="y")
    axes.margins(x=0)
    if np.issubdtype(x.dtype, np.integer):  # steps and offsets have no halves
        axes.xaxis.get_major_locator().set_params(integer=True)
    if len(ends) > 1:
        _label_ends(axes, ends, height)


@house_style
def curves(
    xs: ArrayLike | None,
    series: dict[str, ArrayLike],
    *,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    height: float = 2.8,
    caption: str | None = None,
) -> Drawing:
    """Curves over common xs, each named at its right end.

    Args:
        xs: (l,) numbers, or None for 0, 1, 2, …
        series: {name: (l,) numbers}; NaN leaves a gap.
        xlabel, ylabel, title: texts.
        height: inches.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure; its `axes[0]` can be changed further.

    Raises:
        ValueError: when a curve has not one y for each x, or there is none.
    """
    if not series:
        raise ValueError("series are {}; wanted one curve or more. Give {name: values}")
    figure = Drawing(7.2, height, caption)
    axes = figure.subplots()
    draw_curves(axes, xs, series, height)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title or (next(iter(series)) if len(series) == 1 else ""))
    return figure


@house_style
def bars(values: dict[str, float], *, xlabel: str = "", title: str = "", caption: str | None = None) -> Drawing:
    """Named numbers as bars, each with its number at its end; an absent one (NaN) says so.

    Args:
        values: {name: number}.
        xlabel, title: texts.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: when there is no value.
    """
    if not values:
        raise ValueError("values are {}; wanted one or more. Give {name: number}")
    lengths = np.array([float(value) for value in values.values()])
    figure = Drawing(6.4, 0.32 * len(lengths) + (0.75 if xlabel else 0.45), caption)
    axes = figure.subplots()
    axes.barh(range(len(lengths)), np.nan_to_num(lengths), height=0.66, color=COLORS[0])
    for place, length in enumerate(lengths):
        text = "absent" if np.isnan(length) else f"{length:.3g}".replace("-", "−")
        axes.annotate(
            text,
            (max(np.nan_to_num(length), 0), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=DIM if np.isnan(length) else INK,
        )
    axes.set_yticks(range(len(lengths)), list(values), color=INK)
    axes.set(xlabel=xlabel, ylim=(len(lengths) - 0.5, -0.5))
    axes.set_title(title)
    axes.margins(x=0.14)
    axes.axvline(0, color=RULE, linewidth=0.8)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    return figure
