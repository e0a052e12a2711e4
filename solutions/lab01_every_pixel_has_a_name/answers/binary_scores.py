"""Wrong and right answers to `binary_scores`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "binary_scores",
        "the target becomes the overlap",
        fails="it_has_good_manners",
        says="target changed in place",
        source="""
def binary_scores(target, prediction):
    called, there = prediction.sum(), target.sum()
    target &= prediction
    hits = target.sum()
    return (hits / called).item(), (hits / there).item(), (2 * hits / (called + there)).item()
""",
    ),
    Wrong(
        "binary_scores",
        "Python numbers divided",
        fails="zero_by_zero_is_nan",
        says="raised ZeroDivisionError",
        alone=True,
        edits=(
            ("prediction.sum(), target.sum()", "prediction.sum().item(), target.sum().item()"),
            ("(target & prediction).sum()", "(target & prediction).sum().item()"),
            (
                ".item(), (hits / there).item(), (2 * hits / (called + there)).item()",
                ", hits / there, 2 * hits / (called + there)",
            ),
        ),
    ),
    Wrong(
        "binary_scores",
        "masks of a plane only",
        fails="masks_may_have_any_shape",
        says="For masks of shape (1,)",
        edits=(("    hits, called", "    h, w = target.shape\n    hits, called"),),
    ),
    Wrong(
        "binary_scores",
        "laid flat by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(
            (
                "    hits, called",
                "    target, prediction = target.view(-1), prediction.view(-1)\n    hits, called",
            ),
        ),
    ),
    Wrong(
        "binary_scores",
        "F1 from precision and recall: NaN where one is",
        fails="f1_is_high_only_where_both_are",
        says="0 where nothing is right",
        edits=(
            (
                "(2 * hits / (called + there)).item()",
                "(2 * hits / called * hits / there / (hits / called + hits / there)).item()",
            ),
        ),
    ),
    Wrong(
        "binary_scores",
        "precision and recall swapped",
        fails="precision_divides_by_what_was_called",
        says="the first",
        edits=(("prediction.sum(), target.sum()", "target.sum(), prediction.sum()"),),
    ),
    Wrong(
        "binary_scores",
        "F1 is the plain mean of precision and recall",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits / (called + there)", "(hits / called + hits / there) / 2"),),
    ),
    Wrong(
        "binary_scores",
        "F1 without the factor two",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits /", "hits /"),),
    ),
    Wrong(
        "binary_scores",
        "IoU instead of F1",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits / (called + there)", "hits / (called + there - hits)"),),
    ),
    Wrong(
        "binary_scores",
        "0/0 is 0",
        fails="zero_by_zero_is_nan",
        says="NaN",
        edits=(("(hits / called).item()", "(hits / called.clamp(min=1)).item()"),),
    ),
    Wrong(
        "binary_scores",
        "accuracy instead of precision",
        fails="precision_divides_by_what_was_called",
        says="Precision",
        edits=(("(hits / called).item()", "(target == prediction).float().mean().item()"),),
    ),
]

RIGHT = [
    Right(
        "binary_scores",
        "true and false positives by name",
        """
def binary_scores(target, prediction):
    tp = torch.logical_and(target, prediction).sum().double()
    fp = torch.logical_and(~target, prediction).sum()
    fn = torch.logical_and(target, ~prediction).sum()
    return tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)
""",
    ),
    Right(
        "binary_scores",
        "Python numbers, 0/0 by hand",
        """
def binary_scores(target, prediction):
    t, p = target.flatten().tolist(), prediction.flatten().tolist()
    tp = sum(a and b for a, b in zip(t, p))

    def share(part, whole):
        return part / whole if whole else float("nan")

    return share(tp, sum(p)), share(tp, sum(t)), share(2 * tp, sum(t) + sum(p))
""",
    ),
]
