"""A student's copy is made once, with the answers that were there before there were copies, and never written over."""

import json
import subprocess

import nbformat
import pytest

from course.page.reader import read_notebook
from course.work.copies import base_of, copy_of, default_folder, has_new_text, make_copy
from course.work.merging import KEY, fingerprints, written
from tests.work.toy import TWICE, cell_of, toy_lab, write


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


@pytest.fixture
def lab(tmp_path):
    return write(toy_lab(), tmp_path / "notebooks")


def _answered(lab):
    nb = toy_lab()
    cell_of(nb, "twice").source = TWICE
    output = nbformat.v4.new_output("stream", name="stdout", text="8\n")
    nb.cells[-1].outputs, nb.cells[-1].execution_count = [output], 3
    nb.cells.insert(4, nbformat.v4.new_markdown_cell("mine", id="mine"))
    nb.cells[6].source = "I noticed."
    nbformat.write(nb, lab)
    return nb


def test_a_copy_is_the_lab_and_remembers_what_it_was_made_from(lab, work):
    assert make_copy(lab, work) is False
    copy, given = (nbformat.read(path, as_version=4) for path in (copy_of(lab, work), lab))
    assert copy.cells == given.cells
    assert copy.metadata == given.metadata | {KEY: written(fingerprints(given))}


def test_a_copy_that_is_there_is_left_alone(lab, work):
    copy_of(lab, work).parent.mkdir(parents=True)
    copy_of(lab, work).write_text("anything", encoding="utf-8")
    assert make_copy(lab, work) is False
    assert copy_of(lab, work).read_text(encoding="utf-8") == "anything"


def test_answers_typed_into_the_labs_own_file_come_along_and_the_file_stays(lab, work):
    typed, before = _answered(lab), lab.read_bytes()
    assert make_copy(lab, work) is True
    assert lab.read_bytes() == before
    assert nbformat.read(copy_of(lab, work), as_version=4).cells == typed.cells, "with their outputs"


def test_what_an_adopted_copy_was_made_from_is_asked_of_git(lab, work):
    for words in (["init"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "labs"]):
        subprocess.run(["git", "-C", str(lab.parent), *words], check=True, capture_output=True)
    _answered(lab)
    make_copy(lab, work)
    assert base_of(read_notebook(copy_of(lab, work))) == fingerprints(toy_lab())


def test_without_git_the_cells_with_ids_like_the_checks_are_the_courses(lab, work):
    _answered(lab)
    make_copy(lab, work)
    base, given = base_of(read_notebook(copy_of(lab, work))), fingerprints(toy_lab())
    assert base.keys() == given.keys() - {"twice"}, "neither the answer nor the student's own cell"


@pytest.mark.parametrize("metadata", [{}, {KEY: 3}, {KEY: [1]}])
def test_a_copy_that_does_not_say_is_judged_by_its_ids(metadata):
    nb = toy_lab()
    nb.metadata |= metadata
    assert base_of(nb) == fingerprints(toy_lab())
    for count, cell in enumerate(nb.cells):
        cell.id = f"c{count}"
    assert base_of(nb) == {}


def test_a_damaged_lab_makes_no_copy(lab, work):
    lab.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="is damaged"):
        make_copy(lab, work)
    assert not work.exists()


def test_new_text_is_noticed(lab, work):
    assert has_new_text(lab, work) is False, "there is no copy yet"
    make_copy(lab, work)
    assert has_new_text(lab, work) is False
    nb = toy_lab()
    nb.cells[5].source = "What else to notice."
    nbformat.write(nb, lab)
    assert has_new_text(lab, work) is True
    copy_of(lab, work).write_text(json.dumps([1]), encoding="utf-8")
    assert has_new_text(lab, work) is False, "a damaged copy is not the course's to speak of here"


def test_the_folder_is_work_in_the_checkout_or_here(tmp_path, monkeypatch):
    monkeypatch.setattr("course.work.copies.checkout", lambda: tmp_path / "course")
    assert default_folder() == tmp_path / "course" / "work"
    monkeypatch.setattr("course.work.copies.checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert default_folder() == tmp_path / "work"
