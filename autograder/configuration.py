"""One nbgrader configuration for our commands, for plain `nbgrader` and for the formgrader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traitlets.config import Config

from autograder.labs import ROOT

CONFIG_FILE = '''"""Read by plain `nbgrader` commands and the formgrader when they are started in this folder."""

from pathlib import Path

from autograder.configuration import configure

configure(get_config(), class_folder=Path(__file__).parent)  # noqa: F821
'''


def configure(
    config: Config, *, root: Path = ROOT, class_folder: Path | None = None, release: Path | None = None
) -> Config:
    """Point nbgrader at the course's folders and put our steps where it runs its own.

    Args:
        config: changed in place and returned.
        root: the checkout.
        class_folder: holds submitted, autograded, feedback and the gradebook; `class/` when not given.
        release: the students' notebooks; `notebooks/` when not given.
    """
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ["PATH"].split(os.pathsep):  # nbgrader calls `alembic` by its bare name
        os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]
    class_folder = Path(class_folder or root / "class").resolve()
    config.Exchange.root = str(class_folder)  # not used; the default place is not writable everywhere
    config.CourseDirectory.root = str(class_folder)  # the formgrader wants its root below the server's
    config.CourseDirectory.source_directory = str(root / "build" / "source")
    config.CourseDirectory.release_directory = str(release or root / "notebooks")
    for step in ("submitted", "autograded", "feedback"):
        config.CourseDirectory[f"{step}_directory"] = str(class_folder / step)
    config.CourseDirectory.db_url = f"sqlite:///{(class_folder / 'gradebook.db').as_posix()}"
    config.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.LockCells",
        "autograder.build.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Execute.extra_arguments = ["--log-level=ERROR"]  # the kernels' own log would bury the table
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "autograder.preprocessors.Rebuild",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        "autograder.preprocessors.Execute",
        "nbgrader.preprocessors.LimitOutput",
        "autograder.preprocessors.SaveScores",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    return config
