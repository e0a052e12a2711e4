"""What every exercise is asked: each fault is seen, at its own property, and right answers pass."""

import pytest
import torch
from torch import nn

from autograder.checking import score as scoring
from autograder.checking.draws import normal, seeded
from autograder.checking.outside import FromOutside
from autograder.checking.properties import Case, shared
from autograder.checking.score import run_check


def _want(x, factor):
    return factor * x


def _case(student_object, rng, dtype, training):
    return Case(student_object, (normal(rng, 2, 3, 4, 5, dtype=dtype), 3), _want)


@pytest.fixture(scope="module")
def checks():
    shared("times", _case)
    return {check.__name__: check for check in scoring._registered[__name__]["times"]}


def _says(checks, answer):
    """The sentences of the properties that fail, by name."""
    results = [run_check(check, FromOutside(answer), seeded("ada", name)) for name, check in checks.items()]
    return {result.name: result.says for result in results if not result.passed}


def test_a_right_answer_passes(checks):
    assert len(checks) == 3
    assert _says(checks, lambda x, factor: x * factor) == {}
    assert _says(checks, lambda x, factor: torch.stack([factor * row for row in x])) == {}


def _in_place(x, factor):
    x *= factor
    return x.clone()


def _through_view(x, factor):
    return (x.view(-1) * factor).view(x.shape)


def _in_float32(x, factor):
    return (x.float() * factor).to(x.dtype)


MEMORY = {}


def _remembering(x, factor):
    return MEMORY.setdefault(x.shape, x * factor)


KEPT = []


def _keeping(x, factor):
    KEPT.append(x * factor)
    return KEPT[-1]


def _reading_memory(x, factor):
    return factor * torch.as_strided(x, x.shape, x.contiguous().stride())


@pytest.mark.parametrize(
    ("answer", "fails", "says"),
    [
        (_in_place, "it_has_good_manners", "x changed in place: it must be after the call what it was before"),
        (_through_view, "it_has_good_manners", "Use .reshape where you have .view."),
        (_reading_memory, "it_has_good_manners", "lies in memory as"),
        (_remembering, "it_has_good_manners", "It returns the same numbers for other arguments"),
        (_keeping, "it_has_good_manners", "Each call keeps 480 bytes of tensors in memory"),
        (lambda x, f: (x * f).double(), "it_has_good_manners", "Given torch.float32, it must return the same dtype."),
        (lambda x, f: [x * f, x], "float64_is_computed_in_float64", "It returned 2 tensors, wanted 1."),
        (lambda x, f: None, "it_has_good_manners", "It returned None."),
        (_in_float32, "float64_is_computed_in_float64", "Given float64, it must compute in float64."),
        (lambda x, f: x.float() * f, "float64_is_computed_in_float64", "dtype torch.float32, wanted torch.float64"),
        (lambda x, f: x.detach() * f, "the_gradient_is_right", "No gradient reaches the input"),
        (lambda x, f: x.detach() * (f - 1) + x, "the_gradient_is_right", "comes back to the input is not right"),
    ],
)
def test_each_fault_is_seen_at_its_property(checks, answer, fails, says):
    MEMORY.clear()
    assert says in _says(checks, answer).get(fails, "nothing")


def test_a_fault_in_the_dtype_costs_its_own_property_only(checks):
    assert set(_says(checks, _in_float32)) == {"float64_is_computed_in_float64"}
    assert set(_says(checks, _in_place)) == {"it_has_good_manners"}
    assert set(_says(checks, _keeping)) == {"it_has_good_manners"}


def test_wrong_numbers_are_not_bad_manners(checks):
    assert set(_says(checks, lambda x, factor: x + factor)) == {
        "float64_is_computed_in_float64",
        "the_gradient_is_right",
    }


class Layer(nn.Module):
    def forward(self, x):
        return x.relu()


class SoftmaxInEval(nn.Module):
    def forward(self, x):
        return x.relu() if self.training else x.softmax(1)


def test_a_module_is_asked_in_both_modes(checks):
    def case(module_class, rng, dtype, training):
        module = module_class()
        module.train() if training else module.eval()
        return Case(module, (normal(rng, 2, 3, 4, 4, dtype=dtype),), torch.relu)

    shared("Layer", case)
    found = {check.__name__: check for check in scoring._registered[__name__]["Layer"]}
    assert _says(found, Layer) == {}
    assert (
        "In .eval() mode the result is not right, though it is in .train() mode."
        in _says(found, SoftmaxInEval)["it_has_good_manners"]
    )


def test_a_module_that_is_returned_stands_for_its_numbers():
    def case(layer, rng, dtype, training):
        return Case(layer, (normal(rng, 3, 2, dtype=dtype),), lambda weight: weight)

    def fresh(weight):
        layer = nn.Linear(2, 3, bias=False)
        layer.load_state_dict({"weight": weight})
        return layer

    first = fresh(torch.ones(3, 2))
    shared("layer", case, gradient=0)
    found = {check.__name__: check for check in scoring._registered[__name__]["layer"]}
    assert set(_says(found, fresh)) == {"float64_is_computed_in_float64"}
    assert "the same numbers for other arguments" in _says(found, lambda weight: first)["it_has_good_manners"]


def test_a_result_of_whole_numbers_may_be_of_any_float():
    def case(share, rng, dtype, training):
        return Case(share, (torch.randint(1, 9, (3,), generator=rng),), lambda x: float(x[0] / x.sum()))

    shared("share", case, float64=0, gradient=0)
    found = {check.__name__: check for check in scoring._registered[__name__]["share"]}
    for answer in (lambda x: x[0] / x.sum(), lambda x: x[0].double() / x.sum(), lambda x: float(x[0] / x.sum())):
        assert _says(found, answer) == {}


def test_properties_with_no_points_are_left_out():
    shared("few", _case, float64=0, gradient=0)
    assert [check.__name__ for check in scoring._registered[__name__]["few"]] == ["it_has_good_manners"]


def test_manners_are_judged_after_all_other_calls():
    shared("order", _case)
    assert [check.last for check in scoring._registered[__name__]["order"]] == [False, False, True]


def test_numpy_in_an_answer_costs_its_gradient_and_not_its_manners(checks):
    def with_numpy(x, factor):
        return torch.from_numpy(factor * x.numpy())

    assert set(_says(checks, with_numpy)) == {"the_gradient_is_right"}
