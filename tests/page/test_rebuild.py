"""What of a notebook counts: the answers, however they got where they are, and what these need."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from course.page.cells import exercises, needed, skip_the_rest
from course.page.rebuild import rebuild
from tests.work.toy import STUB, TWICE, cell_of, check, copy_with, exercise, stub, toy_lab

LAB = toy_lab()
THRICE = "def thrice(x):\n    return 3 * x"


@pytest.fixture
def nb():
    solved = toy_lab()
    cell_of(solved, "twice").source, cell_of(solved, "thrice").source = TWICE, THRICE
    return solved


def _answers(nb):
    rebuilt, notes = rebuild(nb, LAB)
    return {name: cell.source for name, cell in exercises(rebuilt).items()}, " ".join(notes)


def _brought(nb, name="thrice"):
    """What comes along for an exercise from the student's own cells."""
    rebuilt, _ = rebuild(nb, LAB)
    own = [cell for cell in rebuilt.cells if cell.metadata.get("course", {}).get("own") == name]
    if own:
        place = rebuilt.cells.index(own[0])
        assert rebuilt.cells[place + 1].metadata.course.exercise == name, "it runs right before the answer"
    return own[0].source if own else ""


def test_answers_are_kept_and_everything_else_is_the_labs(nb):
    cell_of(nb, "check_twice").source = "assert True"
    cell_of(nb, "check_twice").metadata.nbgrader["points"] = 1000
    nb.cells.insert(0, new_code_cell("math.tau = 3"))
    nb.cells.reverse()
    rebuilt, notes = rebuild(nb, LAB)
    expected = copy.deepcopy(LAB)
    cell_of(expected, "twice").source, cell_of(expected, "thrice").source = TWICE, THRICE
    assert rebuilt == expected
    assert notes == []


def test_the_original_and_the_students_notebook_stay_as_they_are(nb):
    before = copy.deepcopy(nb), copy.deepcopy(LAB)
    rebuild(nb, LAB)
    assert (nb, LAB) == before


def test_of_a_copy_that_is_empty_and_one_that_is_filled_in_the_second_counts(nb):
    nb.cells.append(copy_with("twice", 1, stub("twice", 1), "copy"))
    answers, notes = _answers(nb)
    assert answers["twice"] == TWICE
    assert "twice: its cell is there 2 times; the one that is filled in counts" in notes


def test_of_copies_the_last_one_that_defines_the_name_counts(nb):
    nb.cells.append(copy_with("twice", 1, "def twice(x):\n    return x + x", "better"))
    nb.cells.append(copy_with("twice", 1, "twice(4)", "trial"))
    answers, notes = _answers(nb)
    assert answers["twice"] == "def twice(x):\n    return x + x"
    assert "its cell is there 3 times; the last one that defines twice counts" in notes


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("def twice(x):\n    y = 2 * x", "    return y"),
        ("class twice:\n    def one(self):\n        return 1\n", "    def two(self):\n        return 2"),
        ("def twice(x):", "    return 2 * x"),
    ],
)
def test_the_halves_of_a_split_answer_are_put_together(nb, first, second):
    cell = cell_of(nb, "twice")
    cell.source = first
    place = nb.cells.index(cell)
    nb.cells.insert(place + 1, copy_with("twice", 1, second, "half"))
    answers, notes = _answers(nb)
    assert answers["twice"] == f"{first}\n{second}"
    assert "twice: its cell is there in 2 parts; they were put together again" in notes


def test_a_helper_in_the_other_half_of_a_split_cell_comes_along(nb):
    cell = cell_of(nb, "thrice")
    cell.source = "def helper(x):\n    return 3 * x"
    place = nb.cells.index(cell)
    nb.cells.insert(place + 1, copy_with("thrice", 2, "def thrice(x):\n    return helper(x)", "half"))
    answers, _ = _answers(nb)
    assert answers["thrice"] == "def thrice(x):\n    return helper(x)"
    assert _brought(nb) == "def helper(x):\n    return 3 * x"


@pytest.mark.parametrize("source", [TWICE, "%time 1\n" + TWICE, "_two = lambda x: 2 * x\ntwice = _two"])
def test_a_cell_that_lost_its_tags_is_found_by_what_it_defines(nb, source):
    cell_of(nb, "twice").source = source
    cell_of(nb, "twice").metadata = {}
    answers, notes = _answers(nb)
    assert answers["twice"] == source
    assert "twice: its cell is missing; the answer was found by the name that it defines" in notes


def test_an_answer_below_an_untouched_cell_is_found(nb):
    cell_of(nb, "twice").source = stub("twice", 1)
    nb.cells.append(new_code_cell(TWICE))
    answers, notes = _answers(nb)
    assert answers["twice"] == TWICE
    assert "its cell is still as it was given out; the answer was found" in notes


def test_a_stub_of_an_older_version_is_untouched_too(nb):
    old = exercise("twice", 1, "def twice(x):\n    '''Old.'''\n    " + STUB.format(name="twice", number=1))
    nb.cells[nb.cells.index(cell_of(nb, "twice"))] = old
    nb.cells.append(new_code_cell(TWICE))
    assert _answers(nb)[0]["twice"] == TWICE


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_a_cell_of_another_kind_is_read(nb, kind):
    make = {"markdown": new_markdown_cell, "raw": new_raw_cell}[kind]
    nb.cells[nb.cells.index(cell_of(nb, "twice"))] = make(TWICE, metadata=cell_of(nb, "twice").metadata)
    assert _answers(nb)[0]["twice"] == TWICE


