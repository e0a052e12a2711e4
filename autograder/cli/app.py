"""The command `autograder`, put together from its commands."""

import typer

from autograder.cli.audit import audit
from autograder.cli.build import build
from autograder.cli.collect import collect
from autograder.cli.feedback import export, feedback
from autograder.cli.grade import demo, grade
from autograder.cli.release import release

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Build the labs, audit their checks, grade a class.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (build, audit, release, collect, grade, feedback, export, demo):
    app.command()(command)
