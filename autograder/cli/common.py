"""What the commands share: the console, the options that several take, and how they end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from autograder.authoring.master import Lab

console = Console(width=None if sys.stdout.isatty() else 120)
CLASS = Path("class")
Folder = Annotated[Path, typer.Option("--class", help="The class's folder; made when it is not there.")]
Students = Annotated[
    list[str] | None, typer.Option("--student", help="Only this student; may be given more than once.")
]
LabName = Annotated[str, typer.Argument(help="A lab, as lab03 or 3.")]
Labs = Annotated[list[str] | None, typer.Argument(help="Labs, as lab03 or 3; all of them when none is named.")]


def find(name: str) -> Lab:
    """The lab of this name, or a usage error that lists those there are."""
    from autograder.authoring.master import find_lab

    try:
        return find_lab(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def find_all(names: list[str] | None) -> list[Lab]:
    """The labs of these names, all of them when none is named."""
    from autograder.authoring.master import all_labs

    return [find(name) for name in names] if names else all_labs()


def done(says: str) -> None:
    """Say what has been done."""
    console.print(f"[green]✓[/] {says}", highlight=False)


def stop(says: str, status: int = 1) -> NoReturn:
    """Say what is wrong and end."""
    console.print("[red]✗[/] ", end="")
    console.print(says, markup=False, highlight=False)
    raise typer.Exit(status)
