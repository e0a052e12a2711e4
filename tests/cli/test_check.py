"""`course check`: a sentence for each exercise, and for each way in which it can be stopped."""

import copy
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import EntryPoint

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.authoring.hidden import hidden_checks
from autograder.authoring.master import ROOT, find_lab
from autograder.classroom.demo import cell_of, solved
from course.cli.app import app
from course.page import hidden
from course.page.run import NotRunError
from course.work import checking
from course.work.results import passed

LAB, SMALL = find_lab("lab04"), find_lab("lab00")


def _write(nb, folder, lab=SMALL):
    path = folder / f"{lab.name}.ipynb"
    path.write_text(nb if isinstance(nb, str) else nbformat.writes(nb), encoding="utf-8")
    return path


def _check(path, *options):
    result = CliRunner().invoke(app, ["check", str(path), *options], env={"COLUMNS": "300"})
    return result.exit_code, re.sub(r"\s+", " ", result.output)


def test_a_solved_notebook_passes(tmp_path):
    status, says = _check(_write(solved(SMALL), tmp_path))
    assert (status, says) == (0, "✓ 0.1 grey 1 of 1 exercises pass their visible checks. ")


def test_each_exercise_says_how_it_stands(tmp_path):
    nb = solved(LAB)
    slip = LAB.exercises["max_pool_with_switches"].source.replace("corners[k] > pooled", "corners[k] >= pooled")
    cell_of(nb, "max_pool_with_switches").source = slip
    cell_of(nb, "max_unpool").source = LAB.exercises["max_unpool"].stub
    cell_of(nb, "pack_switches").source = "def pack_switches(switches, size)\n    return 1"
    cell_of(nb, "unpack_switches").source = "def unpack_switches(packed, shape, size):\n    return packed.nothing"
    forbidden = LAB.exercises["SegNetBlock"].source.replace(
        "unpooling.max_unpool(values, switches, size)", "F.max_unpool2d(values, switches, 2)"
    )
    cell_of(nb, "SegNetBlock").source = forbidden
    nb.cells.append(nbformat.from_dict(copy.deepcopy(cell_of(nb, "DeconvNetBlock")) | {"id": "copy"}))
    status, says = _check(_write(nb, tmp_path, LAB))
    assert status == 1
    assert "Where all four are equal, the first one wins. Got 3, wanted 0." in says
    assert "max_unpool Exercise 4.2 is not solved yet" in says
    assert "pack_switches Your cell stops: SyntaxError" in says
    assert "AttributeError: in your line `return packed.nothing`: 'Tensor' object has no attribute 'nothing'" in says
    assert "It uses F.max_unpool2d, which this exercise does not allow" in says
    assert "! DeconvNetBlock: its cell is there 2 times; the last one that defines DeconvNetBlock counts." in says
    assert "1 of 6 exercises pass" in says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty: it was saved or uploaded wrongly. Save it again in JupyterLab"),
        ('{"cells": [\n', "is damaged: its JSON breaks off at line 2. Save it again"),
        ('{"a": 1}', "is JSON but not a notebook"),
        (nbformat.writes(nbformat.v4.new_notebook()), "has no cell of a lab of this course"),
    ],
)
def test_each_kind_of_broken_file_has_its_sentence(tmp_path, text, words):
    status, says = _check(_write(text, tmp_path))
    assert status == 2
    assert words in says


def test_what_is_not_there_is_said_to_be_so(tmp_path):
    status, says = _check(tmp_path / "gone.ipynb")
    assert status == 2
    assert "gone.ipynb: there is no such file. Give lab03, or a path." in says
    status, says = _check("lab99")
    assert status == 2
    assert "lab is 'lab99'; wanted one of" in says
    status, says = _check("lab00", "--dir", str(tmp_path))
    assert status == 2
    assert "You have no copy of lab00_start_here" in says
    assert "course lab lab00 makes it." in says


@pytest.fixture
def run(monkeypatch):
    """In the place of running notebooks: what was asked to run."""
    ran = []
    monkeypatch.setattr(checking, "run", lambda nb, folder, **options: ran.append((nb, folder, options)))
    return ran


def test_a_short_name_means_the_students_copy_and_what_passes_is_noted(tmp_path, run):
    work = tmp_path / "work"
    (work / SMALL.name).mkdir(parents=True)
    path = _write(solved(SMALL), work / SMALL.name)
    status, _ = _check("0", "--dir", str(work))
    assert status == 0
    assert run[0][1] == path.parent
    assert passed(work) == {SMALL.name: {"grey"}}
    assert "1/1 ✓" in (work / "START.md").read_text(encoding="utf-8")


def test_a_file_elsewhere_leaves_no_note(tmp_path, run):
    _check(_write(solved(SMALL), tmp_path), "--dir", str(tmp_path / "work"))
    assert not (tmp_path / "work").exists()


