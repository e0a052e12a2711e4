"""The command `course`: `lab`, `doctor`, `check`, `page`, `data`, `train`, `evaluate`, `predict`, `zoo`.

Nothing heavy is imported before a command runs, so that `course --help` answers at once.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from course.cli import data
from course.cli.check import check
from course.cli.doctor import doctor
from course.cli.evaluate import evaluate
from course.cli.lab import lab
from course.cli.page import page
from course.cli.predict import predict
from course.cli.train import train
from course.cli.zoo import zoo

app = typer.Typer(
    name="course",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"course {version('dense-prediction-course')}")
        except PackageNotFoundError:  # run from a folder that was copied
            typer.echo("course, not installed")
        raise typer.Exit


@app.callback()
def course(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Dense prediction from scratch: open the labs, check your work, get the data."""


app.command()(lab)
app.command()(doctor)
app.command()(check)
app.command()(page)
app.add_typer(data.app, name="data")
app.command()(train)
app.command()(evaluate)
app.command()(predict)
app.command()(zoo)
