"""Hidden checks of Lab 6: cross-entropy, border weights, Dice, focal, Lovász, hard pixels.

Expected values are formulas written out here, or torch's, torchvision's and scikit-learn's own losses and scores.
"""

import torch
import torch.nn.functional as F
from sklearn.metrics import f1_score, jaccard_score
from torchvision.ops import sigmoid_focal_loss

from autograder.checking.draws import labels, normal, pick, ranges, sizes, uniform
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.gradients import gradient_of
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth


def _scene(rng, n=2, k=4, size=(5, 7), void=0.2, dtype=torch.float32):
    """Logits (n, k, h, w), and a target of which about a share `void` is void; it holds every class if it can."""
    logits, target = (
        2 * normal(rng, n, k, *size, dtype=dtype),
        labels(rng, k, n, *size, void=void),
    )
    some = min(k, target.numel())
    target.view(-1)[:some] = torch.arange(some)
    return logits, target


def _unequal(rng):
    """A batch of three pictures whose classes and known pixels are not shared out evenly."""
    logits, target = _scene(rng, n=3, k=3, void=0.1)
    target[0], target[1, 1:] = 0, 1
    target[2, 0, 0] = 2
    return logits, target


def _known(logits, target):
    """log p (pixels, k) and the classes (pixels,) of the pixels that are not void."""
    known = target != 255
    return F.log_softmax(logits, 1).movedim(1, -1)[known], target[known]


def _sure(target, k, by=60.0):
    """Logits that are sure of these labels."""
    return by * F.one_hot(target, k).movedim(-1, 1).float()


def _guess(rng, target):
    """Labels of which some are those of the pixel beside."""
    return torch.where(uniform(rng, *target.shape) < 0.6, target, target.roll(1, 2))


def _close(got, want, says, tol=1e-5):
    """One number is wanted, as a tensor: a plain number would not lead back to the logits."""
    expect_close(got, torch.as_tensor(want, dtype=torch.float64), says, tol=tol)


def _all_void(loss, logits, target, *options):
    """Where all pixels are void, a loss is 0 with a gradient of 0."""
    void, says = torch.full_like(target, 255), "Where all pixels are void the loss is 0."
    _close(loss(logits, void, *options), 0, says)
    says += " It must lead back to the logits all the same, with a gradient of 0: as 0 * logits.sum() does."
    try:
        gradient = gradient_of(loss, logits, void, *options)
    except AssertionError:
        raise AssertionError(f"{says} No gradient came back.") from None
    expect_equal(gradient, torch.zeros_like(logits), says)


# --- log_softmax


@worth(1, "log_softmax")
def probabilities_add_up_to_one_over_the_classes(log_softmax, rng):
    for size in sizes(rng):
        drawn = 2 * normal(rng, 2, pick(rng, 3, 6), *size)
        spread = ranges(drawn)
        for logits in (drawn, spread["all negative"], spread["zeros and ones"], 0 * drawn):
            got = log_softmax(logits)
            expect_tensor(got, "Each score becomes one log p.", shape=tuple(logits.shape))
            says = (
                "It is not log p, p = e^z / Σ e^z with the sum over the classes, dimension 1."
            )
            expect_close(got, F.log_softmax(logits.double(), 1), says)


@worth(1, "log_softmax")
def scores_of_ten_thousand_stay_finite(log_softmax, rng):
    logits = 1e4 * normal(rng, 2, 4, 3, 5)
    logits[0, :, 0, 0] = torch.tensor([1e4, -1e4, 0, 1e4])
    for scores in (logits, -1e4 - logits.abs(), 1e4 + logits.abs()):
        got = log_softmax(scores)
        says = "At scores of ±10,000 it is NaN or infinite: subtract the largest score first, and take no logarithm of a p."
        expect(got.isfinite().all(), says)
        says = "At scores of ±10,000 log p is not right."
        expect_close(
            got, F.log_softmax(scores.double(), 1), says, tol=4e-3
        )  # floats there are 0.002 apart
        says = "At scores of ±10,000 the gradient is not right."
        want = gradient_of(F.log_softmax, scores.double(), 1)
        expect_close(gradient_of(log_softmax, scores), want, says, tol=4e-3)


