import importlib.metadata
import subprocess
import sys
import tomllib

from typer.testing import CliRunner

from course.cli.app import app
from course.data import catalogue


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_command_line_starts_without_anything_heavy():
    heavy = ("torch", "torchvision", "numpy", "matplotlib", "skimage", "jupyterlab", "nbgrader", "nbformat")
    loaded = python(f"import sys, course.cli.app; print([name for name in {heavy!r} if name in sys.modules])")
    assert loaded.strip() == "[]"


def test_python_m_course_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "course", "--help"], capture_output=True, text=True, check=True)
    assert "Usage: course" in done.stdout
    for command in ("lab", "doctor", "check", "page", "data", "train", "evaluate", "zoo"):
        assert f"│ {command} " in done.stdout


def test_check_hands_its_words_to_its_own_command():
    done = subprocess.run(
        [sys.executable, "-m", "course", "check", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: course check" in done.stdout
    assert "notebook" in done.stdout.lower()


def test_the_script_that_is_installed_points_at_this_command_line():
    project = tomllib.loads((catalogue.checkout() / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"]["course"] == "course.__main__:main"


def test_help_is_the_short_word_too_for_every_command():
    for words in ([], ["lab"], ["doctor"], ["check"], ["data"], ["data", "list"], ["data", "fetch"], ["zoo"]):
        result = CliRunner().invoke(app, [*words, "-h"])
        assert result.exit_code == 0, words
        assert "Usage: " in result.output


def test_the_version_is_told(monkeypatch):
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"course {importlib.metadata.version('dense-prediction-course')}\n")

    def gone(_name):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr("course.cli.app.version", gone)
    assert CliRunner().invoke(app, ["--version"]).output == "course, not installed\n"
