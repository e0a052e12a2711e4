"""Pictures side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.figure import FigureBase
from numpy.typing import ArrayLike

from course.viz.style import WIDEST, Drawing, array, house_style, quiet


def as_image(picture: ArrayLike) -> np.ndarray:
    """A picture in any of the shapes that `show` takes -> (h, w, 3) or (h, w), float or uint8."""
    channels_first = hasattr(picture, "detach")
    values = array(picture)
    shape = values.shape
    if values.ndim == 3:
        axis = 0 if shape[0] in (1, 3) and (channels_first or shape[2] not in (1, 3)) else 2
        if shape[axis] not in (1, 3):
            axis = None
        values = None if axis is None else np.moveaxis(values, axis, 2)
    elif values.ndim != 2:
        values = None
    if values is None:
        raise ValueError(
            f"an image is {shape}; wanted (3, h, w), (1, h, w), (h, w) or (h, w, 3). Of a batch give each: show(*batch)"
        )
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.dtype == bool:
        values = values.astype(np.uint8) * 255
    if values.dtype != np.uint8 and not np.issubdtype(values.dtype, np.floating):
        raise ValueError(
            f"an image is {values.dtype}; wanted float in [0, 1] or uint8. Paint a label map with colorise or labels"
        )
    return np.clip(values, 0, 1).astype(np.float32) if values.ndim == 3 and values.dtype != np.uint8 else values


def _grey_range(image: np.ndarray) -> tuple[float, float]:
    """0 to 1 for maps that stay inside, else their own least and greatest value."""
    if image.dtype == np.uint8:
        return 0, 255
    low, high = (np.nanmin(image), np.nanmax(image)) if image.size else (0, 1)
    return (0, 1) if low >= 0 and high <= 1 else (low, high)


def _aspect(image: np.ndarray) -> float:
    """Width by height, kept from extremes, so that a row of pixels still gets some height."""
    return min(max(image.shape[1] / max(image.shape[0], 1), 0.2), 8.0)


def draw_pictures(figure: FigureBase, images: Sequence[np.ndarray], titles: Sequence[str], columns: int) -> None:
    """Put the images on a grid of axes, titles above them."""
    rows = math.ceil(len(images) / columns)
    widths = [_aspect(image) for image in images] if rows == 1 else None
    grid = figure.subplots(rows, columns, squeeze=False, width_ratios=widths)
    for axes in grid.flat:
        quiet(axes)
        axes.set_visible(False)
    for axes, image, title in zip(grid.flat, images, titles, strict=False):
        axes.set_visible(True)
        low, high = _grey_range(image) if image.ndim == 2 else (None, None)
        axes.imshow(image, cmap="gray", vmin=low, vmax=high)
        axes.set_title(title)


def picture_layout(
    images: Sequence[np.ndarray], titles: Iterable[str] | None, columns: int | None, height: float
) -> tuple[list[str], int, tuple[float, float]]:
    """The checked titles, the number of columns and the size in inches of a grid of pictures."""
    if not images:
        raise ValueError("images are none; wanted one or more")
    titles = [""] * len(images) if titles is None else list(titles)
    if len(titles) != len(images):
        raise ValueError(f"images are {len(images)} and titles {len(titles)}; wanted one title for each image")
    columns = min(len(images), 4 if columns is None else columns)
    rows = math.ceil(len(images) / columns)
    aspects = [_aspect(image) for image in images]
    across = sum(aspects) if rows == 1 else columns * max(aspects)
    tall = min(height, (WIDEST - 0.14 * columns) / across)
    room = 0.4 if any(titles) else 0.14
    return titles, columns, (tall * across + 0.14 * columns, rows * (tall + room))


@house_style
def show(
    *pictures: ArrayLike,
    titles: Iterable[str] | None = None,
    columns: int | None = None,
    height: float = 2.6,
    caption: str | None = None,
) -> Drawing:
    """Pictures side by side.

    Args:
        pictures: each (3, h, w), (1, h, w), (h, w) or (h, w, 3), array or tensor (tensors are read channels first);
            float in [0, 1] or uint8. Colors beyond are clipped; grey maps beyond stretch from their least to greatest.
        titles: a text for each.
        columns: pictures in a row; at most 4 where it is left out.
        height: of a picture, inches; less where the row would be wider than the notebook.
        caption: what the figure shows, the text below it and for those who cannot see it.

    Returns:
        the figure.

    Raises:
        ValueError: for another shape or type, or when titles and pictures differ in number.
    """
    images = [as_image(picture) for picture in pictures]
    titles, columns, size = picture_layout(images, titles, columns, height)
    figure = Drawing(*size, caption, layout="compressed")
    draw_pictures(figure, images, titles, columns)
    return figure
