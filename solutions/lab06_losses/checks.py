"""Hidden checks of Lab 6: cross-entropy, border weights, Dice, focal, Lovász, hard pixels.

Expected values are formulas written out in numpy's float64, or torch's, torchvision's and scikit-learn's own;
expected gradients are written out by hand, or they are the slopes of those formulas by central differences.
"""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import f1_score, jaccard_score
from torchvision.ops import sigmoid_focal_loss

from autograder.checking.draws import pick
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.gradients import gradient_of
from autograder.checking.score import worth


def _scene(rng, n=2, k=4, h=5, w=7, void=0.2):
    """Logits (n, k, h, w), and a target that holds every class; about a share `void` of it is void."""
    logits = 2 * torch.randn(n, k, h, w, generator=rng)
    target = torch.randint(0, k, (n, h, w), generator=rng)
    target.view(-1)[:k] = torch.arange(k)
    unknown = torch.rand(n, h, w, generator=rng) < void
    unknown.view(-1)[:k] = False
    return logits, target.masked_fill(unknown, 255)


def _rows(logits, target):
    """The known pixels alone, in float64: log p (pixels, k) and their classes (pixels,), as numpy arrays."""
    z = logits.double().movedim(1, -1).reshape(-1, logits.shape[1]).numpy()
    y = target.reshape(-1).numpy()
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    return log_p[y != 255], y[y != 255]


def _surprise(logits, target):
    log_p, y = _rows(logits, target)
    return -log_p[np.arange(len(y)), y]


def _sure(target, k, by=60.0):
    """Logits that are sure of these labels."""
    return by * F.one_hot(target, k).movedim(-1, 1).float()


def _close(got, want, says, tol=1e-5):
    """One number is wanted, as a tensor: a plain number would leave no way back to the scores."""
    expect_close(got, torch.as_tensor(want, dtype=torch.float64), says, tol=tol)


def _slope(loss, logits, step=1e-5):
    """The gradient of a formula at every score, by central differences in float64."""
    z, moves = logits.double(), step * torch.eye(logits.numel(), dtype=torch.float64)
    slopes = [(loss(z + m.view_as(z)) - loss(z - m.view_as(z))) / (2 * step) for m in moves]
    return torch.tensor(slopes).view_as(z)


# --- log_softmax


@worth(1, "log_softmax")
def probabilities_add_up_to_one_over_the_classes(log_softmax, rng):
    logits = 2 * torch.randn(2, pick(rng, 3, 6), 5, 7, generator=rng)
    want = torch.from_numpy(_rows(logits, torch.zeros(2, 5, 7, dtype=torch.long))[0])
    got = log_softmax(logits)
    expect_tensor(
        got, "Each score becomes one log p.", shape=tuple(logits.shape), dtype=torch.float32
    )
    says = "It is not log p, p = e^z / Σ e^z with the sum over the classes, dimension 1."
    expect_close(got.movedim(1, -1).reshape(want.shape), want, says)


@worth(1, "log_softmax")
def scores_of_ten_thousand_stay_finite(log_softmax, rng):
    logits = 1e4 * torch.randn(2, 4, 3, 5, generator=rng)
    logits[0, :, 0, 0] = torch.tensor([1e4, -1e4, 0, 1e4])
    want = F.log_softmax(logits.double(), 1)
    got = log_softmax(logits)
    says = "At scores of ±10,000 it is NaN or infinite: subtract the largest score first, and take no logarithm of a p."
    expect(got.isfinite().all(), says)
    expect_close(
        got, want, "At scores of ±10,000 log p is not right.", tol=2e-3
    )  # floats there are 0.001 apart


@worth(1, "log_softmax")
def each_pixel_has_its_own_largest_score(log_softmax, rng):
    offset = torch.tensor([0.0, 800.0, -800.0, 5000.0]).reshape(1, 1, 2, 2)
    logits = (
        torch.randn(1, 3, 2, 2, generator=rng) + offset[:, :, torch.randperm(2, generator=rng)]
    )
    want = F.log_softmax(logits.double(), 1)
    says = "Where pixels differ by thousands, one largest score for all is not enough: each pixel needs its own."
    expect_close(log_softmax(logits), want, says, tol=1e-3)