@worth(1, "log_softmax")
def each_pixel_has_its_own_largest_score(log_softmax, rng):
    offset = torch.tensor([0.0, 800.0, -800.0, 5000.0]).reshape(1, 1, 2, 2)
    logits = normal(rng, 1, 3, 2, 2) + offset[:, :, torch.randperm(2, generator=rng)]
    want = F.log_softmax(logits.double(), 1)
    says = "Where pixels differ by thousands, one largest score for all is not enough: each pixel needs its own."
    expect_close(log_softmax(logits), want, says, tol=1e-3)


def _log_softmax_case(log_softmax, rng, dtype, training):
    logits = 2 * normal(rng, 2, 5, 3, 5, dtype=dtype)
    return Case(log_softmax, (logits,), lambda logits: F.log_softmax(logits, 1))


shared(
    "log_softmax",
    _log_softmax_case,
    tol=1e-5,
    gradient_says="The gradient of log p_c at the score z_j is [c = j] − p_j; what arrives at the scores is not the sum of these.",
)


# --- cross_entropy


def _cross_entropy(logits, target, pixel_weights=None):
    """torch's loss of each pixel, and a weighted mean."""
    each = F.cross_entropy(logits, target, ignore_index=255, reduction="none")
    w = (target != 255).to(each) * (1 if pixel_weights is None else pixel_weights)
    return (w * each).sum() / w.sum()


@worth(1, "cross_entropy")
def it_is_the_mean_of_minus_log_p(cross_entropy, rng):
    says = "It is not the mean over all pixels of −log p of their class."
    for size in sizes(rng):
        for k in (1, pick(rng, 2, 6), 21):
            logits, target = _scene(rng, k=k, size=size, void=0)
            _close(cross_entropy(logits, target), F.cross_entropy(logits, target), says)


@worth(1, "cross_entropy")
def void_counts_neither_above_nor_below_the_line(cross_entropy, rng):
    says = "Void pixels count neither in the sum nor in the number of pixels that it is divided by."
    for size in sizes(rng, least=3):
        logits, target = _scene(rng, size=size, void=0.5)
        want = F.cross_entropy(logits, target, ignore_index=255)
        _close(cross_entropy(logits, target), want, says)
        other = torch.where((target == 255)[:, None], 5 - 100 * logits, logits)
        _close(cross_entropy(other, target), want, says)


@worth(1, "cross_entropy")
def every_known_pixel_of_the_batch_counts_the_same(cross_entropy, rng):
    logits, target = _scene(rng, n=3, void=0)
    target[1] = 255
    target[2, 1:] = 255
    says = "One mean over the pixels of the whole batch, not a mean of the pictures' means."
    want = F.cross_entropy(logits, target, ignore_index=255)
    _close(cross_entropy(logits, target), want, says)


@worth(1, "cross_entropy")
def a_weighted_sum_is_divided_by_the_weights(cross_entropy, rng):
    logits, target = _scene(rng)
    classes = 0.2 + 3 * uniform(rng, 4)
    weights = classes[target.where(target != 255, 0)]
    says = "With weights it is Σ w·ℓ / Σ w, both sums over the pixels that are not void."
    want = F.cross_entropy(logits, target, classes, ignore_index=255)
    _close(cross_entropy(logits, target, weights), want, says)
    says = "Seven times all weights is the same loss."
    _close(cross_entropy(logits, target, 7 * weights), want, says)
    for size in sizes(rng, least=2):
        logits, target = _scene(rng, size=size)
        weights = uniform(rng, *target.shape) * (uniform(rng, *target.shape) < 0.8)
        says = "Each pixel has a weight of its own, 0 and more than 1 among them: Σ w·ℓ / Σ w."
        weights.view(-1)[:2] = torch.tensor([1.0, 9.0])
        want = _cross_entropy(logits, target, weights)
        _close(cross_entropy(logits, target, weights), want, says)


