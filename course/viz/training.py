"""A training as it goes: its loss, its score, and what the network says of a few pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course.data.palettes import colorise
from course.viz.label_maps import error_map
from course.viz.pictures import as_image
from course.viz.style import COLORS, DIM, Drawing, array, house_style, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor, nn

    from course.data.names import Palette
    from course.training import History, Status

COLUMNS = ("picture", "truth", "prediction", "errors in orange")


class TrainingView:
    """Give it to `fit` as `on_progress`: it draws the loss, the score and predictions, anew in the same place.

    In a notebook the figure is shown below the cell; with `path` it is written there as a PNG. It draws at most every
    `seconds`, and once more after the last step.

    Args:
        images: (n, 3, h, w) in [0, 1], as the model takes them; the first `rows` are shown.
        labels: (n, h, w), classes or 255 for void.
        palette: names and colors of the classes.
        rows: pictures to show.
        seconds: least time between two drawings.
        path: of the PNG to write; None to show it in the notebook.

    Raises:
        ValueError: there is no picture, or images and labels differ in number or size.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        palette: Palette,
        *,
        rows: int = 2,
        seconds: float = 3.0,
        path: Path | None = None,
    ):
        if images.ndim != 4 or len(images) < 1 or labels.shape != (len(images), *images.shape[2:]) or rows < 1:
            raise ValueError(
                f"images are {tuple(images.shape)}, labels {tuple(labels.shape)} and rows {rows}; wanted (n, 3, h, w) "
                "and (n, h, w) of the same pictures, at least one, and at least one row."
            )
        self.images, self.labels, self.palette = images[:rows], labels[:rows], palette
        self.seconds, self.path = seconds, path
        self.predictions = None
        self._handle, self._drawn = None, float("-inf")

    def __call__(self, status: Status) -> None:
        """Draw, if it is time to."""
        over = status.step == status.steps or status.history.stopped
        if not over and time.monotonic() - self._drawn < self.seconds:
            return
        self.predictions = self._predict(status.model)
        self._show(self.figure(status.history))
        self._drawn = time.monotonic()

    def _predict(self, model: nn.Module) -> Tensor:
        """Labels (rows, h, w) that the model gives now; `fit` puts it back into training itself."""
        import torch

        model.eval()
        with torch.no_grad():
            return model(self.images.to(next(model.parameters()).device)).argmax(1).cpu()

    @house_style
    def figure(self, history: History) -> Drawing:
        """The drawing: loss and score over the steps; below, picture, truth, prediction and errors.

        Args:
            history: `fit`'s.

        Returns:
            the figure.
        """
        rows, (h, w) = len(self.images), self.images.shape[2:]
        tall = min(2.0, 8.6 / 4 * h / w)
        caption = f"After {history.steps[-1]} steps: the loss, the score on pictures kept aside, and predictions."
        figure = Drawing(9.0, 2.2 + rows * tall + 0.3, caption)
        upper, lower = figure.subfigures(2, 1, height_ratios=[2.2, rows * tall + 0.3])
        loss, score = upper.subplots(1, 2)
        _curve(loss, history.steps, history.losses, "loss", COLORS[0])
        scores, name = [entry[history.monitor] for entry in history.scores], history.monitor.replace("_", " ")
        steps = [entry["step"] for entry in history.scores]
        _curve(score, steps, scores, name.replace("iou", "IoU"), COLORS[1])
        self._strip(lower.subplots(rows, len(COLUMNS), squeeze=False))
        return figure

    def _strip(self, grid: np.ndarray) -> None:
        for row, image, label, prediction in zip(grid, self.images, self.labels, self.predictions, strict=True):
            truth, said = (colorise(one, self.palette) for one in (array(label), array(prediction)))
            for axes, picture in zip(row, (as_image(image), truth, said, error_map(label, prediction)), strict=True):
                axes.imshow(picture)
                quiet(axes)
        for axes, title in zip(grid[0], COLUMNS, strict=True):
            axes.set_title(title)

    def _show(self, figure: Drawing) -> None:
        if self.path is not None:
            from course.files import write_atomically  # a viewer never meets half a picture

            write_atomically(self.path, lambda part: part.write_bytes(figure.png()))
            return
        from IPython.display import display

        if self._handle is None:
            self._handle = display(figure, display_id=True)
        else:
            self._handle.update(figure)


def _curve(axes: Axes, xs: Sequence[int], ys: Sequence[float], name: str, color: str) -> None:
    """A curve with its newest value in its title; a word where there is none yet."""
    newest = f" {ys[-1]:.3g}" if len(ys) else ""
    axes.set_title(name + newest)
    axes.set_xlabel("step")
    axes.grid(axis="y")
    if not len(ys):
        axes.text(0.5, 0.5, "not scored yet", color=DIM, ha="center", va="center", transform=axes.transAxes)
        return
    axes.plot(xs, ys, color=color, marker="o" if len(ys) < 12 else None, markersize=4)
    if np.nanmin(ys) > 0 and np.nanmax(ys) > 20 * np.nanmin(ys):
        axes.set_yscale("log")
