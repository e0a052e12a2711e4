"""Each expectation says what came and what was wanted."""

import re

import numpy as np
import pytest
import torch

from autograder.checking.expect import (
    expect,
    expect_close,
    expect_equal,
    expect_number,
    expect_parts,
    expect_tensor,
    expect_value_error,
    result_of,
)
from autograder.checking.outside import FromOutside

SAYS = "It is not right."


def _refused(words, expectation, *arguments, **keywords):
    with pytest.raises(AssertionError, match=re.escape(words)) as error:
        expectation(*arguments, **keywords)
    assert str(error.value).startswith(SAYS)


def test_a_condition_holds_or_its_sentence_is_raised():
    expect(True, SAYS)
    expect(torch.tensor(True), SAYS)
    _refused(SAYS, expect, False, SAYS)
    _refused(SAYS, expect, torch.tensor(False), SAYS)


def test_a_tensor_is_wanted_and_what_came_is_named():
    expect_tensor(torch.zeros(2, 3), SAYS, shape=(2, 3), dtype=torch.float32)
    expect_tensor(torch.zeros(0), SAYS)
    _refused("returned a list, wanted a tensor", expect_tensor, [1], SAYS)
    _refused("returned None, wanted a tensor", expect_tensor, None, SAYS)
    _refused("shape (2, 3), wanted (3, 2)", expect_tensor, torch.zeros(2, 3), SAYS, shape=(3, 2))
    _refused("dtype torch.float32, wanted torch.int64", expect_tensor, torch.zeros(2), SAYS, dtype=torch.int64)
    _refused("shape (), wanted (1,)", expect_tensor, torch.tensor(1.0), SAYS, shape=(1,))


def test_an_array_from_outside_is_called_by_its_own_name():
    got = FromOutside(lambda: np.zeros(3))()
    _refused("returned a ndarray, wanted a tensor", expect_tensor, got, SAYS)
    _refused("returned a ndarray, wanted 3", expect_equal, got, 3, SAYS)


def test_close_numbers_pass_and_others_tell_where_they_differ_most():
    want = torch.tensor([1.0, 100.0])
    expect_close(want + 1e-6, want, SAYS)
    expect_close(want.double(), want, SAYS)
    _refused(
        "At [0] it returned 1.5, wanted 1; 1 of 2 numbers differ.", expect_close, torch.tensor([1.5, 100.0]), want, SAYS
    )
    _refused("shape (2, 1), wanted (2,)", expect_close, want[:, None], want, SAYS)
    _refused("wanted a tensor", expect_close, [1.0, 100.0], want, SAYS)


def test_the_tolerance_is_relative_and_absolute():
    expect_close(torch.tensor([1.05]), torch.tensor([1.0]), SAYS, tol=0.1)
    expect_close(torch.tensor([0.0]), torch.tensor([0.09]), SAYS, tol=0.1)
    expect_close(torch.tensor([1000.0]), torch.tensor([1090.0]), SAYS, tol=0.1)
    _refused("returned 1.3, wanted 1.", expect_close, torch.tensor([1.3]), torch.tensor([1.0]), SAYS, tol=0.1)


def test_nan_equals_nan_and_nothing_else():
    nan, inf = torch.nan, torch.inf
    expect_close(torch.tensor([nan, inf, 1.0]), torch.tensor([nan, inf, 1.0]), SAYS)
    _refused("returned nan, wanted 1", expect_close, torch.tensor([nan]), torch.tensor([1.0]), SAYS)
    _refused("returned inf, wanted -inf", expect_close, torch.tensor([inf]), torch.tensor([-inf]), SAYS)
    got, want = torch.tensor([nan, inf, 1.0]), torch.tensor([nan, inf, 1.25])
    _refused("At [2] it returned 1, wanted 1.25; 1 of 3", expect_close, got, want, SAYS)
    _refused("wanted real numbers", expect_close, torch.tensor([1 + 9j]), torch.tensor([1.0]), SAYS)


def test_gradients_empty_tensors_and_bools_can_be_compared():
    expect_close(torch.ones(2, requires_grad=True), torch.ones(2), SAYS)
    expect_close(torch.zeros(0, 3), torch.zeros(0, 3), SAYS)
    expect_equal(torch.tensor([True, False]), torch.tensor([True, False]), SAYS)
    _refused("At [0] it returned 1, wanted 0.", expect_equal, torch.tensor([True]), torch.tensor([False]), SAYS)


def test_equal_means_exactly_equal():
    expect_equal(torch.tensor([1, 2]), torch.tensor([1, 2]), SAYS)
    _refused("returned 1.00000011921, wanted 1.", expect_equal, torch.tensor([1.0000001]), torch.tensor([1.0]), SAYS)
    expect_equal((2, 3), (2, 3), SAYS)
    expect_equal(torch.tensor(5), 5, SAYS)
    expect_equal(None, None, SAYS)
    _refused("It returned (3, 2), wanted (2, 3).", expect_equal, (3, 2), (2, 3), SAYS)
    _refused("It returned 4, wanted 5.", expect_equal, torch.tensor(4), 5, SAYS)
    _refused("a tensor of shape (2,), wanted 5", expect_equal, torch.tensor([5, 5]), 5, SAYS)
    _refused("a tensor of shape (), wanted None", expect_equal, torch.tensor(5), None, SAYS)


def test_an_error_is_wanted_with_words():
    def fail(error):
        raise error

    expect_value_error(lambda: fail(ValueError("got 3")), SAYS)
    _refused("without a word", expect_value_error, lambda: fail(ValueError()), SAYS)
    _refused("without a word", expect_value_error, lambda: fail(ValueError("  ")), SAYS)
    _refused("Wanted a ValueError, got TypeError.", expect_value_error, lambda: fail(TypeError("x")), SAYS)
    _refused("Wanted a ValueError, got AssertionError.", expect_value_error, lambda: fail(AssertionError("x")), SAYS)
    _refused("Wanted a ValueError, and nothing was raised.", expect_value_error, lambda: None, SAYS)
    with pytest.raises(NotImplementedError):
        expect_value_error(lambda: fail(NotImplementedError("Exercise 1.1")), SAYS)


def test_a_number_may_be_a_plain_one_or_a_tensor_of_one():
    for got in (0.25, torch.tensor(0.25), torch.tensor([0.25])):
        expect_number(got, 0.25, SAYS)
    expect_number(float("nan"), float("nan"), SAYS)
    _refused("returned 0.5, wanted 0.25", expect_number, 0.5, 0.25, SAYS)
    _refused("returned nan, wanted 0", expect_number, float("nan"), 0, SAYS)
    _refused("returned a tensor of shape (2,), wanted a number", expect_number, torch.zeros(2), 0, SAYS)
    _refused("returned None, wanted a number", expect_number, None, 0, SAYS)


def test_things_returned_together_are_counted():
    assert expect_parts((1, 2), 2, SAYS) == (1, 2)
    _refused("returned 3 things, wanted 2", expect_parts, [1, 2, 3], 2, SAYS)
    _refused("returned a float", expect_parts, 1.0, 2, SAYS)
    _refused("returned a tensor of shape (2,)", expect_parts, torch.zeros(2), 2, SAYS)


def test_what_a_call_raises_is_told_after_the_sentence():
    def broken():
        raise RuntimeError("view size is not compatible\nand more")

    assert result_of(lambda: 3, SAYS) == 3
    _refused("raised RuntimeError: view size is not compatible", result_of, broken, SAYS)
    with pytest.raises(NotImplementedError):
        result_of(_unsolved, SAYS)


def _unsolved():
    raise NotImplementedError