@worth(1, "cross_entropy")
def where_nothing_counts_it_is_zero(cross_entropy, rng):
    logits, target = _scene(rng)
    _all_void(cross_entropy, logits, target)
    _all_void(cross_entropy, logits, target, uniform(rng, *target.shape))
    none = torch.zeros(target.shape)
    _close(cross_entropy(logits, target, none), 0, "Where all weights are 0 the loss is 0.")
    small, want = none + 1e-3, F.cross_entropy(logits, target, ignore_index=255)
    says = "Small weights are still divided by their sum."
    _close(cross_entropy(logits, target, small), want, says)


@worth(1, "cross_entropy")
def it_survives_scores_of_ten_thousand(cross_entropy, rng):
    logits, target = _scene(rng, void=0.1)
    logits = 5e3 * logits
    says = (
        "At scores of ±10,000 the loss is NaN, infinite or cut off; it must be large and right."
    )
    _close(cross_entropy(logits, target), _cross_entropy(logits, target), says, tol=1e-4)
    says = "At scores of ±10,000 the gradient is not right."
    want = gradient_of(_cross_entropy, logits, target)
    expect_close(gradient_of(cross_entropy, logits, target), want, says)


def _cross_entropy_case(cross_entropy, rng, dtype, training):
    logits, target = _scene(rng, dtype=dtype)
    weights = 2 * uniform(rng, *target.shape, dtype=dtype)
    return Case(cross_entropy, (logits, target, weights), _cross_entropy)


shared(
    "cross_entropy",
    _cross_entropy_case,
    tol=1e-5,
    gradient_says="The gradient at the scores is not w · (p_c − [c = t]) / Σ w, and 0 at void pixels.",
)


# --- border_weights


def _distances(rng, size=(6, 9), dtype=torch.float32):
    """Distances to the nearest and second nearest; some pixels in a cell, some without a second one."""
    d1 = (1 + 12 * uniform(rng, *size, dtype=dtype)) * (uniform(rng, *size) < 0.8)
    d2 = d1 + 10 * uniform(rng, *size, dtype=dtype)
    d2[uniform(rng, *size) < 0.1] = torch.inf
    for place, pair in enumerate([(0.0, 2.0), (1.0, 1.0), (2.0, torch.inf)][: d1.numel()]):
        d1.view(-1)[-1 - place], d2.view(-1)[-1 - place] = pair
    return d1, d2


def _border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    """A Gaussian of both distances together, on background alone."""
    bump = w0 * (-0.5 * ((d1 + d2) / sigma).square()).exp()
    return class_weight + bump.masked_fill(d1 == 0, 0)


@worth(1, "border_weights")
def background_between_cells_weighs_more(weights, rng):
    for size in sizes(rng):
        (d1, d2), classes = _distances(rng, size), 0.5 + uniform(rng, *size)
        got, want = weights(d1, d2, classes), _border_weights(d1, d2, classes)
        expect_tensor(got, "There is a weight for each pixel.", shape=size)
        says = "On background it is not w_c + w0 · exp(−(d1 + d2)² / (2 σ²))."
        expect_close(got[d1 > 0], want[d1 > 0], says)


@worth(1, "border_weights")
def inside_a_cell_and_without_a_second_one_only_the_class_counts(weights, rng):
    (d1, d2), classes = _distances(rng), 0.5 + uniform(rng, 6, 9)
    got, inside, alone = weights(d1, d2, classes), d1 == 0, d2.isinf()
    says = "Inside a cell, d1 = 0, the weight is w_c alone."
    expect_close(got[inside], classes[inside], says)
    says = "Where there is no second cell, d2 is infinite and nothing is added."
    expect_close(got[alone], classes[alone], says)


@worth(1, "border_weights")
def height_and_width_can_be_chosen(weights, rng):
    (d1, d2), classes = _distances(rng), 0.5 + uniform(rng, 6, 9)
    w0, sigma = float(pick(rng, 2, 6)), float(pick(rng, 6, 9))
    want = _border_weights(d1, d2, classes, w0, sigma)
    says = "Another height w0 and another σ are not followed."
    expect_close(weights(d1, d2, classes, w0=w0, sigma=sigma), want, says)
    expect_close(weights(d1, d2, classes, w0, sigma), want, says)
    far = weights(d1, d2, classes, w0=0.0)
    expect_close(far, classes, "With w0 = 0 only the class's weight is left.")


