"""Wrong and right answers to `dice_loss`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "dice_loss",
        "class 0 taken for the background, which does not count",
        fails="on_sure_predictions_it_is_one_minus_f1",
        says="mean over classes",
        edits=(
            (
                "for c in target[known].unique():",
                "for c in target[known & (target > 0)].unique():",
            ),
        ),
    ),
    Wrong(
        "dice_loss",
        "a small number in the denominator",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="2 Σpt",
        edits=(("+ (t**2).sum())", "+ (t**2).sum() + 1e-4)"),),
    ),
    Wrong(
        "dice_loss",
        "a very small number in the denominator",
        fails="float64_is_computed_in_float64",
        says="a small number is added",
        edits=(("+ (t**2).sum())", "+ (t**2).sum() + 1e-7)"),),
    ),
    Wrong(
        "dice_loss",
        "labels as float32, which einsum refuses beside float64",
        fails="float64_is_computed_in_float64",
        says="in the input's dtype",
        edits=(
            ("t = (target[known] == c).to(p.dtype)", "t = (target[known] == c).float()"),
            ("(p * t).sum()", "(p @ t)"),
        ),
    ),
    Wrong(
        "dice_loss",
        "a plain 0 where all is void",
        fails="where_all_pixels_are_void_dice_is_zero",
        says="lead back to the logits",
        edits=(("0 * logits.sum()", "torch.zeros(())"),),
    ),
    Wrong(
        "dice_loss",
        "void overwritten in the caller's target",
        fails="it_has_good_manners",
        says="target changed in place",
        source="""
def dice_loss(logits, target):
    k, known = logits.shape[1], target != 255
    target[~known] = k
    t = F.one_hot(target, k + 1)[..., :k].movedim(-1, 1).to(logits.dtype)
    p = logits.softmax(1) * known[:, None]
    both, size = (p * t).sum((0, 2, 3)), (p * p + t).sum((0, 2, 3))
    there = t.sum((0, 2, 3)) > 0
    return (1 - 2 * both / size)[there].mean() if there.any() else 0 * logits.sum()
""",
    ),
    Wrong(
        "dice_loss",
        "no squares below the line",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="Σp²",
        edits=(("(p**2).sum()", "p.sum()"),),
    ),
    Wrong(
        "dice_loss",
        "the 2 is forgotten",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="2 Σpt",
        edits=(("1 - 2 * (p", "1 - (p"),),
    ),
    Wrong(
        "dice_loss",
        "void in Σp²",
        fails="dice_leaves_void_out_of_all_sums",
        says="no sum",
        edits=(("(p**2).sum()", "(logits.softmax(1)[:, c] ** 2).sum()"),),
    ),
    Wrong(
        "dice_loss",
        "absent classes count as 1",
        fails="a_class_that_is_absent_is_left_out_of_dice",
        says="left out",
        edits=(("target[known].unique()", "range(logits.shape[1])"),),
    ),
    Wrong(
        "dice_loss",
        "the sum over the classes divided by k",
        fails="a_class_that_is_absent_is_left_out_of_dice",
        says="divided by their number",
        edits=(("torch.stack(terms).mean()", "torch.stack(terms).sum() / logits.shape[1]"),),
    ),
    Wrong(
        "dice_loss",
        "the mean of the pictures' losses",
        fails="dice_sums_run_over_the_whole_batch",
        says="all pictures of the batch together",
        source="""
def dice_loss(logits, target):
    pictures = []
    for z, y in zip(logits, target):
        known, terms = y != 255, []
        for c in y[known].unique():
            p, t = z.softmax(0)[c][known], (y[known] == c).float()
            terms.append(1 - 2 * (p * t).sum() / ((p**2).sum() + t.sum()))
        if terms:
            pictures.append(torch.stack(terms).mean())
    return torch.stack(pictures).mean() if pictures else 0 * logits.sum()
""",
    ),
    Wrong(
        "dice_loss",
        "the winner instead of its probability",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="softmax",
        edits=(("logits.softmax(1)[:, c][known]", "(logits.argmax(1) == c)[known].float()"),),
    ),
    Wrong(
        "dice_loss",
        "the scores taken for probabilities",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="softmax",
        edits=(("logits.softmax(1)", "logits.sigmoid()"),),
    ),
    Wrong(
        "dice_loss",
        "a list of numbers made into a tensor",
        fails="the_gradient_is_right",
        says=".item()",
        edits=(
            ("(t**2).sum()))", "(t**2).sum())).item())"),
            ("terms.append(1", "terms.append((1"),
            ("torch.stack(terms)", "torch.tensor(terms)"),
        ),
    ),
    Wrong(
        "dice_loss",
        "the probabilities' data",
        fails="the_gradient_is_right",
        says=".data",
        edits=(("logits.softmax(1)", "logits.softmax(1).data"),),
    ),
    Wrong(
        "dice_loss",
        "the denominator taken for a constant",
        fails="the_gradient_is_right",
        says="above and below the line",
        edits=(("(p**2).sum()", "(p.detach() ** 2).sum()"),),
    ),
]

RIGHT = [
    Right(
        "dice_loss",
        "one-hot, all classes at once",
        """
def dice_loss(logits, target):
    known = target != 255
    k = logits.shape[1]
    p = torch.softmax(logits, dim=1).movedim(1, -1)[known]
    t = F.one_hot(target[known], k).to(p)
    there = t.sum(0) > 0
    if not there.any():
        return 0 * logits.sum()
    share = 2 * (p * t).sum(0) / (p.square().sum(0) + t.sum(0))
    return 1 - share[there].mean()
""",
    ),
    Right(
        "dice_loss",
        "einsum, void multiplied away",
        """
def dice_loss(logits, target):
    known = (target != 255).to(logits.dtype)
    p = logits.softmax(1) * known[:, None]
    t = torch.stack([(target == c).to(p.dtype) for c in range(logits.shape[1])], 1)
    both = torch.einsum("nchw,nchw->c", p, t)
    size = torch.einsum("nchw,nchw->c", p, p) + torch.einsum("nchw->c", t)
    present = torch.einsum("nchw->c", t) > 0
    losses = (1 - 2 * both / size.clamp(min=1e-12)) * present
    return losses.sum() / present.sum().clamp(min=1)
""",
    ),
]

EQUIVALENT = [
    Equivalent("dice_loss", "t ** 3", "t is 0 or 1: t³ = t²"),
    Equivalent("dice_loss", "t ** 1", "t is 0 or 1: t = t²"),
]
