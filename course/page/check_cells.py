"""What a notebook says after a check cell: one sentence instead of a traceback.

A check cell is known by its first line, `# Check 3.1 · conv_matrix · 4 points`.
"""

import linecache
import re
import sys
from dataclasses import dataclass

_FIRST_LINE = re.compile(r"#\s*Check\s+(\S+)\s+·\s+(\w+)\s+·\s+\d+\s+points?\s*$")
_EXERCISE = re.compile(r"Exercise (\d+\.\d+)")
_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


@dataclass(frozen=True)
class Check:
    """Number and name of the exercise that a cell checks, such as "3.1" and "conv_matrix"."""

    number: str
    name: str


def check_of(source):
    """The check that a cell with this source is, or None.

    Args:
        source: the text of a cell.
    """
    lines = source.lstrip().splitlines()
    match = _FIRST_LINE.match(lines[0]) if lines else None
    return Check(*match.groups()) if match else None


def _frames(traceback):
    """(file name, line number) of each level of a traceback, outermost first."""
    places = []
    while traceback is not None:
        places.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    return places


def failed_check(traceback):
    """The check cell in which an exception was raised, the line that it had reached, and what lay below.

    Args:
        traceback: of the exception.

    Returns:
        (check, line, deeper): deeper are the file names of the levels below the cell. None outside of check cells.
    """
    places = _frames(traceback)
    for level, (filename, number) in enumerate(places):
        check = check_of("".join(linecache.getlines(filename)[:1]))
        if check:
            return check, linecache.getline(filename, number).strip(), [name for name, _ in places[level + 1 :]]
    return None


def sentence(check, line, deeper, etype, value):
    """Say in one sentence what a failed check means for the student.

    Args:
        check: the exercise that was checked.
        line: source of the line of the check cell that was running.
        deeper: file names of the levels below the cell; empty if the exception was raised by the cell itself.
        etype, value: the exception.
    """
    if issubclass(etype, NotImplementedError):
        unsolved = _EXERCISE.match(str(value))
        if unsolved and unsolved[1] != check.number:
            return (
                f"Exercise {unsolved[1]} is not solved yet, and check {check.number} needs it: fill in its cell first."
            )
        return f"Exercise {check.number} is not solved yet: fill in the cell above."
    if issubclass(etype, AssertionError):
        return f"Check {check.number} {check.name}: {str(value).strip() or f'this does not hold: {line}'}"
    if deeper:
        return (
            f"{check.name} raised {etype.__name__} while check {check.number} ran it; the last lines below say where."
        )
    return (
        f"Check {check.number} stopped with {etype.__name__} on the line marked below: "
        f"does {check.name} return what its docstring promises?"
    )


def show_exception(shell, etype, value, traceback, tb_offset=None):
    """Publish an exception: as one red sentence from a check cell, as IPython always does from any other.

    Made for `shell.set_custom_exc`. An error output is published in every case, as nbclient and nbgrader need it; so
    the cell counts as failed. Errors that are none of the check's doing keep their traceback, below the sentence.

    Args:
        shell: IPython's shell.
        etype, value, traceback, tb_offset: as IPython hands them over.
    """
    failed = failed_check(traceback)
    if failed is None or issubclass(etype, SyntaxError):
        shell.showtraceback((etype, value, traceback), running_compiled_code=True)
        return
    sys.last_type, sys.last_value, sys.last_traceback = etype, value, traceback  # %debug and %tb look there
    lines = [f"{_RED}✗ {sentence(*failed, etype, value)}{_PLAIN}"]
    if not issubclass(etype, (AssertionError, NotImplementedError)):
        lines += shell.InteractiveTB.structured_traceback(etype, value, traceback, tb_offset=tb_offset)
    shell._showtraceback(etype, value, lines)