def _border_case(weights, rng, dtype, training):
    args = (*_distances(rng, dtype=dtype), normal(rng, 6, 9, dtype=dtype))
    return Case(weights, args, _border_weights)


shared(
    "border_weights",
    _border_case,
    wrt=2,  # distances are counted, weights of classes may be learned
    tol=1e-5,
    gradient_says="The class's weight is added as it is: its gradient is 1.",
)


# --- dice_loss


def _dice(logits, target):
    """All classes at once, by one-hot labels."""
    log_p, y = _known(logits, target)
    p, t = log_p.exp(), F.one_hot(y, logits.shape[1])
    losses = 1 - 2 * (p * t).sum(0) / (p.square() + t).sum(0)
    return losses[t.any(0)].mean()


@worth(1, "dice_loss")
def it_is_one_minus_twice_the_overlap_by_the_squares(dice_loss, rng):
    says = "It is not the mean over classes of 1 − 2 Σpt / (Σp² + Σt²), with p the softmax of the scores."
    for size in sizes(rng):
        logits, target = _scene(rng, n=1, k=pick(rng, 3, 5), size=size, void=0)
        for scores in (logits, 0 * logits):
            _close(dice_loss(scores, target), _dice(scores, target), says, tol=2e-6)


@worth(1, "dice_loss")
def on_sure_predictions_it_is_one_minus_f1(dice_loss, rng):
    target = _scene(rng, void=0)[1]
    guess = _guess(rng, target)
    want = 1 - f1_score(target.flatten(), guess.flatten(), average="macro")
    says = "Where the network is sure (p is 0 or 1) Dice is 1 − F1, the mean over classes."
    _close(dice_loss(_sure(guess, 4), target), want, says)
    says = "Sure and right, at scores of 10,000, it is 0."
    _close(dice_loss(_sure(target, 4, 1e4), target), 0, says)


@worth(1, "dice_loss")
def dice_leaves_void_out_of_all_sums(dice_loss, rng):
    says = "Void pixels take part in no sum: neither Σpt nor Σp² nor Σt²."
    for size in sizes(rng, least=2):
        logits, target = _scene(rng, size=size, void=0.5)
        _close(dice_loss(logits, target), _dice(logits, target), says)
        other = torch.where((target == 255)[:, None], 5 - 100 * logits, logits)
        _close(dice_loss(other, target), _dice(logits, target), says)


@worth(1, "dice_loss")
def where_all_pixels_are_void_dice_is_zero(dice_loss, rng):
    _all_void(dice_loss, *_scene(rng))


@worth(1, "dice_loss")
def a_class_that_is_absent_is_left_out_of_dice(dice_loss, rng):
    logits, target = _scene(rng, k=5)
    target[target == pick(rng, 1, 3)] = 0
    says = "A class that the target does not hold is left out of the mean; the others are divided by their number."
    for absent in (target, target.where(target > 3, 0), target.clamp(min=3)):
        _close(dice_loss(logits, absent), _dice(logits, absent), says)


@worth(1, "dice_loss")
def dice_sums_run_over_the_whole_batch(dice_loss, rng):
    logits, target = _unequal(rng)
    says = "Sums run over all pictures of the batch together; the mean of the pictures' losses is another number."
    _close(dice_loss(logits, target), _dice(logits, target), says)


def _dice_case(dice_loss, rng, dtype, training):
    return Case(dice_loss, _scene(rng, dtype=dtype), _dice)


shared(
    "dice_loss",
    _dice_case,
    tol=1e-5,
    gradient_says="The gradient at the scores is not that of the formula: p stands above and below the line, void nowhere.",
)


# --- focal_loss


def _focal(logits, target, gamma=2.0, alpha=None):
    """The formula, pixel by pixel."""
    log_p, y = _known(logits, target)
    own = log_p.gather(1, y[:, None])[:, 0]
    wrong = -torch.expm1(own)
    return (-own * wrong**gamma * (1 if alpha is None else alpha[y])).mean()


