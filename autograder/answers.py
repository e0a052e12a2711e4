"""Wrong answers that students really give, and right answers written differently: what the checks are held against."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from autograder.labs import Exercise


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: what slipped, the property that must fail, and words of the sentence that the student sees.

    It is written as edits of the solution, pairs (old text, new text), or as a whole `source`.
    """

    exercise: str
    slip: str
    fails: str
    says: str
    edits: tuple[tuple[str, str], ...] = ()
    source: str = ""

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


def answers_of(lab: str) -> tuple[list[Wrong], list[Right], list[Equivalent]]:
    """`WRONG`, `RIGHT` and `EQUIVALENT` of `autograder/mutants/labNN.py`."""
    module = importlib.import_module(f"autograder.mutants.{lab}")
    return module.WRONG, module.RIGHT, module.EQUIVALENT
