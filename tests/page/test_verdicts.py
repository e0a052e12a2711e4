"""What the outputs of a notebook say of each exercise."""

import pytest
from nbformat.v4 import new_code_cell, new_output

from autograder.checking.score import MIME, Result, Score
from course.page.verdicts import SCORE, Property, verdicts
from tests.work.toy import TWICE, cell_of, toy_lab


@pytest.fixture
def nb():
    solved = toy_lab()
    cell_of(solved, "twice").source, cell_of(solved, "thrice").source = TWICE, "def thrice(x):\n    return 3 * x"
    return solved


def _error(name="AssertionError", says="Twice 3 is 6.", *traceback):
    return new_output("error", ename=name, evalue=says, traceback=list(traceback))


def _says(nb):
    return {verdict.name: verdict.says for verdict in verdicts(nb)}


def test_without_an_error_an_exercise_passes(nb):
    found = verdicts(nb)
    assert [(verdict.number, verdict.name, verdict.passed) for verdict in found] == [
        ("7.1", "twice", True),
        ("7.2", "thrice", True),
    ]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (_error(), "Twice 3 is 6."),
        (_error("AssertionError", "Twice 3 is 6.\ngot 7, wanted 6"), "Twice 3 is 6.\ngot 7, wanted 6"),
        (_error("ValueError", "odd\nand long"), "ValueError: odd"),
        (_error("ValueError", ""), "ValueError: no message"),
        (
            _error("NotImplementedError", "a", "\x1b[31m✗ Exercise 7.1 is not solved yet.\x1b[0m"),
            "Exercise 7.1 is not solved yet.",
        ),
        (
            _error("TypeError", "in your line `x`: no.", "✗ Check 7.1 twice: TypeError"),
            "TypeError: in your line `x`: no.",
        ),
    ],
)
def test_a_check_that_fails_says_what_the_page_says(nb, error, says):
    cell_of(nb, "check_twice").outputs = [error]
    assert _says(nb) == {"twice": says, "thrice": ""}


def test_an_answer_that_stops_is_told_where_its_check_fails(nb):
    cell_of(nb, "twice").outputs = [_error("SyntaxError", "expected ':'")]
    assert _says(nb)["twice"] == "", "its check passes: it was defined before it stopped"
    cell_of(nb, "check_twice").outputs = [_error("NameError", "twice")]
    assert _says(nb)["twice"] == "Your cell stops: SyntaxError: expected ':'"


def test_a_cell_of_ones_own_that_stops_is_told_first(nb):
    own = new_code_cell("import gone", metadata={"course": {"own": "twice"}}, outputs=[_error("ImportError", "gone")])
    nb.cells.insert(3, own)
    cell_of(nb, "check_twice").outputs = [_error("NameError", "gone")]
    assert _says(nb)["twice"] == "Your own cell stops: ImportError: gone"


def test_a_forbidden_name_counts_also_where_it_was_brought_along(nb):
    cell_of(nb, "twice").source = "def twice(x):\n    return math.prod([2, x])"
    nb.cells.insert(3, new_code_cell("p = math.prod", metadata={"course": {"own": "thrice"}}))
    expected = "It uses math.prod, which this exercise does not allow: build it yourself."
    assert _says(nb) == {"twice": expected, "thrice": expected}


def test_the_properties_of_hidden_checks_are_read_from_their_score(nb):
    results = (Result("it_doubles", 1.5), Result("iou_of_it", 0.5, "It does not."))
    data = Score("twice", results)._repr_mimebundle_()
    cell_of(nb, "check_twice").outputs = [new_output("execute_result", data=data, execution_count=1)]
    first, second = verdicts(nb)
    assert first.properties == (Property("it doubles", 1.5), Property("IoU of it", 0.5, "It does not."))
    assert (first.points, first.says) == (1.5, "It does not.")
    assert second.properties == ()
    cell_of(nb, "twice").source = "twice = math.prod"
    assert verdicts(nb)[0].points == 0, "what is forbidden earns nothing"


def test_the_score_has_one_name_on_both_sides():
    assert SCORE == MIME
