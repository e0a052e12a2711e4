"""Points and boxes that a reader sets on an image, and that Python reads.

A click sets a point, a drag a box; all of it works from the keyboard too, as the text below the image says. Without a
kernel the page still tells the place and the value of a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import anywidget
import numpy as np
import torch
import traitlets
from torch import Tensor

from course.viz.pictures import as_image
from course.widgets.module import pack, source, stand_alone

Point = tuple[float, float, int]
Box = tuple[float, float, float, float]


class Pointer(anywidget.AnyWidget):
    """An image to point at, shown where it is the value of a cell.

    Args:
        image: (3, h, w) or (h, w) in [0, 1], as `course.viz.show` takes it.
        labels: (h, w) integers, to tell the class of a pixel; None for none.
        names: of the classes, where there are labels.
        points, boxes: what is set at the start.

    Attributes:
        points: list of (x, y, label) in pixels of the image, x to the right and y down, tenths of a pixel; the middle
            of pixel (0, 0) is at (0.5, 0.5), and int(x), int(y) is its column and row. Label 1 is positive, 0 negative.
        boxes: list of (x1, y1, x2, y2).

    Both can be set from Python, and `pointer.observe(function, "points")` calls the function at every change.

    Raises:
        ValueError: an image or labels of another shape, or a point or box that is not in the image.

    Example:
        pointer = Pointer(photo("cat", size=(96, 128)), points=[(60, 40, 1)])
    """

    _esm = source("pointer")
    data = traitlets.Dict().tag(sync=True)
    points = traitlets.List().tag(sync=True)
    boxes = traitlets.List().tag(sync=True)

    def __init__(
        self,
        image: Tensor,
        *,
        labels: Tensor | None = None,
        names: Sequence[str] = (),
        points: Sequence[Point] = (),
        boxes: Sequence[Box] = (),
    ):
        pixels = _pixels(image)
        self._size = (pixels.shape[1], pixels.shape[0])
        data = {"image": pack(pixels), "names": list(names)}
        if labels is not None:
            if tuple(labels.shape) != tuple(pixels.shape[:2]):
                raise ValueError(
                    f"labels are {tuple(labels.shape)}; wanted {tuple(pixels.shape[:2])}. Give those of this image."
                )
            data["labels"] = pack(labels.to(torch.uint8))
        super().__init__(data=data, points=list(points), boxes=list(boxes))

    @traitlets.validate("points")
    def _check_points(self, proposal: traitlets.Bunch) -> list[Point]:
        w, h = self._size
        for point in proposal["value"]:
            if len(point) != 3 or not (0 <= point[0] < w and 0 <= point[1] < h) or point[2] not in (0, 1):
                raise ValueError(
                    f"point is {tuple(point)}; wanted (x, y, label) with 0 ≤ x < {w} and 0 ≤ y < {h}. "
                    "Give label 1 for positive or 0 for negative."
                )
        return [(x, y, int(label)) for x, y, label in proposal["value"]]

    @traitlets.validate("boxes")
    def _check_boxes(self, proposal: traitlets.Bunch) -> list[Box]:
        w, h = self._size
        for box in proposal["value"]:
            if len(box) != 4 or not (0 <= box[0] < box[2] <= w and 0 <= box[1] < box[3] <= h):
                raise ValueError(
                    f"box is {tuple(box)}; wanted (x1, y1, x2, y2) with 0 ≤ x1 < x2 ≤ {w} and 0 ≤ y1 < y2 ≤ {h}. "
                    "Give corners inside the image."
                )
        return [tuple(box) for box in proposal["value"]]

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        bundle, metadata = super()._repr_mimebundle_()
        words = "Here is an image to point at. Run this cell, or trust this notebook, to see it."
        state = {"data": self.data, "points": self.points, "boxes": self.boxes}
        page = {"text/html": stand_alone("pointer", state, words), "text/plain": words}
        return bundle | page, metadata


def _pixels(image: Tensor) -> Tensor:
    """The image as bytes (h, w, 3)."""
    shown = as_image(image)
    shown = shown if shown.dtype == np.uint8 else np.round(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    return torch.from_numpy(shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2))
