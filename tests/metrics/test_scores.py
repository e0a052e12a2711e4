"""The scores against scikit-learn and torchmetrics, and the traps that real evaluators fell into."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn
from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex

from course import metrics

WORKED = torch.tensor([[6, 4], [2, 18]])


def maps(classes, seed=0, shape=(31, 45)):
    generator = torch.Generator().manual_seed(seed)
    target = torch.randint(0, classes, shape, generator=generator)
    noise = torch.randint(0, classes, shape, generator=generator)
    prediction = torch.where(torch.rand(shape, generator=generator) < 0.7, target, noise)
    target[torch.rand(shape, generator=generator) < 0.15] = 255
    return target, prediction


def kept(target, prediction):
    valid = target != 255
    return target[valid].numpy(), prediction[valid].numpy()


def test_the_worked_example_of_the_first_lab():
    assert metrics.overall_accuracy(WORKED).item() == pytest.approx(24 / 30)  # 0.8
    assert metrics.class_accuracy(WORKED).tolist() == pytest.approx([6 / 10, 18 / 20])
    assert metrics.mean_class_accuracy(WORKED).item() == pytest.approx(0.75)
    assert metrics.iou(WORKED).tolist() == pytest.approx([6 / 12, 18 / 24])
    assert metrics.mean_iou(WORKED).item() == pytest.approx(0.625)
    assert metrics.frequency_weighted_iou(WORKED).item() == pytest.approx((10 * 0.5 + 20 * 0.75) / 30)


@pytest.mark.parametrize("classes", [2, 5, 19])
def test_scores_agree_with_sklearn(classes):
    target, prediction = maps(classes)
    matrix = metrics.confusion_matrix(target, prediction, classes)
    truth, guess = kept(target, prediction)
    labels = range(classes)
    pairs = {
        "iou": sklearn.jaccard_score(truth, guess, labels=labels, average=None),
        "precision": sklearn.precision_score(truth, guess, labels=labels, average=None),
        "recall": sklearn.recall_score(truth, guess, labels=labels, average=None),
        "f1": sklearn.f1_score(truth, guess, labels=labels, average=None),
        "dice": sklearn.f1_score(truth, guess, labels=labels, average=None),
        "overall_accuracy": sklearn.accuracy_score(truth, guess),
        "mean_class_accuracy": sklearn.balanced_accuracy_score(truth, guess),
        "mean_iou": sklearn.jaccard_score(truth, guess, labels=labels, average="macro"),
        "frequency_weighted_iou": sklearn.jaccard_score(truth, guess, labels=labels, average="weighted"),
    }
    for name, expected in pairs.items():
        ours = getattr(metrics, name)(matrix)
        assert ours.dtype == torch.float64
        np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-12, err_msg=name)


def test_scores_agree_with_torchmetrics_also_where_a_class_is_absent():
    target, prediction = maps(5)
    matrix = metrics.confusion_matrix(target, prediction, 7)  # classes 5 and 6 never appear
    jaccard = MulticlassJaccardIndex(7, ignore_index=255)(prediction, target)
    accuracy = MulticlassAccuracy(7, ignore_index=255)(prediction, target)
    assert metrics.mean_iou(matrix).item() == pytest.approx(jaccard.item(), rel=1e-5)
    assert metrics.mean_class_accuracy(matrix).item() == pytest.approx(accuracy.item(), rel=1e-5)


def test_trap_void_pixels_stay_out_of_the_union():
    target = torch.tensor([[0, 0, 255, 255]])
    prediction = torch.tensor([[0, 0, 0, 1]])
    iou = metrics.iou(metrics.confusion_matrix(target, prediction, 2))
    assert iou[0].item() == 1.0  # with void in the union it would be 2/3
    assert math.isnan(iou[1].item())  # and here 0


def test_trap_a_false_positive_costs_iou_but_not_class_accuracy():
    all_road = torch.tensor([[90, 0], [10, 0]])  # class 0 is road; everything is called road
    assert metrics.overall_accuracy(all_road).item() == pytest.approx(0.9)
    assert metrics.class_accuracy(all_road).tolist() == pytest.approx([1.0, 0.0])
    assert metrics.mean_class_accuracy(all_road).item() == pytest.approx(0.5)
    assert metrics.mean_iou(all_road).item() == pytest.approx(0.45)


def test_trap_an_absent_class_is_nan_and_left_out_of_the_mean():
    matrix = torch.tensor([[8, 2, 0], [2, 8, 0], [0, 0, 0]])
    assert math.isnan(metrics.iou(matrix)[2].item())
    assert metrics.mean_iou(matrix).item() == pytest.approx(8 / 12)  # neither NaN, nor pulled to 0 or 1
    assert metrics.mean_class_accuracy(matrix).item() == pytest.approx(0.8)
    assert metrics.frequency_weighted_iou(matrix).item() == pytest.approx(8 / 12)


def test_a_class_that_is_only_predicted_is_zero_for_iou_and_nan_for_recall():
    matrix = torch.tensor([[6, 2], [0, 0]])
    assert metrics.iou(matrix).tolist() == pytest.approx([0.75, 0.0])
    assert metrics.f1(matrix)[1].item() == 0.0
    assert metrics.precision(matrix)[1].item() == 0.0
    assert math.isnan(metrics.recall(matrix)[1].item())
    assert metrics.mean_iou(matrix).item() == pytest.approx(0.375)
    assert metrics.frequency_weighted_iou(matrix).item() == pytest.approx(0.75)


def test_a_class_that_is_never_predicted_is_zero_for_recall_and_nan_for_precision():
    matrix = torch.tensor([[6, 0], [2, 0]])
    assert metrics.recall(matrix)[1].item() == 0.0
    assert math.isnan(metrics.precision(matrix)[1].item())


def test_trap_the_mean_over_pictures_is_not_the_score_of_the_data_set():
    small_and_wrong = torch.tensor([[0, 1], [0, 9]])
    large_and_right = torch.tensor([[900, 0], [0, 90]])
    stack = torch.stack([small_and_wrong, large_and_right])
    per_picture = metrics.mean_iou(stack)
    assert per_picture.tolist() == pytest.approx([(0 + 0.9) / 2, 1.0])
    assert metrics.mean_iou(stack.sum(0)).item() == pytest.approx((900 / 901 + 99 / 100) / 2)
    assert per_picture.mean().item() == pytest.approx(0.725)


def test_trap_swapped_axes_swap_precision_and_recall():
    assert metrics.recall(WORKED).tolist() == pytest.approx([0.6, 0.9])
    assert metrics.precision(WORKED).tolist() == pytest.approx([6 / 8, 18 / 22])
    assert metrics.precision(WORKED.T).tolist() == metrics.recall(WORKED).tolist()
    assert metrics.iou(WORKED.T).tolist() == metrics.iou(WORKED).tolist()


def test_an_empty_matrix_has_no_scores():
    empty = torch.zeros(3, 3)
    for score in (metrics.overall_accuracy, metrics.mean_iou, metrics.mean_class_accuracy):
        assert math.isnan(score(empty).item())
    assert math.isnan(metrics.frequency_weighted_iou(empty).item())


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 8), st.integers(0, 2**31))
def test_scores_of_any_counts_are_ordered_as_theory_says(classes, seed):
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randint(0, 50, (classes, classes), generator=generator)
    matrix[torch.randint(0, classes, (1,), generator=generator)] = 0
    iou, f1 = metrics.iou(matrix), metrics.f1(matrix)
    recall, precision = metrics.recall(matrix).nan_to_num(1.0), metrics.precision(matrix).nan_to_num(1.0)
    assert torch.equal(iou.isnan(), f1.isnan())
    there = ~iou.isnan()
    assert (iou[there] <= torch.minimum(recall, precision)[there] + 1e-12).all()
    torch.testing.assert_close(f1[there], (2 * iou / (1 + iou))[there])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31))
def test_renaming_the_classes_only_reorders_the_scores(seed):
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randint(1, 50, (6, 6), generator=generator)
    order = torch.randperm(6, generator=generator)
    torch.testing.assert_close(metrics.iou(matrix[order][:, order]), metrics.iou(matrix)[order])
    torch.testing.assert_close(metrics.mean_iou(matrix[order][:, order]), metrics.mean_iou(matrix))


def test_large_counts_keep_their_digits():
    matrix = torch.tensor([[2**40 + 1, 1], [0, 2**40]])
    assert 0 < 1 - metrics.overall_accuracy(matrix).item() < 1e-11  # float32 would say exactly 1


def test_binary_scores_are_those_of_the_foreground():
    truth = np.array([1] * 10 + [0] * 30)
    guess = np.array([1] * 7 + [0] * 3 + [1] * 4 + [0] * 26)
    scores = metrics.binary_scores(metrics.confusion_matrix(torch.from_numpy(truth), torch.from_numpy(guess), 2))
    assert scores == pytest.approx(
        {
            "accuracy": sklearn.accuracy_score(truth, guess),
            "precision": sklearn.precision_score(truth, guess),
            "recall": sklearn.recall_score(truth, guess),
            "specificity": sklearn.recall_score(1 - truth, 1 - guess),
            "f1": sklearn.f1_score(truth, guess),
            "iou": sklearn.jaccard_score(truth, guess),
        }
    )
    with pytest.raises(ValueError, match=r"matrix has shape \(3, 3\); wanted \(2, 2\)"):
        metrics.binary_scores(torch.eye(3))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (torch.zeros(2, 3), r"matrix has shape \(2, 3\); wanted a tensor \(…, k, k\)"),
        (torch.zeros(3), r"matrix has shape \(3,\); wanted a tensor"),
        ([[6, 4], [2, 18]], "matrix is a list; wanted .* Make one with confusion_matrix"),
        (torch.tensor([[1, -1], [0, 1]]), "matrix holds a negative number or NaN; wanted counts"),
        (torch.tensor([[1, float("nan")], [0, 1]]), "matrix holds a negative number or NaN; wanted counts"),
    ],
)
def test_what_is_not_a_confusion_matrix_is_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        metrics.mean_iou(matrix)
