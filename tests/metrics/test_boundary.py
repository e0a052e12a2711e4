"""Trimap IoU: the same counts as SciPy's distance transform and NumPy give, however the data set is cut."""

import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from course.metrics import TrimapIoU, boundary_distance


def _maps(seed, k=4, size=(2, 19, 23)):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randint(0, k, (size[0], 5, 6), generator=generator)
    target = coarse.repeat_interleave(4, 1).repeat_interleave(4, 2)[:, : size[1], : size[2]].clone()
    target[torch.rand(size, generator=generator) < 0.03] = 255
    prediction = torch.where(
        torch.rand(size, generator=generator) < 0.2, torch.randint(0, k, size, generator=generator), target % k
    )
    return target, prediction


def _by_scipy(labels):
    """From each pixel to the nearest of another label, label by label."""
    distance = np.full(labels.shape, np.inf)
    for label in np.unique(labels):
        own = labels == label
        if not own.all():
            distance[own] = distance_transform_edt(own)[own]
    return distance


def _by_numpy(target, prediction, width, k):
    """Mean IoU of the band, class by class, over a whole data set."""
    near = np.stack([_by_scipy(one) for one in target]) <= width
    known = near & (target != 255)
    ious = []
    for c in range(k):
        is_c, said_c = (target == c) & known, (prediction == c) & known
        if (is_c | said_c).any():
            ious.append((is_c & said_c).sum() / (is_c | said_c).sum())
    return np.mean(ious) if ious else math.nan


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_distances_are_those_of_scipys_distance_transform(seed):
    target, _ = _maps(seed, size=(1, 11, 9))
    want = torch.from_numpy(_by_scipy(target[0].numpy())).float()
    torch.testing.assert_close(boundary_distance(target[0]), want)


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_numpy_over_scipys_distances(seed):
    target, prediction = _maps(seed)
    trimap = TrimapIoU(4, widths=[1, 2, 5, 30])
    trimap.update(target, prediction)
    for width in trimap.widths:
        want = _by_numpy(target.numpy(), prediction.numpy(), width, 4)
        assert trimap.summary()[f"trimap_{width}"] == pytest.approx(want, abs=1e-12)


def test_one_pixel_by_hand():
    assert boundary_distance(torch.tensor([[3, 3], [3, 9]])).tolist() == [[pytest.approx(2**0.5), 1.0], [1.0, 1.0]]
    assert boundary_distance(torch.tensor([[2, 2]])).tolist() == [[math.inf, math.inf]], "the edge is not a boundary"


def test_however_the_data_set_is_cut_merged_saved_or_pickled_the_counts_are_the_same():
    pairs = [_maps(seed) for seed in range(3)]
    whole, first, second = (TrimapIoU(4, widths=[1, 3]) for _ in range(3))
    whole.update(*(torch.cat(maps) for maps in zip(*pairs, strict=True)))
    first.update(*pairs[0])
    for pair in pairs[1:]:
        second.update(*pair)
    assert (first + second).summary() == whole.summary()
    assert first.summary() != whole.summary(), "adding leaves the parts as they were"
    again = TrimapIoU(4, widths=[1, 3])
    again.load_state_dict(whole.state_dict())
    assert again.summary() == pickle.loads(pickle.dumps(whole)).summary() == whole.all_reduce().summary()
    whole.reset()
    assert all(math.isnan(score) for score in whole.summary().values())


def test_logits_count_by_their_highest_class():
    target, prediction = _maps(5)
    logits = torch.nn.functional.one_hot(prediction, 4).movedim(-1, 1).float()
    by_logits, by_labels = TrimapIoU(4), TrimapIoU(4)
    by_logits.update_outputs(target, logits)
    by_labels.update(target, prediction)
    assert by_logits.summary() == by_labels.summary()


def test_a_pair_that_is_refused_leaves_every_band_as_it_was():
    trimap = TrimapIoU(2, widths=[1, 2])
    trimap.update(torch.tensor([[0, 1]]), torch.tensor([[0, 1]]))
    before = trimap.state_dict()["bands"]
    with pytest.raises(ValueError, match="prediction is 7 at"):
        trimap.update(torch.tensor([[0, 1]]), torch.tensor([[0, 7]]))
    for old, new in zip(before, trimap.state_dict()["bands"], strict=True):
        assert torch.equal(old["matrix"], new["matrix"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": []}, r"widths is \[\]; wanted at least one whole number of pixels, each once"),
        ({"widths": [1, 1]}, r"widths is \[1, 1\]; wanted"),
        ({"widths": [0]}, "widths is 0; wanted a whole number of at least 1"),
        ({"ignore_index": None}, "ignore_index is None; wanted a whole number"),
    ],
)
def test_bands_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TrimapIoU(3, **options)


def test_only_metrics_with_the_same_bands_can_be_added():
    with pytest.raises(ValueError, match=r"widths are \(2,\); wanted \(1,\)\. Build both metrics alike"):
        TrimapIoU(3, widths=[1]).merge(TrimapIoU(3, widths=[2]))
    with pytest.raises(ValueError, match=r"widths are \[2\]; wanted \[1\]"):
        TrimapIoU(3, widths=[1]).load_state_dict(TrimapIoU(3, widths=[2]).state_dict())
