"""`python -m autograder`."""

from autograder.cli.app import app

app()
