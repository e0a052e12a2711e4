"""Where hidden checks are installed, this finds them: by an entry point, so that the course needs to know of nobody.

A distribution that has hidden checks declares, in its pyproject.toml,

    [project.entry-points."course.hidden_checks"]
    autograder = "autograder.authoring.hidden:hidden_checks"

a function that takes a lab's name and returns its notebook with the hidden calls in the check cells, and code that
loads what these need. It raises ValueError for a lab that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from nbformat import NotebookNode

GROUP = "course.hidden_checks"


def find_hidden_checks() -> Callable[[str], tuple[NotebookNode, str]] | None:
    """The function that some installed distribution offers; None where there is none, or it cannot be imported."""
    for entry in entry_points(group=GROUP):
        try:
            return entry.load()
        except (ImportError, AttributeError):  # declared, and its files are gone
            continue
    return None
