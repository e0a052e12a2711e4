"""`autograder release`: the edition that a class gets."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import done, stop


def release(out: Annotated[Path, typer.Argument(help="The folder to write; it must be new.")]) -> None:
    """Write the edition that a class gets: labs and library, without solutions and hidden checks."""
    from autograder.authoring.release import release as write

    try:
        write(out)
    except (OSError, ValueError) as error:
        stop(str(error))
    done(f"the students' edition is in {out}")
