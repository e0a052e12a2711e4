"""Wrong and right answers to `lovasz_softmax`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "lovasz_softmax",
        "a plain 0 where all is void",
        fails="where_all_pixels_are_void_lovasz_is_zero",
        says="lead back to the logits",
        edits=(("0 * logits.sum()", "torch.zeros(())"),),
    ),
    Wrong(
        "lovasz_softmax",
        "a product of vectors that are not of one dtype",
        fails="float64_is_computed_in_float64",
        says="in the input's dtype",
        edits=(
            (
                "(errors * lovasz_gradient(truth[order])).sum()",
                "errors @ lovasz_gradient(truth[order])",
            ),
        ),
    ),
    Wrong(
        "lovasz_softmax",
        "errors in float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32",
        edits=(("torch.where(truth, 1 - p, p)", "torch.where(truth, 1 - p, p).float()"),),
    ),
    Wrong(
        "lovasz_softmax",
        "void overwritten in the caller's target",
        fails="it_has_good_manners",
        says="target changed in place",
        edits=(("    terms = []\n", "    target[~known] = 0\n    terms = []\n"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the best first",
        fails="errors_count_with_their_steps_the_worst_first",
        says="from worst to best",
        edits=(("descending=True", "descending=False"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the truth is not sorted along",
        fails="errors_count_with_their_steps_the_worst_first",
        says="the truth likewise",
        edits=(("truth[order]", "truth"),),
    ),
    Wrong(
        "lovasz_softmax",
        "p taken for the error of every pixel",
        fails="errors_count_with_their_steps_the_worst_first",
        says="|t − p|",
        edits=(("torch.where(truth, 1 - p, p)", "p"),),
    ),
    Wrong(
        "lovasz_softmax",
        "void counts as any other class",
        fails="lovasz_leaves_void_out",
        says="Void pixels",
        edits=(
            (
                "logits.softmax(1)[:, c][known], target[known] == c",
                "logits.softmax(1)[:, c].flatten(), (target == c).flatten()",
            ),
        ),
    ),
    Wrong(
        "lovasz_softmax",
        "absent classes take part",
        fails="a_class_that_is_absent_is_left_out_of_lovasz",
        says="left out",
        edits=(("target[known].unique()", "range(logits.shape[1])"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the sum over the classes",
        fails="on_sure_predictions_it_is_one_minus_mean_iou",
        says="1 − mean IoU",
        edits=(("torch.stack(terms).mean()", "torch.stack(terms).sum()"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the mean of the pictures' losses",
        fails="the_pixels_of_all_pictures_are_sorted_together",
        says="not a mean of the pictures' losses",
        source="""
def lovasz_softmax(logits, target):
    pictures = []
    for z, y in zip(logits, target):
        known, terms = y != 255, []
        for c in y[known].unique():
            p, truth = z.softmax(0)[c][known], y[known] == c
            errors, order = (truth.float() - p).abs().sort(descending=True)
            terms.append(errors @ lovasz_gradient(truth[order]))
        if terms:
            pictures.append(torch.stack(terms).mean())
    return torch.stack(pictures).mean() if pictures else 0 * logits.sum()
""",
    ),
    Wrong(
        "lovasz_softmax",
        "a list of numbers made into a tensor",
        fails="the_gradient_is_right",
        says=".item()",
        edits=(
            ("[order])).sum())", "[order])).sum().item())"),
            ("torch.stack(terms)", "torch.tensor(terms)"),
        ),
    ),
    Wrong(
        "lovasz_softmax",
        "errors sorted in numpy",
        fails="the_gradient_is_right",
        says="numpy",
        source="""
def lovasz_softmax(logits, target):
    import numpy as np

    known = target != 255
    p = logits.softmax(1).movedim(1, -1)[known].detach().numpy()
    y, terms = target[known].numpy(), []
    for c in np.unique(y):
        errors = np.abs((y == c) - p[:, c])
        order = np.argsort(-errors)
        terms.append(errors[order] @ lovasz_gradient(torch.from_numpy(y == c)[order]).numpy())
    return torch.tensor(np.mean(terms) if terms else 0.0)
""",
    ),
    Wrong(
        "lovasz_softmax",
        "errors of the other pixels detached",
        fails="the_gradient_is_right",
        says="Each error pulls with its step",
        edits=(("torch.where(truth, 1 - p, p)", "torch.where(truth, 1 - p, p.detach())"),),
    ),
]

RIGHT = [
    Right(
        "lovasz_softmax",
        "one-hot, absolute differences",
        """
def lovasz_softmax(logits, target):
    known = target != 255
    p = logits.softmax(1).movedim(1, -1)[known]
    t = F.one_hot(target[known], logits.shape[1])
    total, present = 0 * logits.sum(), 0
    for c in range(t.shape[1]):
        if t[:, c].any():
            errors = (t[:, c] - p[:, c]).abs()
            order = torch.argsort(errors, descending=True)
            total = total + (errors[order] * lovasz_gradient(t[order, c].bool())).sum()
            present += 1
    return total / max(present, 1)
""",
    ),
    Right(
        "lovasz_softmax",
        "steps written out, without the earlier exercise",
        """
def lovasz_softmax(logits, target):
    flat = target.flatten()
    p = logits.softmax(1).transpose(0, 1).flatten(1)[:, flat != 255]
    flat = flat[flat != 255]
    losses = []
    for c in set(flat.tolist()):
        pairs = sorted(
            ((1 - q if y == c else q, y == c) for q, y in zip(p[c], flat.tolist())), key=lambda pair: -pair[0].item()
        )
        inside = union = sum(mine for _, mine in pairs)
        loss, before = torch.zeros(()), 0.0
        for error, mine in pairs:
            inside, union = inside - mine, union + (not mine)
            loss = loss + error * (1 - inside / union - before)
            before = 1 - inside / union
        losses.append(loss)
    return sum(losses, 0 * logits.sum()) / max(len(losses), 1)
""",
    ),
]
