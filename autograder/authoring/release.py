"""The edition that a class gets: the labs and the library, without solutions, hidden checks and whatever needs them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from autograder.authoring.master import ROOT
from course.page.reader import read_notebook
from course.work.labs import all_labs, holds_answers

FOLDERS = ("course", "datasets", ".github/pictures")
FILES = ("LICENSE", "constraints.txt", ".gitignore")
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", "cache", ".*")
_TABLES = (
    "build-system",
    "project",
    "project.scripts",
    "tool.setuptools.packages.find",
    "tool.setuptools.package-data",
)
_INSTRUCTORS_NEED = ("bleach", "jupytext", "nbgrader", "nbval", "pytest")


def release(out: Path, root: Path = ROOT) -> Path:
    """Write the edition into a new folder.

    Args:
        out: the folder; it must not hold anything yet.
        root: the checkout.

    Raises:
        ValueError: the folder holds something, or a lab's notebook holds answers.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is there already and not empty. Give the name of a new folder.")
    labs = all_labs(root / "notebooks")
    solved = [lab.stem for lab in labs if holds_answers(read_notebook(lab))]
    if solved:
        raise ValueError(f"notebooks/ holds answers in {', '.join(solved)}. Write it anew: autograder build.")
    for folder in FOLDERS:
        shutil.copytree(root / folder, out / folder, ignore=_LEFT_BEHIND)
    for path in [*labs, *(root / name for name in FILES)]:
        target = out / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    edits = {"README.md": _readme, "Makefile": _makefile, "environment.yml": _plain, "pyproject.toml": _project}
    for name, edit in edits.items():
        (out / name).write_text(edit((root / name).read_text(encoding="utf-8")), encoding="utf-8")
    return out


def _readme(text: str) -> str:
    return _plain(_without(text, "<!-- instructors -->", "<!-- end of instructors -->"))


def _makefile(text: str) -> str:
    return _plain(_without(text, "# <instructors>", "# </instructors>"))


def _plain(text: str) -> str:
    """Installing without what only the tests need."""
    return re.sub(r"(['\"]?)\.\[test\]\1", ".", text)


def _without(text: str, begin: str, end: str) -> str:
    """A text without the blocks between two marks.

    Raises:
        ValueError: a mark is missing.
    """
    if text.count(begin) != text.count(end) or begin not in text:
        raise ValueError(f"{begin} is there {text.count(begin)} times and {end} {text.count(end)} times; wanted pairs.")
    return re.sub(rf"{re.escape(begin)}.*?{re.escape(end)}\n+", "", text, flags=re.DOTALL)


def _project(text: str) -> str:
    """pyproject.toml with the library alone: its packages, its command, what it needs to run."""
    tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    kept = [table for table in tables if re.match(r"\[([^\]\n]+)\]", table) and table[1 : table.index("]")] in _TABLES]
    text = "".join(kept)
    text = re.sub(r"^autograder = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace(', "autograder*"', "")
    for name in _INSTRUCTORS_NEED:
        text = re.sub(rf'^ *"{name}[^\w-].*\n', "", text, flags=re.MULTILINE)
    return text.rstrip() + "\n"
