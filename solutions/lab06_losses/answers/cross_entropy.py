"""Wrong and right answers to `cross_entropy`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "cross_entropy",
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
        "cross_entropy",
        "weights of void pixels set to 0 in the caller's map",
        fails="it_has_good_manners",
        says="pixel_weights changed in place",
        edits=(
            (
                "pixel_weights = torch.where(known, pixel_weights, 0)",
                "pixel_weights[~known] = 0",
            ),
        ),
    ),
    Wrong(
        "cross_entropy",
        "float32 weights beside float64 scores",
        fails="float64_is_computed_in_float64",
        says="is float32",
        edits=(
            (
                "pixel_weights = torch.where(known, pixel_weights, 0)",
                "pixel_weights = torch.where(known, pixel_weights, 0).float()",
            ),
        ),
    ),
    Wrong(
        "cross_entropy",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            ("log_softmax(logits)", "log_softmax(logits.float())"),
            (
                "pixel_weights = torch.where(known, pixel_weights, 0)",
                "pixel_weights = torch.where(known, pixel_weights, 0).float()",
            ),
        ),
    ),
    Wrong(
        "cross_entropy",
        "a plain 0 where all is void",
        fails="where_nothing_counts_it_is_zero",
        says="lead back to the logits",
        edits=(
            (
                "    total = pixel_weights.sum()\n",
                "    total = pixel_weights.sum()\n    if total == 0:\n        return torch.tensor(0.0)\n",
            ),
        ),
    ),
    Wrong(
        "cross_entropy",
        "every loss kept for a picture later, graph and all",
        fails="it_has_good_manners",
        says="keeps",
        source="""
history = []


def cross_entropy(logits, target, pixel_weights=None):
    known = target != 255
    surprise = -log_softmax(logits).gather(1, torch.where(known, target, 0)[:, None])[:, 0]
    pixel_weights = torch.where(known, torch.ones_like(surprise) if pixel_weights is None else pixel_weights, 0)
    total = pixel_weights.sum()
    loss = (pixel_weights * surprise).sum() / torch.where(total > 0, total, 1)
    history.append(loss)
    return loss
""",
    ),
    Wrong(
        "cross_entropy",
        "nine classes, as in the streets",
        fails="it_is_the_mean_of_minus_log_p",
        says="−log p",
        edits=(("known = target != 255", "known = target < 9"),),
    ),
    Wrong(
        "cross_entropy",
        "the minus is forgotten",
        fails="it_is_the_mean_of_minus_log_p",
        says="−log p",
        edits=(("-log_softmax(", "log_softmax("),),
    ),
    Wrong(
        "cross_entropy",
        "divided by all pixels",
        fails="void_counts_neither_above_nor_below_the_line",
        says="divided by",
        edits=(("total = pixel_weights.sum()", "total = torch.tensor(float(target.numel()))"),),
    ),
    Wrong(
        "cross_entropy",
        "void taken for class 0",
        fails="void_counts_neither_above_nor_below_the_line",
        says="Void pixels",
        edits=(("pixel_weights = torch.where(known, pixel_weights, 0)", "pass"),),
    ),
    Wrong(
        "cross_entropy",
        "the mean of the pictures' means",
        fails="every_known_pixel_of_the_batch_counts_the_same",
        says="not a mean of the pictures' means",
        source="""
def cross_entropy(logits, target, pixel_weights=None):
    known = target != 255
    surprise = -log_softmax(logits).gather(1, torch.where(known, target, 0)[:, None])[:, 0]
    pixel_weights = torch.where(known, torch.ones_like(surprise) if pixel_weights is None else pixel_weights, 0)
    each = (pixel_weights * surprise).sum((1, 2)) / pixel_weights.sum((1, 2)).clamp(min=1e-9)
    return each.mean()
