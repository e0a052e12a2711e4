"""Wrong and right answers to `hard_pixels`."""

from autograder.audit.answers import Allowed, Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "hard_pixels",
        "void put beside the pixels with p = 1",
        fails="void_pixels_are_never_kept",
        says="void pixel was kept",
        edits=(("torch.where(known, p, 2.0)", "torch.where(known, p, 1.0)"),),
    ),
    Wrong(
        "hard_pixels",
        "void overwritten in the caller's p",
        fails="it_has_good_manners",
        says="p changed in place",
        source="""
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    p[~known] = 2.0
    hard = p < threshold
    wanted = min(min_kept, int(known.sum()))
    if hard.sum() < wanted:
        hard = torch.zeros(p.numel(), dtype=torch.bool)
        hard[p.flatten().argsort()[:wanted]] = True
    return hard.reshape(p.shape)
""",
    ),
    Wrong(
        "hard_pixels",
        "compared in float32",
        fails="float64_is_computed_in_float64",
        says="Given float64",
        edits=(("hard = known", "p = p.float()\n    hard = known"),),
    ),
    Wrong(
        "hard_pixels",
        "a view, which needs memory in order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        edits=(
            (
                "torch.where(known, p, 2.0).flatten()",
                "p.view(-1).masked_fill(~known.view(-1), 2.0)",
            ),
        ),
    ),
    Wrong(
        "hard_pixels",
        "the easy ones",
        fails="pixels_below_the_threshold_are_hard",
        says="below the threshold",
        edits=(("p < threshold", "p > threshold"),),
    ),
    Wrong(
        "hard_pixels",
        "void may be hard",
        fails="void_pixels_are_never_kept",
        says="void pixel was kept",
        edits=(("known & (p < threshold)", "p < threshold"),),
    ),
    Wrong(
        "hard_pixels",
        "void among the worst",
        fails="void_pixels_are_never_kept",
        says="void pixel was kept",
        edits=(("torch.where(known, p, 2.0)", "p"),),
    ),
    Wrong(
        "hard_pixels",
        "min_kept is forgotten",
        fails="too_few_hard_ones_are_filled_up_with_the_worst",
        says="worst of the whole batch",
        source="""
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    return known & (p < threshold)
""",
    ),
    Wrong(
        "hard_pixels",
        "always min_kept of them",
        fails="where_enough_are_hard_all_of_them_stay",
        says="not only min_kept",
        edits=(("if hard.sum() < wanted:", "if True:"),),
    ),
    Wrong(
        "hard_pixels",
        "min_kept of each picture",
        fails="too_few_hard_ones_are_filled_up_with_the_worst",
        says="whole batch",
        source="""
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    out = known & (p < threshold)
    for i in range(len(p)):
        wanted = min(min_kept, int(known[i].sum()))
        if out[i].sum() < wanted:
            flat = torch.zeros_like(known[i]).flatten()
            flat[torch.where(known[i], p[i], 2.0).flatten().argsort()[:wanted]] = True
            out[i] = flat.reshape(known[i].shape)
    return out
""",
    ),
    Wrong(
        "hard_pixels",
        "more wanted than there are: void fills up",
        fails="no_more_can_be_kept_than_are_known",
        says="no void one",
        edits=(("min(min_kept, int(known.sum()))", "min_kept"),),
    ),
    Wrong(
        "hard_pixels",
        "the places instead of a mask",
        fails="pixels_below_the_threshold_are_hard",
        says="A mask is wanted",
        edits=(("return hard.reshape(known.shape)", "return hard.nonzero()"),),
    ),
]

RIGHT = [
    Right(
        "hard_pixels",
        "a threshold that gives way",
        """
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    values = p[known].sort().values
    if len(values) == 0:
        return torch.zeros_like(known)
    worst = values[min(min_kept, len(values)) - 1]
    return known & ((p < threshold) | (p <= worst))
""",
    ),
    Right(
        "hard_pixels",
        "topk of 1 − p",
        """
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    mask = torch.logical_and(known, torch.lt(p, threshold))
    if int(mask.sum()) >= min_kept:
        return mask
    score = (1 - p).masked_fill(~known, -1).view(-1)
    count = min(min_kept, int(known.sum()))
    mask = torch.zeros(p.numel(), dtype=torch.bool)
    mask[score.topk(count).indices] = True
    return mask.view(p.shape)
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "hard_pixels",
        "hard.sum() <= wanted",
        "as many hard ones as wanted are the very ones that are worst",
    ),
    Equivalent(
        "hard_pixels", "torch.where(known, p, 4.0)", "any number above 1 puts void last"
    ),
]

_CHANCE = "p is a probability, from 0 to 1, and what a void pixel holds does not matter"

ALLOWED = [
    Allowed("hard_pixels", "loses negative numbers", _CHANCE),
    Allowed("hard_pixels", "cuts large numbers off", _CHANCE),
]
