"""`course doctor`: is everything there, and how to fix what is not."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from course.cli.console import marks
from course.data import catalogue

PACKAGES = ("torch", "torchvision", "jupyterlab", "ipywidgets", "matplotlib", "scikit-image")
INSTALL = "in the course's folder: python -m pip install -e ."


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, whether it is well, what was found, how to fix it, whether the labs need it."""

    what: str
    well: bool
    found: str
    fix: str = ""
    needed: bool = True


def doctor() -> None:
    """Look whether everything that the labs need is here, and say how to fix what is not."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    well, broken, optional = marks(console)
    findings = examine()
    table = Table.grid(padding=(0, 2))
    for _ in ("mark", "what"):
        table.add_column(no_wrap=True)
    for finding in findings:
        mark = f"[green]{well}" if finding.well else f"[bold red]{broken}" if finding.needed else f"[yellow]{optional}"
        says = finding.found if finding.well else f"{finding.found}\n{finding.fix}"
        table.add_row(mark, finding.what, Text(says, overflow="fold"))
    console.print(table)
    missing = [finding.what for finding in findings if finding.needed and not finding.well]
    if missing:
        console.print(f"Not ready: {', '.join(missing)}.", style="bold red")
        raise typer.Exit(1)
    console.print("Ready. Begin with: course lab 0")


def examine() -> list[Finding]:
    """All findings, in the order of the table."""
    packages = [package(name) for name in PACKAGES]
    return [python(), *packages, kernel(), *torch_works(), memory(), labs(), writable(), *data()]


def python() -> Finding:
    """The interpreter's version."""
    well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    fix = "make a new environment with Python 3.11, 3.12 or 3.13"
    return Finding("Python", well, f"{platform.python_version()} at {sys.executable}", fix)


def package(name: str) -> Finding:
    """One package: installed, and of a version that the course asks for."""
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", INSTALL)
    wanted = _wanted().get(name, "")
    if wanted:
        from packaging.specifiers import SpecifierSet

        if not SpecifierSet(wanted).contains(version, prereleases=True):
            return Finding(name, False, f"{version}, wanted {wanted}", INSTALL)
    return Finding(name, True, version)


def _wanted() -> dict[str, str]:
    """{package: versions} as the course's own metadata asks."""
    try:
        lines = importlib.metadata.requires("dense-prediction-course") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    from packaging.requirements import Requirement

    return {line.name: str(line.specifier) for line in map(Requirement, lines)}


def kernel() -> Finding:
    """The notebooks' kernel must be this very Python: a kernel left by another environment is found first by name."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except Exception as error:
        return Finding("Jupyter kernel", False, f"none ({error})", INSTALL)
    # Jupyter itself puts its own Python in the place of a bare "python"
    same = Path(program).name == program or Path(program).resolve() == Path(sys.executable).resolve()
    fix = "python -m ipykernel install --sys-prefix --name python3"
    return Finding("Jupyter kernel", same, "python3, this Python" if same else f"python3 is {program}", fix)


def torch_works() -> list[Finding]:
    """PyTorch loads, fits torchvision, and the device that the labs will use."""
    try:
        import torch
        from torchvision.ops import nms

        from course.training.devices import pick_device

        nms(torch.zeros(1, 4), torch.ones(1), 0.5)  # fails when the two packages are of different builds
        device = pick_device("auto")
    except Exception as error:
        return [Finding("torch works", False, str(error).splitlines()[0], f"torch and torchvision anew, {INSTALL}")]
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return [Finding("torch works", True, "yes"), Finding("device", True, f"{device.type}: {name}")]


def memory() -> Finding:
    """Free memory, and cores."""
    import psutil

    free = psutil.virtual_memory().available / 2**30
    found = f"{free:.1f} GiB free, {os.cpu_count()} cores"
    return Finding("memory", free >= 2, found, "close other programs: the labs want 2 GiB", needed=False)


def labs() -> Finding:
    """The labs' notebooks, which `course lab` makes copies of."""
    from course.work.labs import all_labs, notebooks

    try:
        folder = notebooks()
    except FileNotFoundError as error:
        return Finding("labs", False, "not here", str(error))
    return Finding("labs", bool(all_labs(folder)), f"{len(all_labs(folder))} in {folder}", INSTALL)


def writable() -> Finding:
    """Whether a file can be made where the notebooks and the data lie."""
    folder = catalogue.checkout() or Path.cwd()
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            return Finding("write access", True, str(folder))
    except OSError as error:
        fix = "copy the course into a folder of your own, or correct its permissions"
        return Finding("write access", False, f"{folder}: {error.strerror}", fix)


def data() -> list[Finding]:
    """The data sets; those not here are optional: `scenes` and `photos` carry the labs."""
    findings = []
    for entry in catalogue.DATASETS.values():
        what = f"data: {entry.name}"
        try:
            found = "built in" if entry.built_in else str(catalogue.find(entry.name))
            findings.append(Finding(what, True, found, needed=False))
        except FileNotFoundError:
            findings.append(Finding(what, False, "not here", catalogue.how_to_get(entry.name), needed=False))
    return findings
