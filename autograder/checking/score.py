"""Register hidden checks, run those of an exercise, and add up the points that its properties are worth."""

from __future__ import annotations

import html
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

from autograder.checking.draws import seeded
from autograder.checking.outside import FromOutside, Side, raised
from autograder.checking.watching import Watch

MIME = "application/x-course-score+json"
SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"

Check = Callable[[object, torch.Generator], None]
_registered: dict[str, dict[str, list[Check]]] = {}  # module -> exercise -> its checks, in the order of the file


def worth(points: float, exercise: str, *, last: bool = False, module: str = "") -> Callable[[Check], Check]:
    """Register a check: a property of `exercise` that is worth `points`.

    Args:
        points: above 0.
        exercise: the name that the student defines.
        last: run it after the exercise's other checks, whose calls it judges.
        module: the lab's, where it is not the one that defines the check.
    """

    def register(check: Check) -> Check:
        check.points, check.last, check.shared = points, last, bool(module)
        _registered.setdefault(module or check.__module__, {}).setdefault(exercise, []).append(check)
        return check

    return register


@cache
def lab_module(lab: str, name: str, solutions: Path = SOLUTIONS) -> ModuleType:
    """The Python file `NAME.py` in a lab's folder, imported once.

    Args:
        lab: short name, `lab03`.
        name: such as `checks`.
        solutions: the folder of all labs.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = next(iter(sorted(solutions.glob(f"{lab}_*/{name}.py"))), None)
    if path is None:
        raise FileNotFoundError(f"There is no {solutions}/{lab}_…/{name}.py: is this a whole checkout of the course?")
    spec = importlib.util.spec_from_file_location(f"solutions.{path.parent.name}.{name.replace('/', '.')}", path)
    module = importlib.util.module_from_spec(spec)
    _registered.pop(spec.name, None)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def checks_of(lab: str, exercise: str) -> list[Check]:
    """The hidden checks of an exercise in the lab's `checks.py`, those that judge the others' calls at the end."""
    found = _registered.get(lab_module(lab, "checks").__name__, {})
    if exercise not in found:
        raise KeyError(f"{lab}'s checks.py has no @worth(…, {exercise!r}); it has checks for {', '.join(found)}")
    return sorted(found[exercise], key=lambda check: check.last)


# Words that a function's name cannot spell.
_SPELT = {
    "iou": "IoU",
    "lovasz": "Lovász",
    "pillow": "Pillow",
    "dice": "Dice",
    "torchvisions": "torchvision's",
    "relu": "ReLU",
}


@dataclass(frozen=True)
class Result:
    """What one property said: `says` is empty when it holds."""

    name: str
    points: float
    says: str = ""

    @property
    def passed(self) -> bool:
        """Whether the property holds."""
        return not self.says

    @property
    def title(self) -> str:
        """The property's name as a sentence."""
        return " ".join(_SPELT.get(word, word) for word in self.name.split("_"))


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
        data["properties"] = [{"title": r.title, "points": r.points, "says": r.says} for r in self.results]
        return {"text/plain": repr(self), "text/html": table, MIME: data}


def _row(result: Result) -> str:
    mark, earned = ("✓", result.points) if result.passed else ("✗", 0)
    cells = [mark, result.title, html.escape(result.says), f"{earned:g} / {result.points:g}"]
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"


def score(lab: str, exercise: str, student_object: object, *, student: str = "", forbid: str = "") -> Score:
    """Run every hidden check of an exercise.

    Args:
        lab: short name, `lab03`.
        exercise: the name that the student defined.
        student_object: what that name holds, or None where it holds nothing.
        student: seeds the random inputs, so that each student meets numbers of their own.
        forbid: what may not run while the student's code does, as in the master.
    """
    checks = checks_of(lab, exercise)
    if student_object is None:
        return _all_fail(exercise, checks, f"There is no {exercise}: its cell did not run, or gives it another name.")
    watch = Watch(forbid)
    outside = FromOutside(student_object, Side(guard=watch))
    results = tuple(run_check(check, outside, seeded(student, lab, check.__name__)) for check in checks)
    if watch.used:
        names = ", ".join(watch.used)
        return _all_fail(exercise, checks, f"While it ran, {names} ran too, which this exercise does not allow.")
    return Score(exercise, results)


def _all_fail(exercise: str, checks: list[Check], says: str) -> Score:
    return Score(exercise, tuple(Result(check.__name__, check.points, says) for check in checks))


def run_check(check: Check, student_object: object, rng: torch.Generator) -> Result:
    """Run one property; whatever the student's object raises becomes a sentence."""
    says = ""
    try:
        check(student_object, rng)
    except AssertionError as error:
        says = str(error) or "The property does not hold."
    except NotImplementedError:
        says = "The exercise is not solved yet."
    except (Exception, SystemExit) as error:
        says = raised(error)
    return Result(check.__name__, check.points, says)


def grade(lab: str, exercise: str, student_object: object, forbid: str = "") -> None:
    """The hidden call of a check cell: publishes the score as the cell's result.

    It stands before the visible checks, so that one of those failing does not take the other properties' points.
    """
    from IPython import get_ipython

    student = Path.cwd().parent.name if os.environ.get("NBGRADER_EXECUTION") else ""
    get_ipython().displayhook(score(lab, exercise, student_object, student=student, forbid=forbid))
