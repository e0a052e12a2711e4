"""Masters → `build/source` (with solutions, hidden calls) → `notebooks/` (for students), by nbgrader's generator."""

from __future__ import annotations

import filecmp
import tempfile
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import ClearSolutions as NbgraderClearSolutions
from traitlets.config import Config

from autograder.configuration import configure
from autograder.labs import ROOT, Lab, all_labs, find_lab
from autograder.notebooks import source_notebook


class ClearSolutions(NbgraderClearSolutions):
    """nbgrader's step with a stub of its own for each exercise: it names the exercise that is not solved."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Put the exercise's number and name into the stub."""
        course = cell.metadata.get("course", {})
        if "exercise" in course:
            stub = f'raise NotImplementedError("Exercise {course["number"]}: {course["exercise"]}")'
            self.code_stub = {"python": stub}
        return super().preprocess_cell(cell, resources, cell_index)


def write_sources(labs: list[Lab], source: Path) -> None:
    """Write each lab's nbgrader source notebook below `source`."""
    for lab in labs:
        target = source / lab.name / f"{lab.name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(source_notebook(lab), target)


def generate(lab: Lab, config: Config) -> None:
    """Run nbgrader's generator on one lab.

    Raises:
        RuntimeError: nbgrader refused the lab; the message is its log.
    """
    result = NbGraderAPI(config=config).generate_assignment(lab.name, force=True, create=True)
    if not result["success"]:
        raise RuntimeError(f"nbgrader could not generate {lab.name}:\n{result.get('log') or result.get('error')}")


def build(names: list[str] | None = None, *, root: Path = ROOT, release: Path | None = None) -> list[Path]:
    """Build labs.

    Args:
        names: short or full names; all labs when empty.
        root: the checkout.
        release: where the students' notebooks go; `notebooks/` when not given.

    Returns:
        The notebooks written.
    """
    labs = [find_lab(name, root) for name in names] if names else all_labs(root)
    release = release or root / "notebooks"
    write_sources(labs, root / "build" / "source")
    with tempfile.TemporaryDirectory() as scratch:
        config = configure(Config(), root=root, class_folder=Path(scratch), release=release)
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        for lab in labs:
            generate(lab, config)
    written = [release / lab.name / f"{lab.name}.ipynb" for lab in labs]
    for path in written:
        path.chmod(0o644)
    return written


def stale(names: list[str] | None = None, *, root: Path = ROOT) -> list[str]:
    """The committed notebooks that differ from what their masters give now."""
    with tempfile.TemporaryDirectory() as fresh:
        written = build(names, root=root, release=Path(fresh))
        committed = [root / "notebooks" / path.relative_to(fresh) for path in written]
        pairs = zip(written, committed, strict=True)
        return [old.stem for new, old in pairs if not old.exists() or not filecmp.cmp(new, old, shallow=False)]
