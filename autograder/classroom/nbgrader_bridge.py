"""One nbgrader configuration for our commands, for plain `nbgrader` in a class's folder and for the formgrader."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from autograder.authoring.build import generator_config
from course.page.export import TEMPLATE, TEMPLATES

CONFIG_FILE = '''"""Read by plain `nbgrader` commands and the formgrader when they are started in this folder."""

from pathlib import Path

from autograder.classroom.nbgrader_bridge import class_config

get_config().merge(class_config(Path(__file__).parent))  # noqa: F821
'''

SANITIZE = (
    "nbgrader.preprocessors.ClearOutput",
    "autograder.classroom.steps.Rebuild",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)
AUTOGRADE = (
    "autograder.classroom.steps.Execute",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.classroom.steps.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)
FEEDBACK = (
    "nbgrader.preprocessors.GetGrades",
    "autograder.classroom.feedback.ExercisesOnly",
)


def class_config(folder: Path, release: Path | None = None) -> Config:
    """nbgrader's configuration with our steps in the place of some of its own; everything lies below `folder`.

    Args:
        folder: of the class: source, release, submitted, autograded, feedback and the gradebook.
        release: where the generator writes; `release` in the class's folder when not given.
    """
    folder = folder.resolve()
    config = generator_config(folder, folder / "source", release or folder / "release")
    for step in ("submitted", "autograded", "feedback"):
        config.CourseDirectory[f"{step}_directory"] = str(folder / step)
    config.CourseDirectory.db_url = f"sqlite:///{(folder / 'gradebook.db').as_posix()}"
    config.Autograde.sanitize_preprocessors = list(SANITIZE)
    config.Autograde.autograde_preprocessors = list(AUTOGRADE)
    config.GenerateFeedback.preprocessors = list(FEEDBACK)
    config.GenerateFeedback.exporter_class = "course.page.export.PageExporter"
    config.PageExporter.template_name = TEMPLATE  # nbgrader asks HTMLExporter for its own
    config.PageExporter.extra_template_basedirs = [str(TEMPLATES)]
    return config
