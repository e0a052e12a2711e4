"""`course check NOTEBOOK`: run a student's notebook in a clean kernel and say, exercise by exercise, what passes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LABS = Path(__file__).resolve().parents[2] / "notebooks"


def check(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, as notebooks/lab03_…/lab03_….ipynb.")],
    timeout: Annotated[int, typer.Option(help="Seconds that one cell may run.", min=1)] = 120,
    fast: Annotated[bool, typer.Option("--fast", help="Leave pictures and experiments out.")] = False,
) -> None:
    """Run a notebook and its visible checks in a clean kernel, and say what passes.

    Exit status: 0 all pass, 1 something does not, 2 the file cannot be checked.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from course.page.run import leave_pictures_out, read_notebook, run, structure_notes, verdicts

    console = Console()
    try:
        nb = read_notebook(notebook)
    except ValueError as error:
        console.print(f"[red]✗[/] {error}", highlight=False)
        raise typer.Exit(2) from None
    if fast:
        leave_pictures_out(nb)
    columns = (TextColumn("running"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=sum(c.cell_type == "code" for c in nb.cells))
        run(nb, notebook.resolve().parent, timeout=timeout, tick=lambda: bar.advance(task))
    found, notes = verdicts(nb), structure_notes(nb, LABS / notebook.stem / notebook.name)
    for verdict in found:
        mark = "[green]✓[/]" if verdict.passed else "[red]✗[/]"
        console.print(f"{mark} {verdict.number}  {verdict.name}", highlight=False)
        if not verdict.passed:
            console.print(f"      {verdict.says}", markup=False, highlight=False)
    for note in notes:
        console.print(f"[yellow]![/] {note}", highlight=False)
    passed = sum(verdict.passed for verdict in found)
    console.print(f"{passed} of {len(found)} exercises pass their visible checks.", highlight=False)
    raise typer.Exit(int(passed < len(found) or bool(notes)))
