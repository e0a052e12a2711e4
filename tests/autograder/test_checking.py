"""What checks are written with: each expectation, its sentence, and the contract that objects are seen from outside."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checking import (
    FromOutside,
    Result,
    expect,
    expect_close,
    expect_equal,
    expect_tensor,
    expect_value_error,
    gradient_of,
    pick,
    run_check,
    seeded,
    worth,
)

SAYS = "It is not right."


def _refused(words, expectation, *arguments, **keywords):
    with pytest.raises(AssertionError, match=re.escape(words)) as error:
        expectation(*arguments, **keywords)
    assert str(error.value).startswith(SAYS)


# --- expectations


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


def test_close_numbers_pass_and_others_tell_the_largest_difference():
    want = torch.tensor([1.0, 100.0])
    expect_close(want + 1e-6, want, SAYS)
    expect_close(want.double(), want, SAYS)
    _refused("(The largest difference is 0.5.)", expect_close, torch.tensor([1.5, 100.0]), want, SAYS)
    _refused("shape (2, 1), wanted (2,)", expect_close, want[:, None], want, SAYS)
    _refused("wanted a tensor", expect_close, [1.0, 100.0], want, SAYS)


def test_the_tolerance_is_relative_and_absolute():
    expect_close(torch.tensor([1.05]), torch.tensor([1.0]), SAYS, tol=0.1)
    expect_close(torch.tensor([0.0]), torch.tensor([0.09]), SAYS, tol=0.1)
    expect_close(torch.tensor([1000.0]), torch.tensor([1090.0]), SAYS, tol=0.1)
    _refused("difference", expect_close, torch.tensor([1.3]), torch.tensor([1.0]), SAYS, tol=0.1)


def test_nan_equals_nan_and_nothing_else():
    nan, inf = torch.nan, torch.inf
    expect_close(torch.tensor([nan, inf, 1.0]), torch.tensor([nan, inf, 1.0]), SAYS)
    _refused("difference is inf", expect_close, torch.tensor([nan]), torch.tensor([1.0]), SAYS)
    _refused("difference is inf", expect_close, torch.tensor([inf]), torch.tensor([-inf]), SAYS)
    got, want = torch.tensor([nan, inf, 1.0]), torch.tensor([nan, inf, 1.25])
    _refused("difference is 0.25", expect_close, got, want, SAYS)


def test_gradients_empty_tensors_and_bools_can_be_compared():
    expect_close(torch.ones(2, requires_grad=True), torch.ones(2), SAYS)
    expect_close(torch.zeros(0, 3), torch.zeros(0, 3), SAYS)
    expect_equal(torch.tensor([True, False]), torch.tensor([True, False]), SAYS)
    _refused("difference", expect_equal, torch.tensor([True]), torch.tensor([False]), SAYS)


def test_equal_means_exactly_equal():
    expect_equal(torch.tensor([1, 2]), torch.tensor([1, 2]), SAYS)
    _refused("difference", expect_equal, torch.tensor([1.0000001]), torch.tensor([1.0]), SAYS)
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


# --- running a property


def _outcome(error=None, points=2):
    @worth(points)
    def the_answer_is_right(answer, rng):
        if error:
            raise error
        expect(answer, SAYS)

    return the_answer_is_right


def test_a_property_that_holds_says_nothing():
    result = run_check(_outcome(), True, seeded())
    assert result.passed
    assert (result.name, result.title, result.points) == ("the_answer_is_right", "the answer is right", 2)
    assert Result("lovasz_is_one_minus_mean_iou", 1).title == "Lovász is one minus mean IoU"


def test_a_property_that_fails_says_its_sentence():
    result = run_check(_outcome(), False, seeded())
    assert not result.passed
    assert result.says == SAYS


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (AssertionError(), "The property does not hold."),
        (NotImplementedError("Exercise 4.1: x"), "The exercise is not solved yet."),
        (IndexError("index 5\nand more"), "It raised IndexError: index 5"),
        (KeyError(), "It raised KeyError: no message"),
        (RecursionError("too deep"), "It raised RecursionError: too deep"),
        (SystemExit(3), "It raised SystemExit: 3"),
    ],
)
def test_whatever_is_raised_becomes_a_sentence(error, says):
    assert run_check(_outcome(error), True, seeded()).says == says


def test_a_user_can_still_interrupt():
    with pytest.raises(KeyboardInterrupt):
        run_check(_outcome(KeyboardInterrupt()), True, seeded())


# --- random numbers


def test_numbers_depend_on_the_words_alone():
    draws = [
        torch.rand(3, generator=seeded(*words)) for words in (("ann", "lab01"), ("ann", "lab01"), ("bob", "lab01"))
    ]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_both_ends_can_be_picked():
    rng = seeded("ends")
    assert {pick(rng, 2, 4) for _ in range(60)} == {2, 3, 4}
    assert pick(rng, 7, 7) == 7


# --- from outside


class Counter(nn.Module):
    """A student's module."""

    def __init__(self, start=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([start]))
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x):
        return self.weight * self.norm(x)


