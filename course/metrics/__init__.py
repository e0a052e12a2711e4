"""Metrics: how good a prediction is, counted over a whole data set.

`confusion` counts pixels by target and prediction; `scores` reads every score of semantic segmentation off the counts.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "confusion": "ConfusionMatrix confusion_matrix",
        "scores": "binary_scores class_accuracy dice f1 frequency_weighted_iou iou mean_class_accuracy mean_iou "
        "overall_accuracy precision recall",
    },
)
