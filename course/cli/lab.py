"""`course lab`: JupyterLab on the notebooks, or on one of them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from course.data.catalogue import checkout


def lab(
    name: Annotated[str | None, typer.Argument(help="One lab: lab03, or just 3. Without it, all notebooks.")] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; if it is taken, the next free one.", min=1)] = 8888,
    browser: Annotated[bool | None, typer.Option(help="Open a browser. Default: if there is a display.")] = None,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Start as root, as in a container.")] = False,
):
    """Open the notebooks in JupyterLab, in the environment that this command lives in."""
    try:
        folder = notebooks()
        path = find_lab(folder, name) if name else None
    except (FileNotFoundError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    browser = has_display() if browser is None else browser
    if not browser:
        typer.echo("Open the address that JupyterLab prints below, the line with ?token=, in a browser.")
        typer.echo(f"From another machine, first: ssh -N -L {port}:localhost:{port} THIS-MACHINE (the port as printed)")
    words = command(folder, path, port, browser) + (["--allow-root"] if allow_root else [])
    raise typer.Exit(_run(words, folder))


def notebooks():
    """The folder of notebooks: the checkout's, or the one below the current folder.

    Raises:
        FileNotFoundError: neither is there.
    """
    candidates = [root / "notebooks" for root in (checkout(), Path.cwd()) if root]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"No folder of notebooks: looked for {' and '.join(map(str, candidates))}. "
        "Change into the course's folder (the one with notebooks/) and try again."
    )


def find_lab(folder, name):
    """The notebook of one lab.

    Args:
        folder: Path of the notebooks, one folder per lab in it.
        name: a lab's full name, its short form ("lab03") or its number ("3").

    Returns:
        Path of the notebook.

    Raises:
        ValueError: no such lab; the message lists those there.
    """
    labs = sorted(path for path in folder.glob("lab*/lab*.ipynb"))
    number = re.fullmatch(r"(?:lab)?0*(\d+)", name.lower())
    short = f"lab{int(number[1]):02d}" if number else None
    for path in labs:
        if name.lower() in (path.stem.lower(), path.name.lower()) or (short and path.stem.split("_")[0] == short):
            return path
    there = ", ".join(path.stem for path in labs) or "none"
    raise ValueError(f"There is no lab called {name!r} in {folder}. There are: {there}.")


def has_display():
    """Whether a browser can open a window here."""
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def command(folder, path, port, browser):
    """The command that starts JupyterLab.

    Args:
        folder: the folder that it shows.
        path: the notebook below it that it opens, or None.
        port: the port that it tries first.
        browser: whether it opens a browser.

    Returns:
        list of str.
    """
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    if path:
        words.append(f"--LabApp.default_url=/lab/tree/{quote(path.relative_to(folder).as_posix())}")
    return words if browser else [*words, "--no-browser"]


def _run(words, folder):
    with subprocess.Popen(words, cwd=folder) as process:  # there, so that nbgrader does not take us for its course
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # Ctrl-C reaches JupyterLab too, which asks whether it should stop
                continue