def test_tensors_cross_as_copies_without_a_graph():
    kept = []

    def keep(x):
        kept.append(x)
        x += 1
        return x * torch.ones(2, requires_grad=True)

    mine = torch.zeros(2)
    got = FromOutside(keep)(mine)
    assert torch.equal(mine, torch.zeros(2)), "what the answer does to its input stays on its side"
    assert got.tolist() == [1, 1]
    assert not got.requires_grad
    assert got.grad_fn is None
    kept[0].fill_(9)
    assert got.tolist() == [1, 1]


def test_no_gradient_flows_through_a_call():
    x = torch.ones(2, requires_grad=True)
    got = FromOutside(lambda x: 2 * x)(x)
    assert not got.requires_grad


def test_tensors_deep_inside_are_copied_too():
    inside = torch.zeros(2, requires_grad=True)
    got = FromOutside(lambda: {"a": [inside, (inside, 3)]})()
    assert isinstance(got["a"], list)
    assert isinstance(got["a"][1], tuple)
    assert got["a"][1][1] == 3
    assert not got["a"][0].requires_grad
    got["a"][0].fill_(5)
    assert inside.sum() == 0


def test_keywords_and_plain_values_cross_unchanged():
    got = FromOutside(lambda **k: k)(a=1, b=2.5, c="x", d=None, e=True, f=torch.int64, g=slice(1, 2), h=1j)
    assert got == {"a": 1, "b": 2.5, "c": "x", "d": None, "e": True, "f": torch.int64, "g": slice(1, 2), "h": 1j}


def test_numpys_single_numbers_cross_as_plain_ones():
    got = FromOutside(lambda: (np.int64(3), np.float32(0.5), np.bool_(True)))()
    assert got == (3, 0.5, True)
    assert [type(value) for value in got] == [int, float, bool]


def test_a_generator_crosses_so_that_an_answer_can_draw_from_it():
    draw = FromOutside(lambda rng: torch.rand(2, generator=rng))
    assert torch.equal(draw(seeded("a")), torch.rand(2, generator=seeded("a")))


def test_isinstance_does_not_see_through():
    outside = FromOutside(Counter())
    assert not isinstance(outside, nn.Module)
    assert not isinstance(FromOutside(lambda: Counter())(), nn.Module)


def test_attributes_are_read_and_methods_are_called():
    class Size:
        name = "small"
        sides = torch.tensor([2, 3])

        def area(self):
            return int(self.sides.prod())

    outside = FromOutside(Size())
    assert outside.name == "small"
    assert outside.area() == 6
    outside.sides.fill_(9)
    assert outside.area() == 6, "an attribute is a copy"
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = outside.colour


def test_a_class_makes_objects_that_are_seen_from_outside():
    made = FromOutside(Counter)(3.0)
    assert type(made) is FromOutside
    assert made.weight.tolist() == [3.0]
    assert not made.weight.requires_grad


def test_a_modules_state_can_be_read_and_loaded():
    one, two = FromOutside(Counter)(1.0), FromOutside(Counter)(5.0)
    state = one.state_dict()
    assert type(state) is dict
    state["weight"].fill_(7)
    assert one.weight.tolist() == [1.0], "the state is a copy"
    two.load_state_dict(state)
    assert two.weight.tolist() == [7.0]


def test_a_modules_mode_can_be_set():
    outside = FromOutside(Counter)(1.0)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert outside.training
    normalised = outside(x)
    outside.eval()
    assert not outside.training
    assert not torch.allclose(outside(x), normalised), "it uses the running statistics now"
    outside.train()
    assert outside.training


def test_errors_come_through_as_they_are():
    def fail():
        raise ValueError("a word")

    with pytest.raises(ValueError, match="a word"):
        FromOutside(fail)()
    with pytest.raises(TypeError, match="positional argument"):
        FromOutside(fail)(1)


def test_a_function_can_be_handed_in():
    assert FromOutside(lambda f: f(2) + 1)(lambda x: 10 * x) == 21


# --- gradients


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