@worth(1, "log_softmax")
def the_gradient_of_log_p_reaches_the_scores(log_softmax, rng):
    k = pick(rng, 3, 6)
    logits = 2 * torch.randn(2, k, 3, 5, generator=rng)
    p = np.exp(_rows(logits, torch.zeros(2, 3, 5, dtype=torch.long))[0])
    got = gradient_of(log_softmax, logits)
    says = "The gradient of log p_c at the score z_j is [c = j] − p_j; what arrives at the scores is something else."
    expect_close(got.movedim(1, -1).reshape(p.shape), torch.from_numpy(1 - k * p), says)


# --- cross_entropy


@worth(1, "cross_entropy")
def it_is_the_mean_of_minus_log_p(cross_entropy, rng):
    logits, target = _scene(rng, k=pick(rng, 3, 6), void=0)
    want = F.cross_entropy(logits.double(), target)
    _close(
        cross_entropy(logits, target),
        want,
        "It is not the mean over all pixels of −log p of their class.",
    )


@worth(1, "cross_entropy")
def void_counts_neither_above_nor_below_the_line(cross_entropy, rng):
    logits, target = _scene(rng, void=0.5)
    want = F.cross_entropy(logits.double(), target, ignore_index=255)
    says = "Void pixels count neither in the sum nor in the number of pixels that it is divided by."
    _close(cross_entropy(logits, target), want, says)
    other = torch.where((target == 255)[:, None], 5 - logits, logits)
    _close(cross_entropy(other, target), want, says)


@worth(1, "cross_entropy")
def every_known_pixel_of_the_batch_counts_the_same(cross_entropy, rng):
    logits, target = _scene(rng, n=3, void=0)
    target[1] = 255
    target[2, 1:] = 255
    want = F.cross_entropy(logits.double(), target, ignore_index=255)
    says = "One mean over the pixels of the whole batch, not a mean of the pictures' means."
    _close(cross_entropy(logits, target), want, says)


@worth(1, "cross_entropy")
def a_weighted_sum_is_divided_by_the_weights(cross_entropy, rng):
    logits, target = _scene(rng)
    classes = 0.2 + 3 * torch.rand(4, generator=rng)
    weights = classes[target.where(target != 255, 0)]
    want = F.cross_entropy(logits.double(), target, classes.double(), ignore_index=255)
    says = "With weights it is Σ w·ℓ / Σ w, both sums over the pixels that are not void."
    _close(cross_entropy(logits, target, weights), want, says)
    _close(
        cross_entropy(logits, target, 7 * weights),
        want,
        "Seven times all weights is the same loss.",
    )
    pixels = torch.rand(target.shape, generator=rng)
    known = (target != 255).numpy()
    want = np.average(_surprise(logits, target), weights=pixels.double().numpy()[known])
    _close(cross_entropy(logits, target, pixels), want, says)


@worth(1, "cross_entropy")
def where_nothing_counts_it_is_zero(cross_entropy, rng):
    logits, target = _scene(rng)
    void = torch.full_like(target, 255)
    _close(cross_entropy(logits, void), 0, "Where all pixels are void the loss is 0.")
    zeros = torch.zeros(target.shape)
    _close(cross_entropy(logits, target, zeros), 0, "Where all weights are 0 the loss is 0.")
    small = torch.full(target.shape, 1e-3)
    want = F.cross_entropy(logits.double(), target, ignore_index=255)
    _close(
        cross_entropy(logits, target, small),
        want,
        "Small weights are still divided by their sum.",
    )


@worth(1, "cross_entropy")
def it_survives_scores_of_ten_thousand(cross_entropy, rng):
    logits, target = _scene(rng, void=0.1)
    logits = 5e3 * logits
    want = F.cross_entropy(logits.double(), target, ignore_index=255)
    says = (
        "At scores of ±10,000 the loss is NaN, infinite or cut off; it must be large and right."
    )
    _close(cross_entropy(logits, target), want, says, tol=1e-4)


