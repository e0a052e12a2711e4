"""Wrong and right answers to `log_softmax`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "log_softmax",
        "the largest score subtracted in place",
        fails="it_has_good_manners",
        says="logits changed in place",
        edits=(
            (
                "    shifted = logits - logits.amax(1, keepdim=True)\n",
                "    logits -= logits.amax(1, keepdim=True)\n    shifted = logits\n",
            ),
        ),
    ),
    Wrong(
        "log_softmax",
        "computed in float32, returned in the dtype that came",
        fails="float64_is_computed_in_float64",
        says="is float32",
        edits=(
            (
                "return shifted - shifted.exp().sum(1, keepdim=True).log()",
                "shifted = shifted.float()\n    return (shifted - shifted.exp().sum(1, keepdim=True).log()).to(logits.dtype)",
            ),
        ),
    ),
    Wrong(
        "log_softmax",
        "the powers summed into a float32 tensor",
        fails="float64_is_computed_in_float64",
        says="in the input's dtype",
        source="""
def log_softmax(logits):
    n, k, h, w = logits.shape
    shifted = logits - logits.amax(1, keepdim=True)
    total = shifted.exp().transpose(0, 1).reshape(k, -1).T @ torch.ones(k, 1)
    return shifted - total.log().reshape(n, 1, h, w)
""",
    ),
    Wrong(
        "log_softmax",
        "a view, which needs memory in order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        source="""
def log_softmax(logits):
    n, k, h, w = logits.shape
    rows = logits.view(n, k, h * w)
    rows = rows - rows.amax(1, keepdim=True)
    return (rows - rows.exp().sum(1, keepdim=True).log()).view(n, k, h, w)
""",
    ),
    Wrong(
        "log_softmax",
        "NaN replaced afterwards: the value is right, the gradient is not",
        fails="scores_of_ten_thousand_stay_finite",
        says="the gradient is not right",
        source="""
def log_softmax(logits):
    shifted = logits - logits.amax(1, keepdim=True)
    naive = logits.softmax(1).log()
    return torch.where(naive.isfinite(), naive, shifted)
""",
    ),
    Wrong(
        "log_softmax",
        "no shift: the powers overflow",
        fails="scores_of_ten_thousand_stay_finite",
        says="subtract the largest score first",
        edits=(("logits - logits.amax(1, keepdim=True)", "logits"),),
    ),
    Wrong(
        "log_softmax",
        "the logarithm of a softmax",
        fails="scores_of_ten_thousand_stay_finite",
        says="no logarithm of a p",
        source="""
def log_softmax(logits):
    return logits.softmax(1).log()
""",
    ),
    Wrong(
        "log_softmax",
        "a small number inside the logarithm",
        fails="scores_of_ten_thousand_stay_finite",
        says="not right",
        source="""
def log_softmax(logits):
    return (logits.softmax(1) + 1e-12).log()
""",
    ),
    Wrong(
        "log_softmax",
        "one largest score for the whole batch",
        fails="each_pixel_has_its_own_largest_score",
        says="each pixel needs its own",
        edits=(("logits.amax(1, keepdim=True)", "logits.max()"),),
    ),
    Wrong(
        "log_softmax",
        "the sum over the rows instead of the classes",
        fails="probabilities_add_up_to_one_over_the_classes",
        says="dimension 1",
        edits=(("amax(1,", "amax(2,"), ("sum(1,", "sum(2,")),
    ),
    Wrong(
        "log_softmax",
        "the softmax itself",
        fails="probabilities_add_up_to_one_over_the_classes",
        says="It is not log p",
        source="""
def log_softmax(logits):
    return logits.softmax(1)
""",
    ),
    Wrong(
        "log_softmax",
        "by way of numpy",
        fails="the_gradient_is_right",
        says="numpy",
        source="""
def log_softmax(logits):
    import numpy as np

    z = logits.numpy()
    z = z - z.max(axis=1, keepdims=True)
    return torch.from_numpy(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))
""",
    ),
    Wrong(
        "log_softmax",
        "under no_grad, as when a network is only used",
        fails="the_gradient_is_right",
        says="torch.no_grad()",
        edits=(("def log_softmax", "@torch.no_grad()\ndef log_softmax"),),
    ),
    Wrong(
        "log_softmax",
        "the sum taken for a constant",
        fails="the_gradient_is_right",
        says="[c = j] − p_j",
        edits=((".log()", ".log().detach()"),),
    ),
    Wrong(
        "log_softmax",
        "powers overwritten that the way back needs",
        fails="the_gradient_is_right",
        says="modified by an inplace operation",
        source="""
def log_softmax(logits):
    shifted = logits - logits.amax(1, keepdim=True)
    powers = shifted.exp()
    total = powers.sum(1, keepdim=True)
    powers /= total
    return shifted - total.log()
""",
    ),
]

RIGHT = [
    Right(
        "log_softmax",
        "a stable log of the sum, class by class",
        """
def log_softmax(logits):
    largest = logits.max(dim=1).values
    total = 0
    for c in range(logits.shape[1]):
        total = total + (logits[:, c] - largest).exp()
    return torch.stack([logits[:, c] - largest - total.log() for c in range(logits.shape[1])], dim=1)
""",
    ),
    Right(
        "log_softmax",
        "logaddexp, one class after the other",
        """
def log_softmax(logits):
    total = logits[:, 0]
    for plane in logits.unbind(1)[1:]:
        total = torch.logaddexp(total, plane)
    return logits - total.unsqueeze(1)
""",
    ),
]
