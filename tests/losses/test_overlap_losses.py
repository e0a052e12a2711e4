"""Dice and Lovász, held against loops in float64 and, on sure predictions, against scikit-learn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, jaccard_score

from course.losses import dice_loss, dice_per_class, lovasz_softmax

VOID = 255
shapes = {"n": st.integers(1, 3), "k": st.integers(2, 5), "h": st.integers(1, 6), "w": st.integers(1, 7)}


def draw(n, k, h, w, seed, classes=None):
    """Logits for k classes; the target holds the given ones only, and void."""
    generator = np.random.default_rng(seed)
    target = generator.choice([*(range(k) if classes is None else classes), VOID], (n, h, w))
    return torch.from_numpy(2 * generator.standard_normal((n, k, h, w))), torch.from_numpy(target).long()


def probabilities(logits, target):
    """(pixels, k) probabilities and (pixels,) labels of the pixels that are not void, in numpy."""
    scores = np.exp(logits.numpy()).transpose(0, 2, 3, 1)
    labels = target.numpy()
    p = scores / scores.sum(-1, keepdims=True)
    return p[labels != VOID], labels[labels != VOID]


def sure_logits(prediction, k):
    return 1e4 * torch.nn.functional.one_hot(prediction, k).movedim(-1, 1).double()


def jaccard_loss(wrong, t):
    """1 - IoU where the pixels in `wrong` are predicted falsely, the others rightly."""
    predicted = t ^ wrong
    return 1 - (predicted & t).sum() / (predicted | t).sum()


def lovasz_by_definition(p, t):
    """Σ error * (loss of the set with the pixel - loss of the set without it), from the worst pixel to the best."""
    errors, wrong, total, before = np.abs(t - p), np.zeros(len(t), bool), 0.0, 0.0
    for i in np.argsort(-errors):
        wrong[i] = True
        after = jaccard_loss(wrong, t)
        total, before = total + errors[i] * (after - before), after
    return total


@settings(deadline=None, max_examples=25)
@given(**shapes, seed=st.integers(0, 99))
def test_dice_is_its_formula_per_class(n, k, h, w, seed):
    logits, target = draw(n, k, h, w, seed)
    p, labels = probabilities(logits, target)
    expected = np.full(k, np.nan)
    for c in np.unique(labels):
        t = (labels == c).astype(float)
        expected[c] = 1 - 2 * (p[:, c] * t).sum() / ((p[:, c] ** 2).sum() + (t**2).sum())
    np.testing.assert_allclose(dice_per_class(logits, target).numpy(), expected, atol=1e-12)
    assert dice_loss(logits, target).item() == pytest.approx(np.nanmean(expected) if len(labels) else 0.0, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(**shapes, seed=st.integers(0, 99))
def test_lovasz_is_the_sum_over_growing_sets_of_wrong_pixels(n, k, h, w, seed):
    logits, target = draw(n, k, h, w, seed)
    p, labels = probabilities(logits, target)
    values = [lovasz_by_definition(p[:, c], labels == c) for c in np.unique(labels)]
    expected = float(np.mean(values)) if values else 0.0
    assert lovasz_softmax(logits, target).item() == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(k=st.integers(2, 5), seed=st.integers(0, 99))
def test_on_sure_predictions_dice_is_one_minus_f1_and_lovasz_one_minus_mean_iou(k, seed):
    target, prediction = torch.from_numpy(np.random.default_rng(seed).integers(0, k, (2, 2, 5, 6)))
    there = np.unique(target)
    scores = {"labels": there, "average": "macro", "zero_division": 0}
    f1 = f1_score(target.flatten(), prediction.flatten(), **scores)
    iou = jaccard_score(target.flatten(), prediction.flatten(), **scores)
    logits = sure_logits(prediction, k)
    assert dice_loss(logits, target).item() == pytest.approx(1 - f1, abs=1e-9)
    assert lovasz_softmax(logits, target).item() == pytest.approx(1 - iou, abs=1e-9)


def test_a_class_that_the_target_does_not_hold_is_nan_and_left_out_of_the_mean():
    logits, target = draw(2, 4, 5, 6, 0, classes=(0, 2))
    logits.requires_grad_()
    losses = dice_per_class(logits, target)
    assert losses.isnan().tolist() == [False, True, False, True]
    torch.testing.assert_close(dice_loss(logits, target), losses[[0, 2]].mean())
    losses[[0, 2]].sum().backward()
    assert logits.grad.isfinite().all()


def test_a_perfect_prediction_loses_nothing():
    target = torch.randint(0, 3, (2, 4, 5))
    assert dice_loss(sure_logits(target, 3), target) == 0
    assert lovasz_softmax(sure_logits(target, 3), target) == 0


@pytest.mark.parametrize("loss", [dice_loss, lovasz_softmax])
def test_a_thin_class_counts_as_much_as_a_wide_one(loss):
    target = torch.zeros(1, 100, 100, dtype=torch.int64)
    target[0, :, 50] = 1  # a hundredth of the picture, which the network does not see at all
    assert 0.5 < loss(sure_logits(torch.zeros_like(target), 2), target).item() < 0.51


def test_lovasz_and_its_gradient_keep_their_digits_in_float32_over_a_million_pixels():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 2, 1000, 1000, generator=generator)
    target = torch.randint(0, 2, (1, 1000, 1000), generator=generator)
    single, double = (logits.to(dtype, copy=True).requires_grad_() for dtype in (torch.float32, torch.float64))
    loss, expected = lovasz_softmax(single, target), lovasz_softmax(double, target)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-6, atol=0)
    loss.backward()
    expected.backward()
    assert (single.grad - double.grad).norm() < 1e-5 * double.grad.norm()
