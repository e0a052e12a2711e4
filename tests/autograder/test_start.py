"""The instructors' command line starts on any terminal and stops in one line."""

import os
import subprocess
import sys
import tomllib

import pytest

from autograder.authoring.master import ROOT


def _run(program, encoding="utf-8"):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment)
    return done.returncode, (done.stdout + done.stderr).decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_its_messages_can_be_written_in_any_encoding(encoding, tmp_path):
    program = f"import sys; sys.argv = ['autograder', 'grade', 'lab00', '--class', {str(tmp_path)!r}]\n"
    status, says = _run(program + "from autograder.__main__ import main; main()", encoding)
    assert status == 2, says
    assert "nothing handed in by anyone" in says
    assert "Traceback" not in says


def test_ctrl_c_while_packages_are_read_ends_it_in_one_line():
    program = """
import sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "autograder.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from autograder.__main__ import main
main()
"""
    status, says = _run(program)
    assert (status, says.strip()) == (130, "Stopped.")


def test_both_scripts_that_are_installed_begin_there():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"course": "course.__main__:main", "autograder": "autograder.__main__:main"}
