"""Bringing a copy up to date: a backup first, a sentence afterwards, and nothing touched when something is wrong."""

import re
from datetime import datetime

import nbformat
import pytest

from course.page.reader import read_notebook
from course.work import updating
from course.work.copies import copy_of, make_copy
from course.work.results import passed
from course.work.updating import update
from tests.work.toy import TWICE, cell_of, exercise, toy_lab, write


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


@pytest.fixture
def lab(tmp_path, work):
    path = write(toy_lab(), tmp_path / "notebooks")
    make_copy(path, work)
    return path


@pytest.fixture
def answered(lab, work):
    """A copy with an answer, a passed check and a cell of the student's own, of a lab that has changed since."""
    nb = read_notebook(copy_of(lab, work))
    cell_of(nb, "twice").source = TWICE
    cell_of(nb, "check_twice").execution_count = 3
    nb.cells.append(nbformat.v4.new_code_cell("y = 1", id="mine"))
    nbformat.write(nb, copy_of(lab, work))
    new = toy_lab()
    new.cells[3] = exercise("twice", 1, 'def twice(x):\n    """Double."""\n    raise NotImplementedError')
    new.cells[5].source = "What else to notice."
    del new.cells[9]
    new.cells.insert(0, nbformat.v4.new_markdown_cell("The course.", id="lab07-top"))
    nbformat.write(new, lab)
    return copy_of(lab, work)


def test_new_text_comes_and_the_work_stays(lab, work, answered):
    before = answered.read_bytes()
    done = update(lab, work)
    nb = nbformat.read(answered, as_version=4)
    nbformat.validate(nb)
    assert cell_of(nb, "twice").source == TWICE
    assert nb.cells[0].source == "The course."
    assert [cell.source for cell in nb.cells[-2:]] == [cell_of(nb, "check_thrice").source, "y = 1"]
    assert "What else to notice." in [cell.source for cell in nb.cells]
    assert done.backup.read_bytes() == before
    assert re.fullmatch(r"lab07_toy\.backup-\d{8}-\d{6}\.ipynb", done.backup.name)
    assert done.sentences == [
        "the course's cells: 1 new, 2 changed, 1 gone.",
        f"your cells, all kept: 1 with answers, 1 others. Backup: {done.backup.name}",
        "the course has changed its text inside twice; your cell is as it was.",
    ]


def test_a_second_update_has_nothing_to_do(lab, work, answered):
    update(lab, work)
    files = {path: path.read_bytes() for path in answered.parent.iterdir()}
    assert update(lab, work).sentences == ["up to date."]
    assert {path: path.read_bytes() for path in answered.parent.iterdir()} == files


def test_what_had_passed_is_noted_before_the_outputs_go(lab, work, answered):
    update(lab, work)
    assert passed(work) == {"lab07_toy": {"twice"}}


def test_two_backups_of_one_second_are_two_files(lab, work, answered, monkeypatch):
    class Clock:
        @staticmethod
        def now():
            return datetime(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(updating, "datetime", Clock)
    first = update(lab, work).backup
    nbformat.write(toy_lab(), lab)
    second = update(lab, work).backup
    assert (first.name, second.name) == (
        "lab07_toy.backup-20260102-030405.ipynb",
        "lab07_toy.backup-20260102-030405-1.ipynb",
    )


@pytest.mark.parametrize("damage", [b"", b'{"cells": [', b"\xff\x00\xff"])
def test_a_damaged_copy_is_refused_and_not_touched(lab, work, answered, damage):
    answered.write_bytes(damage)
    with pytest.raises(ValueError, match=r"is (empty|damaged|not UTF-8)"):
        update(lab, work)
    assert answered.read_bytes() == damage
    assert list(answered.parent.iterdir()) == [answered]


def test_a_copy_stays_as_it_is_when_its_backup_cannot_be_written(lab, work, answered, monkeypatch):
    before = answered.read_bytes()

    def full(_path):
        raise OSError("No space left on device")

    monkeypatch.setattr(updating, "_back_up", full)
    with pytest.raises(OSError, match="No space left"):
        update(lab, work)
    assert answered.read_bytes() == before
