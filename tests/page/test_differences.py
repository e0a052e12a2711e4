"""Got and wanted in one line, whatever they are."""

import math

import numpy as np
import pytest
import torch

from course.page.differences import LONGEST, got_wanted


@pytest.mark.parametrize(
    ("got", "wanted", "says"),
    [
        ([2, 0, 4], [2, 0, 4, 0], "Got [2, 0, 4], wanted [2, 0, 4, 0]."),
        (torch.Size([1, 2]), (1, 1, 2), "Got (1, 2), wanted (1, 1, 2)."),
        ((18,), (18, 2), "Got (18,), wanted (18, 2)."),
        (0.1 + 0.2, 0.3, "Got 0.30000000000000004, wanted 0.3."),
        (1 / 3, 0.5, "Got 0.333333, wanted 0.5."),
        (torch.float32, torch.float64, "Got torch.float32, wanted torch.float64."),
        ("a", "b", "Got 'a', wanted 'b'."),
        (None, 3, "Got None, wanted 3."),
        ({1: "a"}, {}, "Got {1: 'a'}, wanted {}."),
        (torch.tensor([1, 2]), [1, 3], "Got [1, 2], wanted [1, 3]."),
        (torch.tensor(2.5), 2, "Got 2.5, wanted 2."),
        (torch.zeros(2, 3), torch.zeros(3, 2), "Got shape (2, 3), wanted (3, 2)."),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float64), "Got dtype float32, wanted float64."),
        ([[1, 2], [3]], [[1, 2], [3, 4]], "Got [[1, 2], [3]], wanted [[1, 2], [3, 4]]."),
    ],
)
def test_what_is_short_is_written_out(got, wanted, says):
    assert got_wanted("==", got, wanted) == says


def test_of_long_lists_the_first_places_that_differ_are_named():
    got = [[0] * 10 for _ in range(10)]
    wanted = [list(row) for row in got]
    for i in range(5):
        wanted[i + 2][i] = i + 1
    assert got_wanted("==", got, wanted) == (
        "Got 0 at [2, 0], wanted 1; got 0 at [3, 1], wanted 2; got 0 at [4, 2], wanted 3; 5 of 100 are wrong."
    )


def test_of_long_lists_of_other_lengths_the_shapes_are_named():
    assert got_wanted("==", [0] * 50, [0] * 51) == "Got shape (50,), wanted (51,)."


def test_close_counts_only_what_lies_beyond_the_tolerance():
    wanted = torch.zeros(8, 9, dtype=torch.float64)
    got = wanted + 1e-9
    got[7, 8] = 0.5
    assert got_wanted("close", got, wanted, atol=1e-6) == "Got 0.5 at [7, 8], wanted 0; 1 of 72 is wrong."


def test_numbers_that_look_the_same_get_all_their_digits():
    one, other = torch.ones(100, dtype=torch.float64), torch.ones(100, dtype=torch.float64)
    other[4] += 1e-12
    assert got_wanted("==", one, other) == "Got 1.0 at [4], wanted 1.000000000001; 1 of 100 is wrong."


def test_a_relation_or_a_state_names_the_places_that_break_it():
    values = np.arange(100.0)
    assert got_wanted("<", values, 99) == "Got 99 at [99], wanted less than 99; 1 of 100 is wrong."
    assert got_wanted("<", 0.1 + 0.2, 0.3) == "Got 0.30000000000000004, wanted less than 0.3."
    values[3] = math.nan
    assert got_wanted("not isnan", values) == "Got nan at [3], wanted no NaN; 1 of 100 is wrong."


def test_long_tensors_that_should_differ_and_do_not_say_so():
    same = torch.zeros(10, 10)
    assert got_wanted("!=", same, same.clone()) == "Got the same numbers on both sides, wanted a difference."


@pytest.mark.parametrize("value", ["x" * 500, list("ab" * 300), {i: i for i in range(300)}, [[[1], "a"]] * 200])
def test_whatever_is_long_is_cut_to_one_line(value):
    says = got_wanted("==", value, None)
    assert "…" in says
    assert len(says) < LONGEST + len("Got , wanted None.") + 1
    assert "\n" not in says


def test_a_tensor_on_no_device_is_told_by_its_shape():
    meta = torch.zeros(50, 50, device="meta")
    assert got_wanted("==", meta, torch.zeros(50, 50)) == (
        "Got a tensor of shape (50, 50), torch.float32, wanted a tensor of shape (50, 50), torch.float32."
    )
