"""Cross-entropy, focal loss and hard examples, held against torch, torchvision and loops in float64."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import sigmoid_focal_loss

from course.losses import cross_entropy, focal_loss, ohem

VOID = 255
shapes = {"n": st.integers(1, 3), "k": st.integers(2, 5), "h": st.integers(1, 6), "w": st.integers(1, 7)}


def draw(n=2, k=4, h=5, w=7, seed=0, void=0.2, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(n, k, h, w, generator=generator, dtype=dtype)
    target = torch.randint(0, k, (n, h, w), generator=generator)
    return logits, torch.where(torch.rand(n, h, w, generator=generator) < void, VOID, target)


def known_pixels(logits, target):
    """Pixel by pixel, (probabilities of its classes, its class), without softmax of torch."""
    for scores, label in zip(logits.movedim(1, -1).reshape(-1, logits.shape[1]), target.flatten(), strict=True):
        if int(label) != VOID:
            powers = [math.exp(float(s)) for s in scores]
            yield [p / sum(powers) for p in powers], int(label)


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


@settings(deadline=None, max_examples=25)
@given(**shapes, seed=st.integers(0, 99))
def test_cross_entropy_is_the_mean_of_minus_log_p_over_pixels_that_are_not_void(n, k, h, w, seed):
    logits, target = draw(n, k, h, w, seed)
    expected = mean(-math.log(p[label]) for p, label in known_pixels(logits, target))
    assert cross_entropy(logits, target).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore_index", [255, -1, -100, None])
def test_cross_entropy_and_its_gradient_are_torchs(weighted, ignore_index):
    logits, target = draw(k=6, void=0 if ignore_index is None else 0.2)
    target = torch.where(target == VOID, ignore_index or 0, target)
    weights = torch.rand(6, dtype=torch.float64) if weighted else None
    ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
    loss = cross_entropy(ours, target, ignore_index=ignore_index, class_weights=weights)
    torch_void = -999 if ignore_index is None else ignore_index
    expected = F.cross_entropy(theirs, target, weights, ignore_index=torch_void)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_pixel_weights_and_class_weights_multiply_in_a_weighted_mean():
    logits, target = draw()
    pixels, classes = torch.rand(2, 5, 7, dtype=torch.float64), torch.tensor([1.0, 0.0, 2.0, 5.0])
    known = target != VOID
    w = pixels[known] * classes[target[known]]
    losses = torch.tensor([-math.log(p[label]) for p, label in known_pixels(logits, target)], dtype=torch.float64)
    ours = cross_entropy(logits, target, class_weights=classes, pixel_weights=pixels)
    torch.testing.assert_close(ours, (w * losses).sum() / w.sum())
    torch.testing.assert_close(cross_entropy(logits, target, pixel_weights=7 * torch.ones(2, 5, 7)), losses.mean())


@pytest.mark.parametrize("weights", [{"class_weights": torch.zeros(4)}, {"pixel_weights": torch.zeros(2, 5, 7)}])
def test_with_no_weight_anywhere_cross_entropy_is_zero_with_gradient_zero(weights):
    logits, target = draw()
    logits.requires_grad_()
    loss = cross_entropy(logits, target, **weights)
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()


@settings(deadline=None, max_examples=25)
@given(**shapes, seed=st.integers(0, 99), gamma=st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0]))
def test_focal_is_its_formula(n, k, h, w, seed, gamma):
    logits, target = draw(n, k, h, w, seed)
    alpha = torch.rand(k, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    expected = mean(
        -float(alpha[label]) * (1 - p[label]) ** gamma * math.log(p[label]) for p, label in known_pixels(logits, target)
    )
    assert focal_loss(logits, target, gamma=gamma, alpha=alpha).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.0])
def test_focal_of_two_classes_is_torchvisions_sigmoid_focal_loss(gamma):
    x, target = draw(k=2, void=0)
    x = x[:, :1]
    ours = focal_loss(torch.cat([torch.zeros_like(x), x], 1), target, gamma=gamma, alpha=torch.tensor([0.75, 0.25]))
    theirs = sigmoid_focal_loss(x[:, 0], target.double(), alpha=0.25, gamma=gamma, reduction="mean")
    torch.testing.assert_close(ours, theirs)


@settings(deadline=None, max_examples=25)
@given(**shapes, seed=st.integers(0, 99), threshold=st.sampled_from([0.0, 0.3, 0.7, 1.0]), min_kept=st.integers(1, 40))
def test_ohem_averages_the_hard_pixels_or_the_worst_few(n, k, h, w, seed, threshold, min_kept):
    logits, target = draw(n, k, h, w, seed)
    right = sorted(p[label] for p, label in known_pixels(logits, target))
    hard = [p for p in right if p < threshold]
    kept = hard if len(hard) >= min_kept else right[:min_kept]
    expected = mean(-math.log(p) for p in kept)
    ours = ohem(logits, target, threshold=threshold, min_kept=min_kept)
    assert ours.item() == pytest.approx(expected, abs=1e-12)


def test_ohem_gives_no_gradient_to_pixels_that_are_right_already():
    logits, target = draw(void=0)
    logits.requires_grad_()
    ohem(logits, target, threshold=0.5, min_kept=3).backward()
    right = logits.detach().softmax(1).gather(1, target[:, None])[:, 0]
    assert (right < 0.5).sum() > 3
    assert torch.equal(logits.grad.abs().sum(1) > 0, right < 0.5)


def test_ohem_with_everything_kept_is_cross_entropy():
    logits, target = draw()
    torch.testing.assert_close(ohem(logits, target), cross_entropy(logits, target))


@pytest.mark.parametrize("gamma", [0.0, 0.1, 0.5, 1.0])
def test_focal_of_perfect_pixels_is_zero_with_a_gradient_that_is_a_number(gamma):
    target = torch.zeros(1, 2, 2, dtype=torch.int64)
    logits = torch.tensor([1e4, -1e4]).view(1, 2, 1, 1).repeat(1, 1, 2, 2).requires_grad_()
    loss = focal_loss(logits, target, gamma=gamma)
    loss.backward()
    assert loss == 0
    assert logits.grad.isfinite().all()


X, Y = torch.zeros(2, 3, 4, 5), torch.zeros(2, 4, 5, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cross_entropy(X, Y, class_weights=torch.ones(4)),
            r"class_weights has shape \(4,\); wanted \(3,\), one weight each",
        ),
        (
            lambda: cross_entropy(X, Y, pixel_weights=torch.ones(4, 5)),
            r"pixel_weights has shape \(4, 5\); wanted \(2, 4, 5\)",
        ),
        (
            lambda: cross_entropy(X, Y, class_weights=-torch.ones(3)),
            r"the smallest of class_weights is -1\.0; wanted at least 0",
        ),
        (
            lambda: cross_entropy(X, Y + 7, pixel_weights=torch.ones(2, 4, 5)),
            r"target is 7 at \(0, 0, 0\), the first of 40",
        ),
        (lambda: focal_loss(X, Y, gamma=-1), "gamma is -1; wanted at least 0"),
        (
            lambda: focal_loss(X, Y, alpha=torch.ones(2)),
            r"alpha is \[1\.0, 1\.0\]; wanted 3 numbers of at least 0, one a class",
        ),
        (lambda: ohem(X, Y, threshold=70), "threshold is 70; wanted a probability, 0 to 1"),
        (lambda: ohem(X, Y, min_kept=0), "min_kept is 0; wanted a whole number of at least 1. A sixteenth"),
    ],
)
def test_weights_and_settings_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
