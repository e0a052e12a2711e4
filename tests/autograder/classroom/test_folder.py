"""A class of 12, graded; and submissions that nobody can grade."""

import csv
import json
import re
import urllib.request
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.authoring.hidden import hidden_checks
from autograder.authoring.master import ROOT, find_lab
from autograder.classroom import steps
from autograder.classroom.demo import cell_of, grade_demo, solved
from autograder.classroom.folder import Class
from autograder.classroom.steps import Rebuild, points_of
from autograder.classroom.submission import read_submission
from autograder.cli.app import app
from course.page.run import NotRunError
from course.work.checking import check_notebook
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
        ("lea", "its JSON breaks off at line"),
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
    assert "Got 3, wanted 0." in page, "the visible check tells what came"
    assert "autograder.checking.score" not in page
    assert not re.search(r"<(script|link|iframe)\b", page), "it asks no other host"


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
    assert rebuilt.metadata.course_notes == []


def test_what_is_graded_holds_the_hidden_calls_and_no_solution():
    original, prepare = hidden_checks(LAB.name)
    text = "".join(cell.source for cell in original.cells)
    assert text.count("from autograder.checking.score import grade") == len(LAB.exercises)
    assert "BEGIN SOLUTION" not in text
    assert prepare.endswith('lab_module("lab04", "checks")')
    assert all(cell_of(original, name).source == exercise.stub for name, exercise in LAB.exercises.items())


def test_a_warning_on_stderr_costs_nothing():
    data = {"text/plain": "3", "application/x-course-score+json": {"points": 3.0}}
    outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="UserWarning: careful"),
        nbformat.v4.new_output("execute_result", data=data, execution_count=1),
        nbformat.v4.new_output("error", ename="AssertionError", evalue="a visible check", traceback=[]),
    ]
    assert points_of(nbformat.v4.new_code_cell("", outputs=outputs)) == 3.0
    assert points_of(nbformat.v4.new_code_cell("", outputs=outputs[:1])) == 0.0


def _submission(folder, nb):
    path = folder / "lab.ipynb"
    nbformat.write(nb, path)
    return path


def test_a_notebook_without_code_and_one_of_another_lab_are_not_graded(tmp_path):
    with pytest.raises(ValueError, match="has no code cell: there is nothing to grade"):
        read_submission(_submission(tmp_path, nbformat.v4.new_notebook()), LAB)
    with pytest.raises(ValueError, match=r"This is Lab 0 · Start here, and not Lab 4 · Unpooling"):
        read_submission(_submission(tmp_path, solved(find_lab("lab00"))), LAB)
    nb = solved(LAB)
    for cell in nb.cells:
        cell.metadata = {}
    assert len(read_submission(_submission(tmp_path, nb), LAB).cells) == len(nb.cells), "tags can be lost"


SMALL = find_lab("lab00")
ANSWER, POINTS = SMALL.exercises["grey"].source, SMALL.exercises["grey"].points


@pytest.fixture
def small(tmp_path):
    """A class with Lab 0 handed in by ada; gives the class and a function that hands in something else for her."""
    room, path = Class(tmp_path / "class", timeout=60), tmp_path / "inbox" / "ada.ipynb"
    path.parent.mkdir()

    def hand_in(content):
        path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())
        room.collect(path.parent, SMALL)

    hand_in(solved(SMALL))
    return room, hand_in


def _scores(room):
    with room.gradebook as book:
        return {s.student.id: (s.score, s.timestamp) for s in book.find_assignment(SMALL.name).submissions}


