"""Read off a notebook that was rebuilt and run, exercise by exercise, what passes and what it says where not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from course.page.cells import check_of, exercises, needed
from course.page.forbidden import forbidden_names

SCORE = "application/x-course-score+json"  # what a hidden check tells, beside the number that people see
_OURS = ("AssertionError", "NotImplementedError", "DeadKernelError", "CellTimeoutError")


@dataclass(frozen=True)
class Property:
    """One hidden check: what it asks, what it is worth, and what it says; nothing when it holds."""

    title: str
    points: float
    says: str = ""


@dataclass(frozen=True)
class Verdict:
    """How one exercise stands: `says` is empty when all is well; the properties are those that were asked."""

    number: str
    name: str
    says: str = ""
    properties: tuple[Property, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check that was run passes."""
        return not self.says

    @property
    def points(self) -> float:
        """The points of the properties that hold."""
        return float(sum(asked.points for asked in self.properties if not asked.says))


def verdicts(nb: NotebookNode) -> list[Verdict]:
    """What the outputs of a notebook that was rebuilt and run say of each exercise."""
    refused, answers = forbidden(nb), exercises(nb)
    own = {name: cell for cell in nb.cells if (name := cell.metadata.get("course", {}).get("own"))}
    found = []
    for cell in nb.cells:
        name = check_of(cell)
        if name not in answers:
            continue
        asked = _properties(cell, refused.get(name, ""))
        says = refused.get(name) or _fault(own.get(name), answers[name], cell)
        says = says or next((p.says for p in asked if p.says), "")
        found.append(Verdict(str(cell.metadata["course"].get("number", "")), name, says, asked))
    return found


def forbidden(nb: NotebookNode) -> dict[str, str]:
    """A sentence for each exercise whose answer, or what was brought along for it, uses what it may not."""
    roles = ("exercise", "check", "own")
    cells = [c for c in needed(nb) if not any(role in c.metadata.get("course", {}) for role in roles)]
    setup = "\n\n".join(cell.source for cell in cells)
    own = {c.metadata["course"]["own"]: c.source for c in nb.cells if "own" in c.metadata.get("course", {})}
    found = {}
    for name, cell in exercises(nb).items():
        code = "\n\n".join(filter(None, [own.get(name), cell.source]))
        used = forbidden_names(code, cell.metadata["course"].get("forbid", []), imports=setup)
        if used:
            found[name] = f"It uses {', '.join(used)}, which this exercise does not allow: build it yourself."
    return found


def _properties(check: NotebookNode, refused: str) -> tuple[Property, ...]:
    outputs = [out.data[SCORE] for out in check.get("outputs", []) if SCORE in out.get("data", {})]
    rows = outputs[0].get("properties", []) if outputs else []
    return tuple(Property(row["title"], float(row["points"]), refused or row["says"]) for row in rows)


def _fault(own: NotebookNode | None, answer: NotebookNode, check: NotebookNode) -> str:
    wrong = _error(check)
    if wrong is None:
        return ""
    for cell, where in ((own, "Your own cell stops: "), (answer, "Your cell stops: ")):
        error = _error(cell) if cell is not None else None
        if error is not None:
            return where + _sentence(error)
    return _of_check(wrong)


def _error(cell: NotebookNode) -> NotebookNode | None:
    return next((out for out in cell.get("outputs", []) if out.output_type == "error"), None)


def _of_check(error: NotebookNode) -> str:
    """What the page says below a check cell: of an exercise that is not solved, which one it is."""
    headline = (_lines("\n".join(error.get("traceback", []))) or [""])[0]
    if error.ename == "NotImplementedError" and headline.startswith("✗ "):
        return headline[2:]
    return _sentence(error)


def _sentence(error: NotebookNode) -> str:
    lines = _lines(error.evalue or "")
    if error.ename in _OURS and lines:
        return "\n".join(lines)
    return f"{error.ename}: {lines[0] if lines else 'no message'}"


def _lines(text: str) -> list[str]:
    return [line for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines() if line.strip()]
