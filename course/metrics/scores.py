"""The scores of semantic segmentation, read from a confusion matrix.

Rows are targets and columns are predictions, so for class i
    row sum     = pixels that are i            (true positives + false negatives)
    column sum  = pixels that were called i    (true positives + false positives)
    diagonal    = both                         (true positives).
Every score is a fraction of those three, in float64. A fraction 0/0 has no value: an absent class is NaN for itself and
is left out of the mean. What "absent" means depends on the denominator, so each function says it.

All functions take `(…, k, k)`: a stack of matrices gives a stack of scores. So the mean over pictures is
`mean_iou(stack).mean()` and the score of the data set is `mean_iou(stack.sum(0))`. They are different numbers, and
papers report the second.

Source: Long et al., Fully Convolutional Networks (arXiv:1411.4038), section 5, for the accuracies and the IoUs.
"""

import torch
from torch import Tensor


def overall_accuracy(matrix: Tensor) -> Tensor:
    """Share of all counted pixels that are right; big classes dominate it.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…)` float64 in [0, 1]; NaN where no pixel was counted.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    matrix = _checked(matrix)
    return _diagonal(matrix).sum(-1) / matrix.sum((-2, -1))


def class_accuracy(matrix: Tensor) -> Tensor:
    """Share of each class's pixels that were found; false positives do not count against it.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from the target.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    matrix = _checked(matrix)
    return _diagonal(matrix) / matrix.sum(-1)


def mean_class_accuracy(matrix: Tensor) -> Tensor:
    """Mean of `class_accuracy` over the classes that the target holds: `(…, k, k)` → `(…)`."""
    return class_accuracy(matrix).nanmean(-1)


def iou(matrix: Tensor) -> Tensor:
    """Intersection over union of each class: TP / (TP + FP + FN), also called the Jaccard index.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from target and prediction. A class that is only
        predicted gets 0: its pixels are all false.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    matrix = _checked(matrix)
    hits = _diagonal(matrix)
    return hits / (matrix.sum(-1) + matrix.sum(-2) - hits)


def mean_iou(matrix: Tensor) -> Tensor:
    """Mean of `iou` over the classes present in target or prediction: `(…, k, k)` → `(…)`."""
    return iou(matrix).nanmean(-1)


def frequency_weighted_iou(matrix: Tensor) -> Tensor:
    """Mean of `iou`, each class weighted by its share of the target's pixels.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…)` float64 in [0, 1]; NaN where no pixel was counted. A class absent from the target has weight 0.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    weights = _checked(matrix).sum(-1)
    return (weights * iou(matrix)).nansum(-1) / weights.sum(-1)


def precision(matrix: Tensor) -> Tensor:
    """Share of the pixels called i that are i: TP / (TP + FP).

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from the prediction.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    matrix = _checked(matrix)
    return _diagonal(matrix) / matrix.sum(-2)


def recall(matrix: Tensor) -> Tensor:
    """Share of the pixels that are i and were called i: TP / (TP + FN). Another name of `class_accuracy`."""
    return class_accuracy(matrix)


def f1(matrix: Tensor) -> Tensor:
    """Harmonic mean of precision and recall: 2TP / (2TP + FP + FN).

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from target and prediction. It orders two predictions of
        a class as IoU does: f1 = 2·iou / (1 + iou).

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.
    """
    matrix = _checked(matrix)
    return 2 * _diagonal(matrix) / (matrix.sum(-1) + matrix.sum(-2))


def dice(matrix: Tensor) -> Tensor:
    """Overlap of two masks as medicine writes it: 2|A∩B| / (|A| + |B|). On label maps another name of `f1`."""
    return f1(matrix)


def binary_scores(matrix: Tensor) -> dict[str, float]:
    """Scores of the foreground (class 1) of a binary map.

    Args:
        matrix: `(2, 2)` counts, rows = target, columns = prediction, background first.

    Returns:
        accuracy, precision, recall, specificity (recall of the background), f1 and iou; NaN where the fraction is 0/0.

    Raises:
        ValueError: the matrix is not 2 × 2, or holds a negative number or NaN.
    """
    if tuple(matrix.shape) != (2, 2):
        raise ValueError(
            f"binary scores need a 2 × 2 matrix, got {tuple(matrix.shape)}; for more classes call precision, iou …"
        )
    return {
        "accuracy": overall_accuracy(matrix).item(),
        "precision": precision(matrix)[1].item(),
        "recall": recall(matrix)[1].item(),
        "specificity": recall(matrix)[0].item(),
        "f1": f1(matrix)[1].item(),
        "iou": iou(matrix)[1].item(),
    }


def _checked(matrix: Tensor) -> Tensor:
    if not isinstance(matrix, Tensor) or matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        got = tuple(matrix.shape) if isinstance(matrix, Tensor) else type(matrix).__name__
        raise ValueError(f"a confusion matrix is a tensor (…, k, k), got {got}; make one with confusion_matrix")
    if matrix.device.type == "mps":
        matrix = matrix.cpu()  # MPS has no float64
    matrix = matrix.to(torch.float64)
    if not bool((matrix >= 0).all()):  # written so that NaN fails as well
        raise ValueError("a confusion matrix holds counts: found a negative number or NaN; count again from label maps")
    return matrix


def _diagonal(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=-2, dim2=-1)
