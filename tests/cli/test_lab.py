"""`course lab` opens the student's own copies, makes and updates them, and leaves the user's settings alone."""

import json
import os
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from course.cli import lab
from course.cli.app import app
from course.work import copies, labs
from tests.work.toy import TWICE, cell_of, toy_lab, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("lab00_start_here", "lab03_transposed_convolution"):
        write(toy_lab(), tmp_path / "notebooks", name)
    for module in (labs, copies):
        monkeypatch.setattr(module, "checkout", lambda: tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The command that would have been started, and where."""
    words = []
    monkeypatch.setattr(lab, "_run", lambda command, place: words.extend([place, *command]) or 0)
    return words


def _run(*words):
    result = CliRunner().invoke(app, ["lab", *map(str, words)])
    return result.exit_code, result.output


def test_the_first_time_copies_are_made_and_the_start_page_opens(folder, started):
    status, says = _run()
    assert status == 0
    assert f"Your own copies of 2 labs were made in {folder / 'work'}." in says
    assert started[:4] == [folder / "work", sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={folder / 'work'}" in started
    assert "--LabApp.default_url=/lab/tree/START.md?reset" in started
    assert (folder / "work" / "START.md").is_file()
    assert "copies" not in _run()[1], "the second time nothing is said"


def test_one_lab_opens_at_its_address_in_any_folder(folder, started, tmp_path):
    _run("3", "--dir", tmp_path / "my labs", "--port", "9000")
    address = "lab03_transposed_convolution/lab03_transposed_convolution.ipynb"
    assert started[0] == tmp_path / "my labs"
    assert f"--LabApp.default_url=/lab/tree/{address}" in started
    assert "--ServerApp.port=9000" in started
    assert (tmp_path / "my labs" / address).is_file()


def test_answers_in_the_labs_own_files_are_copied_and_it_is_said(folder):
    path = folder / "notebooks/lab00_start_here/lab00_start_here.ipynb"
    nb = toy_lab()
    cell_of(nb, "twice").source = TWICE
    nbformat.write(nb, path)
    before = path.read_bytes()
    status, says = _run()
    assert status == 0
    assert (
        f"lab00_start_here: the answers in {path} were copied into {folder / 'work'}. That file is as it was." in says
    )
    assert path.read_bytes() == before
    copy = nbformat.read(folder / "work/lab00_start_here/lab00_start_here.ipynb", as_version=4)
    assert cell_of(copy, "twice").source == TWICE


def test_new_text_is_told_and_comes_only_when_asked_for(folder, started):
    _run()
    nb = toy_lab()
    nb.cells[5].source = "What else to notice."
    nbformat.write(nb, folder / "notebooks/lab00_start_here/lab00_start_here.ipynb")
    copy = folder / "work/lab00_start_here/lab00_start_here.ipynb"
    before = copy.read_bytes()
    assert "new text for lab00: course lab --update brings it" in _run()[1]
    assert copy.read_bytes() == before
    started.clear()
    status, says = _run("--update")
    assert status == 0
    assert "lab00_start_here: the course's cells: 0 new, 1 changed, 0 gone." in says
    assert "lab03_transposed_convolution: up to date." in says
    assert "What else to notice." in copy.read_text(encoding="utf-8")
    assert started == [], "nothing is opened: what is open elsewhere must be read anew"


def test_a_damaged_copy_is_named_and_left_alone_and_the_others_are_updated(folder):
    _run()
    copy = folder / "work/lab00_start_here/lab00_start_here.ipynb"
    copy.write_text("{", encoding="utf-8")
    status, says = _run("--update")
    assert status == 1
    assert "lab00_start_here.ipynb is damaged: its JSON breaks off at line 1. Nothing was touched." in says
    assert "lab03_transposed_convolution: up to date." in says
    assert copy.read_text(encoding="utf-8") == "{"
    assert _run()[0] == 0, "and JupyterLab opens all the same"


def test_a_damaged_lab_is_named_and_the_others_open(folder):
    (folder / "notebooks/lab00_start_here/lab00_start_here.ipynb").write_text("{", encoding="utf-8")
    says = _run()[1]
    assert "is damaged: its JSON breaks off at line 1. No copy was made." in says
    assert "Your own copies of 1 labs were made" in says


def test_without_a_display_no_browser_is_opened_and_the_way_is_told(folder, started, monkeypatch):
    monkeypatch.setattr(lab, "has_display", lambda: False)
    status, says = _run("lab03", "--port", "9001")
    assert status == 0
    assert "Open the address that JupyterLab prints" in says
    assert "ssh -N -L 9001:localhost:9001" in says
    assert "--no-browser" in started


def test_with_a_display_the_browser_can_be_declined(folder, started, monkeypatch):
    monkeypatch.setattr(lab, "has_display", lambda: True)
    _run()
    assert "--no-browser" not in started
    _run("--no-browser")
    assert "--no-browser" in started


def test_in_a_container_root_can_be_allowed(folder, started):
    _run("--allow-root")
    assert started[-1] == "--allow-root"


def test_an_unknown_lab_ends_with_status_one(folder, started):
    status, says = _run("lab99")
    assert status == 1
    assert "lab is 'lab99'; wanted one of" in says
    assert started == []
    assert not (folder / "work").exists()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(folder, started):
    (folder / "file").write_text("", encoding="utf-8")
    status, says = _run("--dir", folder / "file" / "work")
    assert status == 1
    assert "Not a directory" in says
    assert "Keep your copies in a folder that can be written: course lab --dir FOLDER" in says
    assert "Traceback" not in says


def test_jupyterlab_reads_the_courses_settings_first_and_the_users_after(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/theirs")
    first, theirs = lab.environment()["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert theirs == "/theirs"
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert lab.environment()["JUPYTER_CONFIG_PATH"] == first == str(lab.SETTINGS)
    for name in ("page_config", "default_setting_overrides"):
        json.loads((lab.SETTINGS / "labconfig" / f"{name}.json").read_text(encoding="utf-8"))


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
