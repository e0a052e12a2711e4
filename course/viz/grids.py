"""Small grids with their numbers in them, and banded matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from numpy.typing import ArrayLike

from course.viz.style import DIM, INK, RULE, WIDEST, Drawing, array, house_style, quiet

# Both run from white, so that a zero is paper and what matters is ink; blue and orange differ to every eye.
LIGHT_TO_BLUE = LinearSegmentedColormap.from_list(
    "light_to_blue", ["#ffffff", "#b9d9ef", "#5fa8d6", "#0f5f9c", "#08335a"]
)
ORANGE_TO_BLUE = LinearSegmentedColormap.from_list(
    "orange_to_blue", ["#8f3b00", "#d9660b", "#f7b27a", "#ffffff", "#8fc3e6", "#2a7fb8", "#0a3f70"]
)


def _text(value: float | str) -> str:
    """A number in as few characters as tell it: no trailing zeros, a real minus sign, a dash for NaN."""
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return "–"
    whole = float(value).is_integer() and abs(value) < 1e5
    return (str(int(value)) if whole else f"{value:.3g}").replace("-", "−")


def _ink(color: np.ndarray) -> str:
    """Black or white, whichever reads better on the color; at least 4.58 to 1 (WCAG's contrast)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return "black" if np.dot([0.2126, 0.7152, 0.0722], linear) > 0.179 else "white"


def cells(
    axes: Axes, values: np.ndarray, texts: np.ndarray, colors: np.ndarray, *, fontsize: float = 10, rule: bool = True
) -> None:
    """Color the cells, write their texts, hatch what is NaN."""
    height, width = values.shape
    axes.imshow(colors, extent=(0, width, height, 0), aspect="equal")
    if rule:
        axes.vlines(range(width + 1), 0, height, color=RULE, linewidth=0.8, clip_on=False)
        axes.hlines(range(height + 1), 0, width, color=RULE, linewidth=0.8, clip_on=False)
    for row, column in np.argwhere(np.isnan(values)):
        axes.fill_between(
            [column, column + 1], row, row + 1, facecolor="#f1f1f4", edgecolor="#d3d3da", hatch="////", lw=0
        )
    for (row, column), text in np.ndenumerate(texts):
        if text:
            color = INK if np.isnan(values[row, column]) else _ink(colors[row, column, :3])
            faint = text == "0"
            axes.text(
                column + 0.5,
                row + 0.53,
                text,
                ha="center",
                va="center",
                fontsize=fontsize,
                color="#6b6b75" if faint else color,
            )


def _grid(values: object) -> tuple[np.ndarray, np.ndarray]:
    """Numbers or texts as two arrays (h, w): floats to color by, texts to write."""
    given = array(values)
    given = given[None] if given.ndim == 1 else given
    if given.ndim != 2:
        raise ValueError(f"a grid is {given.shape}; wanted (h, w) or (w,). Index one image and one channel")
    if given.dtype.kind in "US":
        return np.where(given == "0", 0.0, 1.0), given.astype(object)
    floats = given.astype(np.float64)
    texts = np.array([_text(value) for value in floats.ravel()], dtype=object).reshape(floats.shape)
    return floats, texts


def _shades(values: np.ndarray, top: float) -> np.ndarray:
    """Zero is white; blue above, orange below; never so dark that neighbors merge."""
    signed = np.nan_to_num(values / top if top else np.zeros_like(values))
    if (signed < 0).any():
        return ORANGE_TO_BLUE(0.5 + 0.42 * signed)
    return LIGHT_TO_BLUE(0.72 * signed)


def _written(pairs: list[tuple], texts: Sequence) -> list[tuple]:
    """The grids with the given texts in place of their own; None keeps a grid's own."""
    if len(texts) != len(pairs):
        raise ValueError(f"grids are {len(pairs)} and grids of texts {len(texts)}; wanted one of texts for each grid")
    pairs = [
        (values, own if text is None else _grid(text)[1]) for (values, own), text in zip(pairs, texts, strict=True)
    ]
    for values, text in pairs:
        if values.shape != text.shape:
            raise ValueError(f"a grid is {values.shape} and its texts {text.shape}; wanted one text for each cell")
    return pairs


@house_style
def numbers(
    *grids: ArrayLike,
    texts: Sequence[ArrayLike | None] | None = None,
    titles: Iterable[str] | None = None,
    caption: str | None = None,
) -> Drawing:
    """Small grids side by side, each cell with its number in it and a color for its size.

    Args:
        grids: each (h, w) or (w,), numbers or texts such as "ay+bz"; NaN is a hatched cell.
            All share one scale of color.
        texts: for each grid what to write into its cells, of its shape, where that is not the number that colors
            them, such as a tap's name; None for a grid that keeps its own.
        titles: a text for each.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: for a grid or texts of another shape, or when titles or texts and grids differ in number.
    """
    if not grids:
        raise ValueError("grids are none; wanted one or more")
    titles = [""] * len(grids) if titles is None else list(titles)
    if len(titles) != len(grids):
        raise ValueError(f"grids are {len(grids)} and titles {len(titles)}; wanted one title for each grid")
    pairs = [_grid(grid) for grid in grids]
    pairs = pairs if texts is None else _written(pairs, texts)
    top = max((np.nanmax(np.abs(values), initial=0, where=~np.isnan(values)) for values, _ in pairs), default=0)
    longest = max(len(text) for _, texts in pairs for text in [*texts.ravel(), ""])
    columns = [max(values.shape[1], 1) for values, _ in pairs]
    cell = min(max(0.46, 0.12 + 0.095 * longest), (WIDEST - 0.35 * len(pairs)) / sum(columns))
    fontsize = min(10.5, max(5, 72 * (cell - 0.06) / (0.62 * max(longest, 3))))
    tall = max(values.shape[0] for values, _ in pairs)
    widths = [max(cell * count, 0.1 * len(title)) for count, title in zip(columns, titles, strict=True)]
    figure = Drawing(sum(widths) + 0.35 * len(pairs), cell * tall + (0.36 if any(titles) else 0.14), caption)
    grid_of_axes = figure.subplots(1, len(pairs), squeeze=False, width_ratios=widths)
    for axes, (values, texts), title in zip(grid_of_axes[0], pairs, titles, strict=True):
        quiet(axes)
        axes.set_title(title)
        axes.set_anchor("NW")
        cells(axes, values, texts, _shades(values, top), fontsize=fontsize)
        axes.set(xlim=(0, columns[0] if len(pairs) == 1 else values.shape[1]), ylim=(tall, 0))
    return figure


@house_style
def matrix(
    values: ArrayLike,
    *,
    texts: ArrayLike | None = None,
    rows: str = "output",
    columns: str = "input",
    block: tuple[int, int] | None = None,
    title: str = "",
    caption: str | None = None,
) -> Drawing:
    """A large matrix as a picture: zeros white, positive entries blue, negative ones orange.

    Args:
        values: (rows, columns) numbers.
        texts: what to write into the cells, same shape, "" for nothing, such as the tap's name; left out,
            the numbers other than 0 are written where the cells are large enough.
        rows, columns: what one row and one column stand for, written at the axes.
        block: (height, width) of the blocks of a doubly blocked matrix, marked by stronger lines.
        title: text above.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: for another shape, or texts of another shape.
    """
    numbers_, written = _grid(values)
    height, width = numbers_.shape
    if texts is not None:
        written = np.array(texts, dtype=object)
        if written.shape != numbers_.shape:
            raise ValueError(f"the matrix is {numbers_.shape} and texts {written.shape}; wanted one text for each cell")
    else:
        written = np.where(numbers_ == 0, "", written)
    cell = min(0.46, (WIDEST - 1.0) / max(width, 1), 6.0 / max(height, 1))
    longest = max((len(text) for text in written.ravel()), default=1)
    fontsize = min(10.5, 72 * (cell - 0.04) / (0.72 * max(longest, 2)))
    if fontsize < 6.5:
        written = np.full_like(written, "")
    figure = Drawing(
        max(cell * width + 0.75, 0.1 * len(title) + 0.75), cell * height + (0.85 if title else 0.6), caption
    )
    axes = figure.subplots()
    top = np.nanmax(np.abs(numbers_), initial=0, where=~np.isnan(numbers_))
    cells(axes, numbers_, written, _shades(numbers_, top), fontsize=fontsize, rule=cell > 0.12)
    _number_axes(axes, height, width, rows, columns)
    for size, length, line in ((block or (0, 0))[0], height, axes.axhline), ((block or (0, 0))[1], width, axes.axvline):
        for edge in range(size, length, size) if size else ():
            line(edge, color=DIM, linewidth=1.4)
    axes.set_title(title)
    return figure


def _number_axes(axes: Axes, height: int, width: int, rows: str, columns: str) -> None:
    """Number rows and columns from 0, at most a dozen of each."""
    for axis, length in ((axes.xaxis, width), (axes.yaxis, height)):
        step = max(1, -(-length // 12))
        axis.set_ticks(np.arange(0, length, step) + 0.5, labels=range(0, length, step))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(0, width), ylim=(height, 0), xlabel=columns, ylabel=rows)
    axes.xaxis.set_label_position("bottom")
