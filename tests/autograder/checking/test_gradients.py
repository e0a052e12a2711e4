"""Gradients taken on the student's side."""

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checking.gradients import expect_every_parameter_learns, gradient_of
from autograder.checking.outside import FromOutside


def _cube(x):
    return x**3


@pytest.mark.parametrize("student", [_cube, FromOutside(_cube)], ids=["plain", "from outside"])
def test_the_gradient_of_a_sum_comes_back_without_a_graph(student):
    x = torch.tensor([1.0, 2.0, -3.0])
    got = gradient_of(student, x)
    assert got.tolist() == [3, 12, 27]
    assert got.grad_fn is None
    assert not got.requires_grad
    assert not x.requires_grad, "the caller's x is left as it was"
    assert x.grad is None


def test_a_leaf_of_the_callers_gets_no_gradient():
    x = torch.ones(2, requires_grad=True)
    assert gradient_of(_cube, x).tolist() == [3, 3]
    assert x.grad is None


def test_a_scalar_and_other_arguments_are_fine():
    def loss(scores, weights, power=1):
        return (weights * scores**power).mean()

    got = gradient_of(FromOutside(loss), torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0]), power=2)
    assert got.tolist() == [2, 8]


def test_an_argument_is_chosen_by_its_place():
    x, y = torch.tensor([2.0]), torch.tensor([5.0])
    assert gradient_of(lambda x, y: x * y, x, y, wrt=1).tolist() == [2]
    assert gradient_of(lambda x, y: x * y, x, y).tolist() == [5]


def test_all_tensors_of_a_tuple_are_added_and_indices_left_out():
    got = gradient_of(lambda x: (2 * x, x.argmax(), "a word", [0], 3 * x), torch.ones(2))
    assert got.tolist() == [5, 5]


def test_a_module_gives_the_gradient_of_a_parameter_by_name():
    module = nn.Linear(2, 1)
    outside = FromOutside(module)
    assert gradient_of(outside, torch.tensor([[3.0, 4.0]]), wrt="weight").tolist() == [[3, 4]]
    assert module.weight.grad is None
    module.weight.requires_grad_(False)
    with pytest.raises(AssertionError, match=r"No gradient reaches weight: it is cut off"):
        gradient_of(outside, torch.ones(1, 2), wrt="weight")


@pytest.mark.parametrize(
    "student",
    [
        lambda x: x.detach() ** 3,
        lambda x: x.data**3,
        lambda x: x.sum().item(),
        lambda x: torch.tensor(x.sum().item()),
        lambda x: torch.tensor(x.tolist()),
        lambda x: torch.from_numpy(x.numpy() ** 3),
        lambda x: torch.from_numpy(np.exp(x)),
        torch.no_grad()(_cube),
        torch.inference_mode()(_cube),
        lambda x: x.argmax(),
        lambda x: None,
        lambda x: [],
    ],
)
def test_a_result_that_was_cut_off_is_refused_with_advice(student):
    for function in (student, FromOutside(student)):
        with pytest.raises(AssertionError, match=r"No gradient reaches the input.*no \.item\(\)"):
            gradient_of(function, torch.ones(3))


def test_a_result_that_depends_on_something_else_is_refused():
    other = torch.ones(3, requires_grad=True)
    with pytest.raises(AssertionError, match="No gradient reaches the input"):
        gradient_of(lambda x: x.detach() * other, torch.ones(3))
    assert gradient_of(lambda x: 0 * x, torch.ones(3)).tolist() == [0, 0, 0], "a gradient of 0 is a gradient"


def test_an_answer_may_work_in_place_on_its_copy():
    def squared(x, offset):
        x *= 2
        offset += 100
        return x**2

    x, offset = torch.tensor([1.0, 3.0]), torch.zeros(2)
    assert gradient_of(FromOutside(squared), x, offset).tolist() == [8, 24]
    assert x.tolist() == [1, 3]
    assert offset.tolist() == [0, 0]


def test_the_callers_grad_mode_does_not_matter_and_stays():
    with torch.no_grad():
        assert gradient_of(FromOutside(_cube), torch.ones(2)).tolist() == [3, 3]
        assert not torch.is_grad_enabled()
    assert gradient_of(_cube, torch.ones(2)).tolist() == [3, 3]
    assert torch.is_grad_enabled()


def test_other_errors_of_an_answer_come_through():
    def overwritten(x):
        powers = x.exp()
        result = 2 * powers
        powers += 1
        return result

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        gradient_of(overwritten, torch.ones(2))
    with pytest.raises(RuntimeError, match="must match"):
        gradient_of(lambda x: x + torch.ones(3), torch.ones(2))


def test_an_exercise_that_is_not_solved_stays_one():
    def stub(x):
        raise NotImplementedError("Exercise 6.1: x")

    with pytest.raises(NotImplementedError):
        gradient_of(FromOutside(stub), torch.ones(2))


def _weighted(streams, factor):
    return [factor * streams[0], streams[0] ** 2 + streams[1].sum()]


@pytest.mark.parametrize("student", [_weighted, FromOutside(_weighted)], ids=["plain", "from outside"])
def test_an_argument_that_is_a_list_has_a_gradient_for_each_of_its_tensors(student):
    streams = [torch.tensor([1.0, 4.0]), torch.zeros(3)]
    got = gradient_of(student, streams, 5)
    assert [gradient.tolist() for gradient in got] == [[7, 13], [2, 2, 2]]
    assert not any(stream.requires_grad for stream in streams)
    with pytest.raises(AssertionError, match="No gradient reaches the input"):
        gradient_of(lambda streams, factor: factor * streams[0], streams, 5)


class Uneven(nn.Module):
    """One layer is used, one is not, one is multiplied by 0, one is not meant to learn."""

    def __init__(self):
        super().__init__()
        self.used, self.unused, self.silent, self.fixed = (nn.Linear(2, 2, bias=False) for _ in range(4))
        self.fixed.requires_grad_(False)

    def forward(self, x):
        return self.used(x) + 0 * self.silent(x) + self.fixed(x)


def test_parameters_that_never_learn_are_named():
    module = Uneven()
    with pytest.raises(AssertionError, match=r"No gradient reaches unused\.weight and silent\.weight: .* never learns"):
        expect_every_parameter_learns(FromOutside(module), torch.ones(1, 2))
    assert module.used.weight.grad is None
    expect_every_parameter_learns(FromOutside(nn.Linear(2, 2)), torch.ones(1, 2))
    with torch.no_grad():
        expect_every_parameter_learns(nn.Linear(2, 2), torch.ones(1, 2))
