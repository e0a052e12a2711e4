"""Bring the course's new text into a student's copy: with a backup first, and a sentence on what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.page.reader import passed_checks, read_notebook
from course.work.copies import base_of, copy_of, write_text
from course.work.labs import given_out
from course.work.merging import Merged, merge
from course.work.results import add_passed


@dataclass(frozen=True)
class Update:
    """What has become of one copy; without a backup nothing was to be done."""

    merged: Merged
    backup: Path | None = None

    @property
    def sentences(self) -> list[str]:
        """What there is to say."""
        if self.backup is None:
            return ["up to date."]
        m = self.merged
        said = [f"the course's cells: {m.new} new, {m.changed} changed, {m.removed} gone."]
        said.append(f"your cells, all kept: {len(m.answers)} with answers, {m.own} others. Backup: {self.backup.name}")
        if m.compare:
            said.append(f"the course has changed its text inside {', '.join(m.compare)}; your cell is as it was.")
        return said


def update(lab: Path, work: Path) -> Update:
    """Bring a student's copy of a lab up to date.

    Raises:
        ValueError: the copy or the lab is damaged; nothing was touched.
        OSError: the backup or the copy cannot be written; the copy is as it was.
    """
    path = copy_of(lab, work)
    mine = read_notebook(path)
    merged = merge(mine, given_out(lab), base_of(mine))
    nbformat.validate(merged.nb)
    if _content(mine) == _content(merged.nb):
        return Update(merged)
    add_passed(work, lab.stem, passed_checks(path))  # the outputs that tell it do not stay
    backup = _back_up(path)
    write_text(path, nbformat.writes(merged.nb) + "\n")
    return Update(merged, backup)


def _content(nb: NotebookNode) -> list:
    cells = [(cell.cell_type, cell.id, cell.source, cell.metadata) for cell in nb.cells]
    return [cells, nb.metadata.get("course_cells")]


def _back_up(path: Path) -> Path:
    """Copy a notebook to a new file beside it, named by the time."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    data, count = path.read_bytes(), 0
    while True:
        name = f"{path.stem}.backup-{stamp}{f'-{count}' if count else ''}{path.suffix}"
        try:
            with path.with_name(name).open("xb") as file:
                file.write(data)
        except FileExistsError:
            count += 1
        else:
            return path.with_name(name)
