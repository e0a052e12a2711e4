"""Label maps in colors, with their legend; and where a prediction is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.figure import FigureBase
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from course.data.palettes import VOID, VOID_COLOR, Palette, colorise
from course.viz.pictures import as_image, draw_pictures, picture_layout
from course.viz.style import RIGHT, RULE, WIDEST, WRONG, Drawing, array, house_style


def _patches(palette: Palette, classes: Sequence[int]) -> list[Patch]:
    """A swatch and a name for each class, void at the end."""
    names = [*palette.names, "void"]
    colors = [*palette.colors, VOID_COLOR]
    numbers = [len(palette) if number == VOID else number for number in classes]
    return [
        Patch(facecolor=np.array(colors[number]) / 255, edgecolor=RULE, linewidth=0.8, label=names[number])
        for number in numbers
    ]


def _across(palette: Palette, classes: Sequence[int], width: float) -> int:
    """How many swatches fit into a row."""
    longest = max(len(name) for name in (*palette.names, "void"))
    return max(1, min(len(classes), int(width / (0.52 + 0.085 * longest))))


def _draw_legend(figure: FigureBase, palette: Palette, classes: Sequence[int], across: int) -> None:
    figure.legend(
        handles=_patches(palette, classes),
        loc="upper left",
        ncols=across,
        frameon=False,
        handlelength=1.4,
        handleheight=1.1,
        columnspacing=1.2,
        borderaxespad=0.1,
        fontsize=9.5,
    )


@house_style
def labels(
    *maps: ArrayLike,
    palette: Palette,
    titles: Iterable[str] | None = None,
    columns: int | None = None,
    height: float = 2.6,
    caption: str | None = None,
) -> Drawing:
    """Label maps side by side in their classes' colors, with a legend of the classes that occur in them.

    Args:
        maps: each (h, w) integers, 0 to k - 1 or 255 for void.
        palette: the k names and colors.
        titles, columns, height, caption: as for `show`.

    Returns:
        the figure.

    Raises:
        ValueError: for labels that are neither a class nor void, or another shape.
    """
    images = [colorise(one, palette) for one in maps]
    titles, columns, (width, tall) = picture_layout(images, titles, columns, height)
    present = np.unique(np.concatenate([array(one).ravel() for one in maps])).tolist()
    width = max(width, 3.4)
    across = _across(palette, present, width)
    strip = 0.22 * math.ceil(len(present) / across) + 0.12
    figure = Drawing(width, tall + strip, caption, layout="compressed")
    upper, lower = figure.subfigures(2, 1, height_ratios=[tall, strip])
    draw_pictures(upper, images, titles, columns)
    _draw_legend(lower, palette, present, across)
    return figure


@house_style
def legend(palette: Palette, classes: Iterable[int] | None = None, *, caption: str | None = None) -> Drawing:
    """The names of classes beside their colors.

    Args:
        palette: names and colors.
        classes: the numbers to list, 255 for void; all without void where it is left out.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.
    """
    classes = list(range(len(palette))) if classes is None else list(classes)
    across = _across(palette, classes, WIDEST)
    figure = Drawing(WIDEST, 0.22 * math.ceil(len(classes) / across) + 0.12, caption)
    _draw_legend(figure.subfigures(1, 1), palette, classes, across)
    return figure


def overlay(image: ArrayLike, labels: ArrayLike, palette: Palette, alpha: float = 0.55) -> np.ndarray:
    """A picture tinted with the colors of its classes; void pixels keep their own color.

    Args:
        image: as for `show`, of size (h, w).
        labels: (h, w) integers, 0 to k - 1 or 255 for void.
        palette: the k names and colors.
        alpha: the share of the class's color, 0 to 1.

    Returns:
        uint8 array (h, w, 3).

    Raises:
        ValueError: when the sizes differ.
    """
    base = as_image(image)
    base = base.astype(np.float64) if base.dtype == np.uint8 else np.clip(base, 0, 1) * 255.0
    base = np.repeat(base[..., None], 3, axis=2) if base.ndim == 2 else base
    paint = colorise(labels, palette)
    if base.shape != paint.shape:
        raise ValueError(f"the image is {base.shape[:2]} and the labels {paint.shape[:2]}; wanted one size. Resize one")
    share = np.where(array(labels) == VOID, 0.0, alpha)[..., None]
    return np.rint((1 - share) * base + share * paint).astype(np.uint8)


def error_map(target: ArrayLike, prediction: ArrayLike, *, ignore_index: int = VOID) -> np.ndarray:
    """Where a prediction is wrong: orange; right pixels are dark grey, void ones white.

    Args:
        target, prediction: integers (h, w).
        ignore_index: the label of target pixels that do not count.

    Returns:
        uint8 array (h, w, 3).

    Raises:
        ValueError: when the shapes differ or are not (h, w).
    """
    target, prediction = array(target), array(prediction)
    if target.ndim != 2 or target.shape != prediction.shape:
        raise ValueError(
            f"target is {target.shape} and prediction {prediction.shape}; wanted one shape (h, w). "
            "Take one map of a batch, and the argmax of scores"
        )
    colors = np.array([tuple(bytes.fromhex(code[1:])) for code in (RIGHT, WRONG)] + [(255, 255, 255)], dtype=np.uint8)
    return colors[np.where(target == ignore_index, 2, (target != prediction).astype(np.int64))]