@worth(1, "cross_entropy")
def the_gradient_of_cross_entropy_reaches_the_scores(cross_entropy, rng):
    logits, target = _scene(rng)
    p = logits.double().softmax(1)
    truth = F.one_hot(target.where(target != 255, 0), 4).movedim(-1, 1)
    for weights in (torch.ones(target.shape), torch.rand(target.shape, generator=rng)):
        w = (weights * (target != 255)).double()[:, None]
        says = (
            "The gradient at the scores is not w · (p_c − [c = t]) / Σ w, and 0 at void pixels."
        )
        expect_close(
            gradient_of(cross_entropy, logits, target, weights),
            w * (p - truth) / w.sum(),
            says,
            tol=1e-6,
        )


# --- border_weights


def _distances(rng, h=6, w=9):
    """Distances to the nearest and second nearest; some pixels in a cell, some without a second one."""
    d1 = 1 + 12 * torch.rand(h, w, generator=rng)
    d2 = d1 + 10 * torch.rand(h, w, generator=rng)
    d1[torch.rand(h, w, generator=rng) < 0.2] = 0
    d1[0, :3], d2[0, :3] = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([2.0, 1.0, torch.inf])
    return d1, d2, 0.5 + torch.rand(h, w, generator=rng)


def _map(d1, d2, class_weight, w0, sigma):
    a, b, c = (x.double().numpy() for x in (d1, d2, class_weight))
    return torch.from_numpy(
        np.where(a > 0, c + w0 * np.exp(-np.square(a + b) / (2.0 * sigma * sigma)), c)
    )


@worth(1, "border_weights")
def background_between_cells_weighs_more(weights, rng):
    d1, d2, classes = _distances(rng)
    got = weights(d1, d2, classes)
    expect_tensor(got, "A weight for each pixel.", shape=tuple(d1.shape))
    outside = d1 > 0
    want = _map(d1, d2, classes, 10.0, 5.0)
    expect_close(
        got[outside],
        want[outside],
        "On background it is not w_c + w0 · exp(−(d1 + d2)² / (2 σ²)).",
    )


@worth(1, "border_weights")
def inside_a_cell_and_without_a_second_one_only_the_class_counts(weights, rng):
    d1, d2, classes = _distances(rng)
    got = weights(d1, d2, classes)
    inside = d1 == 0
    expect_close(
        got[inside], classes[inside], "Inside a cell, d1 = 0, the weight is w_c alone."
    )
    alone = d2.isinf()
    expect_close(
        got[alone],
        classes[alone],
        "Where there is no second cell, d2 is infinite and nothing is added.",
    )


@worth(1, "border_weights")
def height_and_width_can_be_chosen(weights, rng):
    d1, d2, classes = _distances(rng)
    w0, sigma = float(pick(rng, 2, 6)), float(pick(rng, 6, 9))
    want = _map(d1, d2, classes, w0, sigma)
    says = "Another height w0 and another σ are not followed."
    expect_close(weights(d1, d2, classes, w0=w0, sigma=sigma), want, says)
    expect_close(weights(d1, d2, classes, w0, sigma), want, says)
    far = weights(d1, d2, classes, w0=0.0)
    expect_close(far, classes, "With w0 = 0 only the class's weight is left.")


# --- dice_loss


def _dice(logits, target):
    log_p, y = _rows(logits, target)
    p = np.exp(log_p)
    losses = []
    for c in sorted(set(y.tolist())):
        t = (y == c).astype(np.float64)
        losses.append(1 - 2 * (p[:, c] @ t) / (p[:, c] @ p[:, c] + t @ t))
    return np.mean(losses)


@worth(1, "dice_loss")
def it_is_one_minus_twice_the_overlap_by_the_squares(dice_loss, rng):
    logits, target = _scene(rng, n=1, k=pick(rng, 3, 5), void=0)
    says = "It is not the mean over classes of 1 − 2 Σpt / (Σp² + Σt²), with p the softmax of the scores."
    _close(dice_loss(logits, target), _dice(logits, target), says)


