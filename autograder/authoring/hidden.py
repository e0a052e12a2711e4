"""A lab as it is graded: the student's notebook, with the hidden calls still in its check cells."""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.authoring.master import find_lab
from autograder.authoring.notebook import source_notebook
from course.page.cells import exercises


def hidden_checks(name: str) -> tuple[NotebookNode, str]:
    """What `course check --properties` and the grader put a student's answers into.

    Args:
        name: of a lab, in full or short.

    Returns:
        The lab's notebook with a stub for each answer, and code that loads its hidden checks.

    Raises:
        ValueError: no lab has that name.
    """
    lab = find_lab(name)
    nb = source_notebook(lab)
    for exercise, cell in exercises(nb).items():
        cell.source = lab.exercises[exercise].stub
    return nb, f'from autograder.checking.score import lab_module\n\nlab_module("{lab.short}", "checks")'
