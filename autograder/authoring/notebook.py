"""From a master to an nbgrader source notebook: headings, folded hints, predictions, check cells, the end of a lab.

The result still holds the solutions and, in each check cell, one hidden call; nbgrader's generator takes both out.
"""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.ids import give_ids
from autograder.authoring.master import Exercise, Lab
from autograder.authoring.text_cells import hint_text, linked, neighbors_text, parse_prediction, question_text
from course.page.predictions import predict_html

STARS = {1: "★☆☆", 2: "★★☆", 3: "★★★"}
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
SETUP = {"tags": ["setup"]}  # exercises stand on this cell


def source_notebook(lab: Lab) -> NotebookNode:
    """The lab as an nbgrader source notebook; the same master gives the same bytes."""
    cells = [pair for cell in lab.cells for pair in _convert(cell, lab)]
    ways = neighbors_text(*lab.neighbors)
    if ways:
        title = cells[0][1]
        title.source = f"{title.source}\n\n{ways}"
        cells.append(("neighbors", new_markdown_cell(ways)))
    give_ids(lab.short, cells)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return new_notebook(cells=[cell for _, cell in cells], metadata=metadata)


def _convert(cell: NotebookNode, lab: Lab) -> Iterator[tuple[str, NotebookNode]]:
    """The cells that one cell of the master becomes, each with its role, "" for plain text and code."""
    meta = cell.metadata
    if "exercise" in meta:
        exercise = lab.exercises[meta["exercise"]]
        yield f"exercise-{exercise.name}", new_markdown_cell(_heading(exercise))
        yield f"answer-{exercise.name}", _solution_cell(exercise)
    elif "hint" in meta:
        exercise = lab.exercises[meta["hint"]]
        step = exercise.hints.index(cell.source) + 1
        yield f"hint-{exercise.name}-{step}", new_markdown_cell(hint_text(step, exercise))
    elif "check" in meta:
        yield f"check-{meta['check']}", _check_cell(lab, lab.exercises[meta["check"]])
    elif "predict" in meta:
        card = predict_html(*parse_prediction(cell.source))
        yield f"predict-{meta['predict']}", new_markdown_cell(card)
    elif "question" in meta:
        number = lab.questions.index(meta["question"]) + 1
        yield f"question-{meta['question']}", new_markdown_cell(linked(question_text(number, cell.source)))
    elif "progress" in meta:
        yield "progress", new_code_cell(_progress(lab), metadata=SETUP)
    elif cell.cell_type == "markdown":
        yield _role(cell, lab), new_markdown_cell(linked(cell.source))
    else:
        yield _role(cell, lab), new_code_cell(cell.source, metadata=SETUP if meta.get("setup") else {})


def _role(cell: NotebookNode, lab: Lab) -> str:
    if cell is lab.cells[0]:
        return "title"
    return next((key.replace("_", "-") for key in ("open_task", "papers") if cell.metadata.get(key)), "")


def _heading(exercise: Exercise) -> str:
    lines = [
        f"### Exercise {exercise.number} · `{exercise.name}`",
        f"{STARS[exercise.difficulty]} · about {exercise.minutes} minutes · {exercise.points} points",
    ]
    if exercise.forbid:
        names = ", ".join(f"`{name}`" for name in exercise.forbid)
        are = "is" if len(exercise.forbid) == 1 else "are"
        lines.append(f"Build it yourself: {names} would give the answer away and {are} not accepted here.")
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


def _progress(lab: Lab) -> str:
    rows = [f'        "{e.name}": ("{e.number}", {e.points}, {e.minutes}),' for e in lab.exercises.values()]
    return "\n".join([f'Progress(\n    "{lab.title}",', "    {", *rows, "    },", ")"])
