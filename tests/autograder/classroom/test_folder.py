"""A class of 12, graded; and submissions that nobody can grade."""

import csv
import json
import urllib.request
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.authoring.master import find_lab
from autograder.classroom.demo import cell_of, grade_demo, solved
from autograder.classroom.folder import Class, notebook_fault
from autograder.classroom.steps import Rebuild, points_of
from autograder.cli.app import app
from tests.browser.jupyter import TOKEN, jupyterlab

LAB = find_lab("lab04")
FULL = {name: float(exercise.points) for name, exercise in LAB.exercises.items()}
EXPECTED = {
    "ada": FULL,
    "bela": FULL,
    "chen": FULL | {"max_pool_with_switches": 7.0},
    "dina": FULL | {"max_unpool": 5.0},
    "emil": FULL | {"pack_switches": 2.0},
    "fara": FULL | {"SegNetBlock": 3.0},
    "gus": dict.fromkeys(FULL, 0.0),
    "hana": FULL | {"max_unpool": 0.0},
    "ivo": FULL | {"pack_switches": 0.0},
    "jun": FULL,
    "kim": FULL | {"max_unpool": 0.0},
    "lea": dict.fromkeys(FULL, 0.0),
}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "class"
    return folder, {grade.student: grade for grade in grade_demo(folder)}


def test_the_twelve_get_the_grades_that_we_know(room):
    assert {student: grade.points for student, grade in room[1].items()} == EXPECTED


def test_only_the_file_that_nobody_can_read_is_not_graded(room):
    assert [s for s, grade in room[1].items() if grade.state != "graded"] == ["lea"]


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("hana", "uses F.max_unpool2d, which this exercise does not allow"),
        ("jun", "unpack_switches: its cell is there 2 times"),
        ("kim", "The kernel died while this cell ran"),
        ("lea", "its JSON breaks off or is damaged at line"),
    ],
)
def test_what_went_wrong_is_said_in_a_sentence(room, student, words):
    assert words in " ".join(room[1][student].notes)


def test_the_gradebook_holds_the_same_grades(room):
    with Class(room[0]).gradebook as book:
        totals = {s.student.id: s.score for s in book.find_assignment(LAB.name).submissions}
    assert totals == {student: sum(points.values()) for student, points in EXPECTED.items()}


def test_feedback_tells_the_points_and_hides_the_call(room):
    page = (room[0] / "feedback" / "chen" / LAB.name / f"{LAB.name}.html").read_text(encoding="utf-8")
    assert "7 of 8 points" in page
    assert "the first one in reading order must win" in page
    assert "autograder.checking.score" not in page


def test_grades_are_exported_as_csv(room):
    with (room[0] / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows["emil"] == sum(EXPECTED["emil"].values())


def test_the_plain_nbgrader_configuration_is_there(room):
    assert "class_config(Path(__file__).parent)" in (room[0] / "nbgrader_config.py").read_text(encoding="utf-8")


def test_the_formgrader_shows_the_class(room):
    with jupyterlab(room[0]) as address:
        url = f"{address}/formgrader/api/submissions/{LAB.name}?token={TOKEN}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            scores = {row["student"]: row["score"] for row in json.load(answer)}
    assert scores == {student: sum(points.values()) for student, points in EXPECTED.items()}


def _rebuilt(nb):
    return Rebuild().preprocess(nb, {"nbgrader": {"assignment": LAB.name}})[0]


def test_rebuilding_keeps_the_answers_and_nothing_else():
    nb = solved(LAB)
    cell_of(nb, "check_max_unpool").source = "assert True"
    cell_of(nb, "check_max_unpool").metadata.nbgrader.points = 1000
    nb.cells.insert(0, nbformat.v4.new_code_cell("import torch; torch.allclose = lambda *a, **k: True"))
    rebuilt = _rebuilt(nb)
    assert "allclose = lambda" not in "".join(cell.source for cell in rebuilt.cells)
    assert cell_of(rebuilt, "check_max_unpool").metadata.nbgrader.points == 7
    assert "assert wide" in cell_of(rebuilt, "check_max_unpool").source
    assert cell_of(rebuilt, "max_unpool").source == LAB.exercises["max_unpool"].source


def test_of_copies_the_last_one_that_is_filled_in_counts():
    nb = solved(LAB)
    empty = nbformat.from_dict(json.loads(json.dumps(cell_of(nb, "max_unpool"))))
    empty.source = LAB.exercises["max_unpool"].stub
    nb.cells.append(empty)
    rebuilt = _rebuilt(nb)
    assert cell_of(rebuilt, "max_unpool").source == LAB.exercises["max_unpool"].source
    assert "2 times" in rebuilt.metadata.course_notes[0]


def test_a_cell_that_lost_its_tags_is_found_by_what_it_defines():
    nb = solved(LAB)
    del cell_of(nb, "max_unpool").metadata["nbgrader"]
    rebuilt = _rebuilt(nb)
    assert cell_of(rebuilt, "max_unpool").source == LAB.exercises["max_unpool"].source
    assert "was found by the name" in rebuilt.metadata.course_notes[0]


def test_a_missing_cell_costs_its_own_points_only():
    nb = solved(LAB)
    nb.cells = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "max_unpool"]
    rebuilt = _rebuilt(nb)
    assert cell_of(rebuilt, "max_unpool").source == LAB.exercises["max_unpool"].stub
    assert "is missing; it gets no points" in rebuilt.metadata.course_notes[0]


