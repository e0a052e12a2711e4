"""The labs that the course gives out: where they are, what each is about, and what they were before anyone typed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.data.catalogue import checkout
from course.page.cells import exercises, is_untouched, role
from course.page.reader import read_notebook


def notebooks() -> Path:
    """The folder of the labs as they are given out: the checkout's, or the one below the current folder.

    Raises:
        FileNotFoundError: neither is there.
    """
    candidates = [root / "notebooks" for root in dict.fromkeys((checkout(), Path.cwd())) if root]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"There is no folder of notebooks: looked for {' and '.join(map(str, candidates))}. "
        "Change into the course's folder (the one with notebooks/) and try again."
    )


def all_labs(folder: Path) -> list[Path]:
    """The notebooks of a folder with a folder for each lab, in the syllabus' order."""
    return sorted(path for path in folder.glob("lab*/lab*.ipynb") if path.stem == path.parent.name)


def short_name(name: str) -> str | None:
    """`lab03` for "lab03", "LAB3", "3" or "lab03_transposed_convolution"; None for anything else."""
    number = re.fullmatch(r"(?:lab)?0*(\d+)(?:_\w+)?", name.lower())
    return f"lab{int(number[1]):02d}" if number else None


def find_lab(folder: Path, name: str) -> Path:
    """The notebook of one lab.

    Args:
        folder: of the labs.
        name: a lab's full name, its short form ("lab03") or its number ("3").

    Raises:
        ValueError: no lab has that name; the message lists those there are.
    """
    return find_named(all_labs(folder), name, folder)


def find_named(labs: list[Path], name: str, folder: Path) -> Path:
    """The file of one lab among those of a folder; see `find_lab`."""
    wanted = name.lower().removesuffix(".ipynb")
    for path in labs:
        if wanted == path.stem.lower() or ("_" not in wanted and short_name(wanted) == path.stem.split("_")[0]):
            return path
    there = ", ".join(path.stem for path in labs) or "none"
    raise ValueError(f"lab is {name!r}; wanted one of those in {folder}: {there}.")


def lab_of(nb: NotebookNode, folder: Path, name: str = "") -> Path | None:
    """The lab that a notebook is a copy of: the one that shares most tags with it.

    Args:
        nb: of a student.
        folder: of the labs.
        name: of the file; a lab that it begins with is tried first.

    Returns:
        The lab's notebook, or None where no lab shares a tag.
    """
    tags = {role(cell) for cell in nb.cells} - {None}
    labs = sorted(all_labs(folder), key=lambda path: path.stem.split("_")[0] != short_name(name[:5]))
    shared = {path: len(tags & {role(cell) for cell in read_notebook(path).cells}) for path in labs}
    return max(shared, key=shared.get) if any(shared.values()) else None


def given_out(path: Path) -> NotebookNode:
    """A lab as the course gives it out, also where someone has typed answers into that very file.

    Raises:
        ValueError: it is damaged, or holds answers and git knows no version without them.
    """
    nb = read_notebook(path)
    if not holds_answers(nb):
        return nbformat.read(path, as_version=4)
    before = _committed(path)
    if before is None or holds_answers(before):
        raise ValueError(
            f"{path} holds answers, and git has no version of it without them: put back the file that the course gave."
        )
    return before


def holds_answers(nb: NotebookNode) -> bool:
    """Whether someone has written into a cell for an answer."""
    return any(not is_untouched(cell, "") for cell in exercises(nb).values())


def _committed(path: Path) -> NotebookNode | None:
    command = ["git", "-C", str(path.parent), "show", f"HEAD:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
        return nbformat.reads(done.stdout.decode("utf-8"), as_version=4)
    except (OSError, subprocess.CalledProcessError, ValueError, nbformat.reader.NotJSONError):
        return None


@dataclass(frozen=True)
class About:
    """What a lab says of itself: its title, its question, and {exercise: minutes}."""

    title: str
    question: str
    minutes: dict[str, int] = field(default_factory=dict)


def about(path: Path) -> About:
    """Read off a lab's notebook what it is about."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    opening = next((text for text in texts if text.startswith("# ")), f"# {path.stem}")
    title = opening.splitlines()[0].removeprefix("# ")
    panel = next((text for text in texts if text.startswith("Progress(")), "")
    return About(title, question_in(opening), _minutes(panel))


def question_in(opening: str) -> str:
    """The last question of the paragraph that begins with **The question.**; nothing where there is none."""
    paragraph = re.search(r"\*\*The question\.\*\*(.+?)(\n\n|$)", opening, re.DOTALL)
    questions = re.findall(r"[^.?!]+\?", " ".join(paragraph[1].split())) if paragraph else []
    return questions[-1].strip() if questions else ""


def _minutes(panel: str) -> dict[str, int]:
    """{exercise: minutes} of the call that makes a lab's panel."""
    try:
        table = ast.literal_eval(ast.parse(panel).body[0].value.args[1])
        return {name: int(row[2]) for name, row in table.items()}
    except (SyntaxError, ValueError, LookupError, AttributeError, TypeError):
        return {}
