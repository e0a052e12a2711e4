"""Every master runs from top to bottom and earns its points; every student's notebook fails at its stubs only."""

import re
import subprocess
import sys

import nbformat
import pytest

from autograder.authoring.master import ROOT, all_labs
from autograder.authoring.notebook import source_notebook
from course.page.cells import check_of, skip_the_rest
from course.page.run import run

LABS = all_labs()
STUB = re.compile(r"Exercise (\d+\.\d+): (\w+)")
names = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.short)


@names
def test_a_master_runs_under_nbval_and_gets_all_points_of_its_own_hidden_checks(lab, tmp_path):
    nb = source_notebook(lab)
    for cell in nb.cells:
        name = cell.metadata.get("course", {}).get("check")
        if name:
            hidden = f'score("{lab.short}", "{name}", {name})'
            points = lab.exercises[name].points
            cell.source += f"\nfrom autograder.checking.score import score\nassert {hidden}.points == {points}"
    path = tmp_path / f"{lab.name}.ipynb"
    nbformat.write(nb, path)
    options = ["--nbval-lax", "--nbval-cell-timeout=600", "-p", "no:xdist", "-q", str(path)]
    done = subprocess.run([sys.executable, "-m", "pytest", *options], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-6000:]


@names
def test_a_students_notebook_opens_and_fails_exactly_at_its_exercises(lab):
    path = ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb"
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    assert not any(cell.get("outputs") for cell in nb.cells), "a committed notebook holds no outputs"
    skip_the_rest(nb)
    run(nb, path.parent, timeout=300)
    failed_checks = set()
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                assert output.ename == "NotImplementedError", f"{output.ename}: {output.evalue}\n{cell.source}"
                assert STUB.search(output.evalue), f"{output.evalue!r} names no exercise\n{cell.source}"
                failed_checks.add(check_of(cell))
    assert failed_checks - {None} == set(lab.exercises), "each check fails while its exercise is unsolved"


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
