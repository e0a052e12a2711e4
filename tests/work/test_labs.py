"""The labs that the course gives out are found by any of their names, and read as they were given out."""

import subprocess

import nbformat
import pytest

from autograder.authoring.master import ROOT
from autograder.authoring.master import find_lab as find_master
from course.page.reader import read_notebook
from course.work import labs
from course.work.labs import about, find_lab, given_out, holds_answers, lab_of, notebooks, question_in, short_name
from tests.work.toy import TWICE, cell_of, toy_lab, write


@pytest.fixture
def folder(tmp_path):
    for name in ("lab00_start_here", "lab03_transposed_convolution", "lab13_panoptic"):
        write(toy_lab(), tmp_path, name)
        (tmp_path / name / ".ipynb_checkpoints").mkdir()
        (tmp_path / name / f"{name}.backup-20260101-000000.ipynb").write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["lab03", "3", "03", "LAB3", "lab03_transposed_convolution"])
def test_a_lab_is_found_by_its_number_its_short_form_or_its_name(folder, name):
    assert find_lab(folder, name) == folder / "lab03_transposed_convolution" / "lab03_transposed_convolution.ipynb"


def test_zero_is_a_number_of_a_lab(folder):
    assert find_lab(folder, "0").stem == "lab00_start_here"


@pytest.mark.parametrize("name", ["lab04", "1", "lab", "transposed", "../lab03", "lab03_other", ""])
def test_an_unknown_lab_is_answered_with_those_there_are(folder, name):
    those = "lab00_start_here, lab03_transposed_convolution, lab13"
    with pytest.raises(ValueError, match=rf"lab is .*; wanted one of those in .*: {those}"):
        find_lab(folder, name)


def test_short_names_are_two_digits_wide():
    assert [short_name(name) for name in ("3", "lab13", "Lab003_x", "x3", "lab")] == [
        "lab03",
        "lab13",
        "lab03",
        None,
        None,
    ]


def test_without_notebooks_the_places_looked_in_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(labs, "checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"looked for {tmp_path / 'notebooks'}"):
        notebooks()
    (tmp_path / "notebooks").mkdir()
    assert notebooks() == tmp_path / "notebooks"


def test_the_lab_of_a_notebook_is_known_by_its_tags_whatever_the_file_is_called():
    nb = read_notebook(ROOT / "notebooks/lab05_fcn/lab05_fcn.ipynb")
    assert lab_of(nb, ROOT / "notebooks", "lab01 (2).ipynb").stem == "lab05_fcn"
    for cell in nb.cells:
        cell.metadata = {}
    assert lab_of(nb, ROOT / "notebooks") is None


def _git(folder, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


def test_a_lab_that_someone_typed_into_is_read_as_it_was_committed(tmp_path):
    path = write(toy_lab(), tmp_path)
    _git(tmp_path, "init")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-m", "labs")
    nb = toy_lab()
    cell_of(nb, "twice").source = TWICE
    nbformat.write(nb, path)
    assert holds_answers(read_notebook(path))
    assert [cell.source for cell in given_out(path).cells] == [cell.source for cell in toy_lab().cells]


def test_answers_of_which_git_knows_nothing_are_refused_as_a_lab(tmp_path):
    nb = toy_lab()
    cell_of(nb, "twice").source = TWICE
    with pytest.raises(ValueError, match="holds answers, and git has no version of it without them"):
        given_out(write(nb, tmp_path))


@pytest.mark.parametrize("path", labs.all_labs(ROOT / "notebooks"), ids=lambda path: path.stem[:5])
def test_a_lab_says_what_it_is_about(path):
    master, what = find_master(path.stem), about(path)
    assert what.title == master.title
    assert what.question.endswith("?")
    assert what.minutes == {name: exercise.minutes for name, exercise in master.exercises.items()}
    assert not holds_answers(read_notebook(path))


def test_the_question_is_the_last_of_its_paragraph():
    assert question_in("# T\n\n**The question.** First. Is it\nso? Or is it *not*?\n\nWhy?") == "Or is it *not*?"
    assert question_in("# T\n\nWhy?") == ""


def test_a_lab_without_a_panel_has_no_minutes(tmp_path):
    nb = toy_lab()
    nb.cells[2].source = "Progress(title)"
    assert about(write(nb, tmp_path)).minutes == {}
