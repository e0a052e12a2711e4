"""The command `autograder`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from autograder.grading import Grade
    from autograder.labs import Lab

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Build the labs, audit their checks, grade a class.")
console = Console(width=None if sys.stdout.isatty() else 120)
Folder = Annotated[Path, typer.Option("--class", help="The class's folder; made when it is not there.")]
Students = Annotated[
    list[str] | None, typer.Option("--student", help="Only this student; may be given more than once.")
]
CLASS = Path("class")
Labs = Annotated[list[str] | None, typer.Argument(help="Labs, as lab03 or 3; all of them when none is named.")]


@app.command()
def build(
    labs: Labs = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a committed notebook is stale.")
    ] = False,
) -> None:
    """Turn masters into notebooks."""
    from autograder.build import build as build_labs
    from autograder.build import stale
    from autograder.labs import ROOT
    from autograder.syllabus import readme_with_table

    readme = ROOT / "README.md"
    readme_is_old = readme.read_text(encoding="utf-8") != readme_with_table(ROOT)

    if check:
        old = stale(labs)
        for name in old:
            console.print(f"[red]✗[/] notebooks/{name} differs from its master: run `autograder build` and commit it")
        if readme_is_old:
            console.print("[red]✗[/] README.md's table of labs is old: run `autograder build` and commit it")
        if old or readme_is_old:
            raise typer.Exit(1)
        console.print("[green]✓[/] every notebook is what its master gives")
        return
    readme.write_text(readme_with_table(ROOT), encoding="utf-8")
    for path in build_labs(labs):
        console.print(f"[green]✓[/] {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


@app.command()
def audit(labs: Labs = None) -> None:
    """Hold the hidden checks against wrong answers, right answers and mechanical mutants."""
    from autograder.audit import audit as audit_lab
    from autograder.labs import all_labs, find_lab

    chosen = [lab for lab in ([find_lab(n) for n in labs] if labs else all_labs()) if lab.exercises]
    sound = True
    for lab in chosen:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(lab.title, total=len(lab.exercises))
            rows = audit_lab(lab, report=lambda bar=bar, task=task: bar.advance(task))
        _print_audit(lab.title, rows)
        sound &= all(row.sound for row in rows)
    raise typer.Exit(0 if sound else 1)


def _print_audit(title: str, rows: list) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("exercise", "wrong", "right", "mutants killed", "equivalent", "seconds"):
        table.add_column(column, justify="left" if column == "exercise" else "right")
    for row in rows:
        mark = "[green]✓[/]" if row.sound else "[red]✗[/]"
        share = f"{100 * row.killed / row.mutants:.1f} %" if row.mutants else "–"
        counts = f"{row.killed}/{row.mutants} {share}"
        wrong, right = f"{row.wrong_caught}/{row.wrong}", f"{row.right_passed}/{row.right}"
        table.add_row(f"{mark} {row.exercise}", wrong, right, counts, f"{row.equivalent}", f"{row.seconds:.1f}")
    console.print(table)
    for row in rows:
        for fault in row.faults:
            console.print(f"  [red]{row.exercise}[/]: {fault}", markup=True, highlight=False)
        for survivor in row.survivors:
            console.print(f"  [yellow]{row.exercise} survives[/]: ", end="")
            console.print(survivor, markup=False, highlight=False)


def _lab(name: str) -> Lab:
    from autograder.labs import find_lab

    try:
        return find_lab(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.command()
def collect(lab: str, source: Path, folder: Folder = CLASS) -> None:
    """Take submissions from a folder or zip: student.ipynb or student/anything.ipynb."""
    from autograder.grading import Class

    try:
        found = Class(folder).collect(source, _lab(lab))
    except ValueError as error:
        console.print(f"[red]✗[/] {error}")
        raise typer.Exit(1) from None
    console.print(f"[green]✓[/] {len(found)} submissions collected in {folder / 'submitted'}")


@app.command()
def grade(
    lab: str,
    folder: Folder = CLASS,
    student: Students = None,
    timeout: Annotated[int, typer.Option(help="Seconds that one cell may run.")] = 60,
) -> None:
    """Grade a lab's submissions; exit status 1 when one could not be graded."""
    from autograder.grading import Class

    chosen, room = _lab(lab), Class(folder, timeout=timeout)
    who = student or room.students(chosen)
    unknown = [name for name in who if not (room.submitted / name / chosen.name).exists()]
    if not who or unknown:
        console.print(
            f"[red]✗[/] nothing handed in by {', '.join(unknown) or 'anyone'} in {room.submitted}: collect first"
        )
        raise typer.Exit(2)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(chosen.title, total=len(who))
        grades = room.grade(chosen, who, report=lambda _: bar.advance(task))
    raise typer.Exit(_print_grades(chosen, grades))


def _print_grades(lab: Lab, grades: list[Grade]) -> int:
    table = Table(title=f"{lab.title} · {lab.points} points", title_justify="left")
    table.add_column("student")
    table.add_column("state")
    for exercise in lab.exercises.values():
        table.add_column(f"{exercise.number}\n/{exercise.points}", justify="right")
    table.add_column("total", justify="right", style="bold")
    for g in grades:
        colour = "green" if g.state == "graded" else "red"
        cells = [f"{g.points[name]:g}" for name in lab.exercises]
        table.add_row(g.student, f"[{colour}]{g.state}[/]", *cells, f"{g.total:g}")
    console.print(table)
    for g in grades:
        for note in g.notes:
            console.print(f"  [bold]{g.student}[/]  ", end="")
            console.print(note, markup=False, highlight=False)
    return int(any(g.state != "graded" for g in grades))


@app.command()
def feedback(lab: str, folder: Folder = CLASS, student: Students = None) -> None:
    """Write a page of feedback for each graded submission."""
    from autograder.grading import Class

    try:
        pages = Class(folder).feedback(_lab(lab), student)
    except RuntimeError as error:
        console.print(f"[red]✗[/] {error}")
        raise typer.Exit(1) from None
    console.print(f"[green]✓[/] {len(pages)} pages in {folder / 'feedback'}")


@app.command()
def export(target: Path = Path("grades.csv"), folder: Folder = CLASS) -> None:
    """Write every grade as CSV."""
    from autograder.grading import Class

    console.print(f"[green]✓[/] {Class(folder).export(target)}")


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="Keep the class in this folder, which must be new.")] = None,
) -> None:
    """Make a class of 12 from right and wrong answers and grade it."""
    from autograder.demo import LAB
    from autograder.demo import demo as run_demo

    lab = _lab(LAB)
    with tempfile.TemporaryDirectory() as scratch, Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"grading 12 students · {lab.short}", total=12)
        grades = run_demo(keep or Path(scratch) / "class", report=lambda _: bar.advance(task))
    _print_grades(lab, grades)


if __name__ == "__main__":
    app()