def test_a_warning_on_stderr_costs_nothing():
    data = {"text/plain": "3", "application/x-course-score+json": {"points": 3.0}}
    outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="UserWarning: careful"),
        nbformat.v4.new_output("execute_result", data=data, execution_count=1),
        nbformat.v4.new_output("error", ename="AssertionError", evalue="a visible check", traceback=[]),
    ]
    assert points_of(nbformat.v4.new_code_cell("", outputs=outputs)) == 3.0
    assert points_of(nbformat.v4.new_code_cell("", outputs=outputs[:1])) == 0.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ('{"cells": [', "breaks off"),
        ("[1, 2]", "no code cell"),
        ('{"a": 1}', "JSON but no notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "no code cell"),
    ],
)
def test_each_kind_of_broken_file_has_its_sentence(tmp_path, text, words):
    path = tmp_path / "lab.ipynb"
    path.write_text(text, encoding="utf-8")
    assert words in notebook_fault(path)


def test_collect_takes_folders_and_archives_and_refuses_two_of_one_name(tmp_path):
    inbox = tmp_path / "inbox"
    (inbox / "ada").mkdir(parents=True)
    (inbox / "ada" / "anything.ipynb").write_text("{}", encoding="utf-8")
    (inbox / "bela b.ipynb").write_text("{}", encoding="utf-8")
    room = Class(tmp_path / "class")
    assert set(room.collect(inbox, LAB)) == {"ada", "bela_b"}
    assert room.students(LAB) == ["ada", "bela_b"]
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(inbox / "bela b.ipynb", "chen.ipynb")
    assert set(room.collect(archive, LAB)) == {"chen"}
    (inbox / "ada" / "second.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="two notebooks for ada"):
        room.collect(inbox, LAB)


def test_a_cell_that_never_ends_costs_its_own_points_only(tmp_path):
    nb = solved(LAB)
    cell_of(nb, "max_unpool").source = "while True:\n    pass"
    room = Class(tmp_path / "class", timeout=20)
    (tmp_path / "inbox").mkdir()
    nbformat.write(nb, tmp_path / "inbox" / "mia.ipynb")
    room.collect(tmp_path / "inbox", LAB)
    (grade,) = room.grade(LAB)
    assert grade.state == "graded"
    assert grade.points == FULL | {"max_unpool": 0.0}


def test_the_command_tells_by_its_exit_status_that_something_was_not_graded(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "lea.ipynb").write_text("", encoding="utf-8")
    place = ["--class", str(tmp_path / "class")]
    runner = CliRunner()
    assert runner.invoke(app, ["collect", "lab04", str(inbox), *place]).exit_code == 0
    result = runner.invoke(app, ["grade", "lab04", *place])
    assert result.exit_code == 1
    assert "The file is empty" in result.output
    assert runner.invoke(app, ["grade", "lab04", "--student", "nobody", *place]).exit_code == 2
