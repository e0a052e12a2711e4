"""Lab 5: what is left of a label map that is told in cells of some stride, and how much of it comes back."""

from functools import lru_cache

import torch.nn.functional as F

from course.data.palettes import SCENES, colourise
from course.data.scenes import CLASSES, Scenes
from course.metrics.confusion import ConfusionMatrix
from course.viz.label_maps import error_map
from course.viz.style import WIDEST, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, choice, slider

_SCENES, _K = 20, len(CLASSES)
WAYS = {"bilinear": "bilinear", "nearest": "nearest"}


@lru_cache(maxsize=_SCENES)
def _truth(number):
    return Scenes(_SCENES, split="test")[number][1]


def _told(truth, stride, way):
    """The class of the largest share: in each cell, and at each pixel once the shares are enlarged again."""
    known = truth != 255
    shares = F.one_hot(truth.where(known, 0), _K).movedim(-1, 0)[None].float() * known
    cells = F.avg_pool2d(shares, stride)
    smooth = {"align_corners": False} if way == "bilinear" else {}
    large = F.interpolate(cells, scale_factor=stride, mode=way, **smooth)
    return cells.argmax(1)[0], large.argmax(1)[0]


@house_style
def picture(level, number, way):
    """A scene's labels, the same in cells, those enlarged again, and where they are wrong.

    Args:
        level: the stride is 2 to this power, 0 to 5.
        number: of the scene, 0 to 19.
        way: "bilinear" or "nearest".

    Returns:
        the figure, always of one size.
    """
    truth, stride = _truth(number), 2**level
    cells, large = _told(truth, stride, way)
    confusion = ConfusionMatrix(_K)
    confusion.update(truth, large)
    score = confusion.summary()["mean_iou"]
    kept = set(cells.unique().tolist())
    lost = [name for c, name in enumerate(CLASSES) if (truth == c).any() and c not in kept]
    figure = Drawing(WIDEST, 4.6, layout=None)
    shown = {
        "truth, 128 × 192": colourise(truth, SCENES),
        f"stride {stride}: {128 // stride} × {192 // stride} cells": colourise(cells, SCENES),
        f"enlarged again: mean IoU {score:.3f}": colourise(large, SCENES),
        "wrong pixels (orange)": error_map(truth, large),
    }
    for place, (title, image) in enumerate(shown.items()):
        axes = figure.add_axes((0.01 + 0.5 * (place % 2), 0.01 + 0.5 * (place < 2), 0.48, 0.42))
        axes.imshow(image)
        axes.set_title(title)
        axes.set_anchor("NW")
        quiet(axes)
    figure.caption = (
        f"Every cell of {stride} × {stride} pixels knows the shares of its classes; enlarged, they reach a mean IoU "
        f"of {score:.3f} on this scene. No cell is won by: {', '.join(lost) or 'none; every class wins one'}."
    )
    return figure


def stride_explorer():
    """Stride, scene and interpolation to choose; the labels that survive, and their mean IoU, to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "level": choice("stride", {str(2**level): level for level in (5, 4, 3, 2, 1, 0)}),
            "number": slider("scene", 0, 0, _SCENES - 1),
            "way": choice("enlarged", WAYS),
        },
    )
