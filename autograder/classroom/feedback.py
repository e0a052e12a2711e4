"""A student's page of feedback: each exercise with its answer, its properties and its points, and nothing else.

What is shown of an output is the table of properties and errors. Whatever else a student's code displayed or printed
stays out: it could run in the page, or tell what the hidden checks asked.
"""

from __future__ import annotations

import re

import bleach
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.checking.score import MIME

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.DOTALL)
TABLE = {"table", "caption", "thead", "tbody", "tr", "td", "th", "b", "code", "em"}


class ExercisesOnly(NbGraderPreprocessor):
    """Turn a graded notebook into its page of feedback; runs after nbgrader's `GetGrades`."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Keep the exercises, and put the points on top."""
        checks = {c.metadata.course.check: c for c in nb.cells if "check" in c.metadata.get("course", {})}
        title = new_markdown_cell(nb.cells[0].source.splitlines()[0], id="title")
        points = new_markdown_cell(_summary(checks, nb.metadata, resources["nbgrader"]), id="points")
        kept = [cell for cell in nb.cells if _role(cell, checks)]
        nb.cells = [title, points] + [part for cell in kept for part in _shown(cell)]
        return nb, resources


def _role(cell: NotebookNode, checks: dict[str, NotebookNode]) -> str:
    """What a cell is for an exercise: its heading, a hint that may still help, its answer or its check; else ""."""
    course = cell.metadata.get("course", {})
    if "exercise" in course or "check" in course:
        return "code"
    match = re.match(r"lab\d+-(exercise|hint)-(\w+?)(-\d+)?$", cell.get("id", ""))
    if not match or match[2] not in checks:
        return ""
    solved = checks[match[2]].metadata.nbgrader.score >= checks[match[2]].metadata.nbgrader.points
    return "" if match[1] == "hint" and solved else match[1]


def _shown(cell: NotebookNode) -> list[NotebookNode]:
    """A kept cell without what is hidden, and the grader's comment below it."""
    if cell.cell_type != "code":
        return [cell]
    check = "check" in cell.metadata.course
    cell.source = HIDDEN.sub("", cell.source) if check else cell.source
    tables = [o for o in cell.outputs if o.output_type == "execute_result" and MIME in o.data][:1] if check else []
    errors = [_error(output, check) for output in cell.outputs if output.output_type == "error"]
    cell.outputs = [_table(output) for output in tables] + errors
    comment = cell.metadata.nbgrader.get("comment")
    return [cell, new_markdown_cell(f"**Comment.** {comment}", id=f"{cell.id}-comment")] if comment else [cell]


def _table(output: NotebookNode) -> NotebookNode:
    html = bleach.clean(output.data.get("text/html", ""), tags=TABLE, attributes={})
    return new_output("display_data", data={"text/html": html})


def _error(output: NotebookNode, check: bool) -> NotebookNode:
    """The error, without its traceback where that shows the check's hidden lines."""
    if check and re.search(r"HIDDEN TESTS|autograder", "\n".join(output.traceback)):
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output


def _summary(checks: dict[str, NotebookNode], metadata: NotebookNode, graded: dict) -> str:
    """The points of each exercise, of the whole lab, and what the grader noted."""
    rows = ["| exercise | points |", "|:--|--:|"]
    for name, cell in checks.items():
        mine, place = cell.metadata.nbgrader, cell.id.replace("-check-", "-exercise-")
        link = f"[{cell.metadata.course.number} {name}](#cell-id={place})"
        rows.append(f"| {link} | {mine.score:g} of {mine.points:g} |")
    if graded["late_penalty"]:
        rows.append(f"| late | −{graded['late_penalty']:g} |")
    rows.append(f"| **together** | **{graded['score']:g} of {graded['max_score']:g}** |")
    notes = "\n".join(f"- {note}" for note in metadata.get("course_notes", []))
    return "\n".join(rows) + (f"\n\n**Notes**\n\n{notes}" if notes else "")
