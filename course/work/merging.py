"""The course's new text and a student's work in one notebook, without losing a word of the student's.

A copy remembers, in its metadata, a fingerprint of each cell that the course gave out. So it can be told what the
student wrote: a cell whose text has another fingerprint, and every cell that the course did not give out.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from nbformat import NotebookNode

from course.page.cells import check_of, exercise_of, is_untouched, role

KEY = "course_cells"  # in a copy's metadata: a line a cell of the course, its key and the fingerprint of its text


def key_of(cell: NotebookNode) -> str:
    """What a cell of the course is known by from version to version: its role, or else its id."""
    return role(cell) or f"#{cell.id}"


def fingerprint(text: str) -> str:
    """A few letters that stand for a text; blanks at its end do not count."""
    return hashlib.sha256(text.rstrip().encode("utf-8")).hexdigest()[:12]


def fingerprints(nb: NotebookNode) -> dict[str, str]:
    """{key: fingerprint} of all cells of a lab, in its order."""
    return {key_of(cell): fingerprint(cell.source) for cell in nb.cells}


def written(base: dict[str, str]) -> list[str]:
    """Fingerprints as they stand in a copy's metadata, where only lists keep their order."""
    return [f"{key} {text}" for key, text in base.items()]


def read(metadata: object) -> dict[str, str] | None:
    """The reverse of `written`; None for anything else."""
    if not (isinstance(metadata, list) and all(isinstance(line, str) and " " in line for line in metadata)):
        return None
    return {key: text for key, _, text in (line.rpartition(" ") for line in metadata)}


@dataclass
class Merged:
    """A notebook with both in it, and what has become of the cells."""

    nb: NotebookNode
    new: int = 0
    changed: int = 0
    removed: int = 0
    answers: list[str] = field(default_factory=list)
    own: int = 0
    compare: list[str] = field(default_factory=list)  # answered exercises whose text the course has changed


def merge(mine: NotebookNode, new: NotebookNode, base: dict[str, str]) -> Merged:
    """Bring the course's new text into a student's notebook.

    The course's cells are all there, in the course's order and with its text. Each answer stays in its cell. A cell
    that the student added follows the course's cell that it followed before. A course's cell that the student has
    changed keeps their text where the course's is as it was; where both have changed, theirs follows the new one.

    Args:
        mine: the student's.
        new: the lab as it is given out now.
        base: the fingerprints of the lab that the student's copy was made from, as `fingerprints` gives them.

    Returns:
        The merged notebook, which has the new lab's fingerprints in its metadata.
    """
    course = {key_of(cell): copy.deepcopy(cell) for cell in new.cells}
    claims, heirs = _claims(mine, base, course), _heirs(base, fingerprints(new))
    merged = Merged(copy.deepcopy(new))
    followers: dict[str | None, list[NotebookNode]] = {key: [] for key in [None, *course]}
    place = None
    for cell in mine.cells:
        key = claims.get(cell.id)
        place = place if key is None else heirs.get(key, key if key in course else place)
        if key is None:
            again = exercise_of(cell)
            followers[again if again in course else place].append(_own(cell, course))
        elif _is_the_courses(cell, course.get(key), base.get(key)):
            continue
        elif key in course and exercise_of(cell) and key == exercise_of(cell):
            _put(course[key], cell)
            merged.answers.append(key)
        elif key in course and not check_of(cell) and fingerprint(course[key].source) == base.get(key):
            _put(course[key], cell)
        else:
            followers[place].append(_own(cell, course))
    now = fingerprints(new)
    merged.new = len(now) - len(heirs.keys() & base.keys())
    merged.removed = len(base.keys() - heirs.keys())
    merged.changed = sum(base[old] != now[heir] for old, heir in heirs.items())
    merged.compare = [name for name in merged.answers if base.get(name, now[name]) != now[name]]
    merged.own = sum(map(len, followers.values()))
    _lay_out(merged.nb, course, followers)
    merged.nb.metadata = copy.deepcopy(mine.metadata) | copy.deepcopy(new.metadata) | {KEY: written(now)}
    return merged


def _claims(mine: NotebookNode, base: dict[str, str], course: dict[str, NotebookNode]) -> dict[str, str]:
    """{id of a student's cell: key of the course's cell that it was}; each key is claimed once."""
    claims, free = {}, base.keys() | course.keys()
    for cell in mine.cells:
        if key_of(cell) in free:
            claims[cell.id] = key_of(cell)
            free -= {key_of(cell)}
    by_text = {base[key]: key for key in sorted(free & base.keys(), reverse=True)}
    for cell in mine.cells:  # a program that wrote the file anew gave the cells other ids
        key = by_text.pop(fingerprint(cell.source), None) if cell.id not in claims and not role(cell) else None
        if key:
            claims[cell.id] = key
    return claims


def _heirs(base: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """{key: the key of the cell that stands in its place now}: the same, one with the same text, or one in between."""
    by_text = {text: key for key, text in reversed(now.items()) if key not in base}
    before = {key: key if key in now else by_text.pop(text, key) for key, text in base.items()}
    heirs = {old: key for old, key in before.items() if key in now}
    for what, i, j, k, m in SequenceMatcher(None, list(before.values()), list(now), autojunk=False).get_opcodes():
        if what == "replace":
            gone = [old for old in list(base)[i:j] if old not in heirs]
            come = [key for key in list(now)[k:m] if key not in heirs.values()]
            heirs |= dict(zip(gone, come, strict=False))
    return heirs


def _is_the_courses(cell: NotebookNode, now: NotebookNode | None, before: str | None) -> bool:
    """Whether a cell holds nothing but what the course wrote."""
    if fingerprint(cell.source) == before or (now is not None and cell.source == now.source):
        return True
    return exercise_of(cell) is not None and is_untouched(cell, now.source if now is not None else "")


def _put(target: NotebookNode, cell: NotebookNode) -> None:
    target.source = cell.source
    if "attachments" in cell and target.cell_type != "code":
        target["attachments"] = cell.attachments


def _own(cell: NotebookNode, course: dict[str, NotebookNode]) -> NotebookNode:
    """A cell that the student keeps: theirs to edit and delete, with a tag only where it is part of an answer."""
    kept = copy.deepcopy(cell)
    for key in ("deletable", "editable"):
        kept.metadata.pop(key, None)
    if exercise_of(cell) not in course:
        for key in ("nbgrader", "course"):
            kept.metadata.pop(key, None)
    return kept


def _lay_out(nb: NotebookNode, course: dict[str, NotebookNode], followers: dict[str | None, list]) -> None:
    nb.cells = list(followers[None])
    for key, cell in course.items():
        nb.cells += [cell, *followers[key]]
    taken = {cell.id for cell in course.values()}
    ours = {id(cell) for cell in course.values()}
    for cell in nb.cells:
        if id(cell) not in ours:
            cell.id = _free_id(cell.id, taken)
            taken.add(cell.id)


def _free_id(wanted: str, taken: set[str]) -> str:
    found, count = wanted, 1
    while found in taken:
        found, count = f"{wanted[:50]}-own{count}", count + 1
    return found
