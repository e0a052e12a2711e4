"""Counting: the matrix against scikit-learn, torchmetrics and a double loop; every label that must be refused."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import confusion_matrix as sklearn_matrix
from torchmetrics.functional.classification import multiclass_confusion_matrix

from course.data.catalogue import find
from course.metrics import confusion_matrix

VOID = 255
DTYPES = [torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.int64, torch.uint64]


def random_maps(shape, classes, void_share=0.2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    target = torch.randint(0, classes, shape, generator=generator)
    prediction = torch.randint(0, classes, shape, generator=generator)
    target[torch.rand(shape, generator=generator) < void_share] = VOID
    return target, prediction


def counted_by_loop(target, prediction, classes, void=VOID):
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    for i, j in zip(target.flatten().tolist(), prediction.flatten().tolist(), strict=True):
        if i != void:
            matrix[i, j] += 1
    return matrix


def counted_by_sklearn(target, prediction, classes):
    kept = (target != VOID).numpy()
    return torch.from_numpy(sklearn_matrix(target.numpy()[kept], prediction.numpy()[kept], labels=range(classes)))


@pytest.mark.parametrize("shape", [(37, 53), (1, 1), (2, 33, 17), (3, 1, 5, 7), (101,)])
@pytest.mark.parametrize("classes", [2, 5, 19, 150, 255])
def test_random_maps_with_void_are_counted_as_by_sklearn_and_torchmetrics(shape, classes):
    target, prediction = random_maps(shape, classes, void_share=0.2 if shape != (1, 1) else 0)
    ours = confusion_matrix(target, prediction, classes)
    assert ours.dtype == torch.int64
    assert torch.equal(ours, counted_by_sklearn(target, prediction, classes))
    assert torch.equal(ours, multiclass_confusion_matrix(prediction, target, classes, ignore_index=VOID))


@settings(deadline=None, max_examples=25)
@given(st.data(), st.integers(1, 40), st.sampled_from([255, 200, 40, -1, -100, -256, None]))
def test_any_map_is_counted_as_by_a_double_loop(data, classes, void):
    size = data.draw(st.integers(0, 60))
    label = st.integers(0, classes - 1)
    in_target = label if void is None else label | st.just(void)
    target = torch.tensor(data.draw(st.lists(in_target, min_size=size, max_size=size)), dtype=torch.int64)
    prediction = torch.tensor(data.draw(st.lists(label, min_size=size, max_size=size)), dtype=torch.int64)
    ours = confusion_matrix(target, prediction, classes, ignore_index=void)
    assert torch.equal(ours, counted_by_loop(target, prediction, classes, void))


def test_camvid_labels_are_counted_as_by_sklearn_and_torchmetrics():
    try:
        folder = find("camvid")
    except FileNotFoundError as error:
        pytest.skip(str(error))
    files = sorted((folder / "val" / "labels").glob("*.png"))[:4]
    raw = torch.from_numpy(np.stack([np.array(Image.open(file)) for file in files]))
    target = torch.where(raw == 11, VOID, raw)
    shifted = raw.roll((3, -5), (1, 2))  # a prediction that is wrong near every border
    prediction = torch.where(shifted == 11, 0, shifted)
    ours = confusion_matrix(target, prediction, 11)
    assert 0 < ours.sum() < target.numel()
    assert torch.equal(ours, counted_by_sklearn(target, prediction, 11))
    peer = multiclass_confusion_matrix(prediction.long(), target.long(), 11, ignore_index=VOID)
    assert torch.equal(ours, peer)


def test_rows_are_the_target_and_columns_the_prediction():
    target, prediction = torch.tensor([[0, 0, 0, 1]]), torch.tensor([[0, 1, 1, 1]])
    assert confusion_matrix(target, prediction, 2).tolist() == [[1, 2], [0, 1]]


def test_void_pixels_are_not_counted_whatever_was_predicted_there():
    target = torch.tensor([[0, 1, VOID, VOID]])
    for under_void in ([0, 0], [1, 1], [2, 0]):
        prediction = torch.tensor([[0, 1, *under_void]])
        assert confusion_matrix(target, prediction, 3).diag().tolist() == [1, 1, 0]
        assert confusion_matrix(target, prediction, 3).sum() == 2


def test_a_map_of_void_alone_counts_nothing():
    assert confusion_matrix(torch.full((4, 4), VOID), torch.zeros(4, 4, dtype=torch.long), 3).sum() == 0


def test_empty_maps_count_nothing():
    empty = torch.zeros(0, 5, 7, dtype=torch.long)
    assert torch.equal(confusion_matrix(empty, empty, 3), torch.zeros(3, 3, dtype=torch.long))


@pytest.mark.parametrize("prediction_type", DTYPES)
@pytest.mark.parametrize("target_type", DTYPES)
def test_integer_types_mix_freely(target_type, prediction_type):
    target, prediction = random_maps((13, 11), 5)
    expected = counted_by_loop(target, prediction, 5)
    target[target == VOID] = 100  # a void label that fits into int8 as well
    ours = confusion_matrix(target.to(target_type), prediction.to(prediction_type), 5, ignore_index=100)
    assert torch.equal(ours, expected)


def test_boolean_masks_are_two_classes():
    target, prediction = torch.tensor([True, True, False]), torch.tensor([True, False, False])
    assert confusion_matrix(target, prediction, 2).tolist() == [[1, 0], [1, 1]]


def test_maps_that_are_not_contiguous_are_paired_pixel_by_pixel():
    target, prediction = random_maps((20, 30), 4)
    strided = confusion_matrix(target.T[::2], prediction.T[::2], 4)
    assert torch.equal(strided, counted_by_loop(target.T[::2], prediction.T[::2], 4))


def test_the_maps_are_left_as_they_were():
    target, prediction = (x.to(torch.int16) for x in random_maps((9, 9), 4))  # int16 is the type of the index itself
    before = target.clone(), prediction.clone()
    confusion_matrix(target, prediction, 4)
    assert torch.equal(target, before[0])
    assert torch.equal(prediction, before[1])


@pytest.mark.parametrize("classes", [127, 128, 181, 182, 256, 700])  # around the sizes at which the index gets wider
def test_many_classes_need_a_wider_index_and_still_agree(classes):
    generator = torch.Generator().manual_seed(3)
    target, prediction = (torch.randint(0, classes, (40, 50), generator=generator) for _ in range(2))
    target[0, :2] = prediction[0, 0] = classes - 1  # the largest number in the last bin
    expected = torch.from_numpy(sklearn_matrix(target.flatten(), prediction.flatten(), labels=range(classes)))
    for void in (-1, -256, None):
        assert torch.equal(confusion_matrix(target, prediction, classes, ignore_index=void), expected)


@pytest.mark.parametrize("label", [5, 42, 254, 256, 65536 + 2, 2**40, -1, -(2**35)])
def test_a_wrong_label_in_the_target_is_named_with_its_place_and_number(label):
    target, prediction = random_maps((2, 7, 9), 5)
    target[1, 2, 3] = target[1, 6, 8] = label
    with pytest.raises(
        ValueError, match=rf"target is {label} at \(1, 2, 3\), the first of 2 such .*class 0…4 or void 255\. Map"
    ):
        confusion_matrix(target, prediction, 5)


@pytest.mark.parametrize("label", [5, 255, 256, 65536, -1, 2**40])
def test_a_wrong_label_in_the_prediction_is_named_with_its_place_and_number(label):
    target, prediction = random_maps((7, 9), 5)
    prediction[4, 0] = label
    with pytest.raises(ValueError, match=rf"prediction is {label} at \(4, 0\), the first of 1 such .*class 0…4\."):
        confusion_matrix(target, prediction, 5)


def test_predicted_void_is_refused_even_where_the_target_is_void():
    target = torch.tensor([[0, VOID]])
    with pytest.raises(ValueError, match=r"prediction is 255 at \(0, 1\).*void belongs to targets alone"):
        confusion_matrix(target, target, 2)


def test_without_a_void_label_255_is_refused():
    target = torch.tensor([0, 1, VOID])
    with pytest.raises(ValueError, match=r"target is 255 at \(2,\).*wanted a class 0…1\. Map it to a class first"):
        confusion_matrix(target, torch.tensor([0, 1, 1]), 2, ignore_index=None)


def test_a_negative_void_does_not_let_other_negative_labels_pass():
    target = torch.tensor([0, -100, -7])
    with pytest.raises(ValueError, match=r"target is -7 at \(2,\)"):
        confusion_matrix(target, torch.tensor([0, 1, 1]), 2, ignore_index=-100)


def test_maps_that_do_not_fit_are_refused_with_advice():
    labels = torch.zeros(2, 4, 4, dtype=torch.long)
    with pytest.raises(ValueError, match=r"prediction has shape \(2, 2, 4\); wanted the target's \(2, 4, 4\)\. Resize"):
        confusion_matrix(labels, labels[:, :2], 3)
    with pytest.raises(
        ValueError, match=r"prediction is torch\.float32 of shape .*; wanted whole numbers\. Take argmax\(dim=1\)"
    ):
        confusion_matrix(labels, torch.zeros(2, 3, 4, 4), 3)
    with pytest.raises(ValueError, match="target is a ndarray; wanted a tensor"):
        confusion_matrix(labels.numpy(), labels, 3)
    with pytest.raises(ValueError, match="prediction is on meta; wanted cpu like the target"):
        confusion_matrix(labels, labels.to("meta"), 3)


@pytest.mark.parametrize("num_classes", [0, -3, 2.0, True, "3"])
def test_a_number_of_classes_that_is_none_is_refused(num_classes):
    labels = torch.zeros(2, 2, dtype=torch.long)
    with pytest.raises(ValueError, match=r"num_classes is .*; wanted a whole number of at least 1"):
        confusion_matrix(labels, labels, num_classes)


def test_classes_and_void_may_be_numpys_integers():
    target, prediction = random_maps((7, 9), 5)
    counts = confusion_matrix(target, prediction, np.int64(5), ignore_index=np.uint8(VOID))
    assert torch.equal(counts, counted_by_loop(target, prediction, 5))


@pytest.mark.parametrize(
    ("void", "message"),
    [
        (1000, "ignore_index is 1000; wanted a whole number from -256 to 255"),
        (1.5, r"ignore_index is 1\.5; wanted a whole number from -256"),
        (True, "ignore_index is True; wanted a whole number from -256"),
        (2, "ignore_index is 2; wanted none of the 3 classes, whose pixels would vanish"),
    ],
)
def test_a_void_label_that_cannot_be_one_is_refused(void, message):
    labels = torch.zeros(2, 2, dtype=torch.long)
    with pytest.raises(ValueError, match=message):
        confusion_matrix(labels, labels, 3, ignore_index=void)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_matrix_stays_on_the_device_and_is_the_same_there():
    target, prediction = random_maps((37, 53), 19)
    on_device = confusion_matrix(target.cuda(), prediction.cuda(), 19)
    assert on_device.is_cuda
    assert torch.equal(on_device.cpu(), confusion_matrix(target, prediction, 19))