""",
    ),
    Wrong(
        "cross_entropy",
        "a weighted sum divided by the number of pixels",
        fails="a_weighted_sum_is_divided_by_the_weights",
        says="Σ w·ℓ / Σ w",
        edits=(("total = pixel_weights.sum()", "total = known.sum()"),),
    ),
    Wrong(
        "cross_entropy",
        "weights of void pixels stay in the denominator",
        fails="a_weighted_sum_is_divided_by_the_weights",
        says="that are not void",
        edits=(
            (
                "pixel_weights = torch.where(known, pixel_weights, 0)\n    total = pixel_weights.sum()",
                "total = pixel_weights.sum()",
            ),
            ("(pixel_weights * surprise).sum()", "(pixel_weights * known * surprise).sum()"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "0/0 where all is void",
        fails="where_nothing_counts_it_is_zero",
        says="all pixels are void",
        edits=(("torch.where(total > 0, total, 1)", "total"),),
    ),
    Wrong(
        "cross_entropy",
        "the denominator is at least 1",
        fails="where_nothing_counts_it_is_zero",
        says="Small weights",
        edits=(("torch.where(total > 0, total, 1)", "total.clamp(min=1)"),),
    ),
    Wrong(
        "cross_entropy",
        "a softmax cut off at 1e-7",
        fails="it_survives_scores_of_ten_thousand",
        says="cut off",
        edits=(("log_softmax(logits)", "logits.softmax(1).clamp(min=1e-7).log()"),),
    ),
    Wrong(
        "cross_entropy",
        "a plain number, from which no gradient comes",
        fails="it_is_the_mean_of_minus_log_p",
        says="wanted a tensor",
        edits=(
            (
                "return (pixel_weights * surprise).sum()",
                "return ((pixel_weights * surprise).sum()",
            ),
            ("torch.where(total > 0, total, 1)", "torch.where(total > 0, total, 1)).item()"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "the number put into a new tensor",
        fails="the_gradient_is_right",
        says=".item()",
        edits=(
            ("return (pixel_weights", "return torch.tensor(((pixel_weights"),
            ("torch.where(total > 0, total, 1)", "torch.where(total > 0, total, 1)).item())"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "log p detached before a class is picked",
        fails="the_gradient_is_right",
        says=".detach()",
        edits=(("log_softmax(logits)", "log_softmax(logits).detach()"),),
    ),
    Wrong(
        "cross_entropy",
        "numpy after a detach, as torch's error advises",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        source="""
def cross_entropy(logits, target, pixel_weights=None):
    import numpy as np

    log_p, y = log_softmax(logits).detach().numpy(), target.numpy()
    known = y != 255
    surprise = -np.take_along_axis(log_p, np.where(known, y, 0)[:, None], axis=1)[:, 0]
    w = known * (1.0 if pixel_weights is None else pixel_weights.numpy())
    return torch.tensor((w * surprise).sum() / w.sum() if w.sum() > 0 else 0.0)
""",
    ),
]

RIGHT = [
    Right(
        "cross_entropy",
        "one-hot, and the known pixels picked out",
        """
def cross_entropy(logits, target, pixel_weights=None):
    known = target != 255
    if pixel_weights is None:
        pixel_weights = torch.ones(target.shape)
    w = pixel_weights[known].to(logits.dtype)
    if w.sum() == 0:
        return 0.0 * logits.sum()
    rows = log_softmax(logits).permute(0, 2, 3, 1)[known]
    hot = F.one_hot(target[known], logits.shape[1])
    return -((rows * hot).sum(1) * w).sum() / w.sum()
""",
    ),
    Right(
        "cross_entropy",
        "torch's log_softmax and a loop over the classes",
        """
def cross_entropy(logits, target, pixel_weights=None):
    log_p = F.log_softmax(logits, dim=1)
    above = below = torch.zeros(())
    for c in range(logits.shape[1]):
        here = target == c
        w = here.float() if pixel_weights is None else pixel_weights * here
        above = above - (w * log_p[:, c]).sum()
        below = below + w.sum()
    return above / below if below > 0 else above
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "cross_entropy",
        "torch.where(known, target, 1)",
        "which class stands at a void pixel is no matter: its weight is 0",
    ),
    Equivalent("cross_entropy", "[:, -1]", "gather leaves one channel, the first and the last"),
    Equivalent(
        "cross_entropy",
        "torch.where(total > 0, total, 2)",
        "where nothing counts the sum is 0: 0/2 is 0/1",
    ),
]
