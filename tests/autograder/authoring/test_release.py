"""The edition that a class gets: nothing secret in it, and everything in it works on its own."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.audit.answers import answers_of
from autograder.authoring.master import ROOT, all_labs, find_lab
from autograder.authoring.release import release
from autograder.classroom.demo import cell_of
from autograder.cli.app import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WITHOUT = """import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("autograder", "solutions", "nbgrader"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    return release(tmp_path_factory.mktemp("edition") / "course of dense prediction")


@pytest.fixture(scope="module")
def course(edition, tmp_path_factory):
    """Runs `course` of the edition, where neither autograder nor nbgrader can be imported, from another folder."""
    (edition.parent / "sitecustomize.py").write_text(WITHOUT)
    place = tmp_path_factory.mktemp("elsewhere")
    variables = os.environ | {"PYTHONPATH": f"{edition}{os.pathsep}{edition.parent}", "COLUMNS": "120"}

    def run(*words):
        command = [sys.executable, "-m", "course", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=place)
        return done.returncode, done.stdout + done.stderr

    return run


def test_it_holds_the_labs_and_the_library_and_nothing_secret(edition):
    assert {path.name for path in edition.iterdir()} == {
        "course",
        "notebooks",
        "datasets",
        ".github",
        ".gitignore",
        "LICENSE",
        "README.md",
        "Makefile",
        "constraints.txt",
        "environment.yml",
        "pyproject.toml",
    }
    assert {path.name for path in (edition / "notebooks").iterdir()} == {lab.name for lab in all_labs()}
    names = [path.name for path in edition.rglob("*")]
    assert not {"checks.py", "answers.py", "tests", "__pycache__", "cache"} & set(names)
    secret = answers_of("lab04").right[0].source.strip().splitlines()[-1].strip()
    for path in edition.rglob("*.[ip][py]*"):
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text, path
        assert "BEGIN HIDDEN TESTS" not in text, path
        assert secret not in text, path


def test_its_readme_is_the_students(edition):
    text = (edition / "README.md").read_text(encoding="utf-8")
    assert "autograder" not in text
    assert "make test" not in text
    assert "## You teach" not in text
    assert "course check lab02" in text
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (edition / link).exists(), link


def test_it_installs_the_library_alone_by_the_same_pins(edition):
    project = tomllib.loads((edition / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"course": PROJECT["project"]["scripts"]["course"]}
    assert "entry-points" not in project["project"]
    assert "optional-dependencies" not in project["project"]
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == ["course*"]
    needed, ours = project["project"]["dependencies"], PROJECT["project"]["dependencies"]
    left = {re.match(r"[\w-]+", line)[0] for line in set(ours) - set(needed)}
    assert {"jupytext", "nbgrader", "nbval", "pytest"} <= left <= {"bleach", "jupytext", "nbgrader", "nbval", "pytest"}
    assert set(needed) < set(ours)
    for name in ("Makefile", "environment.yml", "README.md"):
        text = (edition / name).read_text(encoding="utf-8")
        assert "-e .\n" in text
        assert "test]" not in text
    targets = re.findall(r"^([\w-]+):", (edition / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets == ["setup", "lab", "clean"]


def test_its_makefile_is_read_by_make(edition):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    done = subprocess.run(["make", "-n", "lab"], cwd=edition, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "course lab" in done.stdout


def test_its_commands_work_without_the_autograder(edition, course):
    status, says = course("lab", "--help")
    assert status == 0, says
    assert "--update" in says
    status, says = course("doctor")
    assert status == 0, says
    assert f"{len(all_labs())} in {edition / 'notebooks'}" in says.replace("\n", "")
    status, says = course("lab", "--update")
    assert status == 0, says
    copy = next((edition / "work").glob("lab00_*/lab00_*.ipynb"))
    nb = nbformat.read(copy, as_version=4)
    cell_of(nb, "grey").source = find_lab("lab00").exercises["grey"].source
    nbformat.write(nb, copy)
    status, says = course("check", "lab00", "--properties")
    assert status == 0, says
    assert "1 of 1 exercises pass their visible checks." in says
    assert "The hidden checks are not installed here" in says


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(app, ["release", str(tmp_path)])
    assert result.exit_code == 1
    assert "is there already and not empty" in re.sub(r"\s+", " ", result.output)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_solved_lab_is_not_given_out(tmp_path):
    shutil.copytree(ROOT / "notebooks/lab00_start_here", tmp_path / "notebooks/lab00_start_here")
    path = tmp_path / "notebooks/lab00_start_here/lab00_start_here.ipynb"
    nb = nbformat.read(path, as_version=4)
    cell_of(nb, "grey").source = "def grey(picture):\n    return picture.mean(0)"
    nbformat.write(nb, path)
    with pytest.raises(ValueError, match="notebooks/ holds answers in lab00_start_here"):
        release(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()