@worth(1, "dice_loss")
def on_sure_predictions_it_is_one_minus_f1(dice_loss, rng):
    _, target = _scene(rng, k=4, void=0)
    guess = torch.where(
        torch.rand(target.shape, generator=rng) < 0.6, target, target.roll(1, 2)
    )
    want = 1 - f1_score(target.flatten(), guess.flatten(), average="macro")
    says = "Where the network is sure (p is 0 or 1) Dice is 1 − F1, the mean over classes."
    _close(dice_loss(_sure(guess, 4), target), want, says)
    _close(
        dice_loss(_sure(target, 4, 1e4), target),
        0,
        "Sure and right, at scores of 10,000, it is 0.",
    )


@worth(1, "dice_loss")
def dice_leaves_void_out_of_all_sums(dice_loss, rng):
    logits, target = _scene(rng, void=0.5)
    says = "Void pixels take part in no sum: neither Σpt nor Σp² nor Σt²."
    _close(dice_loss(logits, target), _dice(logits, target), says)
    void = torch.full_like(target, 255)
    _close(dice_loss(logits, void), 0, "Where all pixels are void the loss is 0.")


@worth(1, "dice_loss")
def a_class_that_is_absent_is_left_out_of_dice(dice_loss, rng):
    logits, target = _scene(rng, k=5)
    target[target == pick(rng, 1, 3)] = 0
    says = "A class that the target does not hold is left out of the mean; the others are divided by their number."
    _close(dice_loss(logits, target), _dice(logits, target), says)


@worth(1, "dice_loss")
def dice_sums_run_over_the_whole_batch(dice_loss, rng):
    logits, target = _scene(rng, n=3, k=3, void=0.1)
    target[0], target[1, 1:] = 0, 1
    target[2, 0, 0] = 2
    says = "Sums run over all pictures of the batch together; the mean of the pictures' losses is another number."
    _close(dice_loss(logits, target), _dice(logits, target), says)


@worth(1, "dice_loss")
def the_gradient_of_dice_reaches_the_scores(dice_loss, rng):
    logits, target = _scene(rng, h=3, w=4)
    want = _slope(lambda z: _dice(z, target), logits)
    says = "The gradient at the scores is not that of the formula: p stands above and below the line, void nowhere."
    expect_close(gradient_of(dice_loss, logits, target), want, says, tol=1e-6)


# --- focal_loss


def _focal(logits, target, gamma, alpha):
    log_p, y = _rows(logits, target)
    own = log_p[np.arange(len(y)), y]
    return np.mean(-np.asarray(alpha, dtype=np.float64)[y] * (1 - np.exp(own)) ** gamma * own)


@worth(1, "focal_loss")
def for_two_classes_it_is_torchvisions(focal_loss, rng):
    x = 2 * torch.randn(2, 5, 7, generator=rng)
    target = torch.randint(0, 2, (2, 5, 7), generator=rng)
    logits = torch.stack([torch.zeros_like(x), x], 1)
    want = sigmoid_focal_loss(
        x.double(), target.double(), alpha=-1, gamma=2.0, reduction="mean"
    )
    _close(
        focal_loss(logits, target),
        want,
        "It is not the mean of −(1 − p)² log p, p of each pixel's own class.",
    )


@worth(1, "focal_loss")
def gamma_can_be_chosen(focal_loss, rng):
    logits, target = _scene(rng, void=0)
    ones = torch.ones(4)
    says = "Another γ is not followed; γ = 0 must be cross-entropy."
    for gamma in (0.0, 1.0, float(pick(rng, 3, 5))):
        _close(focal_loss(logits, target, gamma), _focal(logits, target, gamma, ones), says)
        _close(
            focal_loss(logits, target, gamma=gamma), _focal(logits, target, gamma, ones), says
        )


