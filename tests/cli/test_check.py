"""`course check`: a sentence for each exercise, and for each way in which a notebook can be broken."""

import copy
import re

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.authoring.master import ROOT, find_lab
from autograder.classroom.demo import cell_of, solved
from course.cli.app import app
from course.page.run import read_notebook, structure_notes, verdicts

LAB = find_lab("lab04")
RELEASED = ROOT / "notebooks" / LAB.name / f"{LAB.name}.ipynb"


def _check(nb, folder, *options):
    path = folder / f"{LAB.name}.ipynb"
    path.write_text(nb if isinstance(nb, str) else nbformat.writes(nb), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(path), "--fast", *options])
    return result.exit_code, re.sub(r"\s+", " ", result.output)


def test_a_solved_notebook_passes(tmp_path):
    status, says = _check(solved(LAB), tmp_path)
    assert status == 0, says
    assert "6 of 6 exercises pass" in says


def test_each_exercise_says_how_it_stands(tmp_path):
    nb = solved(LAB)
    slip = LAB.exercises["max_pool_with_switches"].source.replace("corners[k] > pooled", "corners[k] >= pooled")
    cell_of(nb, "max_pool_with_switches").source = slip
    cell_of(nb, "max_unpool").source = LAB.exercises["max_unpool"].stub
    cell_of(nb, "pack_switches").source = "def pack_switches(switches, width)\n    return 1"
    cell_of(nb, "unpack_switches").source = "def unpack_switches(packed, shape, width):\n    return packed.nothing"
    forbidden = LAB.exercises["SegNetBlock"].source.replace(
        "unpooling.max_unpool(values, switches, size)", "F.max_unpool2d(values, switches, 2)"
    )
    cell_of(nb, "SegNetBlock").source = forbidden
    status, says = _check(nb, tmp_path)
    assert status == 1
    assert "Where all four are equal, the first one wins. Got 3, wanted 0." in says
    assert "max_unpool Not solved yet." in says
    assert "pack_switches Your cell stops: SyntaxError" in says
    assert "AttributeError: in your line `return packed.nothing`: 'Tensor' object has no attribute 'nothing'" in says
    assert "It uses F.max_unpool2d, which this exercise does not allow" in says
    assert "1 of 6 exercises pass" in says


def test_cells_that_kill_or_never_end_cost_their_own_exercise_only(tmp_path):
    nb = solved(LAB)
    cell_of(nb, "max_unpool").source = "import os\n\nos._exit(1)"
    cell_of(nb, "unpack_switches").source = "while True:\n    pass"
    status, says = _check(nb, tmp_path, "--timeout", "8")
    assert status == 1
    assert "max_unpool Your cell stops: The kernel died while this cell ran." in says
    assert "unpack_switches Your cell stops: This cell ran for more than 8 s." in says
    assert "4 of 6 exercises pass" in says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ('{"cells": [\n', "is damaged: its JSON breaks off at line"),
        ('{"a": 1}', "is JSON but no notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "has no check cells"),
    ],
)
def test_each_kind_of_broken_file_has_its_sentence(tmp_path, text, words):
    status, says = _check(text, tmp_path)
    assert status == 2
    assert words in says


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(ValueError, match="there is no such file"):
        read_notebook(tmp_path / "gone.ipynb")


def test_copied_and_missing_cells_are_named():
    nb = nbformat.read(RELEASED, as_version=4)
    nb.cells.append(copy.deepcopy(cell_of(nb, "max_unpool")))
    nb.cells = [c for c in nb.cells if c.metadata.get("course", {}).get("check") != "pack_switches"]
    notes = " ".join(structure_notes(nb, RELEASED))
    assert "The cell of max_unpool is there 2 times: delete the copies." in notes
    assert "The check of pack_switches is missing" in notes


def test_an_answer_cell_that_is_gone_is_said_to_be_gone():
    nb = nbformat.read(RELEASED, as_version=4)
    nb.cells = [c for c in nb.cells if c.metadata.get("course", {}).get("exercise") != "max_unpool"]
    found = {verdict.name: verdict.says for verdict in verdicts(nb)}
    assert "The cell for your answer is missing" in found["max_unpool"]
