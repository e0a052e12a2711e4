"""Metrics: how good is a prediction, counted over a whole data set.

`confusion` counts pixels by target and prediction; `scores` reads every score of semantic segmentation from the counts.
"""

from course.metrics.confusion import Confusion, confusion_matrix
from course.metrics.scores import (
    binary_scores,
    class_accuracy,
    dice,
    f1,
    frequency_weighted_iou,
    iou,
    mean_class_accuracy,
    mean_iou,
    overall_accuracy,
    precision,
    recall,
)

__all__ = [
    "Confusion",
    "binary_scores",
    "class_accuracy",
    "confusion_matrix",
    "dice",
    "f1",
    "frequency_weighted_iou",
    "iou",
    "mean_class_accuracy",
    "mean_iou",
    "overall_accuracy",
    "precision",
    "recall",
]
