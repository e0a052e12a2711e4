"""One file that a student handed in."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.authoring.master import Lab, all_labs
from course.page.cells import exercise_of
from course.page.reader import read_notebook


def read_submission(path: Path, lab: Lab) -> NotebookNode:
    """What a student handed in, as a valid notebook.

    Raises:
        ValueError: it is not there, damaged, without code, or of another lab; the sentence says which.
    """
    nb = read_notebook(path)
    if not any(cell.cell_type == "code" for cell in nb.cells):
        raise ValueError("The notebook has no code cell: there is nothing to grade.")
    tags = {exercise_of(cell) for cell in nb.cells} - {None}
    if tags and not tags & lab.exercises.keys():
        other = next((found for found in all_labs() if tags & found.exercises.keys()), None)
        if other is not None:
            raise ValueError(f"This is {other.title}, and not {lab.title}.")
    return nb
