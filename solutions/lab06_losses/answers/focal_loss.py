"""Wrong and right answers to `focal_loss`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "focal_loss",
        "class 0 taken for void",
        fails="gamma_can_be_chosen",
        says="γ = 0 must be cross-entropy",
        edits=(
            (
                "terms[known].sum() / known.sum()",
                "terms[labels > 0].sum() / (labels > 0).sum()",
            ),
        ),
    ),
    Wrong(
        "focal_loss",
        "the slope of a power met at 0",
        fails="a_pixel_that_is_right_for_certain_has_no_gradient",
        says="mind the slope",
        edits=((".clamp(min=1e-30)", ""),),
    ),
    Wrong(
        "focal_loss",
        "void overwritten in the caller's target",
        fails="it_has_good_manners",
        says="target changed in place",
        edits=(
            (
                "labels = torch.where(known, target, 0)",
                "labels = target\n    labels[~known] = 0",
            ),
        ),
    ),
    Wrong(
        "focal_loss",
        "a plain 0 where all is void",
        fails="where_all_pixels_are_void_focal_is_zero",
        says="lead back to the logits",
        edits=(
            (
                "    known = target != 255\n",
                "    known = target != 255\n    if not known.any():\n        return torch.tensor(0.0)\n",
            ),
        ),
    ),
    Wrong(
        "focal_loss",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            ("log_softmax(logits)", "log_softmax(logits).float()"),
            ("alpha[labels]", "alpha[labels].float()"),
        ),
    ),
    Wrong(
        "focal_loss",
        "p instead of 1 − p",
        fails="for_two_classes_it_is_torchvisions",
        says="(1 − p)²",
        edits=(("(1 - log_p.exp())", "log_p.exp()"),),
    ),
    Wrong(
        "focal_loss",
        "γ is always 2",
        fails="gamma_can_be_chosen",
        says="Another γ",
        edits=(("wrong**gamma", "wrong**2"),),
    ),
    Wrong(
        "focal_loss",
        "divided by the sum of α",
        fails="alpha_is_not_a_part_of_the_denominator",
        says="not by Σα",
        edits=(
            (
                "known.sum().clamp(min=1)",
                "(known.sum() if alpha is None else alpha[labels][known].sum())",
            ),
        ),
    ),
    Wrong(
        "focal_loss",
        "α is forgotten",
        fails="alpha_is_not_a_part_of_the_denominator",
        says="α of its class",
        edits=(("terms = terms * alpha[labels]", "pass"),),
    ),
    Wrong(
        "focal_loss",
        "void stays in the denominator",
        fails="focal_leaves_void_out",
        says="number of pixels",
        edits=(("known.sum().clamp(min=1)", "known.numel()"),),
    ),
    Wrong(
        "focal_loss",
        "0/0 where all is void",
        fails="where_all_pixels_are_void_focal_is_zero",
        says="all pixels are void",
        edits=((".sum().clamp(min=1)", ".sum()"),),
    ),
    Wrong(
        "focal_loss",
        "the logarithm of a softmax",
        fails="focal_survives_scores_of_ten_thousand",
        says="work with log p",
        edits=(("log_softmax(logits)", "logits.softmax(1).log()"),),
    ),
    Wrong(
        "focal_loss",
        "a sigmoid for each class",
        fails="gamma_can_be_chosen",
        says="γ = 0 must be cross-entropy",
        edits=(("log_softmax(logits)", "F.logsigmoid(logits)"),),
    ),
    Wrong(
        "focal_loss",
        "under no_grad",
        fails="the_gradient_is_right",
        says="torch.no_grad()",
        edits=(("def focal_loss", "@torch.no_grad()\ndef focal_loss"),),
    ),
    Wrong(
        "focal_loss",
        "the number put into a new tensor",
        fails="the_gradient_is_right",
        says=".item()",
        edits=(("terms[known].sum() /", "torch.tensor(terms[known].sum().item()) /"),),
    ),
    Wrong(
        "focal_loss",
        "(1 − p)^γ taken for a constant",
        fails="the_gradient_is_right",
        says="(1 − p)^γ changes",
        edits=(("(1 - log_p.exp())", "(1 - log_p.exp().detach())"),),
    ),
]

RIGHT = [
    Right(
        "focal_loss",
        "the known pixels picked out first",
        """
def focal_loss(logits, target, gamma=2.0, alpha=None):
    known = target != 255
    if not known.any():
        return logits.sum() * 0
    y = target[known]
    log_p = log_softmax(logits).permute(0, 2, 3, 1)[known][torch.arange(len(y)), y]
    factor = torch.ones(len(y)) if alpha is None else alpha[y]
    wrong = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
    return (factor * wrong**gamma * -log_p).mean()
""",
    ),
    Right(
        "focal_loss",
        "a loop over the classes",
        """
def focal_loss(logits, target, gamma=2.0, alpha=None):
    log_p = F.log_softmax(logits, dim=1)
    total, count = torch.zeros(()), 0
    for c in range(logits.shape[1]):
        mine = log_p[:, c][target == c]
        a = 1.0 if alpha is None else alpha[c]
        wrong = 1 - torch.exp(mine)
        power = torch.where(wrong > 0, torch.where(wrong > 0, wrong, 1) ** gamma, 0)
        total = total - a * (power * mine).sum()
        count += len(mine)
    return total / max(count, 1)
""",
    ),
]

EQUIVALENT = [
    Equivalent("focal_loss", "clamp(min=2e-30)", "any number near 0 will do"),
    Equivalent(
        "focal_loss", "torch.where(known, target, 1)", "void pixels are not picked afterwards"
    ),
    Equivalent("focal_loss", "[:, -1]", "gather leaves one channel, the first and the last"),
]
