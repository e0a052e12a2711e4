"""A student's first minutes in Lab 2, in a real Chromium against a running JupyterLab."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from autograder.labs import ROOT, find_lab

LAB = find_lab("lab02")
TOKEN = "student"
SETTINGS = ["--ServerApp.port_retries=0", "--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}"]


def _chromium() -> str | None:
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome")]
    return next((path for path in found if path), None)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab on a copy of the lab; its address."""
    if _chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")
    folder = tmp_path_factory.mktemp("labs")
    shutil.copy(ROOT / "notebooks" / LAB.name / f"{LAB.name}.ipynb", folder / "lab.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--ip=127.0.0.1", f"--notebook-dir={folder}"]
    log = (folder / "server.log").open("w")
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "run"),
    }
    server = subprocess.Popen([*command, *SETTINGS], stdout=log, stderr=log, env=environment)
    try:
        _await(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _await(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)  # until the port is open: nothing tells us when
        else:
            return
    raise AssertionError(f"JupyterLab did not answer within a minute:\n{log.read_text()}")


@pytest.fixture(scope="module")
def page(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(90_000)
        page.goto(f"{address}/lab/tree/lab.ipynb?token={TOKEN}")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        yield page
        browser.close()


class Notebook:
    """The open notebook, as a person uses it."""

    def __init__(self, page):
        self.page = page

    def cell(self, text: str):
        """Bring the cell whose source begins with a text into view and give its element."""
        for _ in range(60):  # JupyterLab draws cells only where one looks: scroll until it is there
            found = self.page.locator(".jp-CodeCell", has=self.page.locator(".cm-content", has_text=text))
            if found.count():
                found.first.scroll_into_view_if_needed()
                return found.first
            self.page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollBy(0, 700)")
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no cell with {text!r}")

    def run(self, cell) -> None:
        """Run a cell and wait until the kernel has nothing to do."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        prompt = cell.locator(".jp-InputPrompt")
        self.page.wait_for_function("p => /\\[\\d+\\]/.test(p.textContent)", arg=prompt.element_handle())

    def top(self) -> None:
        """Go to the first cell."""
        self.page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollTo(0, 0)")


@pytest.mark.browser
def test_a_student_runs_moves_fails_and_solves(page):
    notebook = Notebook(page)
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
def test_the_widgets_slider_moves_and_the_picture_changes(page):
    notebook = Notebook(page)
    notebook.top()
    cell = notebook.cell("resampling_explorer()")
    notebook.run(cell)
    picture = cell.locator("img.widget-image").first
    picture.wait_for()
    before = picture.get_attribute("src")
    handle = cell.locator(".noUi-handle").first
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("([img, old]) => img.src !== old", arg=[picture.element_handle(), before])
    assert picture.evaluate("i => i.naturalWidth") > 300
