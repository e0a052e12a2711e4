"""Wrong and right answers to `accuracies`."""

from autograder.audit.answers import Allowed, Right, Wrong

WRONG = [
    Wrong(
        "accuracies",
        "rows divided in place",
        fails="it_has_good_manners",
        says="matrix changed in place",
        source="""
def accuracies(matrix):
    overall = (matrix.diagonal().sum() / matrix.sum()).item()
    right = matrix.diagonal().clone()
    matrix.fill_diagonal_(0)
    return overall, (right / (matrix.sum(1) + right)).nanmean().item()
""",
    ),
    Wrong(
        "accuracies",
        "counts in 32 bits",
        fails="the_counts_of_a_whole_data_set_are_no_different",
        says="counts above a billion",
        alone=True,
        edits=(("    right, there", "    matrix = matrix.int()\n    right, there"),),
    ),
    Wrong(
        "accuracies",
        "memory read as one row after the other",
        fails="it_has_good_manners",
        says="lies in memory as transposed",
        alone=True,
        edits=(
            (
                "    right, there",
                "    matrix = matrix.as_strided(matrix.shape, (len(matrix), 1))\n    right, there",
            ),
        ),
    ),
    Wrong(
        "accuracies",
        "divides by columns: that is precision",
        fails="mean_class_accuracy_gives_each_class_one_vote",
        says="by its row",
        edits=(("matrix.sum(1)", "matrix.sum(0)"),),
    ),
    Wrong(
        "accuracies",
        "absent classes make the mean NaN",
        fails="a_class_that_the_target_lacks_is_left_out",
        says="left out",
        edits=((".nanmean()", ".mean()"),),
    ),
    Wrong(
        "accuracies",
        "absent classes count 0",
        fails="a_class_that_the_target_lacks_is_left_out",
        says="not counted as 0",
        edits=(("(right / there).nanmean()", "(right / there.clamp(min=1)).mean()"),),
    ),
    Wrong(
        "accuracies",
        "each class weighted by its size",
        fails="mean_class_accuracy_gives_each_class_one_vote",
        says="takes the mean",
        edits=(
            (
                "(right / there).nanmean()",
                "(right / there).nan_to_num().mul(there / there.sum()).sum()",
            ),
        ),
    ),
    Wrong(
        "accuracies",
        "the other order",
        fails="overall_accuracy_is_the_share_of_right_pixels",
        says="share of all pixels",
        edits=(
            (
                "(right.sum() / matrix.sum()).item(), (right / there).nanmean().item()",
                "(right / there).nanmean().item(), (right.sum() / matrix.sum()).item()",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "accuracies",
        "plain loops",
        """
def accuracies(matrix):
    rows = matrix.tolist()
    right = sum(row[i] for i, row in enumerate(rows))
    shares = [row[i] / sum(row) for i, row in enumerate(rows) if sum(row)]
    return right / sum(map(sum, rows)), sum(shares) / len(shares)
""",
    ),
    Right(
        "accuracies",
        "the trace, and a mask of classes",
        """
def accuracies(matrix):
    matrix = matrix.double()
    there = matrix.sum(dim=1)
    known = there > 0
    return torch.trace(matrix) / matrix.sum(), (torch.diag(matrix)[known] / there[known]).mean()
""",
    ),
]

ALLOWED = [
    Allowed("accuracies", "is right unless taller than wide", "a confusion matrix is square"),
    Allowed("accuracies", "is right unless wider than tall", "a confusion matrix is square"),
]
