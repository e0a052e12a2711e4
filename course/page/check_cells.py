"""A check cell is known by its first line, `# Check 3.1 · conv_matrix · 4 points`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST_LINE = re.compile(r"#\s*Check\s+(\S+)\s+·\s+(\w+)\s+·\s+\d+\s+points?\s*$")


@dataclass(frozen=True)
class Check:
    """Number and name of the exercise that a cell checks, such as "3.1" and "conv_matrix"."""

    number: str
    name: str


def check_of(source: str) -> Check | None:
    """The check that a cell with this source is, or None.

    Args:
        source: the text of a cell.
    """
    lines = source.lstrip().splitlines()
    match = _FIRST_LINE.match(lines[0]) if lines else None
    return Check(*match.groups()) if match else None
