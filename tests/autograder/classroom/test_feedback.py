"""A page of feedback holds the exercises, their properties and points, and nothing that is hidden or could run."""

import re

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_output

from autograder.authoring.notebook import source_notebook
from autograder.checking.score import MIME, Result, Score
from autograder.classroom.feedback import ExercisesOnly
from course.page.export import PageExporter
from tests.autograder.toy import toy

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SCORE = Score("twice", (Result("doubles", 1, ""), Result("keeps_floats", 1, "Got <3>, wanted 3.")))


def _cell(nb, end):
    return next(cell for cell in nb.cells if cell.id.endswith(end))


@pytest.fixture
def graded(tmp_path):
    """The toy lab as nbgrader leaves it: outputs, scores, a comment, a note."""
    nb = source_notebook(toy(tmp_path))
    answer, check = _cell(nb, "answer-twice"), _cell(nb, "check-twice")
    answer.source = "### BEGIN HIDDEN TESTS\ndef twice(x):\n    return x + 3"
    answer.outputs = [new_output("display_data", data={"text/html": EVIL})]
    answer.metadata.nbgrader.comment = "Nearly."
    forged = {"text/html": EVIL, MIME: {"points": 600.0}}
    check.outputs = [
        new_output("stream", text="a hidden input was printed"),
        new_output("execute_result", data=SCORE._repr_mimebundle_()),
        new_output("execute_result", data=forged),
        new_output("display_data", data={"application/javascript": "alert(3)"}),
        new_output(
            "error", ename="AssertionError", evalue="Twice 3 is 6. Got 9, wanted 6.", traceback=["✗ Twice 3 is 6."]
        ),
    ]
    _cell(nb, "check-Box").outputs = [
        new_output("error", ename="ValueError", evalue="no", traceback=["### END HIDDEN TESTS", "----> assert"])
    ]
    for name, score in (("twice", 1.0), ("Box", 3.0)):
        _cell(nb, f"check-{name}").metadata.nbgrader.score = score
    nb.metadata.course_notes = ["twice: its cell is there 2 times."]
    return nb


@pytest.fixture
def page(graded):
    resources = {"nbgrader": {"score": 3.5, "max_score": 5.0, "late_penalty": 0.5}}
    nb, _ = ExercisesOnly().preprocess(graded, resources)
    html, _ = PageExporter().from_notebook_node(nb)
    return BeautifulSoup(html, "html.parser")


def test_the_points_of_each_exercise_stand_on_top_with_links_that_lead_there(page):
    table = page.select_one(".jp-MarkdownCell table")
    rows = [[cell.text for cell in row.select("td")] for row in table.select("tr")[1:]]
    assert rows == [
        ["7.1 twice", "1 of 2"],
        ["7.2 Box", "3 of 3"],
        ["late", "−0.5"],
        ["together", "3.5 of 5"],
    ]
    for link in table.select("a"):
        assert page.find(id=link["href"].removeprefix("#")) is not None


def test_of_the_lab_only_title_exercises_and_their_answers_are_left(page):
    assert page.h1.text.startswith("Lab 7 · A toy")
    assert [re.sub("¶", "", heading.text) for heading in page.select("h3")] == [
        "Exercise 7.1 · twice",
        "Exercise 7.2 · Box",
    ]
    assert "return x + 3" in page.text
    assert "Predict first" not in page.text
    assert "print(twice(4))" not in page.text


def test_each_property_is_told_with_its_points(page):
    table = page.select_one(".jp-RenderedHTML table")
    assert table.caption.text == "1 of 2 points"
    assert [row.text for row in table.select("tr")] == ["✓doubles1 / 1", "✗keeps floatsGot <3>, wanted 3.0 / 1"]


def test_the_failed_visible_check_is_told(page):
    assert "✗ Twice 3 is 6." in page.text


def test_nothing_of_the_hidden_call_is_shown(page):
    checks = [cell.text for cell in page.select(".jp-CodeCell") if "# Check 7." in cell.text]
    assert len(checks) == 2
    assert not any(word in text for text in checks for word in ("HIDDEN", "autograder", "grade("))
    assert "ValueError: no" in checks[1]


def test_nothing_that_a_student_displayed_or_printed_is_in_the_page(page):
    assert not page.select("script, img, [onerror]")
    assert "hidden input" not in page.text
    assert "alert" not in page.text


def test_hints_stand_where_points_are_missing(page):
    assert [fold.summary.text for fold in page.select("details")] == ["Hint 1 of 2 · twice", "Hint 2 of 2 · twice"]


def test_a_full_exercise_has_no_hints(graded):
    _cell(graded, "check-twice").metadata.nbgrader.score = 2.0
    nb, _ = ExercisesOnly().preprocess(graded, {"nbgrader": {"score": 5.0, "max_score": 5.0, "late_penalty": 0}})
    assert not [cell for cell in nb.cells if "<details>" in cell.source]


def test_notes_and_comments_are_on_the_page(page):
    assert "twice: its cell is there 2 times." in page.text
    assert "Comment. Nearly." in page.text
