"""Lab 1: a predicted mask is moved and grown; the confusion matrix and six scores follow."""

from __future__ import annotations

from course.widgets.explorer import Explorer


def confusion_explorer() -> Explorer:
    """Size of the object, and growth and shift of its prediction to choose; matrix and scores to see."""
    return Explorer("confusion")
