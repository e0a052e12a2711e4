"""The start page lists the labs and what has passed so far, and what has passed once stays so."""

import json

import nbformat
import pytest

from course.work.copies import copy_of, make_copy
from course.work.results import add_passed, add_saved, passed
from course.work.start_page import start_page, write_start_page
from tests.work.toy import cell_of, toy_lab, write


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


@pytest.fixture
def labs(tmp_path):
    return [write(toy_lab(), tmp_path / "notebooks", name) for name in ("lab07_toy", "lab08_other")]


def test_each_lab_has_its_title_link_question_minutes_and_progress(labs, work):
    add_passed(work, "lab07_toy", ["twice"])
    add_passed(work, "lab08_other", ["twice", "thrice", "an exercise that is gone"])
    page = start_page(labs, work)
    assert "| [Lab 7 · A toy](lab07_toy/lab07_toy.ipynb) | Is it? | 15 min | 1/2 |" in page
    assert "| [Lab 7 · A toy](lab08_other/lab08_other.ipynb) | Is it? | 15 min | 2/2 ✓ |" in page
    assert "**3 of 4 exercises pass so far.**" in page


def test_the_page_is_written_only_where_it_says_something_new(labs, work):
    path = write_start_page(labs, work)
    before = path.stat().st_mtime_ns
    assert write_start_page(labs, work).stat().st_mtime_ns == before
    add_passed(work, "lab07_toy", ["twice"])
    assert "1 of 4 exercises" in write_start_page(labs, work).read_text(encoding="utf-8")


def test_what_has_passed_once_stays_so(work):
    add_passed(work, "lab07_toy", ["twice"])
    add_passed(work, "lab07_toy", [])
    add_passed(work, "lab07_toy", ["thrice"])
    assert passed(work) == {"lab07_toy": {"twice", "thrice"}}
    assert json.loads((work / "progress.json").read_text(encoding="utf-8")) == {"lab07_toy": ["thrice", "twice"]}


@pytest.mark.parametrize("text", ["", "[1]", '{"lab07_toy": 3}', "{"])
def test_a_file_that_is_not_ours_counts_as_none(work, text):
    work.mkdir()
    (work / "progress.json").write_text(text, encoding="utf-8")
    assert passed(work) == {}
    add_passed(work, "lab07_toy", ["twice"])
    assert passed(work) == {"lab07_toy": {"twice"}}


def test_checks_that_passed_in_a_saved_copy_count(labs, work):
    make_copy(labs[0], work)
    copy = copy_of(labs[0], work)
    nb = nbformat.read(copy, as_version=4)
    cell_of(nb, "check_twice").execution_count = 3
    nbformat.write(nb, copy)
    add_saved(work, [copy, copy_of(labs[1], work)])
    assert passed(work) == {"lab07_toy": {"twice"}}