def test_a_machine_that_fails_is_a_retry_and_changes_nothing(small, monkeypatch):
    room, hand_in = small

    def fails(*_args, **_options):
        raise NotRunError("The lab's imports did not end well: This cell ran for more than 900 s.")

    with monkeypatch.context() as patch:
        patch.setattr(steps, "run", fails)
        (grade,) = room.grade(SMALL)
        assert (grade.state, grade.total) == ("retry", 0)
        assert "imports did not end well" in grade.notes[0]
        assert "Nothing was changed: grade it again." in grade.notes[0]
        assert _scores(room) == {}, "who was never graded has no grade, and not 0"
    assert room.grade(SMALL)[0].total == POINTS
    before, page = _scores(room), (room.folder / "autograded/ada" / SMALL.name / f"{SMALL.name}.ipynb").read_bytes()
    hand_in(nbformat.read(ROOT / "notebooks" / SMALL.name / f"{SMALL.name}.ipynb", as_version=4))
    monkeypatch.setattr(steps, "run", fails)
    (grade,) = room.grade(SMALL)
    assert (grade.state, grade.total) == ("retry", POINTS), "the earlier grade stands"
    assert _scores(room) == before
    assert (room.folder / "autograded/ada" / SMALL.name / f"{SMALL.name}.ipynb").read_bytes() == page


def test_ctrl_c_stops_and_leaves_every_earlier_grade_alone(small, monkeypatch):
    room, hand_in = small
    room.grade(SMALL)
    before = _scores(room)
    hand_in(solved(SMALL, {"grey": "def grey(picture):\n    return picture"}))

    def stopped(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        room.grade(SMALL)
    assert _scores(room) == before
    result = CliRunner().invoke(app, ["grade", "lab00", "--class", str(room.folder)])
    assert result.exit_code == 130
    assert "Stopped: 0 of 1 were graded, all other grades are as they were." in result.output
    assert _scores(room) == before


def test_a_fault_inside_nbgrader_is_told_with_its_reason(small, monkeypatch):
    room, _ = small

    def broken(*_args, **_options):
        raise OSError("No space left on device")

    monkeypatch.setattr(steps, "run", broken)
    (grade,) = room.grade(SMALL)
    assert grade.state == "failed"
    assert grade.notes == ["It could not be graded: OSError: No space left on device"]


def _split(nb):
    cell = cell_of(nb, "grey")
    lines = cell.source.splitlines()
    half = nbformat.from_dict(json.loads(json.dumps(cell)) | {"id": "half"})
    cell.source, half.source = "\n".join(lines[:-2]), "\n".join(lines[-2:])
    nb.cells.insert(nb.cells.index(cell) + 1, half)


def _helper(nb):
    nb.cells.insert(2, nbformat.v4.new_code_cell("import math as m\n\ndef one():\n    return m.cos(0)"))
    cell_of(nb, "grey").source = ANSWER.replace("    return ", "    return one() * ")


def _odd(nb):
    nb.cells[0].metadata["nbgrader"] = None
    nb.cells[1].metadata["tags"] = "abc"
    nb.cells.append({"cell_type": "sql"})


def test_the_grader_and_course_check_say_the_same(tmp_path, monkeypatch):
    inbox, notes = tmp_path / "inbox", {}
    inbox.mkdir()
    for name, edit in {"split": _split, "helper": _helper, "odd": _odd, "utf16": lambda nb: None}.items():
        nb = solved(SMALL)
        edit(nb)
        (inbox / f"{name}.ipynb").write_text(json.dumps(nb), encoding="utf-16" if name == "utf16" else "utf-8")
    monkeypatch.setattr("course.work.checking.find_hidden_checks", lambda: hidden_checks)
    for path in inbox.iterdir():
        checked = check_notebook(path, timeout=60, properties=True)
        assert [verdict.points for verdict in checked.verdicts] == [POINTS], path.stem
        assert checked.passed, path.stem
        notes[path.stem] = checked.notes
    room = Class(tmp_path / "class")
    room.collect(inbox, SMALL)
    grades = room.grade(SMALL)
    assert {grade.student: (grade.state, grade.total) for grade in grades} == dict.fromkeys(notes, ("graded", POINTS))
    assert {grade.student: grade.notes for grade in grades} == notes
    assert "were put together again" in notes["split"][0]


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
    assert "is empty: it was saved or uploaded wrongly. Ask for it again." in result.output
    assert runner.invoke(app, ["grade", "lab04", "--student", "nobody", *place]).exit_code == 2
