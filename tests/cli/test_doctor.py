import importlib.metadata
import sys
from types import SimpleNamespace

import pytest
import torch
from typer.testing import CliRunner

from course.cli import doctor
from course.cli.app import app
from course.cli.doctor import Finding
from course.data import catalogue


def run(monkeypatch=None, findings=None):
    if findings is not None:
        monkeypatch.setattr(doctor, "examine", lambda: findings)
    return CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "200"})


def test_this_environment_is_ready_and_every_line_says_what_was_found():
    result = run()
    assert result.exit_code == 0, result.output
    for word in ("Python", "torch", "torchvision", "device", "memory", "cores", "Jupyter", "labs", "ipywidgets"):
        assert word in result.output
    assert torch.__version__.split("+")[0] in result.output
    assert "Ready" in result.output


def test_something_needed_that_is_missing_ends_with_status_one_and_the_remedy(monkeypatch):
    result = run(monkeypatch, [Finding("Python", True, "3.12"), Finding("torch", False, "[Errno 2] gone", "pip it")])
    assert result.exit_code == 1
    assert "✗  torch" in result.output
    assert "[Errno 2] gone" in result.output
    assert "pip it" in result.output
    assert "Not ready: torch." in result.output


def test_something_optional_that_is_missing_is_shown_and_forgiven(monkeypatch):
    result = run(monkeypatch, [Finding("data: voc", False, "not here", "get it", needed=False)])
    assert result.exit_code == 0
    assert "–  data: voc" in result.output
    assert "get it" in result.output


def test_a_package_that_is_not_installed_is_told_with_the_command(monkeypatch):
    found = doctor.package("a-package-that-nobody-wrote")
    assert (found.well, found.found) == (False, "not installed")
    assert "pip install -e ." in found.fix


@pytest.mark.parametrize(("version", "well"), [("2.10.1", False), ("2.11.0", True), ("2.12.0+cu128", True)])
def test_a_package_that_is_too_old_is_told_with_what_is_wanted(monkeypatch, version, well):
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: version)
    found = doctor.package("torch")
    assert found.well is well
    assert well or found.found == "2.10.1, wanted >=2.11"


@pytest.mark.parametrize(("version", "well"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_the_course_runs_on_python_3_11_to_3_13(monkeypatch, version, well):
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    assert doctor.python().well is well


def test_a_kernel_of_another_environment_is_told(monkeypatch):
    from jupyter_client import kernelspec

    def other(_self, _name):
        return SimpleNamespace(argv=["/opt/old/bin/python", "-m", "ipykernel_launcher"])

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", other)
    found = doctor.kernel()
    assert not found.well
    assert "/opt/old/bin/python" in found.found
    assert "ipykernel install" in found.fix


def test_a_torch_that_does_not_load_is_told_in_one_line(monkeypatch):
    def broken(*_args):
        raise RuntimeError("operator torchvision::nms does not exist\nand a long trace")

    monkeypatch.setattr("torchvision.ops.nms", broken)
    (found,) = doctor.torch_works()
    assert not found.well
    assert found.found == "operator torchvision::nms does not exist"


def test_a_folder_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "checkout", lambda: tmp_path / "gone")
    found = doctor.writable()
    assert not found.well
    assert "No such file" in found.found
    assert "permissions" in found.fix


def test_missing_data_is_optional_and_told_with_the_way_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "places", lambda name: [tmp_path / name])
    found = {finding.what: finding for finding in doctor.data()}
    assert found["data: scenes"].well
    assert not found["data: camvid"].well
    assert not found["data: camvid"].needed
    assert "course data fetch camvid" in found["data: camvid"].fix


def test_without_the_labs_it_is_not_ready(monkeypatch, tmp_path):
    monkeypatch.setattr("course.work.labs.checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    found = doctor.labs()
    assert not found.well
    assert found.needed
    assert "There is no folder of notebooks" in found.fix


@pytest.mark.parametrize("columns", [60, 80])
def test_what_is_looked_at_is_whole_in_a_narrow_terminal(monkeypatch, columns):
    finding = Finding(
        "data: em-membrane", False, "not here", "Get it with: course data fetch em-membrane.", needed=False
    )
    monkeypatch.setattr(doctor, "examine", lambda: [finding])
    result = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": str(columns)})
    assert "–  data: em-membrane  not here" in result.output
    assert "…" not in result.output
