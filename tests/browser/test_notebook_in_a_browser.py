"""A student's first minutes in Lab 2, in a real Chromium against a running JupyterLab."""

import os
import re
import shutil

import pytest

from autograder.authoring.master import ROOT, find_lab
from tests.browser.jupyter import chromium, jupyterlab, open_notebook

LAB = find_lab("lab02")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    if chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")
    folder = tmp_path_factory.mktemp("labs")
    shutil.copy(ROOT / "notebooks" / LAB.name / f"{LAB.name}.ipynb", folder / "lab.ipynb")
    with jupyterlab(folder) as address, open_notebook(address, "lab.ipynb") as notebook:
        yield notebook


@pytest.mark.browser
def test_a_student_runs_fails_and_solves(notebook):
    page = notebook.page
    notebook.run(notebook.cell("import torch"))
    panel = notebook.cell("Progress(")
    notebook.run(panel)
    assert f"0 of {LAB.points} points" in panel.locator(".jp-OutputArea").inner_text()

    name = "zero_insert"
    exercise = LAB.exercises[name]
    notebook.run(notebook.cell(f"def {name}("))
    check = notebook.cell(f"# Check {exercise.number} ")
    notebook.run(check)
    says = check.locator(".jp-OutputArea").inner_text()
    assert f"Exercise {exercise.number} is not solved yet" in says
    assert "Traceback" not in says

    answer = notebook.cell(f"def {name}(")
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(exercise.source)
    notebook.run(answer)
    check = notebook.cell(f"# Check {exercise.number} ")
    notebook.run(check)
    line = check.get_by_text(f"✓ {exercise.number} {name}: all visible checks pass").last
    line.wait_for()
    notebook.top()
    panel = notebook.cell("Progress(")
    assert re.search(rf"{exercise.points} of {LAB.points} points", panel.locator(".jp-OutputArea").inner_text())


@pytest.mark.browser
def test_the_widgets_slider_moves_and_the_picture_changes(notebook):
    page = notebook.page
    notebook.top()
    cell = notebook.cell("resampling_explorer()")
    notebook.run(cell)
    slider, picture = cell.get_by_role("slider", name="factor"), cell.locator("canvas:visible").first
    slider.wait_for()
    before = picture.evaluate("canvas => canvas.toDataURL()")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "5"
    assert picture.evaluate("canvas => canvas.toDataURL()") != before
