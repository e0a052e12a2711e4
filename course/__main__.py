"""`python -m course` does what `course` does, in the environment of that Python."""

from course.cli.app import app

if __name__ == "__main__":
    app(prog_name="course")
