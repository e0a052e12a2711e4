"""A master becomes an nbgrader source: headings, folded hints, predictions, check cells with a hidden call."""

import ast
import re

import nbformat
import pytest

from autograder.authoring.notebook import parse_prediction, source_notebook
from tests.autograder.toy import toy


def _cell(nb, start):
    found = [cell for cell in nb.cells if cell.source.startswith(start)]
    assert len(found) == 1, f"{len(found)} cells begin with {start!r}"
    return found[0]


def test_the_result_is_a_valid_notebook(tmp_path):
    nb = source_notebook(toy(tmp_path))
    nbformat.validate(nb)
    assert nb.metadata.kernelspec.name == "python3"


def test_the_same_master_gives_the_same_bytes(tmp_path):
    first, second = (nbformat.writes(source_notebook(toy(tmp_path / name))) for name in ("a", "b"))
    assert first == second


def test_cells_are_numbered_in_order(tmp_path):
    nb = source_notebook(toy(tmp_path))
    assert [cell.id for cell in nb.cells] == [f"lab07-{i:03d}" for i in range(len(nb.cells))]


def test_an_exercise_gets_a_heading_with_stars_minutes_and_points(tmp_path):
    nb = source_notebook(toy(tmp_path))
    heading = _cell(nb, "### Exercise 7.1 · `twice`")
    assert heading.cell_type == "markdown"
    assert "★☆☆ · about 5 minutes · 2 points" in heading.source
    assert "`math.prod`, `course.ops`, `.sum`" in heading.source
    index = nb.cells.index(heading)
    assert nb.cells[index + 1].source.startswith("def twice")
    box = _cell(nb, "### Exercise 7.2")
    assert "★★★ · about 20 minutes · 3 points" in box.source
    assert "Build it yourself" not in box.source, "nothing is forbidden there"


def test_a_solution_cell_is_nbgraders_and_carries_what_is_forbidden(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "def twice")
    assert cell.metadata.nbgrader.grade_id == "twice"
    assert cell.metadata.nbgrader.solution
    assert not cell.metadata.nbgrader.grade
    assert not cell.metadata.nbgrader.locked
    assert "points" not in cell.metadata.nbgrader
    assert cell.metadata.course == {
        "exercise": "twice",
        "number": "7.1",
        "forbid": ["math.prod", "course.ops", ".sum"],
    }
    assert "# BEGIN SOLUTION" in cell.source, "nbgrader's generator takes it out"


def test_a_check_cell_has_its_hidden_call_before_the_visible_check(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "# Check 7.1")
    lines = cell.source.splitlines()
    assert lines[0] == "# Check 7.1 · twice · 2 points"
    begin, end = lines.index("### BEGIN HIDDEN TESTS"), lines.index("### END HIDDEN TESTS")
    assert begin == 1
    call = '    "lab07", "twice", globals().get("twice"), forbid="math.prod course.ops .sum"'
    assert lines[begin + 1 : end] == ["from autograder.checking.score import grade", "", "grade(", call, ")"]
    assert lines[end + 1 :] == ['assert twice(3) == 6, "Twice 3 is 6."']
    meta = cell.metadata.nbgrader
    assert (meta.grade_id, meta.grade, meta.locked, meta.points) == ("check_twice", True, True, 2)
    ast.parse(cell.source)


def test_hints_are_folded_and_numbered(tmp_path):
    nb = source_notebook(toy(tmp_path))
    hints = [cell.source for cell in nb.cells if cell.source.startswith("<details>")]
    assert len(hints) == 2
    for step, (hint, text) in enumerate(zip(hints, ("Is 2 < 3?", "`2 * x`"), strict=True), 1):
        assert f"<summary>Hint {step} of 2 · twice</summary>" in hint
        assert f"</summary>\n\n{text}\n\n</details>" in hint, "blank lines, so that Markdown is read inside"
        assert "open" not in hint.splitlines()[0]


def test_a_prediction_becomes_a_card(tmp_path):
    card = _cell(source_notebook(toy(tmp_path)), "<div")
    assert card.cell_type == "markdown"
    assert "What is 1 + 1, in whole numbers?" in card.source
    assert card.source.count("<details") == 2
    assert "It is, as ever." in card.source


def test_the_progress_cell_lists_every_exercise(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "Progress(")
    call = ast.parse(cell.source).body[0].value
    title, rows = (ast.literal_eval(argument) for argument in call.args)
    assert title == "Lab 7 · A toy"
    assert rows == {"twice": ("7.1", 2, 5), "Box": ("7.2", 3, 20)}


def test_a_setup_cell_is_tagged_and_another_is_not(tmp_path):
    nb = source_notebook(toy(tmp_path))
    assert _cell(nb, "shift = 10").metadata == {"tags": ["setup"]}
    assert _cell(nb, "print(").metadata == {}
    assert _cell(nb, "import math").metadata == {}


def test_no_output_and_no_count_is_stored(tmp_path):
    for cell in source_notebook(toy(tmp_path)).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_a_prediction_is_read_with_its_reasons():
    question, choices = parse_prediction("Which?\n- [ ] a, b :: No.\n- [x] c :: Yes: d :: e.")
    assert question == "Which?"
    assert choices == [("a, b", False, "No."), ("c", True, "Yes: d :: e.")]


def test_a_blank_line_between_question_and_choices_changes_nothing():
    tight = parse_prediction("Which?\n- [ ] a :: No.\n- [x] b :: Yes.")
    assert parse_prediction("Which?\n\n- [ ] a :: No.\n\n- [x] b :: Yes.\n") == tight


def test_a_question_of_two_paragraphs_keeps_both():
    question, choices = parse_prediction("One thing.\n\nWhich?\n\n- [ ] a :: No.\n- [x] b :: Yes.")
    assert question.split() == ["One", "thing.", "Which?"]
    assert len(choices) == 2


def test_lines_that_begin_with_blanks_go_on_where_the_last_one_stopped():
    _, choices = parse_prediction("Which?\n- [ ] a :: No,\n  never.\n- [x] b\n  c :: Yes.")
    assert choices == [("a", False, "No, never."), ("b c", True, "Yes.")]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Which?", "a choice reads '- [', wanted '- [x] text :: reason'"),
        ("Which?\n- [ ] a\n- [x] b :: Yes.", "a choice reads '- [ ] a'"),
        ("Which?\n- [X] a :: No.\n- [x] b :: Yes.", "a choice reads '- [X] a :: No.'"),
        ("Which?\n- [x] a ::", "a choice reads '- [x] a ::'"),
        ("Which?\n- [x] a :: Yes.\nmore", "a choice reads 'more'"),
        ("Which?\n- [x] a :: Yes.", "needs two choices or more"),
        ("Which?\n- [ ] a :: No.\n- [ ] b :: No.", "one of them right"),
    ],
)
def test_a_prediction_that_cannot_be_read_says_why(source, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_prediction(source)
