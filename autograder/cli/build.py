"""`autograder build`: masters become notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import Labs, console, done, find_all, stop

if TYPE_CHECKING:
    from autograder.authoring.master import Lab


def build(
    labs: Labs = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a committed notebook is stale.")
    ] = False,
) -> None:
    """Turn masters into notebooks."""
    from autograder.authoring.build import build_notebooks, stale
    from autograder.authoring.master import ROOT
    from autograder.authoring.syllabus import readme_with_table

    chosen, readme = find_all(labs), ROOT / "README.md"
    text = readme_with_table(ROOT)
    if check:
        old = [f"notebooks/{name} differs from its master" for name in stale(chosen)]
        old += ["README.md's table of labs is old"] if readme.read_text(encoding="utf-8") != text else []
        for fault in old:
            console.print(f"[red]✗[/] {fault}: run `autograder build` and commit it", highlight=False)
        if old:
            raise typer.Exit(1)
        done("every notebook is what its master gives")
        return
    refuse_answers(chosen)
    readme.write_text(text, encoding="utf-8")
    for path in build_notebooks(chosen):
        done(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))


def refuse_answers(labs: list[Lab]) -> None:
    """End where a notebook that would be written holds answers: somebody works in it."""
    from autograder.authoring.master import ROOT
    from course.page.reader import read_notebook
    from course.work.labs import holds_answers

    for lab in labs:
        path = ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb"
        try:
            worked_in = path.is_file() and holds_answers(read_notebook(path))
        except ValueError as error:
            stop(f"{error} Look at it, and delete it; then build.")
        if worked_in:
            put_back = f"git checkout -- {path}"
            stop(f"{path} holds answers: `course lab` copies them into work/. Then `{put_back}`, and build.")
