"""Wrong and right answers to `confusion_matrix`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "confusion_matrix",
        "rows and columns swapped",
        fails="rows_are_targets_and_columns_predictions",
        says="swapped",
        edits=(
            (
                "classes * target[known].long() + prediction[known].long()",
                "classes * prediction[known].long() + target[known].long()",
            ),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void goes into the first class",
        fails="void_pixels_are_not_counted",
        says="must not be counted",
        edits=(
            (
                "known = target != ignore_index",
                "target = torch.where(target == ignore_index, 0, target)",
            ),
            ("[known]", ".flatten()"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void goes into the last class",
        fails="void_pixels_are_not_counted",
        says="must not be counted",
        edits=(
            ("known = target != ignore_index", "target = target.clamp(max=classes - 1)"),
            ("[known]", ".flatten()"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void is always 255",
        fails="another_number_can_be_void",
        says="non-negative",
        edits=(("target != ignore_index", "target != 255"),),
    ),
    Wrong(
        "confusion_matrix",
        "every label below k is known: void -1 is counted",
        fails="another_number_can_be_void",
        says="",
        edits=(("target != ignore_index", "target < classes"),),
    ),
    Wrong(
        "confusion_matrix",
        "no minlength",
        fails="classes_that_do_not_occur_keep_row_and_column",
        says="",
        edits=((", minlength=classes**2", ""),),
    ),
    Wrong(
        "confusion_matrix",
        "bytes overflow",
        fails="labels_may_be_bytes",
        says="uint8",
        edits=(
            ("target[known].long()", "target[known]"),
            ("prediction[known].long()", "prediction[known]"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "shares instead of counts",
        fails="rows_are_targets_and_columns_predictions",
        says="count",
        edits=((".reshape(classes, classes)", ".reshape(classes, classes) / known.sum()"),),
    ),
]

RIGHT = [
    Right(
        "confusion_matrix",
        "a loop over pixels",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    counts = [[0] * classes for _ in range(classes)]
    for t, p in zip(target.flatten().tolist(), prediction.flatten().tolist()):
        if t != ignore_index:
            counts[t][p] += 1
    return torch.tensor(counts)
""",
    ),
    Right(
        "confusion_matrix",
        "a loop over pairs of classes",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    matrix = torch.empty(classes, classes, dtype=torch.long)
    for i in range(classes):
        for j in range(classes):
            matrix[i, j] = torch.logical_and(target == i, prediction == j).sum()
    return matrix
""",
    ),
    Right(
        "confusion_matrix",
        "a product of one-hot planes",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    numbers_ = torch.arange(classes)
    is_i = (target.reshape(-1, 1) == numbers_).double()
    called_j = (prediction.reshape(-1, 1) == numbers_).double()
    return (is_i.T @ called_j).round().long()
""",
    ),
    Right(
        "confusion_matrix",
        "numpy, void sent to a row of its own",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    import numpy as np

    t, p = target.numpy().astype(np.int64), prediction.numpy().astype(np.int64)
    t = np.where(t == ignore_index, classes, t)
    counts = np.bincount((t * classes + p).ravel(), minlength=classes * (classes + 1))
    return torch.from_numpy(counts.reshape(classes + 1, classes)[:classes]).long()
""",
    ),
]
