"""Wrong and right answers to `ious`."""

from autograder.audit.answers import Allowed, Right, Wrong

WRONG = [
    Wrong(
        "ious",
        "the diagonal set to 0 in the caller's matrix",
        fails="it_has_good_manners",
        says="matrix changed in place",
        source="""
def ious(matrix):
    both = matrix.diagonal().clone()
    wrong = matrix.fill_diagonal_(0)
    per_class = both / (both + wrong.sum(0) + wrong.sum(1))
    return per_class, per_class.nanmean().item()
""",
    ),
    Wrong(
        "ious",
        "counts in 32 bits",
        fails="ious_of_a_whole_data_set_are_no_different",
        says="counts above a billion",
        alone=True,
        edits=(("    both =", "    matrix = matrix.int()\n    both ="),),
    ),
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

ALLOWED = [
    Allowed("ious", "is right unless taller than wide", "a confusion matrix is square"),
    Allowed("ious", "is right unless wider than tall", "a confusion matrix is square"),
    Allowed(
        "ious", "returns float64", "the docstring says float, and counts give no dtype to keep"
    ),
]