@pytest.mark.parametrize("lost", ["nbgrader", "course"])
def test_one_of_the_two_tags_is_enough(nb, lost):
    del cell_of(nb, "twice").metadata[lost]
    answers, notes = _answers(nb)
    assert answers["twice"] == TWICE
    assert notes == ""


def test_a_missing_cell_costs_its_own_points_only(nb):
    nb.cells.remove(cell_of(nb, "twice"))
    answers, notes = _answers(nb)
    assert answers == {"twice": stub("twice", 1), "thrice": THRICE}
    assert "twice: its cell is missing; it gets no points" in notes


@pytest.mark.parametrize(
    ("own", "answer", "brought"),
    [
        ("import numpy as np", "def thrice(x):\n    return np.sum([x, x, x])", "import numpy as np"),
        ("K = 3\nprint(K)", "def thrice(x):\n    return K * x", "K = 3"),
        ("a, (b, c) = 1, (2, 3)", "def thrice(x):\n    return c * x", "a, (b, c) = 1, (2, 3)"),
        ("def help(x):\n    # why\n    return 3 * x", "thrice = lambda x: help(x)", None),
        (
            "@math.cache\ndef mine(x):\n    return 3 * x",
            "def thrice(x):\n    return mine(x)",
            "@math.cache\ndef mine(x):",
        ),
        ("%matplotlib inline\nK = 3", "def thrice(x):\n    return K * x", "K = 3"),
        ("K = 2; L = K + 1; M = 5", "def thrice(x):\n    return L * x", "K = 2\n\nL = K + 1"),
        ("class Help:\n    pass", "def thrice(x):\n    return Help().x", "class Help:\n    pass"),
    ],
)
def test_what_an_answer_needs_of_ones_own_cells_comes_along(nb, own, answer, brought):
    nb.cells.insert(4, new_code_cell(own))
    cell_of(nb, "thrice").source = answer
    assert _brought(nb).startswith(brought or "")
    assert bool(_brought(nb)) == bool(brought), "a name of Python's own is not the student's"


@pytest.mark.parametrize(
    ("own", "answer"),
    [
        ("y = 1", "def thrice(x):\n    y = 3\n    return y * x"),
        ("x = 1", THRICE),
        ("shift = 99", "def thrice(x):\n    return shift * x"),
        ("import math", "def thrice(x):\n    return math.tau"),
        ("twice = None", "def thrice(x):\n    return twice(x) + x"),
        ("K = 3", "def thrice(x)\n    return K"),
        ("while True: pass", "def thrice(x):\n    return K"),
        ("def K(:", "def thrice(x):\n    return K"),
    ],
)
def test_nothing_comes_along_that_the_answer_or_the_lab_has_itself(nb, own, answer):
    nb.cells.insert(4, new_code_cell(own))
    cell_of(nb, "thrice").source = answer
    assert _brought(nb) == ""


def test_an_import_added_to_the_labs_own_cell_comes_along(nb):
    nb.cells[1].source += "\nimport json"
    cell_of(nb, "thrice").source = "def thrice(x):\n    return json.loads(str(3 * x))"
    assert _brought(nb) == "import json"


def test_definitions_keep_the_notebooks_order_and_come_once(nb):
    nb.cells.append(new_code_cell("def f(x):\n    return g(x) + K\n\nK = 1"))
    nb.cells.append(new_code_cell("def g(x):\n    return f(x) if x else K\n\nK = 2"))
    cell_of(nb, "thrice").source = "def thrice(x):\n    return f(x)"
    parts = ["def f(x):\n    return g(x) + K", "K = 1", "def g(x):\n    return f(x) if x else K", "K = 2"]
    assert _brought(nb) == "\n\n".join(parts)


def test_rebuilding_what_was_rebuilt_changes_nothing(nb):
    nb.cells.insert(4, new_code_cell("K = 3\nimport json"))
    cell_of(nb, "thrice").source = "def thrice(x):\n    return json.loads(str(K * x))"
    once, _ = rebuild(nb, LAB)
    twice, notes = rebuild(once, LAB)
    assert twice == once
    assert notes == []


def test_exercises_stand_on_imports_set_up_and_one_another():
    kept = [cell.source.split("\n")[0] for cell in needed(LAB)]
    texts = ["import math", "Progress(", "def twice(x):", "# Check 7.1 · twice · 2 points", "shift = 10"]
    assert kept == [*texts, "def thrice(x):", "# Check 7.2 · thrice · 2 points"]


def test_the_rest_is_marked_to_be_skipped():
    nb = toy_lab()
    skip_the_rest(nb)
    assert [cell.source for cell in nb.cells if "skip-execution" in cell.metadata.get("tags", [])] == [
        "print(twice(4))"
    ]


def test_the_checksum_of_a_cell_for_an_answer_is_nbgraders():
    from nbgrader.utils import compute_checksum

    cell = exercise("twice", 1)
    assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
    assert check("twice", 1, "").metadata.nbgrader.get("checksum") is None
