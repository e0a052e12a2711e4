"""The scores of semantic segmentation, read off a confusion matrix.

Rows are targets and columns are predictions, so for class i
    row sum     = pixels that are i             (true positives + false negatives)
    column sum  = pixels predicted as i         (true positives + false positives)
    diagonal    = pixels that are both          (true positives).
Every score is a fraction of these three, in float64. A fraction 0/0 has no value: an absent class is NaN for itself and
is left out of the mean. What "absent" means depends on the denominator, so each function says it.

All functions take `(…, k, k)`: a stack of matrices gives a stack of scores. So the mean over images is
`mean_iou(stack).mean()`, and the score of the data set is `mean_iou(stack.sum(0))`. These are different numbers, and
papers report the second.

Source: Long et al., Fully Convolutional Networks (arXiv:1411.4038), section 5, for the accuracies and the IoUs.
"""

import torch
from torch import Tensor


def overall_accuracy(matrix: Tensor) -> Tensor:
    """Share of all counted pixels that are right; large classes dominate it.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…)` float64 in [0, 1]; NaN where no pixel was counted.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.

    Example:
        >>> overall_accuracy(torch.tensor([[6, 4], [2, 18]])).item()  # (6 + 18) / 30
        0.8
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

    Example:
        >>> class_accuracy(torch.tensor([[6, 4], [2, 18]])).tolist()  # 6 / 10, 18 / 20
        [0.6, 0.9]
    """
    matrix = _checked(matrix)
    return _diagonal(matrix) / matrix.sum(-1)


def mean_class_accuracy(matrix: Tensor) -> Tensor:
    """Mean of `class_accuracy` over the classes that occur in the target: `(…, k, k)` → `(…)`.

    Example:
        >>> mean_class_accuracy(torch.tensor([[6, 4], [2, 18]])).item()  # (0.6 + 0.9) / 2
        0.75
    """
    return class_accuracy(matrix).nanmean(-1)


def iou(matrix: Tensor) -> Tensor:
    """Intersection over union of each class: TP / (TP + FP + FN), also called the Jaccard index.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from target and prediction. A class that is only predicted
        gets 0: all its pixels are false positives.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.

    Example:
        >>> iou(torch.tensor([[6, 4], [2, 18]])).tolist()  # 6 / (6 + 4 + 2), 18 / (18 + 4 + 2)
        [0.5, 0.75]
    """
    matrix = _checked(matrix)
    hits = _diagonal(matrix)
    return hits / (matrix.sum(-1) + matrix.sum(-2) - hits)


def mean_iou(matrix: Tensor) -> Tensor:
    """Mean of `iou` over the classes present in target or prediction: `(…, k, k)` → `(…)`.

    Example:
        >>> mean_iou(torch.tensor([[6, 4], [2, 18]])).item()  # (0.5 + 0.75) / 2
        0.625
    """
    return iou(matrix).nanmean(-1)


def frequency_weighted_iou(matrix: Tensor) -> Tensor:
    """Mean of `iou`, each class weighted by its share of the target's pixels.

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…)` float64 in [0, 1]; NaN where no pixel was counted. A class absent from the target has weight 0.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.

    Example:
        >>> round(frequency_weighted_iou(torch.tensor([[6, 4], [2, 18]])).item(), 4)  # (10 · 0.5 + 20 · 0.75) / 30
        0.6667
    """
    weights = _checked(matrix).sum(-1)
    return (weights * iou(matrix)).nansum(-1) / weights.sum(-1)


def precision(matrix: Tensor) -> Tensor:
    """Share of the pixels predicted as i that are i: TP / (TP + FP).

    Args:
        matrix: `(…, k, k)` counts, rows = target, columns = prediction.

    Returns:
        `(…, k)` float64 in [0, 1]; NaN for a class absent from the prediction.

    Raises:
        ValueError: the matrix is not square, or holds a negative number or NaN.

    Example:
        >>> [round(p, 4) for p in precision(torch.tensor([[6, 4], [2, 18]])).tolist()]  # 6 / 8, 18 / 22
        [0.75, 0.8182]
    """
    matrix = _checked(matrix)
    return _diagonal(matrix) / matrix.sum(-2)


def recall(matrix: Tensor) -> Tensor:
    """Share of the pixels of class i that were found: TP / (TP + FN). Another name for `class_accuracy`.

    Example:
        >>> recall(torch.tensor([[6, 4], [2, 18]])).tolist()
        [0.6, 0.9]
    """
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

    Example:
        >>> [round(f, 4) for f in f1(torch.tensor([[6, 4], [2, 18]])).tolist()]  # 12 / 18, 36 / 42
        [0.6667, 0.8571]
    """
    matrix = _checked(matrix)
    return 2 * _diagonal(matrix) / (matrix.sum(-1) + matrix.sum(-2))


def dice(matrix: Tensor) -> Tensor:
    """Overlap of two masks as medicine writes it: 2|A∩B| / (|A| + |B|). On label maps another name for `f1`.

    Example:
        >>> [round(d, 4) for d in dice(torch.tensor([[6, 4], [2, 18]])).tolist()]
        [0.6667, 0.8571]
    """
    return f1(matrix)


def binary_scores(matrix: Tensor) -> dict[str, float]:
    """The scores of the foreground (class 1) of a binary map.

    Args:
        matrix: `(2, 2)` counts, rows = target, columns = prediction, background first.

    Returns:
        accuracy, precision, recall, specificity (recall of the background), f1 and iou; NaN where the fraction is 0/0.

    Raises:
        ValueError: the matrix is not 2 × 2, or holds a negative number or NaN.

    Example:
        >>> scores = binary_scores(torch.tensor([[6, 4], [2, 18]]))
        >>> tuple(round(scores[name], 4) for name in ("precision", "recall", "specificity"))
        (0.8182, 0.9, 0.6)
    """
    if tuple(matrix.shape) != (2, 2):
        raise ValueError(
            f"matrix has shape {tuple(matrix.shape)}; wanted (2, 2). For more classes call precision, recall, iou, …."
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
        came = f"has shape {tuple(matrix.shape)}" if isinstance(matrix, Tensor) else f"is a {type(matrix).__name__}"
        raise ValueError(f"matrix {came}; wanted a tensor (…, k, k) of counts. Make one with confusion_matrix.")
    if matrix.device.type == "mps":
        matrix = matrix.cpu()  # MPS has no float64
    matrix = matrix.to(torch.float64)
    if not bool((matrix >= 0).all()):  # written so that NaN fails as well
        raise ValueError("matrix holds a negative number or NaN; wanted counts. Make one with confusion_matrix.")
    return matrix


def _diagonal(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=-2, dim2=-1)
