"""`course check LAB`: run a student's answers in a clean kernel and say, exercise by exercise, what passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.cli.console import marks

if TYPE_CHECKING:
    from rich.console import Console

    from course.page.verdicts import Verdict
    from course.work.checking import Checked


def check(
    lab: Annotated[str, typer.Argument(help="A lab, as lab03 or 3: your copy of it. Or the path of a notebook.")],
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of your copies.", show_default="work")] = None,
    timeout: Annotated[int, typer.Option(help="Seconds that one cell may run.", min=1)] = 120,
    everything: Annotated[bool, typer.Option("--all", help="Run the lab's pictures and experiments too.")] = False,
    properties: Annotated[bool, typer.Option("--properties", help="Ask the hidden checks too, and show all.")] = False,
) -> None:
    """Run your answers and their checks in a clean kernel, and say what passes.

    What runs is what is graded: your answers in a fresh lab, with what they need of the cells that you added. Exit
    status: 0 all pass, 1 something does not, 2 it cannot be checked, 130 stopped.
    """
    from rich.console import Console

    console = Console()
    try:
        checked = _check(lab, folder, console, timeout, everything, properties)
    except KeyboardInterrupt:
        console.print("Stopped.")
        raise typer.Exit(130) from None
    except (OSError, ValueError, RuntimeError) as error:
        _line(console, False, str(error))
        raise typer.Exit(2) from None
    _print(console, checked)
    if properties and not checked.hidden:
        console.print("The hidden checks are not installed here: these are the visible ones.")
    raise typer.Exit(0 if checked.passed else 1)


def _check(
    name: str, folder: Path | None, console: Console, timeout: int, everything: bool, properties: bool
) -> Checked:
    from course.work.checking import check_notebook
    from course.work.copies import default_folder, find_notebook
    from course.work.labs import all_labs, notebooks
    from course.work.results import add_passed
    from course.work.start_page import write_start_page

    work = folder or default_folder()
    path = find_notebook(name, work)
    with _bar(console) as watch:
        checked = check_notebook(path, timeout=timeout, everything=everything, properties=properties, watch=watch)
    if path.resolve().is_relative_to(work.resolve()):
        add_passed(work, checked.lab, [verdict.name for verdict in checked.verdicts if verdict.passed])
        write_start_page(all_labs(notebooks()), work)
    return checked


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[int], Callable[[], None]]]:
    """A progress bar, where there is a terminal to show it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("running"), BarColumn(), MofNCompleteColumn(), TextColumn("cells"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def watch(total: int) -> Callable[[], None]:
            task = progress.add_task("", total=total)
            return lambda: progress.advance(task)

        yield watch


def _print(console: Console, checked: Checked) -> None:
    found = checked.verdicts
    for verdict in found:
        _line(console, verdict.passed, f"{verdict.number}  {verdict.name}")
        if verdict.says and not any(asked.says == verdict.says for asked in verdict.properties):
            says = "\n".join(f"      {line}" for line in verdict.says.splitlines())
            console.print(says, markup=False, highlight=False)
        _print_properties(console, verdict)
    for note in [*checked.notes, *checked.stopped]:
        console.print("[yellow]![/] ", end="")
        console.print(note, markup=False, highlight=False)
    passed = f"{sum(verdict.passed for verdict in found)} of {len(found)} exercises pass"
    if checked.hidden:
        points = sum(verdict.points for verdict in found)
        total = sum(asked.points for verdict in found for asked in verdict.properties)
        console.print(f"{passed}; {points:g} of {total:g} points.", highlight=False)
    else:
        console.print(f"{passed} their visible checks.", highlight=False)


def _print_properties(console: Console, verdict: Verdict) -> None:
    """A row a property: whether it holds, its points, its title, and below it what it says."""
    from rich.table import Table
    from rich.text import Text

    signs, table = marks(console), Table.grid(padding=(0, 1))
    for column in ("     ", "", ""):
        table.add_column(column, no_wrap=True)
    for asked in verdict.properties:
        mark = Text(signs.broken, "red") if asked.says else Text(signs.well, "green")
        earned = f"{0 if asked.says else asked.points:g}/{asked.points:g}"
        table.add_row("     ", mark, earned, Text("\n".join(filter(None, [asked.title, asked.says]))))
    if verdict.properties:
        console.print(table)


def _line(console: Console, well: bool, text: str) -> None:
    signs = marks(console)
    console.print(f"[green]{signs.well}[/] " if well else f"[red]{signs.broken}[/] ", end="")
    console.print(text, markup=False, highlight=False)
