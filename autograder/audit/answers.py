"""Wrong answers that students really give, and right answers written differently: what the checks are held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.master import Exercise
from autograder.checking.score import SOLUTIONS, lab_module


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: what slipped, the property that must fail, and words of the sentence that the student sees.

    It is written as edits of the solution, pairs (old text, new text), or as a whole `source`. Where it is wrong in one
    respect `alone`, no other property may fail.
    """

    exercise: str
    slip: str
    fails: str
    says: str
    edits: tuple[tuple[str, str], ...] = ()
    source: str = ""
    alone: bool = False

    def code(self, exercise: Exercise) -> str:
        """The answer as a student would hand it in.

        Raises:
            ValueError: an edit's old text is not in the solution exactly as it is written.
        """
        code = self.source or exercise.source
        for old, new in self.edits:
            if old not in code:
                raise ValueError(f"{self.exercise}, {self.slip!r}: the solution has no text {old!r} to change")
            code = code.replace(old, new)
        return code


@dataclass(frozen=True)
class Right:
    """A right answer that is written differently from the solution."""

    exercise: str
    idea: str
    source: str


@dataclass(frozen=True)
class Equivalent:
    """Words of a mechanical mutant's change that does not change what the solution does, and why."""

    exercise: str
    change: str
    why: str


@dataclass(frozen=True)
class Allowed:
    """A misbehavior that the docstring of an exercise allows, or that cannot show in it, and why."""

    exercise: str
    misbehavior: str
    why: str


@dataclass
class Answers:
    """All answers of a lab or of one of its exercises."""

    wrong: list[Wrong]
    right: list[Right]
    equivalent: list[Equivalent]
    allowed: list[Allowed]

    def to(self, exercise: str) -> Answers:
        """Those to one exercise."""
        kinds = (self.wrong, self.right, self.equivalent, self.allowed)
        return Answers(*([answer for answer in kind if answer.exercise == exercise] for kind in kinds))


def answers_of(lab: str, solutions: Path = SOLUTIONS) -> Answers:
    """`WRONG`, `RIGHT`, `EQUIVALENT` and `ALLOWED` of a lab's `answers.py`, or of all files in its folder `answers/`.

    Args:
        lab: short name, `lab03`.
        solutions: the folder of all labs.
    """
    names = sorted(path.stem for path in solutions.glob(f"{lab}_*/answers/*.py"))
    modules = [lab_module(lab, f"answers/{name}", solutions) for name in names]
    modules = modules or [lab_module(lab, "answers", solutions)]
    kinds = ("WRONG", "RIGHT", "EQUIVALENT", "ALLOWED")
    return Answers(*([answer for module in modules for answer in getattr(module, kind, [])] for kind in kinds))
