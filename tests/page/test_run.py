"""Notebooks are run whatever their cells do, and stop at once when asked to."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.page import run as module
from course.page.run import NotRunError, run


def _notebook(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def _errors(nb):
    return {
        cell.source: out.evalue for cell in nb.cells for out in cell.get("outputs", []) if out.output_type == "error"
    }


def test_cells_that_kill_end_or_never_end_are_marked_and_the_others_run(tmp_path):
    killer, forever = "import os; os._exit(1)", "while True: pass"
    nb = _notebook("import os", "x = 1", killer, "exit()", "x += 1", forever, "print(x, os.getcwd())")
    ticks = []
    run(nb, tmp_path, timeout=10, tick=lambda: ticks.append(1))
    assert _errors(nb) == {
        killer: "The kernel died while this cell ran.",
        "exit()": "This cell ends the kernel: take exit() or quit() out of it.",
        forever: "This cell ran for more than 10 s.",
    }
    assert nb.cells[-1].outputs[0].text == f"2 {tmp_path}\n"
    assert len(ticks) == len(nb.cells), "a cell that runs again is not counted again"


def test_errors_are_outputs_and_marked_cells_and_texts_do_not_run(tmp_path):
    nb = _notebook("import os", "1 / 0", "print(3)")
    nb.cells[2].metadata["tags"] = ["skip-execution"]
    nb.cells.append(new_markdown_cell("1 / 0"))
    run(nb, tmp_path, timeout=60)
    assert _errors(nb) == {"1 / 0": "division by zero"}
    assert nb.cells[2].outputs == []


def test_the_imports_have_a_limit_of_their_own(tmp_path):
    nb = _notebook("import time\ntime.sleep(3)", "x = 1")
    run(nb, tmp_path, timeout=1)
    assert _errors(nb) == {}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nothing_of_that_name", "The lab's imports fail: ModuleNotFoundError: No module named"),
        ("import os; os._exit(1)", "The lab's imports did not end well: The kernel died"),
    ],
)
def test_imports_that_fail_are_nobodys_fault(tmp_path, source, says):
    with pytest.raises(NotRunError, match=says):
        run(_notebook(source, "x = 1"), tmp_path, timeout=60)


def test_imports_that_do_not_end_are_nobodys_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "IMPORTS", 3)
    with pytest.raises(NotRunError, match="The lab's imports did not end well: This cell ran for more than 3 s"):
        run(_notebook("while True: pass"), tmp_path, timeout=60)


def test_what_prepares_runs_first_and_must_work(tmp_path):
    nb = _notebook("print(secret)")
    run(nb, tmp_path, timeout=60, prepare="secret = 3")
    assert nb.cells[0].outputs[0].text == "3\n"
    with pytest.raises(NotRunError, match="The checks cannot be loaded: name 'gone' is not defined"):
        run(_notebook("x = 1"), tmp_path, timeout=60, prepare="gone")


def test_a_kernel_that_does_not_start_is_nobodys_fault(tmp_path):
    with pytest.raises(NotRunError, match="The kernel did not start"):
        run(_notebook("x = 1"), tmp_path / "gone", timeout=60)


def test_ctrl_c_ends_a_run_and_its_kernel_without_another_word(tmp_path):
    program = f"""
        from pathlib import Path
        from nbformat.v4 import new_code_cell, new_notebook
        from course.page.run import run

        pid = "import os, time; print(os.getpid(), file=open('pid', 'w')); time.sleep(600)"
        nb = new_notebook(cells=[new_code_cell("import os"), new_code_cell(pid)])
        try:
            run(nb, Path({str(tmp_path)!r}), timeout=900)
        except KeyboardInterrupt:
            print("stopped")
        """
    started = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    pid = tmp_path / "pid"
    while not (pid.is_file() and pid.read_text().strip()):
        assert started.poll() is None, started.stdout.read()
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    assert started.communicate()[0] == "stopped\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
