"""Wrong and right answers to `confusion_matrix`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "confusion_matrix",
        "void is renamed in the caller's map",
        fails="it_has_good_manners",
        says="target changed in place",
        source="""
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    target[target == ignore_index] = num_classes
    pairs = num_classes * target.flatten().long() + prediction.flatten().long()
    counts = torch.bincount(pairs, minlength=num_classes * (num_classes + 1))
    return counts.reshape(-1, num_classes)[:num_classes]
""",
    ),
    Wrong(
        "confusion_matrix",
        "whatever is no class is void, and a class never is",
        fails="another_number_can_be_void",
        says="With ignore_index=1 pixels of target 1",
        edits=(("target != ignore_index", "(target >= 0) & (target < num_classes)"),),
    ),
    Wrong(
        "confusion_matrix",
        "laid flat by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(
            (
                "known = target",
                "target, prediction = target.view(-1), prediction.view(-1)\n    known = target",
            ),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "bool planes added up in bytes",
        fails="a_pair_may_occur_more_often_than_a_byte_counts",
        says="About 500 pixels",
        source="""
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.uint8)
    for i in range(num_classes):
        for j in range(num_classes):
            matrix[i, j] = ((target == i) & (prediction == j) & (target != ignore_index)).sum() % 256
    return matrix.long()
""",
    ),
    Wrong(
        "confusion_matrix",
        "rows and columns swapped",
        fails="rows_are_targets_and_columns_predictions",
        says="swapped",
        edits=(
            (
                "num_classes * target[known].long() + prediction[known].long()",
                "num_classes * prediction[known].long() + target[known].long()",
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
            ("known = target != ignore_index", "target = target.clamp(max=num_classes - 1)"),
            ("[known]", ".flatten()"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void is always 255",
        fails="another_number_can_be_void",
        says="With ignore_index=-1 pixels of target -1",
        edits=(("target != ignore_index", "target != 255"),),
    ),
    Wrong(
        "confusion_matrix",
        "every label below k is known: void -1 is counted",
        fails="another_number_can_be_void",
        says="pixels of target -1 must not be counted",
        edits=(("target != ignore_index", "target < num_classes"),),
    ),
    Wrong(
        "confusion_matrix",
        "no minlength",
        fails="classes_that_do_not_occur_keep_row_and_column",
        says="keep a row and a column of zeros",
        edits=((", minlength=num_classes**2", ""),),
    ),
    Wrong(
        "confusion_matrix",
        "bytes overflow",
        fails="labels_may_be_of_any_integer_type",
        says="must not overflow",
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
        edits=(
            (
                ".reshape(num_classes, num_classes)",
                ".reshape(num_classes, num_classes) / known.sum()",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "confusion_matrix",
        "a loop over pixels",
        """
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    counts = [[0] * num_classes for _ in range(num_classes)]
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
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    matrix = torch.empty(num_classes, num_classes, dtype=torch.long)
    for i in range(num_classes):
        for j in range(num_classes):
            there = (target == i) & (target != ignore_index)
            matrix[i, j] = torch.logical_and(there, prediction == j).sum()
    return matrix
""",
    ),
    Right(
        "confusion_matrix",
        "a product of one-hot planes",
        """
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    numbers_ = torch.arange(num_classes)
    known = (target != ignore_index).reshape(-1, 1)
    is_i = (known & (target.reshape(-1, 1) == numbers_)).double()
    called_j = (prediction.reshape(-1, 1) == numbers_).double()
    return (is_i.T @ called_j).round().long()
""",
    ),
    Right(
        "confusion_matrix",
        "numpy, void sent to a row of its own",
        """
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    import numpy as np

    t, p = target.numpy().astype(np.int64), prediction.numpy().astype(np.int64)
    t = np.where(t == ignore_index, num_classes, t)
    counts = np.bincount((t * num_classes + p).ravel(), minlength=num_classes * (num_classes + 1))
    return torch.from_numpy(counts.reshape(num_classes + 1, num_classes)[:num_classes]).long()
""",
    ),
]
