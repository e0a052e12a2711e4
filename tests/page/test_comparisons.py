"""An assert with marked comparisons finds what it would have found, and can tell what it got."""

import ast
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.page.comparisons import NAME, Seen

VALUES = (0, 1, 2.5, float("nan"), None, True, "a", "b", [1], [1, 2], (), torch.tensor(1.0), torch.tensor([1, 2]))
TENSORS = (torch.zeros(2), torch.ones(2), torch.zeros(2, 1), torch.zeros(3), torch.ones(2, dtype=torch.float64))


def outcome(cell, *, marked):
    """How a cell ends, the order in which it asked for values, and what was seen."""
    log, seen = [], Seen()
    seen.marks = marked
    tree = ast.fix_missing_locations(seen.visit(ast.parse(cell)))

    def v(index):
        log.append(f"v{index}")
        return VALUES[index % len(VALUES)]

    def t(index):
        log.append(f"t{index}")
        return TENSORS[index % len(TENSORS)]

    names = {NAME: seen, "torch": torch, "np": np, "math": math, "v": v, "t": t}
    try:
        exec(compile(tree, "<cell>", "exec"), names)
        end = "passes"
    except Exception as error:
        end = (type(error).__name__, str(error))
        line = error.__traceback__.tb_next.tb_lineno
        return end, log, seen.told(line)
    return end, log, ("", "")


def told(test, **names):
    """What an assert that fails says that it got and wanted."""
    cell = "".join(f"{name} = {value}\n" for name, value in names.items()) + f"assert {test}, 'So it is.'"
    end, _, (sentence, says) = outcome(cell, marked=True)
    assert end == ("AssertionError", "So it is.")
    assert sentence == "So it is."
    return says


values = st.integers(0, len(VALUES) - 1).map("v({})".format)
tensors = st.integers(0, len(TENSORS) - 1).map("t({})".format)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"])
links = st.lists(st.tuples(operators, values), min_size=1, max_size=3)
comparisons = st.one_of(
    st.builds(lambda first, rest: first + "".join(f" {op} {value}" for op, value in rest), values, links),
    st.builds("abs({} - {}) < 0.5".format, values, values),
    st.builds("({} - {}).abs().max() <= 1e-3".format, tensors, tensors),
    st.builds("torch.{}({}, {})".format, st.sampled_from(["equal", "allclose"]), tensors, tensors),
    st.builds("{}.allclose({}, rtol=0, atol=2)".format, tensors, tensors),
    st.builds("np.allclose({}, {})".format, values, values),
    st.builds("({} {} {}).{}()".format, tensors, operators, tensors, st.sampled_from(["all", "any"])),
    st.builds("math.isnan({})".format, values),
    st.builds("not {}.isnan().any()".format, tensors),
    st.builds("all(x == {} for x in ({}, {}))".format, values, values, values),
    st.builds("(lambda x: x == {})({})".format, values, values),
    st.builds("(x := {}) == {}".format, values, values),
    values,
)
tests = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("bool({})".format, inner),
    ),
    max_leaves=4,
)
cells = st.lists(st.builds("assert {}, 'so {}'".format, tests, st.integers(0, 9)), min_size=1, max_size=2).map(
    "\n".join
)


@settings(max_examples=400, deadline=None)
@given(cells)
@pytest.mark.filterwarnings("ignore")
def test_a_marked_cell_ends_as_the_plain_one_and_evaluates_the_same_in_the_same_order(cell):
    plain, marked = outcome(cell, marked=False), outcome(cell, marked=True)
    assert plain[:2] == marked[:2]


@settings(max_examples=100, deadline=None)
@given(cells)
@pytest.mark.filterwarnings("ignore")
def test_the_same_holds_inside_of_loops_functions_and_try(cell):
    body = "\n".join(f"        {line}" for line in cell.splitlines())
    cell = f"def helper():\n    for _ in range(2):\n{body}\ntry:\n    helper()\nfinally:\n    v(0)"
    plain, marked = outcome(cell, marked=False), outcome(cell, marked=True)
    assert plain[:2] == marked[:2]