@worth(1, "focal_loss")
def alpha_is_no_part_of_the_denominator(focal_loss, rng):
    logits, target = _scene(rng, void=0.1)
    alpha = 0.2 + 3 * torch.rand(4, generator=rng)
    says = "Each pixel is multiplied by α of its class, and the sum divided by the number of pixels, not by Σα."
    _close(focal_loss(logits, target, 2.0, alpha), _focal(logits, target, 2.0, alpha), says)
    x = torch.randn(1, 4, 6, generator=rng)
    binary = torch.randint(0, 2, (1, 4, 6), generator=rng)
    want = sigmoid_focal_loss(
        x.double(), binary.double(), alpha=0.25, gamma=2.0, reduction="mean"
    )
    got = focal_loss(
        torch.stack([torch.zeros_like(x), x], 1), binary, alpha=torch.tensor([0.75, 0.25])
    )
    _close(got, want, says)


@worth(1, "focal_loss")
def focal_leaves_void_out(focal_loss, rng):
    logits, target = _scene(rng, void=0.5)
    says = "Void pixels count neither in the sum nor in the number of pixels."
    _close(focal_loss(logits, target), _focal(logits, target, 2.0, np.ones(4)), says)
    _close(focal_loss(logits, target, 0.0), _focal(logits, target, 0.0, np.ones(4)), says)
    void = torch.full_like(target, 255)
    _close(focal_loss(logits, void), 0, "Where all pixels are void the loss is 0.")
    _close(
        focal_loss(logits, void, 2.0, torch.ones(4)),
        0,
        "Where all pixels are void the loss is 0.",
    )
    one = void.clone()
    one[1, 2, 3] = 1
    want = _focal(logits, one, 2.0, np.ones(4))
    _close(focal_loss(logits, one), want, "One known pixel is divided by 1.")


@worth(1, "focal_loss")
def focal_survives_scores_of_ten_thousand(focal_loss, rng):
    logits, target = _scene(rng, void=0.1)
    logits = 5e3 * logits
    want = _focal(logits, target, 2.0, np.ones(4))
    says = "At scores of ±10,000 the loss is NaN, infinite or cut off: work with log p, not with the logarithm of a p."
    _close(focal_loss(logits, target), want, says, tol=1e-4)
    right = target.where(target != 255, 0)
    _close(
        focal_loss(_sure(right, 4, 1e4), target),
        0,
        "Sure and right, at scores of 10,000, it is 0.",
    )


@worth(1, "focal_loss")
def the_gradient_of_focal_loss_reaches_the_scores(focal_loss, rng):
    logits, target = _scene(rng, h=3, w=4)
    gamma, alpha = float(pick(rng, 1, 3)), 0.2 + 3 * torch.rand(4, generator=rng)
    want = _slope(lambda z: _focal(z, target, gamma, alpha), logits)
    says = "The gradient at the scores is not that of the formula: (1 − p)^γ changes with them as log p does."
    expect_close(gradient_of(focal_loss, logits, target, gamma, alpha), want, says, tol=1e-6)


# --- lovasz_gradient


def _steps(truth):
    """By the definition: 1 - IoU of growing sets of wrong pixels."""
    mine = truth.tolist()
    jaccards = [0.0]
    for i in range(1, len(mine) + 1):
        both = sum(mine[i:])
        either = sum(mine) + sum(not t for t in mine[:i])
        jaccards.append(1 - both / either)
    return torch.tensor(jaccards, dtype=torch.float64).diff()


@worth(1, "lovasz_gradient")
def steps_are_what_each_wrong_pixel_adds(lovasz_gradient, rng):
    for length in (7, pick(rng, 12, 30)):
        truth = torch.rand(length, generator=rng) < 0.4
        truth[pick(rng, 0, length - 1)] = True
        got = lovasz_gradient(truth)
        expect_tensor(got, "One step for each pixel.", shape=(length,), dtype=torch.float32)
        says = "A step is 1 − IoU with pixel i wrong as well, minus 1 − IoU with only those before it wrong."
        expect_close(got, _steps(truth), says)


