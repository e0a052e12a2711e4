"""Wrong and right answers to `lovasz_gradient`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "lovasz_gradient",
        "pixels taken from the list of the caller",
        fails="it_has_good_manners",
        says="truth changed in place",
        source="""
def lovasz_gradient(truth):
    intersection = truth.sum() - truth.long().cumsum(0)
    total = truth.sum()
    union = total + truth.logical_not_().long().cumsum(0)
    jaccard = 1 - intersection / union
    return torch.diff(jaccard, prepend=jaccard.new_zeros(1))
""",
    ),
    Wrong(
        "lovasz_gradient",
        "pixels counted in a byte",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="A step is",
        edits=(
            ("truth.long().cumsum(0)", "truth.long().cumsum(0).to(torch.uint8)"),
            ("(~truth).long().cumsum(0)", "(~truth).long().cumsum(0).to(torch.uint8)"),
        ),
    ),
    Wrong(
        "lovasz_gradient",
        "numpy's float64",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="dtype torch.float64, wanted torch.float32",
        source="""
def lovasz_gradient(truth):
    import numpy as np

    mine = truth.numpy()
    inside = mine.sum() - mine.cumsum()
    union = mine.sum() + (~mine).cumsum()
    return torch.from_numpy(np.diff(1 - inside / union, prepend=0.0))
""",
    ),
    Wrong(
        "lovasz_gradient",
        "1 − IoU itself instead of its steps",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="minus 1 − IoU with only those before it",
        edits=(("torch.diff(jaccard, prepend=jaccard.new_zeros(1))", "jaccard"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the first step is lost",
        fails="the_first_step_starts_from_zero",
        says="shape",
        edits=((", prepend=jaccard.new_zeros(1)", ""),),
    ),
    Wrong(
        "lovasz_gradient",
        "the first step is 0",
        fails="all_steps_add_up_to_one",
        says="add up to 1",
        edits=(("prepend=jaccard.new_zeros(1)", "prepend=jaccard[:1]"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the union never grows",
        fails="the_first_step_starts_from_zero",
        says="joins the union",
        edits=(("union = truth.sum() + (~truth).long().cumsum(0)", "union = truth.sum()"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the union grows with every pixel",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="1 − IoU with pixel i wrong",
        edits=(("(~truth).long()", "torch.ones_like(truth).long()"),),
    ),
    Wrong(
        "lovasz_gradient",
        "a wrong pixel counts before its step",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="A step is 1 − IoU",
        edits=(
            (
                "truth.sum() - truth.long().cumsum(0)",
                "truth.sum() - truth.long().cumsum(0) + truth.long()",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "lovasz_gradient",
        "the authors' code",
        """
def lovasz_gradient(truth):
    t = truth.float()
    total = t.sum()
    jaccard = 1.0 - (total - t.cumsum(0)) / (total + (1 - t).cumsum(0))
    if len(t) > 1:
        jaccard[1:] = jaccard[1:] - jaccard[:-1].clone()
    return jaccard
""",
    ),
    Right(
        "lovasz_gradient",
        "counting in a loop",
        """
def lovasz_gradient(truth):
    inside = union = int(truth.sum())
    before, steps = 0.0, []
    for mine in truth.tolist():
        if mine:
            inside -= 1
        else:
            union += 1
        now = 1 - inside / union
        steps.append(now - before)
        before = now
    return torch.tensor(steps)
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "lovasz_gradient",
        "truth.long().cumsum(-1)",
        "there is one dimension, the first and the last",
    ),
    Equivalent(
        "lovasz_gradient",
        "(~truth).long().cumsum(-1)",
        "there is one dimension, the first and the last",
    ),
]
