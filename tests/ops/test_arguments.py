"""The checks that the library shares: what passes, and the sentence that refuses the rest."""

import numpy as np
import pytest
import torch

from course.ops.arguments import check_axes, image_size, pair, whole


@pytest.mark.parametrize("number", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_may_be_numpys_and_come_back_as_ints(number):
    for found in (
        whole(number, "n", 1),
        *pair(number, "n", 1),
        *pair((number, number), "n", 1),
        *image_size([number] * 2),
    ):
        assert type(found) is int
        assert found == 3


def test_pairs_may_be_tuples_lists_and_sizes_of_torch():
    assert pair((2, 3), "stride", 0) == pair([2, 3], "stride", 0) == pair(torch.Size([2, 3]), "stride", 0) == (2, 3)
    assert image_size(torch.zeros(4, 5).shape) == (4, 5)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, np.float64(2), "2", None, (1, 2), [3]])
def test_what_is_not_a_whole_number_in_range_is_refused(value):
    with pytest.raises(ValueError, match=r"^factor is .*; wanted a whole number of at least 1\. Give 2\.$"):
        whole(value, "factor", 1, "Give 2.")


@pytest.mark.parametrize("value", [0, (2, 0), (1, 2, 3), (1,), 1.5, (1, 1.5), True, (1, False), "ab", None])
def test_what_is_not_one_or_two_whole_numbers_in_range_is_refused(value):
    with pytest.raises(
        ValueError, match=r"^stride is .*; wanted a whole number of at least 1, or two as \(h, w\)\.$"
    ) as error:
        pair(value, "stride", 1)
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("value", [3, (3, 31), (32, 64, 3), (32.0, 64), (True, 64), "ab", None])
def test_what_is_not_a_size_in_range_is_refused(value):
    with pytest.raises(
        ValueError, match=r"^crop is .*; wanted two whole numbers of at least 32\. Give \(h, w\) in pixels\.$"
    ) as error:
        image_size(value, "crop", 32)
    assert repr(value) in str(error.value)


def test_axes_that_fit_pass():
    check_axes(torch.zeros(2, 3, 0, 5), "x", "(n, c, h, w)")
    for shape in [(4, 5), (3, 4, 5), (0, 3, 4, 5)]:
        check_axes(torch.zeros(shape), "x", "(..., h, w)", pixels=True)


@pytest.mark.parametrize(
    ("x", "wanted", "message"),
    [
        (torch.zeros(3), "(..., h, w)", r"x has shape \(3,\); wanted \(\.\.\., h, w\) with at least one pixel\.$"),
        (torch.zeros(3, 0), "(..., h, w)", r"x has shape \(3, 0\); wanted \(\.\.\., h, w\) with at least one pixel\.$"),
        (torch.zeros(1, 2, 3, 4), "(c, h, w)", r"x has shape \(1, 2, 3, 4\); wanted \(c, h, w\) with at least one"),
        (torch.zeros(3, 4), "(n, c, h, w)", r"x has shape \(3, 4\); wanted \(n, c, h, w\) with at least one pixel\.$"),
        (torch.zeros(2, 3, 4), "(n, c, h, w)", r"with at least one pixel\. Give x\[None\] for a single image\.$"),
        (np.zeros((2, 2)), "(h, w)", r"x is a ndarray; wanted a tensor \(h, w\)\. Convert it with torch\.as_tensor\.$"),
    ],
)
def test_other_axes_are_refused(x, wanted, message):
    with pytest.raises(ValueError, match=message):
        check_axes(x, "x", wanted, pixels=True)
