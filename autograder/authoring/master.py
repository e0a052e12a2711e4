"""A lab, read from its master.

A master is a text notebook in jupytext's py:percent format. The markers on its cells say what each one is:

    # %% progress=true                                              the panel at the top
    # %% setup=true                                                 plain code that later exercises need
    # %% exercise="name" difficulty=2 minutes=15 forbid="F.fold"    a solution, with BEGIN/END SOLUTION around it
    # %% [markdown] hint="name"                                     one of its hints, in order
    # %% check="name" points=4                                      its visible check
    # %% [markdown] predict="slug"                                  a question asked before a picture

The end of a lab has five questions without code, one open task and the papers; an arXiv number becomes a link, and
links to the labs before and after are added to the first cell and after the last one:

    # %% [markdown] question="slug"                                 its text; from a line ":: …" on, the answer
    # %% [markdown] open_task=true                                  something to try that has no answer key
    # %% [markdown] papers=true                                     the papers, as "…, arXiv:1603.07285"
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from course.work.labs import find_named

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"


@dataclass(frozen=True)
class Exercise:
    """One exercise: a name to define, its solution's source, and what it is worth."""

    name: str
    number: str
    source: str
    check: str
    points: int
    difficulty: int
    minutes: int
    forbid: tuple[str, ...] = ()
    hints: tuple[str, ...] = field(default=(), repr=False)

    @property
    def stub(self) -> str:
        """The solution with its solved regions replaced by the one line that a student finds there."""
        return stub_of(self.source, self.number, self.name)


def stub_of(source: str, number: str, name: str) -> str:
    """An exercise's source with each solved region replaced by a line that names the exercise."""
    lines, inside = [], False
    for line in source.splitlines():
        if BEGIN in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f'{indent}raise NotImplementedError("Exercise {number}: {name}")')
        elif END in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


@dataclass(frozen=True)
class Lab:
    """One lab: `name` is `lab03_transposed_convolution`, `short` is `lab03`."""

    path: Path

    @property
    def name(self) -> str:
        """The lab's full name, the same in every folder."""
        return self.path.stem

    @property
    def short(self) -> str:
        """The form that commands take."""
        return self.name.split("_")[0]

    @property
    def number(self) -> int:
        """The lab's number in the syllabus."""
        return int(self.short.removeprefix("lab"))

    @cached_property
    def cells(self) -> list[NotebookNode]:
        """The master's cells, with its markers as metadata."""
        return jupytext.read(self.path, fmt="py:percent").cells

    @cached_property
    def title(self) -> str:
        """The first heading's text."""
        first = self.cells[0].source.splitlines()[0] if self.cells else ""
        if not first.startswith("# "):
            raise ValueError(f"{self.path.name}: its first cell begins with {first!r}, wanted a heading '# Lab N · …'")
        return first.removeprefix("# ")

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The lab's exercises in order, by name."""
        found = {}
        for cell in self.cells:
            if "exercise" in cell.metadata:
                name = cell.metadata["exercise"]
                if name in found:
                    raise ValueError(f"{self.path.name}: two exercises are called {name!r}")
                found[name] = self._exercise(name, f"{self.number}.{len(found) + 1}", cell)
        for key in ("hint", "check"):
            for name in {c.metadata[key] for c in self.cells if key in c.metadata} - found.keys():
                raise ValueError(f'{self.path.name}: {key}="{name}" belongs to no exercise')
        return found

    @cached_property
    def questions(self) -> list[str]:
        """The slugs of the questions at the end, in order."""
        return [cell.metadata["question"] for cell in self.cells if "question" in cell.metadata]

    @property
    def neighbors(self) -> tuple[Lab | None, Lab | None]:
        """The labs before and after this one in the syllabus; None where there is none."""
        labs = [None, *all_labs(self.path.parents[2]), None]
        place = next((i for i, lab in enumerate(labs) if lab and lab.name == self.name), None)
        return (labs[place - 1], labs[place + 1]) if place else (None, None)

    @property
    def setup(self) -> str:
        """The code that exercises stand on: the first code cell (imports) and every cell marked `setup`."""
        code = [cell for cell in self.cells if cell.cell_type == "code"]
        return "\n\n".join(c.source for i, c in enumerate(code) if i == 0 or c.metadata.get("setup"))

    @property
    def points(self) -> int:
        """What the whole lab is worth."""
        return sum(exercise.points for exercise in self.exercises.values())

    def _exercise(self, name: str, number: str, cell: NotebookNode) -> Exercise:
        checks = [c for c in self.cells if c.metadata.get("check") == name]
        if len(checks) != 1:
            raise ValueError(f'{self.path.name}: exercise {name!r} has {len(checks)} cells check="{name}", wanted one')
        if not any(isinstance(n, ast.Assert) for n in ast.walk(ast.parse(checks[0].source))):
            raise ValueError(f"{self.path.name}: the visible check of {name!r} asserts nothing")
        if BEGIN not in cell.source or END not in cell.source:
            raise ValueError(f"{self.path.name}: exercise {name!r} lacks {BEGIN} … {END} around its solution")
        for key in ("difficulty", "minutes"):
            if key not in cell.metadata:
                raise ValueError(f"{self.path.name}: exercise {name!r} lacks {key}=…")
        if "points" not in checks[0].metadata:
            raise ValueError(f"{self.path.name}: the check of {name!r} lacks points=…")
        hints = [c.source for c in self.cells if c.metadata.get("hint") == name]
        forbid = tuple(cell.metadata.get("forbid", "").split())
        meta, points = cell.metadata, checks[0].metadata["points"]
        return Exercise(
            name,
            number,
            cell.source,
            checks[0].source,
            points,
            meta["difficulty"],
            meta["minutes"],
            forbid,
            tuple(hints),
        )


def all_labs(root: Path = ROOT) -> list[Lab]:
    """Every lab that has a master, in syllabus order."""
    return [Lab(p) for p in sorted((root / "solutions").glob("lab*/lab*.py")) if p.stem == p.parent.name]


def find_lab(name: str, root: Path = ROOT) -> Lab:
    """The lab of a short or full name.

    Args:
        name: `lab03`, `3` or `lab03_transposed_convolution`.
        root: the checkout that holds `solutions/`.

    Raises:
        ValueError: no lab has that name; the sentence lists those there are.
    """
    labs = {lab.path: lab for lab in all_labs(root)}
    return labs[find_named(list(labs), name, root / "solutions")]
