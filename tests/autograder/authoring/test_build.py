"""Masters become notebooks, the same bytes each time."""

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.authoring.build import build_notebooks, stale
from autograder.authoring.master import ROOT, Lab, all_labs, find_lab
from autograder.classroom.demo import solved
from autograder.cli.app import app


def test_building_twice_gives_the_same_bytes(tmp_path):
    first, second = (
        build_notebooks([find_lab("lab04")], release=tmp_path / name)[0].read_bytes() for name in ("a", "b")
    )
    assert first == second


def test_a_changed_notebook_is_called_stale(tmp_path):
    for folder in ("solutions", "notebooks"):
        (tmp_path / folder / "lab04_unpooling").mkdir(parents=True)
    master = ROOT / "solutions/lab04_unpooling/lab04_unpooling.py"
    copy = tmp_path / "solutions/lab04_unpooling/lab04_unpooling.py"
    lab = Lab(copy)
    copy.write_text(master.read_text(encoding="utf-8"), encoding="utf-8")
    assert stale([lab], root=tmp_path) == ["lab04_unpooling"], "a notebook that was never built is stale"
    build_notebooks([lab], root=tmp_path)
    assert stale([lab], root=tmp_path) == []
    copy.write_text(copy.read_text(encoding="utf-8").replace("The question", "A question", 1), encoding="utf-8")
    assert stale([Lab(copy)], root=tmp_path) == ["lab04_unpooling"]


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.short)
def test_a_students_notebook_holds_no_solution_and_no_hidden_call(lab):
    path = ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb"
    nb = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in nb.cells)
    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "autograder" not in text
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in nb.cells}
    for name, exercise in lab.exercises.items():
        assert f'raise NotImplementedError("Exercise {exercise.number}: {name}")' in cells[name].source
        assert cells[name].source == exercise.stub
        check = cells[f"check_{name}"]
        assert check.source.startswith(f"# Check {exercise.number} · {name} · {exercise.points} points\n")
        assert check.metadata.nbgrader.points == exercise.points
        assert check.metadata.nbgrader.locked
    assert sum(c.metadata.get("nbgrader", {}).get("points", 0) for c in nb.cells) == lab.points


def test_an_unknown_lab_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"lab is 'lab77'; wanted one of those in .*: lab00_"):
        find_lab("lab77")


def test_a_notebook_that_somebody_works_in_is_not_written_over(tmp_path, monkeypatch):
    path = tmp_path / "notebooks/lab00_start_here/lab00_start_here.ipynb"
    path.parent.mkdir(parents=True)
    nb = solved(find_lab("lab00"), {"grey": "def grey(picture):\n    return picture.mean(0)"})
    nbformat.write(nb, path)
    before = path.read_bytes()
    monkeypatch.setattr("autograder.authoring.master.ROOT", tmp_path)
    (tmp_path / "README.md").write_text("<!-- labs --><!-- end of labs -->")
    monkeypatch.setattr("autograder.cli.build.find_all", lambda names: [find_lab("lab00", ROOT)])
    result = CliRunner().invoke(app, ["build", "lab00"])
    assert result.exit_code == 1
    assert "holds answers: `course lab` copies them into work/." in " ".join(result.output.split())
    assert path.read_bytes() == before
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    assert "is damaged: its JSON breaks off at line 1. Look at it" in CliRunner().invoke(app, ["build", "lab00"]).output
