"""Run an exercise's hidden checks and add up the points that its properties are worth."""

from __future__ import annotations

import html
import importlib
import os
from dataclasses import dataclass
from pathlib import Path

from autograder.checking import Check, FromOutside, Result, run_check, seeded

MIME = "application/x-course-score+json"


@dataclass(frozen=True)
class Score:
    """An exercise's points and what each property said; its text is the number that nbgrader reads as the score."""

    exercise: str
    results: tuple[Result, ...]

    @property
    def points(self) -> float:
        """The points earned."""
        return float(sum(result.points for result in self.results if result.passed))

    @property
    def maximum(self) -> float:
        """The points to be had."""
        return float(sum(result.points for result in self.results))

    def __repr__(self) -> str:
        return f"{self.points:g}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        rows = "".join(_row(result) for result in self.results)
        table = f"<table><caption><b>{self.points:g} of {self.maximum:g} points</b></caption>{rows}</table>"
        data = {"exercise": self.exercise, "points": self.points, "maximum": self.maximum}
        return {"text/plain": repr(self), "text/html": table, MIME: data}


def _row(result: Result) -> str:
    mark, earned = ("✓", result.points) if result.passed else ("✗", 0)
    cells = [mark, result.title, html.escape(result.says), f"{earned:g} / {result.points:g}"]
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"


def checks_of(lab: str, exercise: str) -> list[Check]:
    """The hidden checks of an exercise: `CHECKS[exercise]` in `autograder/checks/labNN.py`."""
    return importlib.import_module(f"autograder.checks.{lab}").CHECKS[exercise]


def score(lab: str, exercise: str, student_object: object, *, student: str = "") -> Score:
    """Run every hidden check of an exercise.

    Args:
        lab: short name, `lab03`.
        exercise: the name that the student defined.
        student_object: what that name holds, or None where it holds nothing.
        student: seeds the random inputs, so that each student meets numbers of their own.
    """
    checks = checks_of(lab, exercise)
    if student_object is None:
        missing = f"There is no {exercise}: its cell did not run, or gives it another name."
        return Score(exercise, tuple(Result(c.__name__, c.points, missing) for c in checks))
    outside = FromOutside(student_object)
    return Score(exercise, tuple(run_check(c, outside, seeded(student, lab, c.__name__)) for c in checks))


def grade(lab: str, exercise: str, student_object: object) -> None:
    """The hidden call of a check cell: publishes the score as the cell's result.

    It stands before the visible checks, so that one of those failing does not take the other properties' points.
    """
    from IPython import get_ipython

    student = Path.cwd().parent.name if os.environ.get("NBGRADER_EXECUTION") else ""
    get_ipython().displayhook(score(lab, exercise, student_object, student=student))