@worth(1, "lovasz_gradient")
def all_steps_add_up_to_one(lovasz_gradient, rng):
    truth = torch.rand(40, generator=rng) < 0.3
    truth[3] = True
    got = lovasz_gradient(truth)
    expect(
        abs(float(got.sum()) - 1) < 1e-5,
        "When every pixel is wrong 1 − IoU is 1, so the steps add up to 1.",
    )
    expect(
        (got >= -1e-6).all(),
        "One more wrong pixel never makes the IoU better: no step is below 0.",
    )


@worth(1, "lovasz_gradient")
def the_first_step_starts_from_zero(lovasz_gradient, rng):
    count = pick(rng, 2, 6)
    ones = torch.ones(count, dtype=torch.bool)
    want = torch.full((count,), 1 / count)
    expect_close(
        lovasz_gradient(ones),
        want,
        "With only pixels of the class each adds 1/l, the first one, too.",
    )
    says = "A wrong pixel of another class joins the union: the first adds 1 − G/(G + 1), G the pixels of the class."
    truth = torch.cat([~ones, ones])
    expect_close(lovasz_gradient(truth), _steps(truth), says)


@worth(1, "lovasz_gradient")
def one_pixel_and_none_of_the_class_work_too(lovasz_gradient, rng):
    one = torch.tensor([True])
    expect_close(lovasz_gradient(one), torch.ones(1), "A single pixel adds all of it: 1.")
    none = torch.zeros(pick(rng, 2, 5), dtype=torch.bool)
    want = _steps(none)
    expect_close(
        lovasz_gradient(none),
        want,
        "With no pixel of the class the first wrong one makes 1 − IoU 1.",
    )


# --- lovasz_softmax


def _lovasz(logits, target):
    log_p, y = _rows(logits, target)
    p = np.exp(log_p)
    losses = []
    for c in sorted(set(y.tolist())):
        mine = torch.from_numpy(y == c)
        errors = np.abs((y == c) - p[:, c])
        order = np.argsort(-errors, kind="stable")
        losses.append(float(errors[order] @ _steps(mine[torch.from_numpy(order)]).numpy()))
    return np.mean(losses)


@worth(1, "lovasz_softmax")
def errors_count_with_their_steps_the_worst_first(lovasz, rng):
    logits, target = _scene(rng, n=1, k=3, void=0)
    says = "It is not Σ error · step, with the errors |t − p| sorted from worst to best, and the truth likewise."
    _close(lovasz(logits, target), _lovasz(logits, target), says)


@worth(1, "lovasz_softmax")
def on_sure_predictions_it_is_one_minus_mean_iou(lovasz, rng):
    _, target = _scene(rng, k=4, void=0)
    guess = torch.where(
        torch.rand(target.shape, generator=rng) < 0.6, target, target.roll(1, 2)
    )
    want = 1 - jaccard_score(target.flatten(), guess.flatten(), average="macro")
    says = "Where the network is sure the loss is 1 − mean IoU: the extension is exact at the corners."
    _close(lovasz(_sure(guess, 4), target), want, says)
    _close(
        lovasz(_sure(target, 4, 1e4), target),
        0,
        "Sure and right, at scores of 10,000, it is 0.",
    )


@worth(1, "lovasz_softmax")
def lovasz_leaves_void_out_and_absent_classes_too(lovasz, rng):
    logits, target = _scene(rng, k=5, void=0.4)
    _close(
        lovasz(logits, target),
        _lovasz(logits, target),
        "Void pixels have no error and no step.",
    )
    target[target == pick(rng, 1, 3)] = 0
    says = "A class that the target does not hold is left out of the mean."
    _close(lovasz(logits, target), _lovasz(logits, target), says)
    _close(
        lovasz(logits, torch.full_like(target, 255)),
        0,
        "Where all pixels are void the loss is 0.",
    )


@worth(1, "lovasz_softmax")
def the_pixels_of_all_pictures_are_sorted_together(lovasz, rng):
    logits, target = _scene(rng, n=3, k=3, void=0.1)
    target[0], target[1, 1:] = 0, 1
    target[2, 0, 0] = 2
    says = "All pictures of the batch are sorted together, as IoU counts them; not a mean of the pictures' losses."
    _close(lovasz(logits, target), _lovasz(logits, target), says)


