"""Run a student's notebook in a clean kernel and read off, exercise by exercise, what passes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.page.forbidden import forbidden_names

SKIP = "skip-execution"  # nbclient leaves cells with this tag alone


@dataclass(frozen=True)
class Verdict:
    """How one exercise stands; `says` is empty when all its visible checks pass."""

    number: str
    name: str
    says: str = ""

    @property
    def passed(self) -> bool:
        """Whether every visible check of the exercise passes."""
        return not self.says


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that may be damaged.

    Raises:
        ValueError: it is not there, empty, broken or no notebook; the message says which and what to do.
    """
    again = "Save it again in JupyterLab (File → Save), or start from a fresh copy of the lab."
    if not path.is_file():
        raise ValueError(
            f"{path}: there is no such file. Give the path of your notebook, as notebooks/lab03_…/lab03_….ipynb."
        )
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.strip():
        raise ValueError(f"{path.name} is empty. {again}")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} is damaged: its JSON breaks off at line {error.lineno}. {again}") from None
    try:
        nb = nbformat.read(path, as_version=4)
        nb.cells = [cell for cell in nb.cells if cell.cell_type in ("code", "markdown", "raw")]
    except Exception as error:
        raise ValueError(f"{path.name} is JSON but no notebook ({type(error).__name__}). {again}") from None
    if not any("check" in cell.metadata.get("course", {}) for cell in nb.cells):
        raise ValueError(
            f"{path.name} has no check cells: it is no lab of this course, or its cells lost their tags. {again}"
        )
    return nb


def run(nb: NotebookNode, folder: Path, *, timeout: int, tick: Callable[[], None] = lambda: None) -> None:
    """Run every cell in place; one that kills the kernel or never ends is marked, left out, and the rest run again."""
    running = 0

    def note(cell_index: int, **_: object) -> None:
        nonlocal running
        running = cell_index
        tick()

    while True:
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(
            nb,
            timeout=timeout,
            allow_errors=True,
            resources=resources,
            kernel_name="python3",
            on_cell_start=note,
            extra_arguments=["--log-level=ERROR"],
        )
        try:
            client.execute()
            return
        except (DeadKernelError, CellTimeoutError) as error:
            dead = isinstance(error, DeadKernelError)
            says = "The kernel died while this cell ran." if dead else f"This cell ran for more than {timeout} s."
            cell = nb.cells[running]
            cell.outputs = [new_output("error", ename=type(error).__name__, evalue=says, traceback=[says])]
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIP]


def verdicts(nb: NotebookNode) -> list[Verdict]:
    """What the outputs of a notebook that was run say of each exercise."""
    imports = next((cell.source for cell in nb.cells if cell.cell_type == "code"), "")
    answers = {c.metadata["course"]["exercise"]: c for c in nb.cells if "exercise" in c.metadata.get("course", {})}
    found = []
    for cell in nb.cells:
        course = cell.metadata.get("course", {})
        if "check" in course:
            name = course["check"]
            says = _fault(answers.get(name), cell, imports)
            found.append(Verdict(course["number"], name, says))
    return found


def _fault(answer: NotebookNode | None, check: NotebookNode, imports: str) -> str:
    if answer is None:
        return "The cell for your answer is missing: start from a fresh copy of the lab and paste your answer in."
    used = forbidden_names(answer.source, answer.metadata["course"].get("forbid", []), imports=imports)
    if used:
        return f"It uses {', '.join(used)}, which this exercise does not allow: build it yourself."
    for cell, where in ((answer, "Your cell stops: "), (check, "")):
        error = next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)
        if error is not None:
            return where + _sentence(error)
    return ""


def _sentence(error: NotebookNode) -> str:
    says = re.sub(r"\x1b\[[0-9;]*m", "", error.evalue or "").strip().splitlines()
    if error.ename == "NotImplementedError":
        return "Not solved yet."
    if error.ename in ("AssertionError", "DeadKernelError", "CellTimeoutError") and says:
        return says[0]
    return f"{error.ename}: {says[0] if says else 'no message'}"


def structure_notes(nb: NotebookNode, original: Path) -> list[str]:
    """Sentences on copied cells and on cells that the lab has and this notebook lacks."""
    ids = Counter(c.metadata.get("nbgrader", {}).get("grade_id") for c in nb.cells)
    notes = [f"The cell of {n} is there {k} times: delete the copies." for n, k in ids.items() if n and k > 1]
    if original.is_file():
        wanted = [c.metadata.get("course", {}).get("check") for c in nbformat.read(original, as_version=4).cells]
        have = {c.metadata.get("course", {}).get("check") for c in nb.cells}
        notes += [
            f"The check of {n} is missing: start from a fresh copy of the lab." for n in wanted if n and n not in have
        ]
    return notes


def leave_pictures_out(nb: NotebookNode) -> None:
    """Mark the cells that no exercise stands on, so that `run` leaves them alone."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    for cell in code[1:]:
        needed = cell.metadata.get("course") or "setup" in cell.metadata.get("tags", [])
        if not needed:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIP]
