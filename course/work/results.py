"""Which exercises have passed so far, in `progress.json` beside the student's copies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from course.page.reader import passed_checks
from course.work.copies import write_text

NAME = "progress.json"


def passed(work: Path) -> dict[str, set[str]]:
    """{lab's full name: the exercises that have passed}; nothing where the file is not there or not ours."""
    try:
        found = json.loads((work / NAME).read_text(encoding="utf-8"))
        return {lab: set(map(str, names)) for lab, names in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def add_passed(work: Path, lab: str, names: Iterable[str]) -> None:
    """Note that exercises of a lab have passed; what has passed once stays so."""
    before = passed(work)
    now = before | {lab: before.get(lab, set()) | set(names)}
    if now != before:
        ordered = {key: sorted(found) for key, found in sorted(now.items()) if found}
        write_text(work / NAME, json.dumps(ordered, indent=1) + "\n")


def add_saved(work: Path, labs: Iterable[Path]) -> None:
    """Note the checks that passed in the student's copies when these were last saved."""
    for path in labs:
        if names := passed_checks(path):
            add_passed(work, path.stem, names)
