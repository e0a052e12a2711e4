"""`autograder collect`: files that students handed in become submissions of a class."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import CLASS, Folder, LabName, done, find, stop


def collect(
    lab: LabName,
    source: Annotated[Path, typer.Argument(help="A folder or zip of student.ipynb or student/anything.ipynb.")],
    folder: Folder = CLASS,
) -> None:
    """Take submissions from a folder or zip: student.ipynb or student/anything.ipynb."""
    from autograder.classroom.folder import Class

    try:
        found = Class(folder).collect(source, find(lab))
    except ValueError as error:
        stop(str(error))
    done(f"{len(found)} submissions collected in {folder / 'submitted'}")
