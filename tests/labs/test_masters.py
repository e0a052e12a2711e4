"""Every master runs from top to bottom with its hidden checks, and every student's notebook fails at its stubs only."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring.master import all_labs
from autograder.authoring.notebook import source_notebook
from autograder.checking.score import MIME
from tests.labs.cache import ROOT, fingerprint, passed_before, remember

LABS = all_labs()
STUB = re.compile(r"Exercise (\d+\.\d+): (\w+)")
names = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.short)


def _source(lab, folder: Path) -> Path:
    path = folder / f"{lab.name}.ipynb"
    nbformat.write(source_notebook(lab), path)
    return path


@names
def test_a_master_runs_from_top_to_bottom_under_nbval(lab, tmp_path):
    path = _source(lab, tmp_path)
    key = fingerprint(path)
    if passed_before(f"master-{lab.short}", key):
        return
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-cell-timeout=300",
        "-p",
        "no:xdist",
        "-q",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-6000:]
    remember(f"master-{lab.short}", key)


def _executed(path: Path, nb) -> nbformat.NotebookNode:
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(nb, timeout=300, allow_errors=True, kernel_name="python3", resources=where).execute()
    return nb


@names
def test_a_students_notebook_opens_and_fails_exactly_at_its_exercises(lab):
    path = ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb"
    key = fingerprint(path)
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    assert not any(cell.get("outputs") for cell in nb.cells), "a committed notebook holds no outputs"
    if passed_before(f"student-{lab.short}", key):
        return
    failed_checks = set()
    for cell in _executed(path, nb).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                assert output.ename == "NotImplementedError", f"{output.ename}: {output.evalue}\n{cell.source}"
                assert STUB.search(output.evalue), f"{output.evalue!r} names no exercise\n{cell.source}"
                failed_checks.add(cell.metadata.get("course", {}).get("check"))
    assert failed_checks - {None} == set(lab.exercises), "each check fails while its exercise is unsolved"
    remember(f"student-{lab.short}", key)


@names
def test_a_master_gets_all_points_of_its_own_hidden_checks(lab, tmp_path):
    path = _source(lab, tmp_path)
    key = fingerprint(path)
    if passed_before(f"points-{lab.short}", key):
        return
    nb = nbformat.read(path, as_version=4)
    first = next(cell for cell in nb.cells if cell.cell_type == "code")
    for cell in nb.cells:
        kept = cell is first or cell.metadata.get("course") or "setup" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not kept:
            cell.metadata["tags"] = ["skip-execution"]
    earned = {}
    for cell in _executed(path, nb).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", f"{output.get('evalue')}\n{cell.source}"
            if MIME in output.get("data", {}):
                earned[output.data[MIME]["exercise"]] = output.data[MIME]["points"]
    assert earned == {name: exercise.points for name, exercise in lab.exercises.items()}
    remember(f"points-{lab.short}", key)


@names
def test_a_lab_keeps_the_house_rules(lab):
    imports, *others = [cell for cell in lab.cells if cell.cell_type == "code"]
    assert re.search(r"^(import|from) ", imports.source, re.M), "imports stand in the first cell"
    for cell in others:
        if not {"exercise", "check"} & set(cell.metadata):
            code = [line for line in cell.source.splitlines() if line.strip()]
            assert len(code) <= 12, f"{len(code)} lines in one cell of {lab.short}, wanted 12 at most:\n{cell.source}"
            assert not re.search(r"^(import|from) ", cell.source, re.M), f"imports in a later cell:\n{cell.source}"
    for exercise in lab.exercises.values():
        assert len(exercise.hints) == 2, f"{exercise.name} has {len(exercise.hints)} hints, wanted two"
    assert any("predict" in cell.metadata for cell in lab.cells)
    assert 0 < len(lab.exercises) <= 8
    assert lab.number == 0 or len(lab.exercises) >= 4
