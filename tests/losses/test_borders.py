"""Border weights and the distances under them, held against SciPy's exact distance transform."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt
from skimage.data import coins
from skimage.measure import label

from course.losses import border_weights
from course.ops.distances import two_nearest_instances


def distances_by_scipy(instances):
    """(2, h, w): to the nearest and the second nearest instance, infinity where there is none."""
    each = [distance_transform_edt(instances != i) for i in np.unique(instances[instances > 0])]
    each += [np.full(instances.shape, np.inf)] * 2
    return np.sort(np.stack(each), axis=0)[:2]


def weights_by_formula(instances, w0, sigma, background, foreground):
    d1, d2 = distances_by_scipy(instances)
    w_c = np.where(instances > 0, foreground, background)
    return w_c + np.where(instances > 0, 0, w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2)))


def blobs(h, w, count, seed):
    generator = np.random.default_rng(seed)
    instances = np.zeros((h, w), np.int64)
    for i in range(1, count + 1):
        y, x, height, width = generator.integers(0, (h, w, 4, 4))
        instances[y : y + height + 1, x : x + width + 1] = i * 7  # numbers need not follow each other
    return instances


@settings(deadline=None, max_examples=40)
@given(h=st.integers(1, 20), w=st.integers(1, 20), count=st.integers(0, 5), seed=st.integers(0, 999))
def test_distances_are_scipys(h, w, count, seed):
    instances = blobs(h, w, count, seed)
    found = torch.stack(two_nearest_instances(torch.from_numpy(instances)))
    np.testing.assert_allclose(found.numpy(), distances_by_scipy(instances), rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 5), seed=st.integers(0, 999), reach=st.floats(0, 12))
def test_reach_changes_nothing_within_it_and_gives_infinity_beyond(count, seed, reach):
    instances = blobs(15, 18, count, seed)
    expected = distances_by_scipy(instances)
    expected[expected.astype(np.float32) > reach] = np.inf
    found = torch.stack(two_nearest_instances(torch.from_numpy(instances), reach=reach))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 5), seed=st.integers(0, 999), sigma=st.floats(0.5, 8), w0=st.floats(0, 20))
def test_border_weights_are_their_formula(count, seed, sigma, w0):
    instances = blobs(17, 19, count, seed)
    found = border_weights(torch.from_numpy(instances), w0=w0, sigma=sigma, class_weights=(0.5, 2.0))
    np.testing.assert_allclose(found.numpy(), weights_by_formula(instances, w0, sigma, 0.5, 2.0), rtol=1e-4)


def test_a_photograph_of_coins_gets_its_weights_between_them():
    instances = label(coins()[::2, ::2] > 120)
    found = border_weights(torch.from_numpy(instances))
    np.testing.assert_allclose(found.numpy(), weights_by_formula(instances, 10, 5, 1, 1), rtol=1e-4)


def test_a_gap_of_one_pixel_by_hand():
    weights = border_weights(torch.tensor([[1, 0, 2]]), w0=10, sigma=5)
    assert weights.tolist() == [[1.0, pytest.approx(1 + 10 * math.exp(-(2**2) / 50)), 1.0]]


def test_pictures_of_a_batch_do_not_see_each_other():
    first, second = (torch.from_numpy(blobs(12, 9, count, 3)) for count in (1, 4))
    batch = border_weights(torch.stack([first, second]))
    assert torch.equal(batch, torch.stack([border_weights(first), border_weights(second)]))
    assert torch.equal(batch[0], torch.ones(12, 9))  # one cell alone has no border with another


def test_void_is_no_instance_and_weighs_nothing():
    weights = border_weights(torch.tensor([[1, 0, 255, 0, 0]]), ignore_index=255)
    assert weights.tolist() == [[1, 1, 0, 1, 1]]
    assert border_weights(torch.tensor([[1, 0, 255, 0, 0]]))[0, 1] > 1  # without, 255 is an instance


def test_an_empty_batch_has_no_weights():
    assert border_weights(torch.zeros(0, 4, 5, dtype=torch.int64)).shape == (0, 4, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: border_weights(torch.zeros(3, 3)),
            r"instances are torch\.float32 of shape \(3, 3\); wanted whole numbers",
        ),
        (
            lambda: border_weights(torch.zeros(3, 3) > 0),
            r"instances are torch\.bool .*Number the parts of a binary map first",
        ),
        (
            lambda: two_nearest_instances(torch.zeros(1, 1, 3, 3).long()),
            r"torch\.int64 of shape \(1, 1, 3, 3\); wanted whole",
        ),
        (
            lambda: two_nearest_instances(torch.zeros(3, 3).long(), reach=-1),
            "reach is -1; wanted at least 0 pixels",
        ),
        (
            lambda: border_weights(torch.zeros(3, 3).long(), sigma=0),
            r"w0 is 10\.0 and sigma 0; wanted w0 of at least 0",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
