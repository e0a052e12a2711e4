import sys

import pytest
from typer.testing import CliRunner

from course.cli import lab
from course.cli.app import app


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("lab00_start_here", "lab03_transposed_convolution", "lab13_panoptic"):
        (tmp_path / "notebooks" / name).mkdir(parents=True)
        (tmp_path / "notebooks" / name / f"{name}.ipynb").write_text("{}")
        (tmp_path / "notebooks" / name / ".ipynb_checkpoints").mkdir()
    monkeypatch.setattr(lab, "checkout", lambda: tmp_path)
    return tmp_path / "notebooks"


@pytest.fixture
def started(monkeypatch):
    """The command that would have been started."""
    words = []
    monkeypatch.setattr(lab, "_run", lambda command, _folder: words.extend(command) or 0)
    return words


@pytest.mark.parametrize("name", ["lab03", "3", "03", "LAB3", "lab03_transposed_convolution"])
def test_a_lab_is_found_by_its_number_its_short_form_or_its_name(folder, name):
    expected = folder / "lab03_transposed_convolution" / "lab03_transposed_convolution.ipynb"
    assert lab.find_lab(folder, name) == expected


def test_zero_is_a_number_of_a_lab(folder):
    assert lab.find_lab(folder, "0").stem == "lab00_start_here"


@pytest.mark.parametrize("name", ["lab04", "1", "lab", "transposed", "../lab03"])
def test_an_unknown_lab_is_answered_with_those_there_are(folder, name):
    with pytest.raises(ValueError, match=r"There are: lab00_start_here, lab03_transposed_convolution, lab13"):
        lab.find_lab(folder, name)


def test_the_command_runs_this_pythons_jupyterlab_on_the_notebooks(folder):
    words = lab.command(folder, None, 8888, True)
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={folder}" in words
    assert "--no-browser" not in words


def test_one_lab_is_opened_at_its_address(folder):
    words = lab.command(folder, lab.find_lab(folder, "13"), 9000, False)
    assert "--LabApp.default_url=/lab/tree/lab13_panoptic/lab13_panoptic.ipynb" in words
    assert "--ServerApp.port=9000" in words
    assert words[-1] == "--no-browser"


def test_without_a_display_no_browser_is_opened_and_the_way_is_told(folder, started, monkeypatch):
    monkeypatch.setattr(lab, "has_display", lambda: False)
    result = CliRunner().invoke(app, ["lab", "lab03", "--port", "9001"])
    assert result.exit_code == 0
    assert "Open the address that JupyterLab prints" in result.output
    assert "ssh -N -L 9001:localhost:9001" in result.output
    assert "--no-browser" in started


def test_with_a_display_the_browser_can_be_declined(folder, started, monkeypatch):
    monkeypatch.setattr(lab, "has_display", lambda: True)
    CliRunner().invoke(app, ["lab"])
    assert "--no-browser" not in started
    CliRunner().invoke(app, ["lab", "--no-browser"])
    assert "--no-browser" in started


def test_in_a_container_root_can_be_allowed(folder, started):
    CliRunner().invoke(app, ["lab", "--allow-root"])
    assert started[-1] == "--allow-root"


def test_an_unknown_lab_ends_with_status_one(folder, started):
    result = CliRunner().invoke(app, ["lab", "lab99"])
    assert result.exit_code == 1
    assert "There is no lab called 'lab99'" in result.stderr
    assert started == []


def test_without_notebooks_the_places_looked_in_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["lab"])
    assert result.exit_code == 1
    assert f"looked for {tmp_path / 'notebooks'}" in result.stderr


@pytest.mark.parametrize(
    ("variables", "expected"), [({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({}, False)]
)
def test_a_display_on_linux_is_told_by_its_variables(monkeypatch, variables, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert lab.has_display() is expected
