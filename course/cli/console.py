"""Output that any terminal, file or pipe can take: what an encoding lacks is spelt in ASCII."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

_SPELT = {
    "✓": "+",
    "✗": "x",
    "–": "-",
    "·": "-",
    "→": "->",
    "×": "x",
    "…": "...",
    "≥": ">=",
    "●": "*",
    "○": "o",
    "’": "'",
}


class Marks(NamedTuple):
    """The signs for what is well, what is not, and what is optional."""

    well: str
    broken: str
    optional: str


def marks(console: Console) -> Marks:
    """The signs that a console can show."""
    return Marks("ok", "NO", "-") if console.options.ascii_only else Marks("✓", "✗", "–")


def spell_out() -> None:
    """From now on, what stdout and stderr cannot encode is written as the nearest ASCII, and never an error."""
    codecs.register_error("course.spell", _spell)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="course.spell")


def _spell(error: UnicodeError) -> tuple[str, int]:
    text = error.object[error.start : error.end]
    return "".join(_SPELT.get(char) or _ascii(char) for char in text), error.end


def _ascii(char: str) -> str:
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
