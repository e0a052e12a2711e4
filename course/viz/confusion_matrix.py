"""A confusion matrix with its axes named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course.viz.grids import LIGHT_TO_BLUE, cells
from course.viz.style import WIDEST, Drawing, array, house_style


def _counts(number: float) -> str:
    """A count in at most five characters: 950, 12.3k, 4.1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{number:.0f}"


def draw_confusion(axes: Axes, matrix: ArrayLike, names: Sequence[str]) -> None:
    """Draw a confusion matrix of k classes into axes; see `confusion`."""
    counts, k = array(matrix).astype(np.float64), len(names)
    if counts.shape != (k, k) or not k:
        raise ValueError(
            f"the confusion matrix is {counts.shape}; wanted {(k, k)} for {k} names. Give one name for each class"
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
    texts = np.array([[_share_text(shares[i, j], counts[i, j], k) for j in range(k)] for i in range(k)], dtype=object)
    cells(axes, shares, texts, LIGHT_TO_BLUE(0.8 * np.nan_to_num(shares)), fontsize=9.5 if k <= 12 else 9)
    axes.set_xticks(np.arange(k) + 0.5, names, rotation=0 if _short(names) else 60, ha="center")
    axes.set_yticks(np.arange(k) + 0.5, names)
    axes.tick_params(length=0, labelsize=9.5)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="prediction", ylabel="target", xlim=(0, k), ylim=(k, 0))


def _short(names: Sequence[str]) -> bool:
    """Whether the names fit side by side below their columns."""
    return len(names) <= 6 and max(len(name) for name in names) < 10


@house_style
def confusion(matrix: ArrayLike, names: Iterable[str], *, title: str = "", caption: str | None = None) -> Drawing:
    """A confusion matrix: row i tells where the pixels of target class i went.

    Colors and percentages are shares of the row; up to 6 classes the counts are written too. A class that does not
    occur in the target has a hatched row.

    Args:
        matrix: (k, k) counts, [target, prediction].
        names: of the k classes.
        title: text above.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: when the matrix is not square, or the names are not as many.
    """
    names = list(names)
    k = len(names)
    cell = 0.82 if k <= 6 else min(0.56, (WIDEST - 1.6) / k)
    side = 0.085 * max((len(name) for name in names), default=0)
    below = 0.65 if not names or _short(names) else side + 0.4
    figure = Drawing(cell * k + side + 0.75, cell * k + below + (0.3 if title else 0), caption)
    axes = figure.subplots()
    draw_confusion(axes, matrix, names)
    axes.set_title(title)
    return figure


def _share_text(share: float, count: float, k: int) -> str:
    """Percent of the row, with the count where there is room; less is written the more classes there are."""
    if np.isnan(share):
        return ""
    percent = f"{100 * share:.0f}" if share >= 0.005 or count == 0 else "<1"
    if k <= 6:
        return f"{_counts(count)}\n{percent}%"
    return percent if share >= 0.005 or (count and k <= 12) else ""
