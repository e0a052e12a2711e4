"""Ids of cells that stay when a cell is inserted: from a cell's role, else from its section and text."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from nbformat import NotebookNode


def give_ids(short: str, cells: list[tuple[str, NotebookNode]]) -> None:
    """Set each cell's id.

    Args:
        short: the lab's short name, `lab03`.
        cells: (role, cell) in order; a role such as `check-conv_matrix` occurs once, "" where a cell has none.
    """
    section, seen = "", Counter()
    for role, cell in cells:
        heading = re.match(r"## .+", cell.source) if cell.cell_type == "markdown" else None
        section = heading[0] if heading else section
        name = role or hashlib.sha256(f"{section}\n{cell.source}".encode()).hexdigest()[:8]
        seen[name] += 1
        cell["id"] = f"{short}-{name}" if seen[name] == 1 else f"{short}-{name}-{seen[name]}"
