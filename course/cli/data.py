"""`course data list` and `course data fetch NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from course.data import catalogue

app = typer.Typer(help="List the data sets, and get them.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the data sets: what each is, its license, its size, and whether it is here."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    for entry in catalogue.DATASETS.values():
        facts = [entry.what, f"license: {entry.license}", f"size: {entry.size}", f"here: {_where(entry)}", ""]
        table.add_row(entry.name, Text("\n".join(facts), overflow="fold"))
    Console().print(table)


def _where(entry: catalogue.DataSet) -> str:
    if entry.built_in:
        return "built in"
    try:
        return str(catalogue.find(entry.name))
    except FileNotFoundError:
        return f"no: course data fetch {entry.name}"


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `course data list`.")],
    to: Annotated[Path | None, typer.Option(help="Folder in which the folder NAME is made.", file_okay=False)] = None,
) -> None:
    """Download a data set, check it and unpack it. Run it again after an interruption: it goes on where it stopped."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from course.data.fetch import fetch as fetch_dataset

    complain = Console(stderr=True, soft_wrap=True, highlight=False)
    bar = Progress(name, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(), console=complain)

    def show(here: int, total: int | None) -> None:
        task = bar.task_ids[0] if bar.task_ids else bar.add_task(name)
        bar.update(task, completed=here, total=total)

    try:
        with bar:
            folder = fetch_dataset(name, to, show)
    except KeyboardInterrupt:
        complain.print("Stopped. What has arrived is kept; run the same again to go on.", markup=False)
        raise typer.Exit(130) from None
    except (OSError, ValueError) as error:
        complain.print(str(error), markup=False)
        raise typer.Exit(1) from None
    typer.echo(f"{name} is in {folder}")
    if to is not None and folder not in catalogue.places(name):
        typer.echo(f"So that the course finds it there, set the environment variable COURSE_DATA to {folder.parent}")