@worth(1, "lovasz_softmax")
def the_gradient_of_lovasz_reaches_the_scores(lovasz, rng):
    _, target = _scene(rng, k=2, h=3, w=4)
    p = (
        0.8 * (torch.randperm(24, generator=rng).reshape(2, 3, 4) + 0.3) / 24
    )  # no two errors of a class are alike
    logits = torch.stack([0.8 - p, p, torch.full_like(p, 0.2)], 1).log() + torch.randn(
        2, 1, 3, 4, generator=rng
    )
    want = _slope(lambda z: _lovasz(z, target), logits)
    says = "Each error pulls with its step: the gradient at the scores is not that of Σ error · step."
    expect_close(gradient_of(lovasz, logits, target), want, says, tol=1e-6)


# --- hard_pixels


def _chances(rng, n=2, h=5, w=7):
    """Distinct probabilities from 0 to 1, and which pixels are known."""
    p = (torch.randperm(n * h * w, generator=rng) + 0.5).reshape(n, h, w) / (n * h * w)
    return p, torch.rand(n, h, w, generator=rng) < 0.7


def _kept(got, want, says):
    expect_tensor(
        got,
        "A mask is wanted: True for the pixels to train on.",
        shape=tuple(want.shape),
        dtype=torch.bool,
    )
    expect_equal(got, want, says)


def _worst(p, known, count):
    mask = np.zeros(p.numel(), dtype=bool)
    mask[
        np.argsort(np.where(known.numpy(), p.numpy(), 9.0), axis=None, kind="stable")[:count]
    ] = True
    return torch.from_numpy(mask.reshape(p.shape))


@worth(1, "hard_pixels")
def pixels_below_the_threshold_are_hard(hard_pixels, rng):
    p, known = _chances(rng)
    known = torch.ones_like(known)
    _kept(
        hard_pixels(p, known),
        p < 0.7,
        "A pixel is hard when p of its class is below the threshold, 0.7.",
    )
    p[0, 0, 0] = 0.25
    got = hard_pixels(p, known, threshold=0.25)
    _kept(
        got,
        p < 0.25,
        "Another threshold is not followed; a pixel at the threshold is not below it.",
    )


@worth(1, "hard_pixels")
def void_pixels_are_never_kept(hard_pixels, rng):
    p, known = _chances(rng)
    p = torch.where(known, p, 0.01)
    says = "A void pixel was kept: it has no class that could be hard."
    _kept(hard_pixels(p, known, 0.6), known & (p < 0.6), says)
    count = int(known.sum()) - 3
    _kept(hard_pixels(p, known, 0.02, count), _worst(p, known, count), says)


@worth(1, "hard_pixels")
def too_few_hard_ones_are_filled_up_with_the_worst(hard_pixels, rng):
    p, known = _chances(rng)
    count = pick(rng, 8, 15)
    got = hard_pixels(p, known, threshold=0.05, min_kept=count)
    _kept(
        got,
        _worst(p, known, count),
        f"Few pixels are below 0.05, so the {count} worst of the whole batch must stay.",
    )
    got = hard_pixels(p, known, threshold=0.0)
    _kept(got, _worst(p, known, 1), "One pixel stays even if none is hard, for min_kept is 1.")
    enough = int((known & (p < 0.5)).sum())
    for least in (enough - 1, enough):
        got = hard_pixels(p, known, threshold=0.5, min_kept=least)
        _kept(
            got,
            known & (p < 0.5),
            "Where enough pixels are hard all of them stay, not only min_kept.",
        )


@worth(1, "hard_pixels")
def no_more_can_be_kept_than_are_known(hard_pixels, rng):
    p, known = _chances(rng)
    says = "With min_kept above the number of known pixels, all of these stay and no void one."
    _kept(hard_pixels(p, known, threshold=0.1, min_kept=10**6), known, says)
    nothing = torch.zeros_like(known)
    _kept(hard_pixels(p, nothing), nothing, "Where all pixels are void none is kept.")
