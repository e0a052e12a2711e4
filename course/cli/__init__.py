"""The students' command line: `course lab`, `course doctor`, `course check`, `course data`.

One file per command. Nothing heavy is imported before a command runs, so that `course --help` answers at once.
"""

import typer

from course.cli import data, doctor, lab

app = typer.Typer(
    name="course",
    help="Dense prediction from scratch: open the labs, check your work, get the data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(lab.lab)
app.command()(doctor.doctor)


@app.command(
    "check", add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def _check(context: typer.Context):
    """Run a notebook and its visible checks in a clean kernel, and say what passes."""
    from course.cli.check import check  # nbformat alone takes a second to import

    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command()(check)
    command(args=context.args, prog_name="course check")


app.add_typer(data.app, name="data")
