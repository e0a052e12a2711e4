"""pyproject.toml says what is needed; constraints.txt and environment.yml must say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = [Requirement(r) for r in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]]
PINNED = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("requirement", NEEDED, ids=str)
def test_what_is_needed_is_pinned_to_a_version_that_it_allows(requirement):
    versions = dict(line.split("==") for line in PINNED)
    pinned = {_plain(name): version for name, version in versions.items()}
    assert _plain(requirement.name) in pinned, f"{requirement.name} is not in constraints.txt"
    assert requirement.specifier.contains(Version(pinned[_plain(requirement.name)]))


@pytest.mark.parametrize("line", PINNED)
def test_a_constraint_is_an_exact_public_version_and_no_address(line):
    assert re.fullmatch(r"[\w.-]+==[\w.!]+", line), f"{line!r}: wanted name==version"


def test_conda_takes_the_same_python_and_leaves_the_rest_to_the_same_files():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(d for d in environment["dependencies"] if isinstance(d, str) and d.startswith("python"))
    assert python.removeprefix("python") == PROJECT["requires-python"]
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert pip == ["-c constraints.txt", "-e .[test]"]


def test_the_makefile_and_the_readme_install_by_the_same_two_files():
    command = "install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'"
    assert command in (ROOT / "Makefile").read_text()
    assert "-c constraints.txt -e" in (ROOT / "README.md").read_text()
