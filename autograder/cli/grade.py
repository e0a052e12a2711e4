"""`autograder grade` and `autograder demo`: submissions become grades."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from autograder.cli.common import CLASS, Folder, LabName, Students, console, find, stop

if TYPE_CHECKING:
    from autograder.authoring.master import Lab
    from autograder.classroom.folder import Grade


def grade(
    lab: LabName,
    folder: Folder = CLASS,
    student: Students = None,
    timeout: Annotated[int, typer.Option(help="Seconds that one cell may run.")] = 60,
) -> None:
    """Grade a lab's submissions; exit status 1 when one could not be graded."""
    from autograder.classroom.folder import Class

    chosen, room = find(lab), Class(folder, timeout=timeout)
    who = student or room.students(chosen)
    unknown = [name for name in who if not (room.submitted / name / chosen.name).exists()]
    if not who or unknown:
        stop(f"nothing handed in by {', '.join(unknown) or 'anyone'} in {room.submitted}: collect first", 2)
    with graded_so_far(chosen, chosen.title, len(who)) as (grades, report):
        room.grade(chosen, who, report=report)
    raise typer.Exit(int(any(g.state != "graded" for g in grades)))


def demo(
    keep: Annotated[Path | None, typer.Option(help="Keep the class in this folder, which must be new.")] = None,
) -> None:
    """Make a class of 12 from right and wrong answers and grade it."""
    from autograder.classroom.demo import LAB, grade_demo

    lab = find(LAB)
    with (
        tempfile.TemporaryDirectory() as scratch,
        graded_so_far(lab, f"grading 12 students · {lab.short}", 12) as (_, report),
    ):
        grade_demo(keep or Path(scratch) / "class", report=report)


@contextmanager
def graded_so_far(lab: Lab, title: str, total: int) -> Iterator[tuple[list[Grade], Callable[[Grade], None]]]:
    """A list that fills as grades are reported, a bar, and the table at the end, which Ctrl-C brings on."""
    grades: list[Grade] = []
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(title, total=total)

            def report(grade: Grade) -> None:
                grades.append(grade)
                bar.advance(task)

            yield grades, report
    except KeyboardInterrupt:
        print_grades(lab, grades)
        stop(f"Stopped: {len(grades)} of {total} were graded, all other grades are as they were.", 130)
    print_grades(lab, grades)


def print_grades(lab: Lab, grades: list[Grade]) -> None:
    """A row a student, and below the table what there is to say."""
    table = Table(title=lab.title, title_justify="left")
    for column in ("student", "state"):
        table.add_column(column)
    for exercise in lab.exercises.values():
        table.add_column(f"{exercise.number}\n/{exercise.points}", justify="right")
    table.add_column("total", justify="right", style="bold")
    for g in grades:
        color = "green" if g.state == "graded" else "red"
        cells = [f"{g.points[name]:g}" for name in lab.exercises]
        table.add_row(g.student, f"[{color}]{g.state}[/]", *cells, f"{g.total:g}")
    console.print(table)
    for g in grades:
        for note in g.notes:
            console.print(f"  [bold]{g.student}[/]  ", end="")
            console.print(note, markup=False, highlight=False)
