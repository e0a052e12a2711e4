"""`course page LAB`: a notebook as one HTML file to read or hand on, without a kernel and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def page(
    lab: Annotated[str, typer.Argument(help="A lab, as lab03 or 3: your copy of it. Or the path of a notebook.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; beside the notebook when not given.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of your copies.", show_default="work")] = None,
) -> None:
    """Write a notebook, with the outputs that it was saved with, as one HTML file.

    Exit status: 0 written, 2 the notebook cannot be read.
    """
    from course.page.export import write_page
    from course.page.reader import read_with_outputs
    from course.work.copies import default_folder, find_notebook

    try:
        notebook = find_notebook(lab, folder or default_folder())
        nb = read_with_outputs(notebook)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    target = out or notebook.with_suffix(".html")
    write_page(nb, target, title=notebook.stem)
    typer.echo(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")
