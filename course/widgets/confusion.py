"""Lab 1: a predicted mask is moved and grown; the confusion matrix and four scores follow."""

import numpy as np
import torch

from course.metrics.confusion import confusion_matrix
from course.metrics.scores import f1, mean_class_accuracy, mean_iou, overall_accuracy
from course.viz.confusion_matrix import draw_confusion
from course.viz.style import COLOURS, INK, WIDEST, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, slider

_SIZE = 96
# true negative, false positive, false negative, true positive
_COLOURS = np.array([(236, 236, 240), (245, 133, 24), (140, 200, 240), (0, 80, 140)], dtype=np.uint8)
_NAMES = ("right: ground", "false positive", "false negative", "right: object")


def _disc(radius, shift):
    """A disc as labels (h, w): 1 inside, 0 outside."""
    rows, columns = np.mgrid[:_SIZE, :_SIZE] + 0.5 - _SIZE / 2
    return torch.from_numpy((rows**2 + (columns - shift) ** 2 <= radius**2).astype(np.int64))


def _draw_masks(axes, target, prediction):
    axes.imshow(_COLOURS[(2 * target + prediction).numpy()])
    quiet(axes)
    axes.set_title("prediction on target")
    for number in (3, 1, 2):
        axes.plot([], [], "s", color=_COLOURS[number] / 255, markersize=9, label=_NAMES[number])
    axes.legend(loc="upper left", bbox_to_anchor=(-0.03, 0.0), ncols=1, frameon=False, fontsize=9, handletextpad=0.2)


def _draw_scores(axes, scores):
    lengths = np.nan_to_num(list(scores.values()))
    axes.barh(range(len(scores)), 1, height=0.5, color="#efeff2")
    axes.barh(range(len(scores)), lengths, height=0.5, color=COLOURS[0])
    for place, (name, value) in enumerate(scores.items()):
        axes.text(0.015, place - 0.31, name, va="bottom", fontsize=10, color=INK)
        axes.text(
            1, place - 0.31, "absent" if np.isnan(value) else f"{value:.3f}", va="bottom", ha="right", fontsize=10.5
        )
    axes.set(xlim=(0, 1), ylim=(len(scores) - 0.6, -0.75), yticks=[], xticks=[])
    axes.spines[:].set_visible(False)


@house_style
def picture(radius, grow, shift):
    """A disc as target, another one as prediction, their confusion matrix and four scores.

    Args:
        radius: of the target, pixels.
        grow: how much larger the prediction's radius is, pixels; below -radius nothing is predicted.
        shift: how far right the prediction lies, pixels.

    Returns:
        the figure, always of one size.
    """
    target, prediction = _disc(radius, 0), _disc(max(radius + grow, 0), shift)
    matrix = confusion_matrix(target, prediction, 2)
    scores = {
        "overall accuracy": overall_accuracy(matrix).item(),
        "mean class accuracy": mean_class_accuracy(matrix).item(),
        "mean IoU": mean_iou(matrix).item(),
        "F1 of the object": f1(matrix)[1].item(),
    }
    figure = Drawing(WIDEST, 3.5, layout=None)
    left, middle, right = (figure.add_axes(place) for place in _PLACES)
    _draw_masks(left, target, prediction)
    draw_confusion(middle, matrix, ("ground", "object"))
    middle.set_anchor("N")
    middle.set_title("confusion matrix, pixels")
    _draw_scores(right, scores)
    figure.caption = (
        f"The object covers {100 * target.double().mean():.1f}% of the picture; "
        + ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
        + "."
    )
    return figure


_PLACES = ((0.01, 0.22, 0.29, 0.70), (0.40, 0.20, 0.26, 0.72), (0.73, 0.16, 0.255, 0.80))


def confusion_explorer():
    """Size of the object, and growth and shift of its prediction to choose; matrix and scores to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "radius": slider("object's radius", 16, 3, 40),
            "grow": slider("prediction grown by", 4, -12, 12),
            "shift": slider("moved right by", 8, -30, 30),
        },
    )
