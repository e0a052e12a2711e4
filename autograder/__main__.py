"""`autograder` and `python -m autograder`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line at any moment."""
    try:
        from autograder.cli.app import app
        from course.cli.console import spell_out

        spell_out()
        app(prog_name="autograder")
    except KeyboardInterrupt:  # while a command's packages are still being read
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