def _two_classes(rng, size):
    """A score for class 1 against 0, a target, and the logits of both classes."""
    x = 2 * normal(rng, 2, *size)
    return x, labels(rng, 2, 2, *size), torch.stack([torch.zeros_like(x), x], 1)


@worth(1, "focal_loss")
def for_two_classes_it_is_torchvisions(focal_loss, rng):
    says = "It is not the mean of −(1 − p)² log p, p of each pixel's own class."
    for size in sizes(rng):
        x, target, logits = _two_classes(rng, size)
        want = sigmoid_focal_loss(x, target.float(), alpha=-1, gamma=2.0, reduction="mean")
        _close(focal_loss(logits, target), want, says)


@worth(1, "focal_loss")
def gamma_can_be_chosen(focal_loss, rng):
    logits, target = _scene(rng, void=0)
    says = "Another γ is not followed; γ = 0 must be cross-entropy."
    for gamma in (0.0, 0.5, 1.0, float(pick(rng, 3, 5))):
        want = _focal(logits, target, gamma)
        _close(focal_loss(logits, target, gamma), want, says)
        _close(focal_loss(logits, target, gamma=gamma), want, says)


@worth(1, "focal_loss")
def alpha_is_not_a_part_of_the_denominator(focal_loss, rng):
    says = "Each pixel is multiplied by α of its class, and the sum divided by the number of pixels, not by Σα."
    for k in (4, 12):
        logits, target = _scene(rng, k=k, void=0.1)
        alpha = 0.2 + 3 * uniform(rng, k)
        want = _focal(logits, target, 2.0, alpha)
        _close(focal_loss(logits, target, 2.0, alpha), want, says)
    x, target, logits = _two_classes(rng, (4, 6))
    want = sigmoid_focal_loss(x, target.float(), alpha=0.25, gamma=2.0, reduction="mean")
    _close(focal_loss(logits, target, alpha=torch.tensor([0.75, 0.25])), want, says)


@worth(1, "focal_loss")
def focal_leaves_void_out(focal_loss, rng):
    says = "Void pixels count neither in the sum nor in the number of pixels."
    for size in sizes(rng, least=2):
        logits, target = _scene(rng, size=size, void=0.5)
        for gamma in (2.0, 0.0):
            want = _focal(logits, target, gamma)
            _close(focal_loss(logits, target, gamma), want, says)
        one = torch.full_like(target, 255)
        one[1, 1, 1] = 1
        says = "Where one pixel alone is known the sum is divided by 1."
        _close(focal_loss(logits, one), _focal(logits, one), says)


@worth(1, "focal_loss")
def where_all_pixels_are_void_focal_is_zero(focal_loss, rng):
    logits, target = _scene(rng)
    _all_void(focal_loss, logits, target)
    _all_void(focal_loss, logits, target, 2.0, 1 + uniform(rng, 4))


@worth(1, "focal_loss")
def focal_survives_scores_of_ten_thousand(focal_loss, rng):
    logits, target = _scene(rng, void=0.1)
    logits = 5e3 * logits
    says = "At scores of ±10,000 the loss is NaN, infinite or cut off: work with log p, not with the logarithm of a p."
    _close(focal_loss(logits, target), _focal(logits, target), says, tol=1e-4)
    sure = _sure(target.where(target != 255, 0), 4, 1e4)
    _close(focal_loss(sure, target), 0, "Sure and right, at scores of 10,000, it is 0.")


@worth(1, "focal_loss")
def a_pixel_that_is_right_for_certain_has_no_gradient(focal_loss, rng):
    logits, target = _scene(rng, void=0.1)
    for scores in (_sure(target.where(target != 255, 0), 4), 0 * logits[:, :1]):
        for gamma in (0.0, 0.5, 1.0, 2.0):
            says = f"With γ = {gamma:g}, pixels with log p = 0 must get the gradient 0: mind the slope of (1 − p)^γ where p is 1."
            some = target.clamp(max=0) if scores.shape[1] == 1 else target
            got = gradient_of(focal_loss, scores, some, gamma)
            expect_close(got, torch.zeros_like(scores), says)


