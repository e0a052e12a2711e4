"""`course page NOTEBOOK`: a notebook as one HTML file to read or hand on, without a kernel and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def page(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, as it was last saved.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; beside the notebook when not given.")] = None,
) -> None:
    """Write a notebook, with the outputs that it was saved with, as one HTML file.

    Exit status: 0 written, 2 the notebook cannot be read.
    """
    from course.page.export import write_page
    from course.page.run import read_notebook

    try:
        nb = read_notebook(notebook)
    except ValueError as error:
        typer.echo(f"✗ {error}", err=True)
        raise typer.Exit(2) from None
    target = out or notebook.with_suffix(".html")
    write_page(nb, target, title=notebook.stem)
    typer.echo(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")
