"""What a lab's cells are: exercises, their checks, what exercises stand on, and everything else."""

from __future__ import annotations

import hashlib

from nbformat import NotebookNode

SKIP = "skip-execution"  # nbclient leaves cells with this tag alone


def exercise_of(cell: NotebookNode) -> str | None:
    """The exercise that a cell is to hold the answer of: by our tag, or else by nbgrader's."""
    nbgrader = cell.metadata.get("nbgrader", {})
    found = cell.metadata.get("course", {}).get("exercise") or (nbgrader.get("solution") and nbgrader.get("grade_id"))
    return found if isinstance(found, str) else None


def check_of(cell: NotebookNode) -> str | None:
    """The exercise that a cell checks."""
    found = cell.metadata.get("course", {}).get("check")
    return found if isinstance(found, str) else None


def role(cell: NotebookNode) -> str | None:
    """What a cell is called by whoever grades it: `conv_matrix` or `check_conv_matrix`; None for other cells."""
    check = check_of(cell)
    return exercise_of(cell) or (f"check_{check}" if check else None)


def exercises(nb: NotebookNode) -> dict[str, NotebookNode]:
    """The exercises of a lab in order: {name: the cell for its answer}."""
    return {name: cell for cell in nb.cells if (name := cell.metadata.get("course", {}).get("exercise"))}


def needed(nb: NotebookNode) -> list[NotebookNode]:
    """The code cells that exercises stand on: imports, answers, checks, and set-up, to which the panel belongs."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    return code[:1] + [cell for cell in code[1:] if _is_needed(cell)]


def _is_needed(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("course") or "setup" in cell.metadata.get("tags", []))


def skip_the_rest(nb: NotebookNode) -> None:
    """Mark the code cells that no exercise stands on (pictures, experiments), so that `run` leaves them alone."""
    kept = {id(cell) for cell in needed(nb)}
    for cell in nb.cells:
        if cell.cell_type == "code" and id(cell) not in kept:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIP]


def is_run(cell: NotebookNode) -> bool:
    """Whether `run` runs a cell."""
    return cell.cell_type == "code" and SKIP not in cell.metadata.get("tags", [])


def is_untouched(cell: NotebookNode, stub: str) -> bool:
    """Whether the cell for an answer is as the course made it: empty, today's stub, or what its checksum says.

    Args:
        cell: a student's.
        stub: the text that the lab has there now.
    """
    text = cell.source.strip()
    return text in ("", stub.strip()) or cell.metadata.get("nbgrader", {}).get("checksum") == checksum(cell)


def checksum(cell: NotebookNode) -> str:
    """nbgrader's checksum of a code cell for an answer, which the generator writes into its tag.

    Source: nbgrader.utils.compute_checksum, nbgrader 0.9.
    """
    nbgrader = cell.metadata.get("nbgrader", {})
    flags = [str(bool(nbgrader.get(key, False))) for key in ("grade", "solution", "locked")]
    text = "".join([cell.source, "code", *flags, str(nbgrader.get("grade_id", ""))])
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
