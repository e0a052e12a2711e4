"""From a master to an nbgrader source notebook: headings, folded hints, predictions, check cells.

The result still holds the solutions and, in each check cell, one hidden call; nbgrader's generator takes both out.
"""

from __future__ import annotations

import html
import re

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.master import Exercise, Lab
from course.page.predictions import predict_html

STARS = {1: "★☆☆", 2: "★★☆", 3: "★★★"}
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def source_notebook(lab: Lab) -> NotebookNode:
    """The lab as an nbgrader source notebook; the same master gives the same bytes."""
    cells: list[NotebookNode] = []
    for cell in lab.cells:
        cells.extend(_convert(cell, lab))
    for index, cell in enumerate(cells):
        cell["id"] = f"{lab.short}-{index:03d}"
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def _convert(cell: NotebookNode, lab: Lab) -> list[NotebookNode]:
    meta = cell.metadata
    if "exercise" in meta:
        exercise = lab.exercises[meta["exercise"]]
        return [new_markdown_cell(_heading(exercise)), _solution_cell(exercise)]
    if "hint" in meta:
        return [new_markdown_cell(_folded_hint(cell.source, lab.exercises[meta["hint"]]))]
    if "check" in meta:
        return [_check_cell(lab, lab.exercises[meta["check"]])]
    if "predict" in meta:
        return [new_markdown_cell(predict_html(*parse_prediction(cell.source)))]
    if "progress" in meta:
        return [new_code_cell(_progress(lab))]
    make = new_markdown_cell if cell.cell_type == "markdown" else new_code_cell
    return [make(cell.source, metadata={"tags": ["setup"]} if meta.get("setup") else {})]


def _heading(exercise: Exercise) -> str:
    lines = [
        f"### Exercise {exercise.number} · `{exercise.name}`",
        f"{STARS[exercise.difficulty]} · about {exercise.minutes} minutes · {exercise.points} points",
    ]
    if exercise.forbid:
        names = ", ".join(f"`{name}`" for name in exercise.forbid)
        lines.append(f"Build it yourself: {names} would give the answer away and are not accepted here.")
    return "\n\n".join(lines)


def _solution_cell(exercise: Exercise) -> NotebookNode:
    nbgrader = _nbgrader(exercise.name, solution=True)
    course = {"exercise": exercise.name, "number": exercise.number, "forbid": list(exercise.forbid)}
    return new_code_cell(exercise.source, metadata={"nbgrader": nbgrader, "course": course})


def _check_cell(lab: Lab, exercise: Exercise) -> NotebookNode:
    first = f"# Check {exercise.number} · {exercise.name} · {exercise.points} points"
    hidden = [
        "### BEGIN HIDDEN TESTS",
        "from autograder.checking.score import grade",
        "",
        "grade(",
        f'    "{lab.short}", "{exercise.name}", globals().get("{exercise.name}"), forbid="{" ".join(exercise.forbid)}"',
        ")",
        "### END HIDDEN TESTS",
    ]
    nbgrader = _nbgrader(f"check_{exercise.name}", grade=True, locked=True, points=exercise.points)
    course = {"check": exercise.name, "number": exercise.number}
    return new_code_cell("\n".join([first, *hidden, exercise.check]), metadata={"nbgrader": nbgrader, "course": course})


def _nbgrader(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False, points: int = 0
) -> dict:
    meta = {"grade_id": grade_id, "grade": grade, "solution": solution, "locked": locked, "task": False}
    return meta | {"schema_version": 3, "cell_type": "code"} | ({"points": points} if grade else {})


def _folded_hint(source: str, exercise: Exercise) -> str:
    step = exercise.hints.index(source) + 1
    title = html.escape(f"Hint {step} of {len(exercise.hints)} · {exercise.name}")
    return f"<details>\n<summary>{title}</summary>\n\n{source}\n\n</details>"


def _progress(lab: Lab) -> str:
    rows = [f'        "{e.name}": ("{e.number}", {e.points}, {e.minutes}),' for e in lab.exercises.values()]
    return "\n".join([f'Progress(\n    "{lab.title}",', "    {", *rows, "    },", ")"])


def parse_prediction(source: str) -> tuple[str, list[tuple[str, bool, str]]]:
    """Read a question and its choices.

    The question comes first; each choice is a line `- [x] text :: reason`, with `[x]` for a right one and `[ ]` for
    a wrong one. A line that begins with blanks goes on where the line before it stopped.

    Returns:
        The question and, per choice, its text, whether it is right, and the reason.
    """
    question, _, rest = re.sub(r"\n[ \t]+(?=\S)", " ", source).partition("\n- [")
    choices = []
    for line in filter(str.strip, ("- [" + rest).splitlines()):
        match = re.fullmatch(r"- \[([x ])\] (.+?) :: (.+)", line.strip())
        if not match:
            raise ValueError(f"a choice reads {line!r}, wanted '- [x] text :: reason' or '- [ ] text :: reason'")
        choices.append((match[2], match[1] == "x", match[3]))
    if len(choices) < 2 or not any(right for _, right, _ in choices):
        raise ValueError(f"the prediction {question[:40]!r} needs two choices or more, one of them right")
    return question.strip(), choices
