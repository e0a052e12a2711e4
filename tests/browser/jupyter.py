"""A real JupyterLab and a real Chromium, as a person uses them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOKEN = "student"
SETTINGS = ["--ServerApp.port_retries=0", "--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}"]


def chromium() -> str | None:
    """The browser's program, or None."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome")]
    return next((path for path in found if path), None)


@contextmanager
def jupyterlab(folder: Path, *options: str, variables: dict[str, str] | None = None) -> Iterator[str]:
    """A JupyterLab on a folder; gives its address.

    Args:
        folder: what it shows.
        options: more of its command line.
        variables: more environment variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--ip=127.0.0.1", f"--notebook-dir={folder}"]
    environment = os.environ | (variables or {})
    environment |= {
        "JUPYTER_CONFIG_DIR": str(folder / ".config"),
        "JUPYTER_RUNTIME_DIR": str(folder / ".run"),
    }
    with (folder / ".log").open("w") as log:
        server = subprocess.Popen([*command, *SETTINGS, *options], stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            _await(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, folder / ".log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def open_page(address: str, *, scale: float = 1.0) -> Iterator:
    """Open an address in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000}, device_scale_factor=scale)
        page.set_default_timeout(90_000)
        page.goto(address)
        yield page
        browser.close()


@contextmanager
def open_notebook(address: str, name: str, *, scale: float = 1.0) -> Iterator[Notebook]:
    """Open a notebook of that JupyterLab in Chromium and wait for its kernel."""
    with open_page(f"{address}/lab/tree/{name}?token={TOKEN}", scale=scale) as page:
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        yield Notebook(page)


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
        prompt = cell.locator(".jp-InputPrompt")  # asked anew each time, for JupyterLab may make the prompt anew
        before = prompt.text_content()
        for _ in range(5):  # a notebook that is still settling takes the focus back, and the key goes nowhere
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            for _ in range(25):
                if prompt.text_content() != before:
                    cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).wait_for(state="attached")
                    return
                self.page.wait_for_timeout(200)
        raise AssertionError(f"the cell does not start: its prompt still reads {before!r}")

    def top(self) -> None:
        """Go to the first cell."""
        self.page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollTo(0, 0)")


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