def _focal_case(focal_loss, rng, dtype, training):
    logits, target = _scene(rng, dtype=dtype)
    gamma, alpha = float(pick(rng, 1, 3)), 0.2 + 3 * uniform(rng, 4, dtype=dtype)
    return Case(focal_loss, (logits, target, gamma, alpha), _focal)


shared(
    "focal_loss",
    _focal_case,
    tol=1e-5,
    gradient_says="The gradient at the scores is not that of the formula: (1 − p)^γ changes with them as log p does.",
)


# --- lovasz_gradient


def _steps(truth):
    """By the definition: 1 − IoU of growing sets of wrong pixels."""
    mine = truth.tolist()
    jaccards = [0.0]
    for i in range(1, len(mine) + 1):
        both = sum(mine[i:])
        either = sum(mine) + sum(not t for t in mine[:i])
        jaccards.append(1 - both / either)
    return torch.tensor(jaccards, dtype=torch.float64).diff().float()


def _truth(rng, length, share=0.4):
    """Which of the sorted pixels are of the class: one at least."""
    truth = uniform(rng, length) < share
    truth[pick(rng, 0, length - 1)] = True
    return truth


@worth(1, "lovasz_gradient")
def steps_are_what_each_wrong_pixel_adds(lovasz_gradient, rng):
    for length in (7, pick(rng, 12, 30), 300):
        truth = _truth(rng, length)
        got = lovasz_gradient(truth)
        expect_tensor(
            got, "There is one step for each pixel.", shape=(length,), dtype=torch.float32
        )
        says = "A step is 1 − IoU with pixel i wrong as well, minus 1 − IoU with only those before it wrong."
        expect_close(got, _steps(truth), says)


@worth(1, "lovasz_gradient")
def all_steps_add_up_to_one(lovasz_gradient, rng):
    for length in (1, 40, 600):
        got = lovasz_gradient(_truth(rng, length, 0.3))
        expect_tensor(got, "There is one step for each pixel.", shape=(length,))
        says = "When every pixel is wrong 1 − IoU is 1, so the steps add up to 1."
        _close(got.sum(), 1, says, tol=1e-4)
        says = "One more wrong pixel never makes the IoU better: no step is below 0."
        expect((got >= -1e-6).all(), says)


@worth(1, "lovasz_gradient")
def the_first_step_starts_from_zero(lovasz_gradient, rng):
    count = pick(rng, 2, 6)
    ones = torch.ones(count, dtype=torch.bool)
    says = "With only pixels of the class each adds 1/l, the first one, too."
    expect_close(lovasz_gradient(ones), torch.full((count,), 1 / count), says)
    says = "A wrong pixel of another class joins the union: the first adds 1 − G/(G + 1), G the pixels of the class."
    truth = torch.cat([~ones, ones])
    expect_close(lovasz_gradient(truth), _steps(truth), says)


@worth(1, "lovasz_gradient")
def one_pixel_and_none_of_the_class_work_too(lovasz_gradient, rng):
    one = torch.tensor([True])
    expect_close(lovasz_gradient(one), torch.ones(1), "A single pixel adds all of it: 1.")
    none = torch.zeros(pick(rng, 2, 5), dtype=torch.bool)
    says = "With no pixel of the class the first wrong one makes 1 − IoU 1."
    expect_close(lovasz_gradient(none), _steps(none), says)


def _steps_case(lovasz_gradient, rng, dtype, training):
    return Case(lovasz_gradient, (_truth(rng, 20),), _steps)


shared("lovasz_gradient", _steps_case, float64=0, gradient=0, tol=1e-5)  # a truth is bool


# --- lovasz_softmax


def _lovasz(logits, target):
    """The definition: errors of a class, the worst first, each with its step."""
    log_p, y = _known(logits, target)
    losses = []
    for c in sorted(set(y.tolist())):
        mine = y == c
        errors = (mine.to(log_p) - log_p[:, c].exp()).abs()
        order = sorted(range(len(y)), key=errors.neg().tolist().__getitem__)
        losses.append(errors[order] @ _steps(mine[order]).to(log_p))
    return torch.stack(losses).mean()


