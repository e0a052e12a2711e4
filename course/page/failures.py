"""What a notebook says when a check cell fails: a sentence or two instead of a traceback."""

from __future__ import annotations

import linecache
import os
import re
import sys
from dataclasses import dataclass
from types import TracebackType

from IPython.core.interactiveshell import InteractiveShell

from course.page.check_cells import Check, check_of
from course.page.comparisons import NAME
from course.page.known_errors import explained

_EXERCISE = re.compile(r"Exercise (\d+\.\d+)")
LONGEST = 90  # characters of a line of code that is named
_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


@dataclass(frozen=True)
class Failure:
    """A check cell that failed: the check, the line of it that ran, and what lay below that line."""

    check: Check
    number: int
    line: str
    below: TracebackType | None

    @property
    def students_line(self) -> str:
        """The deepest line below the check that stands in a cell; empty where there is none."""
        lines = [_line(frame) for frame in _levels(self.below) if not os.path.exists(_file(frame))]
        return next(filter(None, reversed(lines)), "")


def _levels(traceback: TracebackType | None) -> list[TracebackType]:
    levels = []
    while traceback is not None:
        levels.append(traceback)
        traceback = traceback.tb_next
    return levels


def _file(level: TracebackType) -> str:
    return level.tb_frame.f_code.co_filename


def _line(level: TracebackType) -> str:
    line = linecache.getline(_file(level), level.tb_lineno).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def failure(traceback: TracebackType | None) -> Failure | None:
    """The check cell in which an exception was raised; None outside of check cells."""
    for level in reversed(_levels(traceback)):
        check = check_of("".join(linecache.getlines(_file(level))[:1]))
        if check:
            return Failure(check, level.tb_lineno, _line(level), level.tb_next)
    return None


@dataclass(frozen=True)
class Story:
    """What a failed check means for the student: what happened, and what more there is to say, which may be nothing."""

    what: str
    more: str = ""
    kind: str = ""  # the exception's class, where that helps
    unsolved: bool = False


def story(failed: Failure, value: BaseException, sentence: str = "", seen: str = "") -> Story:
    """Say in a sentence or two why a check failed.

    Args:
        failed: where.
        value: the exception.
        sentence: of the assert that ran, where it is written out.
        seen: what its comparison got and wanted, as a sentence.
    """
    check, message = failed.check, " ".join(str(value).split())
    exercise = _EXERCISE.match(message) if isinstance(value, NotImplementedError) else None
    if exercise and exercise[1] == check.number:
        return Story(f"Exercise {check.number} is not solved yet: fill in the cell above.", unsolved=True)
    if exercise:
        needs = f"Exercise {exercise[1]} is not solved yet, and check {check.number} needs it: fill in its cell first."
        return Story(needs, unsolved=True)
    if isinstance(value, AssertionError):
        return Story(_ended(message or f"this does not hold: `{failed.line}`"), "" if failed.below else seen)
    kind = type(value).__name__
    if failed.students_line:
        return Story(f"in your line `{failed.students_line}`: {_ended(message)}", explained(message), kind)
    if sentence:  # the two sides cannot be compared at all, as tensors of two dtypes
        return Story(_ended(sentence), seen or f"{kind}: {_ended(message)} {explained(message)}".strip())
    return Story(f"in the check's line `{failed.line}`: {_ended(message)}", explained(message), kind)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def show_exception(
    shell: InteractiveShell,
    etype: type[BaseException],
    value: BaseException,
    traceback: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Publish an exception: in a sentence or two from a check cell, as IPython always does from any other.

    Made for `shell.set_custom_exc`. An error output is published in every case, as nbclient and nbgrader need it; so
    the cell counts as failed. An error of the student's code keeps its traceback below the sentences, from the
    student's cell on; no line of the check cell is in it.

    Args:
        shell: IPython's shell.
        etype, value, traceback, tb_offset: as IPython hands them over.
    """
    failed = failure(traceback)
    if failed is None or issubclass(etype, SyntaxError):
        shell.showtraceback((etype, value, traceback), running_compiled_code=True)
        return
    sys.last_type, sys.last_value, sys.last_traceback = etype, value, traceback  # %debug and %tb look there
    seen = shell.user_ns.get(NAME)
    told = story(failed, value, *(seen.told(failed.number) if seen else ()))
    name = "" if told.unsolved else f"Check {failed.check.number} {failed.check.name}: "
    headline = " ".join(filter(None, [told.kind, told.what]))
    lines = [f"{_RED}✗ {name}{headline}{_PLAIN}", *filter(None, [told.more])]
    if failed.students_line and told.kind:
        lines += shell.InteractiveTB.structured_traceback(etype, value, failed.below, tb_offset=0)
    shell._showtraceback(etype, value if told.unsolved else f"{told.what} {told.more}".strip(), lines)
