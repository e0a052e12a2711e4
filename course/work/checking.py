"""Check a notebook as it is graded: the student's answers in a fresh lab, in a clean kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course.page.cells import exercises, is_run, skip_the_rest
from course.page.hidden import find_hidden_checks
from course.page.reader import read_notebook
from course.page.rebuild import rebuild
from course.page.run import run
from course.page.verdicts import Verdict, verdicts
from course.work.labs import given_out, lab_of, notebooks

_AGAIN = "Save it again in JupyterLab (File → Save), or take one of its backups."
Watch = Callable[[int], Callable[[], None]]


@dataclass(frozen=True)
class Checked:
    """What a check found.

    lab: the lab's full name. notes: what was odd about the cells. stopped: cells of the lab that are neither an answer
    nor a check, and stop. hidden: whether hidden checks were asked too.
    """

    lab: str
    verdicts: list[Verdict]
    notes: list[str]
    stopped: list[str]
    hidden: bool

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return all(verdict.passed for verdict in self.verdicts) and not self.stopped


def check_notebook(
    path: Path, *, timeout: int, everything: bool = False, properties: bool = False, watch: Watch | None = None
) -> Checked:
    """Run a student's answers and their checks.

    Args:
        path: of the notebook.
        timeout: seconds that one cell may run.
        everything: run the lab's pictures and experiments too.
        properties: ask the hidden checks too, where they are installed.
        watch: called with the number of cells that will run; what it returns is called as each of them starts.

    Raises:
        ValueError: the file is damaged, or not a lab of this course.
        NotRunError: the kernel or the lab's imports do not work.
    """
    try:
        mine = read_notebook(path)
    except ValueError as error:
        raise ValueError(f"{error} {_AGAIN}" if path.is_file() else f"{error} Give lab03, or a path.") from None
    lab, original, prepare, hidden = _original(mine, path, properties)
    nb, notes = rebuild(mine, original)
    if not everything:
        skip_the_rest(nb)
    tick = watch(sum(map(is_run, nb.cells))) if watch else lambda: None
    run(nb, path.resolve().parent, timeout=timeout, prepare=prepare, tick=tick)
    return Checked(lab, verdicts(nb), notes, _stopped(nb), hidden)


def _original(mine: NotebookNode, path: Path, properties: bool) -> tuple[str, NotebookNode, str, bool]:
    """The lab's name, its cells, code that loads its hidden checks, and whether it has any.

    Where the course's notebooks are not at hand, a notebook is held against itself.
    """
    try:
        lab = lab_of(mine, notebooks(), path.name)
    except FileNotFoundError:
        lab = path if exercises(mine) else None
    if lab is None:
        raise ValueError(f"{path.name} has no cell of a lab of this course, or its cells lost their tags. {_AGAIN}")
    hidden_checks = find_hidden_checks() if properties else None
    if hidden_checks is not None:
        return lab.stem, *hidden_checks(lab.stem), True
    return lab.stem, mine if lab == path else given_out(lab), "", False


def _stopped(nb: NotebookNode) -> list[str]:
    """A sentence for each cell of the lab's own that stops, and not because an exercise is not solved."""
    said = []
    for cell in nb.cells:
        errors = [out for out in cell.get("outputs", []) if out.output_type == "error"]
        if errors and not cell.metadata.get("course") and errors[0].ename != "NotImplementedError":
            first, what = cell.source.strip().splitlines()[0], f"{errors[0].ename}: {errors[0].evalue}".splitlines()[0]
            said.append(f"The cell that begins with {first!r} stops: {what}")
    return said