@worth(1, "lovasz_softmax")
def errors_count_with_their_steps_the_worst_first(lovasz, rng):
    says = "It is not Σ error · step, with the errors |t − p| sorted from worst to best, and the truth likewise."
    for size in sizes(rng):
        logits, target = _scene(rng, n=1, k=3, size=size, void=0)
        _close(lovasz(logits, target), _lovasz(logits, target), says)


@worth(1, "lovasz_softmax")
def on_sure_predictions_it_is_one_minus_mean_iou(lovasz, rng):
    target = _scene(rng, void=0)[1]
    guess = _guess(rng, target)
    want = 1 - jaccard_score(target.flatten(), guess.flatten(), average="macro")
    says = "Where the network is sure the loss is 1 − mean IoU: the extension is exact at the corners."
    _close(lovasz(_sure(guess, 4), target), want, says)
    says = "Sure and right, at scores of 10,000, it is 0."
    _close(lovasz(_sure(target, 4, 1e4), target), 0, says)


@worth(1, "lovasz_softmax")
def lovasz_leaves_void_out(lovasz, rng):
    says = "Void pixels have no error and no step."
    for size in ((9, 4), (4, 9)):
        logits, target = _scene(rng, k=5, size=size, void=0.4)
        want = _lovasz(logits, target)
        _close(lovasz(logits, target), want, says)
        other = torch.where((target == 255)[:, None], 5 - 100 * logits, logits)
        _close(lovasz(other, target), want, says)


@worth(1, "lovasz_softmax")
def a_class_that_is_absent_is_left_out_of_lovasz(lovasz, rng):
    logits, target = _scene(rng, k=5, void=0)
    target[target == pick(rng, 1, 3)] = 0
    says = "A class that the target does not hold is left out of the mean."
    for absent in (target, target.where(target > 3, 0), target.clamp(min=3)):
        _close(lovasz(logits, absent), _lovasz(logits, absent), says)


@worth(1, "lovasz_softmax")
def where_all_pixels_are_void_lovasz_is_zero(lovasz, rng):
    _all_void(lovasz, *_scene(rng))


@worth(1, "lovasz_softmax")
def the_pixels_of_all_pictures_are_sorted_together(lovasz, rng):
    logits, target = _unequal(rng)
    says = "All pictures of the batch are sorted together, as IoU counts them; not a mean of the pictures' losses."
    _close(lovasz(logits, target), _lovasz(logits, target), says)


def _lovasz_case(lovasz, rng, dtype, training):
    """No two errors of a class are alike. In float64 its own pixels are the worst, and their number is a power of two:
    then all steps are exact even in float32, in which `lovasz_gradient` returns them."""
    high = 0.4 if dtype == torch.float64 else 0.8
    p = high * (torch.randperm(32, generator=rng).reshape(2, 2, 8).to(dtype) + 0.3) / 32
    share = torch.stack([high - p, p, torch.full_like(p, 1 - high)], 1)
    logits = share.log() + normal(rng, 2, 1, 2, 8, dtype=dtype)
    target = torch.tensor([0] * 8 + [1] * 16 + [255] * 8)[torch.randperm(32, generator=rng)]
    return Case(lovasz, (logits, target.reshape(2, 2, 8)), _lovasz)


shared(
    "lovasz_softmax",
    _lovasz_case,
    tol=1e-5,
    gradient_says="Each error pulls with its step: the gradient at the scores is not that of Σ error · step.",
)


# --- hard_pixels


def _chances(rng, size=(5, 7), dtype=torch.float32, known=0.7):
    """Distinct probabilities from 0 to 1, and which pixels are known: one at least."""
    count = 2 * size[0] * size[1]
    p = (torch.randperm(count, generator=rng).to(dtype) + 0.5).reshape(2, *size) / count
    mask = uniform(rng, *p.shape) < known
    mask.view(-1)[pick(rng, 0, count - 1)] = True
    return p, mask


