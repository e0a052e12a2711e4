"""What crosses between a check and a student's object, and what is noted on the way."""

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checking.draws import seeded
from autograder.checking.outside import FromOutside, raised


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
    with pytest.raises(AttributeError, match="no attribute 'color'"):
        _ = outside.color


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
    normalized = outside(x)
    outside.eval()
    assert not outside.training
    assert not torch.allclose(outside(x), normalized), "it uses the running statistics now"
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


def test_what_a_call_raises_is_told_with_its_arguments():
    def shuffle(x, labels, factor=2, **_):
        raise RuntimeError("shape is invalid\nand more")

    with pytest.raises(RuntimeError) as error:
        FromOutside(shuffle)(torch.zeros(2, 3), torch.zeros(4).long(), (1, 2), names=["a"])
    called = "(called with x (2, 3), labels (4,) int64, factor (1, 2), names a list)"
    assert raised(error.value) == f"It raised RuntimeError: shape is invalid {called}"
    assert raised(ValueError()) == "It raised ValueError: no message"