def test_side_effects_happen_once():
    cell = "left = [1, 2]\nassert left.pop() == 2 and left.pop() == 1\nassert left == [], 'popped twice'"
    assert outcome(cell, marked=True)[0] == "passes"


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("3 + 1 == 5", "Got 4, wanted 5."),
        ("5 == 1 + f", "Got 4, wanted 5."),
        ("want == f", "Got 3, wanted 6."),
        ("f == want", "Got 3, wanted 6."),
        ("f != 3", "Got 3, wanted anything else."),
        ("0 < f < 2", "Got 3, wanted less than 2."),
        ("5 <= f", "Got 3, wanted at least 5."),
        ("f > 3", "Got 3, wanted more than 3."),
        ("f == 3 and f == 4 and f == 5", "Got 3, wanted 4."),
        ("f == 4 or f == 5", "Got 3, wanted 5."),
        ("not f == 3", "Got 3, wanted anything else."),
        ("not f < 4", "Got 3, wanted at least 4."),
        ("f is None", "Got 3, wanted None."),
        ("f in (1, 2)", "Got 3, wanted one of (1, 2)."),
        ("f not in (3,)", "Got 3, wanted none of (3,)."),
        ("abs(f - 2.9) < 1e-2", "Got 3, wanted 2.9 within 0.01."),
        ("(torch.tensor([f]) - 2.5).abs().max().item() < 0.1", "Got [3], wanted 2.5 within 0.1."),
        ("torch.allclose(torch.tensor([f, 1.0]), torch.ones(2), atol=1e-3)", "Got [3, 1], wanted [1, 1]."),
        ("torch.tensor([f]).equal(torch.tensor([4]))", "Got [3], wanted [4]."),
        ("not torch.equal(torch.ones(1), torch.ones(1))", "Got [1], wanted anything else."),
        ("(torch.tensor([f, 4]) == 4).all()", "Got [3, 4], wanted 4."),
        ("torch.all(torch.tensor([f]) > 4)", "Got [3], wanted more than 4."),
        ("not (torch.tensor([f, 5]) > 4).any()", "Got [3, 5], wanted at most 4."),
        ("math.isnan(f)", "Got 3, wanted NaN."),
        ("not torch.tensor([f / 1.0, math.nan]).isnan().any()", "Got [3, nan], wanted no NaN."),
        ("torch.tensor([math.inf]).isfinite().all()", "Got [inf], wanted a finite number."),
        ("bool(f == 4)", "Got 3, wanted 4."),
        ("torch.ones(f).requires_grad", ""),
        ("all(x == 4 for x in [f])", ""),
    ],
)
def test_each_kind_of_comparison_tells_what_it_got(test, says):
    assert told(test, f=3, want=6) == says


def test_of_a_loop_the_round_that_failed_is_told():
    cell = "for i in range(5):\n    assert i < 3 and i != 7, 'Small.'"
    assert outcome(cell, marked=True)[2] == ("Small.", "Got 3, wanted less than 3.")


def test_of_a_helper_in_the_cell_the_call_that_failed_is_told():
    cell = (
        "def same(a, b):\n    assert a == b\nsame(1, 1)\ndef other():\n    assert v(0) == 0\nother()\nassert v(1) == 4"
    )
    assert outcome(cell, marked=True)[2] == ("", "Got 1, wanted 4.")


def test_an_object_that_cannot_be_looked_at_says_nothing():
    shy = "type('Shy', (), {'__eq__': lambda a, b: False, '__repr__': lambda a: 1 / 0})()"
    assert told("shy == 3", shy=shy) == ""


def test_cells_that_are_not_checks_stay_as_they_are():
    tree = ast.parse("assert f(3) == 6")
    assert ast.dump(Seen().visit(ast.parse("assert f(3) == 6"))) == ast.dump(tree)