def test_only_what_exercises_stand_on_runs_unless_all_is_asked_for(tmp_path, run):
    path = _write(solved(LAB), tmp_path, LAB)
    _check(path)
    _check(path, "--all", "--timeout", "7")
    few, everything = (
        [cell.source for cell in nb.cells if "skip-execution" in cell.metadata.get("tags", [])] for nb, _, _ in run
    )
    assert everything == []
    assert any(source.startswith("unpooling_explorer()") for source in few)
    assert run[1][2]["timeout"] == 7


def test_with_all_a_cell_of_the_lab_that_stops_is_named(tmp_path, monkeypatch):
    def stops(nb, folder, **options):
        last = [cell for cell in nb.cells if cell.cell_type == "code"][-1]
        last.outputs = [nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])]

    monkeypatch.setattr(checking, "run", stops)
    status, says = _check(_write(solved(LAB), tmp_path, LAB), "--all")
    assert status == 1
    assert "! The cell that begins with 'x = torch.rand(2, 3, 33, 50)' stops: KeyError: 'x'" in says


def test_a_machine_that_fails_is_not_the_students_fault(tmp_path, monkeypatch):
    def fails(*_args, **_options):
        raise NotRunError("The kernel did not start: no memory")

    monkeypatch.setattr(checking, "run", fails)
    status, says = _check(_write(solved(SMALL), tmp_path))
    assert status == 2
    assert "The kernel did not start: no memory" in says


def _installed(folder, monkeypatch, where):
    """A distribution that declares hidden checks."""
    info = folder / "hidden_checks-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hidden-checks\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{hidden.GROUP}]\nmine = {where}\n")
    monkeypatch.syspath_prepend(folder)


def test_properties_are_asked_where_a_distribution_has_them(tmp_path, monkeypatch):
    _installed(tmp_path, monkeypatch, "autograder.authoring.hidden:hidden_checks")
    nb = solved(SMALL, {"grey": "def grey(picture):\n    return picture.mean(0, keepdim=True)"})
    status, says = _check(_write(nb, tmp_path), "--properties")
    assert status == 1
    assert "✗ 0/1 red green and blue have the eyes weights" in says
    assert "✓ 1/1 the result is a picture with one channel" in says
    assert "0 of 1 exercises pass; 2 of 6 points." in says


@pytest.mark.parametrize("where", [None, "nothing_of_that_name:checks", "course:nothing_of_that_name"])
def test_without_them_the_visible_checks_run_and_it_is_said(tmp_path, monkeypatch, run, where):
    entries = [EntryPoint("mine", where, hidden.GROUP)] if where else []
    monkeypatch.setattr(hidden, "entry_points", lambda group: entries)
    status, says = _check(_write(solved(SMALL), tmp_path), "--properties")
    assert status == 0
    assert says.endswith("The hidden checks are not installed here: these are the visible ones. ")


def test_the_autograder_declares_its_checks_and_they_are_found_by_that_name():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = f'[project.entry-points."{hidden.GROUP}"]\nautograder = "autograder.authoring.hidden:hidden_checks"\n'
    assert declared in text
    assert hidden_checks("lab00")[0].cells


def _start(*words, encoding="utf-8"):
    command = [sys.executable, "-m", "course", "check", *map(str, words)]
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_any_encoding_can_be_written_to(tmp_path, encoding):
    nb = solved(SMALL, {"grey": "def grey(picture):\n    raise ValueError('≥ ∎ é')"})
    program = _start(_write(nb, tmp_path), encoding=encoding)
    says = program.communicate()[0].decode(encoding)
    assert program.returncode == 1, says
    assert says.startswith("NO 0.1  grey")
    assert ">= ? " in says
    assert "Traceback" not in says


def test_ctrl_c_ends_it_in_one_line_while_an_answer_runs(tmp_path):
    marker = tmp_path / "started"
    answer = f"open({str(marker)!r}, 'w').close()\nimport time\ntime.sleep(600)"
    program = _start(_write(solved(SMALL, {"grey": answer}), tmp_path))
    while not marker.exists():
        assert program.poll() is None, program.stdout.read()
        time.sleep(0.05)
    program.send_signal(signal.SIGINT)
    says = program.communicate()[0].decode("utf-8")
    assert (program.returncode, says) == (130, "Stopped.\n")


@pytest.mark.parametrize("module", ["course.cli.app", "rich.console", "nbformat", "nbclient"])
def test_ctrl_c_ends_it_in_one_line_while_packages_are_read(tmp_path, module):
    path = _write(solved(SMALL), tmp_path)
    program = f"""
import sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
sys.argv = ["course", "check", {str(path)!r}]
from course.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, (done.stdout + done.stderr).strip()) == (130, "Stopped.")
