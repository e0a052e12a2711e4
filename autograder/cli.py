"""The command `autograder`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Build the labs, audit their checks, grade a class.")
console = Console()
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

    if check:
        old = stale(labs)
        for name in old:
            console.print(f"[red]✗[/] notebooks/{name} differs from its master: run `autograder build` and commit it")
        if old:
            raise typer.Exit(1)
        console.print("[green]✓[/] every notebook is what its master gives")
        return
    for path in build_labs(labs):
        console.print(f"[green]✓[/] {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


@app.command()
def audit(labs: Labs = None) -> None:
    """Hold the hidden checks against wrong answers, right answers and mechanical mutants."""
    from autograder.audit import audit as audit_lab
    from autograder.labs import all_labs, find_lab

    chosen = [lab for lab in ([find_lab(n) for n in labs] if labs else all_labs()) if lab.exercises and lab.number]
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
    for column in ("exercise", "wrong caught", "right passed", "mutants killed", "equivalent", "seconds"):
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


if __name__ == "__main__":
    app()
