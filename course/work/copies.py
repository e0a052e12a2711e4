"""The folder of a student's own copies, and how a copy is made: once, and never written over."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.data.catalogue import checkout
from course.files import write_atomically
from course.page.cells import exercise_of, exercises, is_untouched, role
from course.page.reader import read_notebook
from course.work.labs import find_lab, given_out, holds_answers, notebooks, short_name
from course.work.merging import KEY, fingerprint, fingerprints, key_of, read, written


def default_folder() -> Path:
    """`work` in the checkout, or below the current folder where there is no checkout."""
    return (checkout() or Path.cwd()) / "work"


def copy_of(lab: Path, work: Path) -> Path:
    """Where the student's copy of a lab is, or will be: labs refer to one another by this layout."""
    return work / lab.stem / lab.name


def find_notebook(name: str, work: Path) -> Path:
    """The notebook of this path, or else the student's copy of the lab of this name.

    Raises:
        ValueError: no lab has that name, or there is no copy of it yet.
    """
    if name.endswith(".ipynb") or Path(name).is_file() or not short_name(name):
        return Path(name)
    path = copy_of(find_lab(notebooks(), name), work)
    if not path.is_file():
        raise ValueError(f"You have no copy of {path.stem} in {work} yet: course lab {short_name(name)} makes it.")
    return path


def make_copy(lab: Path, work: Path) -> bool:
    """Make the student's copy of a lab, where there is none yet.

    Answers that someone has typed into the lab's own file, before there were copies, come along; the file stays as it
    is.

    Returns:
        Whether answers came along.

    Raises:
        ValueError: the lab's file is damaged.
        OSError: the copy cannot be written.
    """
    target = copy_of(lab, work)
    if target.exists():
        return False
    nb = read_notebook(lab)
    adopted = holds_answers(nb)
    if adopted:
        try:
            base = fingerprints(given_out(lab))
        except ValueError:  # without git nobody knows what it was
            base = assumed(nb)
        content = json.loads(lab.read_text(encoding="utf-8-sig"))  # with its outputs
        content["metadata"] = content.get("metadata", {}) | {KEY: written(base)}
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    else:
        fresh = given_out(lab)
        fresh.metadata[KEY] = written(fingerprints(fresh))
        text = nbformat.writes(fresh) + "\n"
    write_text(target, text)
    return adopted


def write_text(path: Path, text: str) -> None:
    """Write a file that is whole at any moment."""
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def base_of(mine: NotebookNode) -> dict[str, str]:
    """The fingerprints of what a student's copy was made from."""
    found = read(mine.metadata.get(KEY))
    return assumed(mine) if found is None else found


def assumed(mine: NotebookNode) -> dict[str, str]:
    """The same for a copy that does not say: cells whose ids begin as those of the lab's checks are the course's."""
    prefixes = {"".join(cell.id.partition("-")[:2]) for cell in mine.cells if role(cell)}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    if not prefix.endswith("-"):
        return {}
    untouched = {id(cell) for cell in exercises(mine).values() if is_untouched(cell, "")}
    cells = [c for c in mine.cells if c.id.startswith(prefix) and (not exercise_of(c) or id(c) in untouched)]
    return {key_of(cell): fingerprint(cell.source) for cell in cells}


def has_new_text(lab: Path, work: Path) -> bool:
    """Whether the course has changed a lab since the student's copy was made or brought up to date."""
    try:
        mine = json.loads(copy_of(lab, work).read_text(encoding="utf-8")).get("metadata", {})
        return mine.get(KEY) != written(fingerprints(given_out(lab)))
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
