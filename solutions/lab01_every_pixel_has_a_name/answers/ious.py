"""Wrong and right answers to `ious`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "ious",
        "right pixels counted twice in the union",
        fails="the_union_counts_each_pixel_once",
        says="count once",
        edits=((" - both)", ")"),),
    ),
    Wrong(
        "ious",
        "F1 instead of IoU",
        fails="the_union_counts_each_pixel_once",
        says="row + column",
        edits=(
            (
                "both / (matrix.sum(0) + matrix.sum(1) - both)",
                "2 * both / (matrix.sum(0) + matrix.sum(1))",
            ),
        ),
    ),
    Wrong(
        "ious",
        "recall instead of IoU: the false positives are forgotten",
        fails="the_union_counts_each_pixel_once",
        says="row + column",
        edits=(("(matrix.sum(0) + matrix.sum(1) - both)", "matrix.sum(1)"),),
    ),
    Wrong(
        "ious",
        "an absent class counts as perfect",
        fails="a_class_that_is_nowhere_has_no_iou",
        says="must be NaN",
        edits=(
            (
                "both / (matrix.sum(0) + matrix.sum(1) - both)",
                "(both + 1e-9) / (matrix.sum(0) + matrix.sum(1) - both + 1e-9)",
            ),
        ),
    ),
    Wrong(
        "ious",
        "an absent class counts 0",
        fails="a_class_that_is_nowhere_has_no_iou",
        says="must be NaN",
        edits=(("- both)\n", "- both)\n    per_class = per_class.nan_to_num(0)\n"),),
    ),
    Wrong(
        "ious",
        "the mean weighs classes by their size",
        fails="the_mean_is_taken_over_classes",
        says="one vote",
        edits=(
            (
                "per_class.nanmean()",
                "(per_class.nan_to_num() * matrix.sum(1) / matrix.sum()).sum()",
            ),
        ),
    ),
    Wrong(
        "ious",
        "a class that the target lacks is left out even where it was predicted",
        fails="a_class_that_is_only_predicted_has_iou_0",
        says="not NaN",
        edits=(("- both)\n", "- both)\n    per_class[matrix.sum(1) == 0] = torch.nan\n"),),
    ),
]

RIGHT = [
    Right(
        "ious",
        "true and false positives by name",
        """
def ious(matrix):
    tp = torch.diag(matrix).double()
    fp = matrix.sum(dim=0) - tp
    fn = matrix.sum(dim=1) - tp
    each = tp / (tp + fp + fn)
    return each, each[~each.isnan()].mean()
""",
    ),
    Right(
        "ious",
        "plain loops",
        """
def ious(matrix):
    k, each = len(matrix), []
    for i in range(k):
        union = sum(int(matrix[i, j]) + int(matrix[j, i]) for j in range(k)) - int(matrix[i, i])
        each.append(int(matrix[i, i]) / union if union else float("nan"))
    known = [value for value in each if value == value]
    return torch.tensor(each), sum(known) / len(known)
""",
    ),
]
