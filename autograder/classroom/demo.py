"""A class of 12 made from the right and wrong answers of one lab, graded: what the grader does, seen at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.audit.answers import answers_of
from autograder.authoring.master import ROOT, Lab, find_lab
from autograder.classroom.folder import Class, Grade

LAB = "lab04"
Edit = Callable[[NotebookNode], None]


def solved(lab: Lab, answers: dict[str, str] | None = None) -> NotebookNode:
    """The student's notebook with solutions typed in, some replaced by `answers` {exercise: source}."""
    nb = nbformat.read(ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb", as_version=4)
    for name, exercise in lab.exercises.items():
        cell_of(nb, name).source = (answers or {}).get(name, exercise.source)
    return nb


def cell_of(nb: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell with this nbgrader id."""
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def submissions(lab: Lab) -> dict[str, str]:
    """Twelve students' files as text, by name."""
    answers = answers_of(lab.short)
    slips = {(w.exercise, w.slip): w.code(lab.exercises[w.exercise]) for w in answers.wrong}
    others = {r.exercise: r.source for r in answers.right}
    untouched = nbformat.read(ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb", as_version=4)

    def slip(exercise: str, name: str) -> str:
        return nbformat.writes(solved(lab, {exercise: slips[exercise, name]}))

    def changed(edit: Edit) -> str:
        nb = solved(lab)
        edit(nb)
        return nbformat.writes(nb)

    def type_in(exercise: str, source: str) -> Edit:
        return lambda nb: cell_of(nb, exercise).update(source=source)

    return {
        "ada": nbformat.writes(solved(lab)),
        "bela": nbformat.writes(solved(lab, others)),
        "chen": slip("max_pool_with_switches", "the last of equal numbers wins"),
        "dina": slip("max_unpool", "the size is always twice the small one"),
        "emil": slip("pack_switches", "the first window in the highest bits"),
        "fara": slip("SegNetBlock", "no ReLU"),
        "gus": nbformat.writes(untouched),
        "hana": changed(
            type_in(
                "max_unpool", "def max_unpool(values, switches, size):\n    return F.max_unpool2d(values, switches, 2)"
            )
        ),
        "ivo": changed(type_in("pack_switches", "def pack_switches(switches, width)\n    return switches")),
        "jun": changed(
            lambda nb: nb.cells.append(NotebookNode(copy.deepcopy(cell_of(nb, "unpack_switches")) | {"id": "copy"}))
        ),
        "kim": changed(type_in("max_unpool", "import os\n\nos._exit(1)")),
        "lea": nbformat.writes(solved(lab))[:2000],
    }


def grade_demo(folder: Path, *, report: Callable[[Grade], None] | None = None) -> list[Grade]:
    """Make the class in a folder, collect it, grade it, write feedback and the table of grades.

    Args:
        folder: an empty folder; it can be worked in with plain `nbgrader` afterwards.
        report: called with each grade as it is there.

    Returns:
        The twelve grades, in the students' order.
    """
    lab = find_lab(LAB)
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    for student, text in submissions(lab).items():
        (inbox / f"{student}.ipynb").write_text(text, encoding="utf-8")
    room = Class(folder, timeout=30)
    room.collect(inbox, lab)
    grades = room.grade(lab, report=report)
    room.feedback(lab)
    room.export(folder / "grades.csv")
    (folder / "grades.json").write_text(json.dumps({g.student: g.points for g in grades}, indent=1), encoding="utf-8")
    return grades
