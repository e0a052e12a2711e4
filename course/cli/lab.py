"""`course lab`: JupyterLab on the student's own copies of the labs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

SETTINGS = Path(__file__).resolve().parents[1]  # JupyterLab reads the folder labconfig below it


def lab(
    name: Annotated[str | None, typer.Argument(help="One lab: lab03, or just 3. Without it, the start page.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder of your copies.", show_default="work")] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Bring the course's new text into your copies, and open nothing.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port to listen on; if it is taken, the next free one.", min=1)] = 8888,
    browser: Annotated[
        bool | None, typer.Option("--browser/--no-browser", help="Open a browser. Default: if there is a display.")
    ] = None,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Start as root, as in a container.")] = False,
) -> None:
    """Open your own copies of the labs in JupyterLab; they are made when they are not there, and never overwritten."""
    from course.work.copies import copy_of, default_folder
    from course.work.labs import all_labs, find_lab, notebooks
    from course.work.start_page import write_start_page

    try:
        labs, work = all_labs(notebooks()), (folder or default_folder()).expanduser().resolve()
        chosen = find_lab(notebooks(), name) if name else None
        well = _make_copies(labs, work)
        if update:
            well = _update([chosen] if chosen else labs, work) and well
        page = write_start_page(labs, work)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(130) from None
    except (FileNotFoundError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{error}. Keep your copies in a folder that can be written: course lab --dir FOLDER", err=True)
        raise typer.Exit(1) from None
    if update:
        raise typer.Exit(0 if well else 1)
    browser = has_display() if browser is None else browser
    if not browser:
        typer.echo("Open the address that JupyterLab prints below, the line with ?token=, in a browser.")
        typer.echo(f"From another machine, first: ssh -N -L {port}:localhost:{port} THIS-MACHINE (the port as printed)")
    words = command(work, copy_of(chosen, work) if chosen else page, port, browser)
    raise typer.Exit(_run(words + (["--allow-root"] if allow_root else []), work))


def _make_copies(labs: list[Path], work: Path) -> bool:
    """Make the copies that are not there, and say what is worth knowing; whether every lab could be read."""
    from course.work.copies import copy_of, has_new_text, make_copy
    from course.work.results import add_saved

    new, broken = [lab for lab in labs if not copy_of(lab, work).exists()], []
    for lab in new:
        try:
            if make_copy(lab, work):
                typer.echo(f"{lab.stem}: the answers in {lab} were copied into {work}. That file is as it was.")
        except ValueError as error:
            typer.echo(f"{error} No copy was made.", err=True)
            broken.append(lab)
    if new:
        typer.echo(f"Your own copies of {len(new) - len(broken)} labs were made in {work}.")
    add_saved(work, [copy_of(lab, work) for lab in labs])
    old = [lab.stem.split("_")[0] for lab in labs if has_new_text(lab, work)]
    if old:
        typer.echo(f"The course has new text for {', '.join(old)}: course lab --update brings it into your copies.")
    return not broken


def _update(labs: list[Path], work: Path) -> bool:
    """Bring copies up to date and say of each what has changed; whether all could be."""
    from course.work.updating import update

    well = True
    for lab in labs:
        try:
            for sentence in update(lab, work).sentences:
                typer.echo(f"{lab.stem}: {sentence}")
        except (OSError, ValueError) as error:
            typer.echo(f"{lab.stem}: {error} Nothing was touched.", err=True)
            well = False
    return well


def has_display() -> bool:
    """Whether a browser can open a window here."""
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def command(folder: Path, path: Path, port: int, browser: bool) -> list[str]:
    """The command that starts JupyterLab.

    Args:
        folder: the folder that it shows.
        path: the file in it that it opens.
        port: the port that it tries first.
        browser: whether it opens a browser.
    """
    address = quote(path.relative_to(folder).as_posix()) + ("?reset" if path.suffix == ".md" else "")
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    words.append(f"--LabApp.default_url=/lab/tree/{address}")
    return words if browser else [*words, "--no-browser"]


def environment() -> dict[str, str]:
    """This process's variables, with the course's settings of JupyterLab before the user's, whose files stay untouched.

    No news, no instructor's side bars; texts open as pages.
    """
    path = [str(SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(path)}


def _run(words: list[str], folder: Path) -> int:
    with subprocess.Popen(words, cwd=folder, env=environment()) as process:  # there, so that nbgrader sees no course
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # Ctrl-C reaches JupyterLab too, which asks whether it should stop
                continue
