"""`autograder feedback` and `autograder export`: what goes back to students and into a table."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import CLASS, Folder, LabName, Students, done, find, stop


def feedback(lab: LabName, folder: Folder = CLASS, student: Students = None) -> None:
    """Write a page of feedback for each graded submission."""
    from autograder.classroom.folder import Class

    try:
        pages = Class(folder).feedback(find(lab), student)
    except RuntimeError as error:
        stop(str(error))
    done(f"{len(pages)} pages in {folder / 'feedback'}")


def export(
    target: Annotated[Path, typer.Argument(help="The file to write.")] = Path("grades.csv"), folder: Folder = CLASS
) -> None:
    """Write every grade as CSV."""
    from autograder.classroom.folder import Class

    done(str(Class(folder).export(target)))
