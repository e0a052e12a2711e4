"""Masters → `build/source` (with solutions, hidden calls) → `notebooks/` (for students), by nbgrader's generator."""

from __future__ import annotations

import filecmp
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder.authoring.master import ROOT, Lab, stub_of
from autograder.authoring.notebook import source_notebook

GENERATOR = (
    "nbgrader.preprocessors.LockCells",
    "autograder.authoring.build.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
)


class ClearSolutions(NbGraderPreprocessor):
    """In place of nbgrader's step: the stub of an exercise names it."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Put the stub where the solution was."""
        course = cell.metadata.get("course", {})
        if "exercise" in course:
            cell.source = stub_of(cell.source, course["number"], course["exercise"])
        return cell, resources


def generator_config(folder: Path, source: Path, release: Path) -> Config:
    """nbgrader's configuration for turning sources into what students get.

    Args:
        folder: where nbgrader works.
        source: of the notebooks with solutions.
        release: where those without go.
    """
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ["PATH"].split(os.pathsep):  # nbgrader calls `alembic` by its bare name
        os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
    config = Config()
    config.Exchange.root = str(folder)  # not used; the default place is not writable everywhere
    config.CourseDirectory.root = str(folder)  # the formgrader wants its root below the server's
    config.CourseDirectory.source_directory = str(source)
    config.CourseDirectory.release_directory = str(release)
    config.GenerateAssignment.preprocessors = list(GENERATOR)
    return config


def write_source(lab: Lab, source: Path) -> Path:
    """Write a lab's nbgrader source notebook below `source`."""
    target = source / lab.name / f"{lab.name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(source_notebook(lab), target)
    return target


def generate(lab: Lab, config: Config) -> None:
    """Run nbgrader's generator on one lab.

    Raises:
        RuntimeError: nbgrader refused the lab; the message is its log.
    """
    result = NbGraderAPI(config=config).generate_assignment(lab.name, force=True, create=True)
    if not result["success"]:
        raise RuntimeError(f"nbgrader could not generate {lab.name}:\n{result.get('log') or result.get('error')}")


def build_notebooks(labs: list[Lab], *, root: Path = ROOT, release: Path | None = None) -> list[Path]:
    """Build labs.

    Args:
        labs: which.
        root: the checkout.
        release: where the students' notebooks go; `notebooks/` when not given.

    Returns:
        The notebooks written.
    """
    release, source = release or root / "notebooks", root / "build" / "source"
    with tempfile.TemporaryDirectory() as scratch:
        config = generator_config(Path(scratch), source, release)
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        for lab in labs:
            write_source(lab, source)
            generate(lab, config)
    written = [release / lab.name / f"{lab.name}.ipynb" for lab in labs]
    for path in written:
        path.chmod(0o644)
    return written


def stale(labs: list[Lab], *, root: Path = ROOT) -> list[str]:
    """The committed notebooks that differ from what their masters give now."""
    with tempfile.TemporaryDirectory() as fresh:
        written = build_notebooks(labs, root=root, release=Path(fresh))
        committed = [root / "notebooks" / path.relative_to(fresh) for path in written]
        pairs = zip(written, committed, strict=True)
        return [old.stem for new, old in pairs if not old.exists() or not filecmp.cmp(new, old, shallow=False)]