def _hard(p, known, threshold=0.7, min_kept=1):
    """By sorting plain numbers."""
    numbers = p.flatten().tolist()
    places = sorted(known.flatten().nonzero()[:, 0].tolist(), key=numbers.__getitem__)
    hard = [place for place in places if numbers[place] < threshold]
    mask = torch.zeros(p.numel(), dtype=torch.bool)
    mask[hard if len(hard) >= min_kept else places[:min_kept]] = True
    return mask.reshape(p.shape)


def _kept(got, want, says):
    shape = tuple(want.shape)
    expect_tensor(
        got, "A mask is wanted: True for the pixels to train on.", shape=shape, dtype=torch.bool
    )
    expect_equal(got, want, says)


@worth(1, "hard_pixels")
def pixels_below_the_threshold_are_hard(hard_pixels, rng):
    for size in sizes(rng):
        p, known = _chances(rng, size, known=1)
        p.view(-1)[0], p.view(-1)[-1] = 1.0, 0.0
        says = "A pixel is hard when p of its class is below the threshold, 0.7."
        _kept(hard_pixels(p, known), p < 0.7, says)
    p[0, 0, 0] = 0.25
    says = "Another threshold is not followed; a pixel at the threshold is not below it."
    _kept(hard_pixels(p, known, threshold=0.25), p < 0.25, says)


@worth(1, "hard_pixels")
def void_pixels_are_never_kept(hard_pixels, rng):
    says = "A void pixel was kept: it does not have a class that could be hard."
    for filling in (0.01, 1.0, -3.0, 5.0, torch.inf, -torch.inf):
        p, known = _chances(rng)
        p = torch.where(known, p, filling)
        _kept(hard_pixels(p, known, 0.6), _hard(p, known, 0.6), says)
        for count in (2, int(known.sum()) - 3, int(known.sum())):
            _kept(hard_pixels(p, known, 0.02, count), _hard(p, known, 0.02, count), says)
        p = torch.where(known & (p > 0.5), 1.0, p)
        _kept(hard_pixels(p, known, 0.02, count), known, says)


@worth(1, "hard_pixels")
def too_few_hard_ones_are_filled_up_with_the_worst(hard_pixels, rng):
    for size in ((9, 5), (5, 9), (2, 150)):
        p, known = _chances(rng, size)
        for count in (pick(rng, 8, 15), int(known.sum()) // 2):
            says = (
                f"Few pixels are below 0.05, so the {count} worst of the whole batch must stay."
            )
            want = _hard(p, known, 0.05, count)
            _kept(hard_pixels(p, known, threshold=0.05, min_kept=count), want, says)
    says = "One pixel stays even if none is hard, for min_kept is 1."
    _kept(hard_pixels(p, known, threshold=0.0), _hard(p, known, 0.0, 1), says)


@worth(1, "hard_pixels")
def where_enough_are_hard_all_of_them_stay(hard_pixels, rng):
    p, known = _chances(rng)
    hard = known & (p < 0.5)
    says = "Where enough pixels are hard all of them stay, not only min_kept."
    for least in (1, int(hard.sum()) - 1, int(hard.sum())):
        _kept(hard_pixels(p, known, threshold=0.5, min_kept=least), hard, says)


@worth(1, "hard_pixels")
def no_more_can_be_kept_than_are_known(hard_pixels, rng):
    p, known = _chances(rng)
    says = "With min_kept above the number of known pixels, all of these stay and no void one."
    _kept(hard_pixels(p, known, threshold=0.1, min_kept=10**6), known, says)
    nothing = torch.zeros_like(known)
    _kept(hard_pixels(p, nothing), nothing, "Where all pixels are void none is kept.")


def _hard_case(hard_pixels, rng, dtype, training):
    """In float64 all p are so close to the threshold and to each other that float32 cannot tell them apart."""
    p, known = _chances(rng, dtype=dtype)
    least = pick(rng, 3, 8)
    if dtype == torch.float64:
        p = 0.5 + 1e-9 * (p - 0.5)
        least = int((known & (p < 0.5)).sum()) + pick(rng, 0, 1)
    return Case(hard_pixels, (p, known, 0.5 if dtype == torch.float64 else 0.05, least), _hard)


shared("hard_pixels", _hard_case, gradient=0)  # a mask is bool
