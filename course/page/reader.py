"""Read a notebook that anything may have happened to: the one reader of `course check`, `course lab` and the grader.

What is odd in one cell costs that cell's oddity and nothing else: unknown metadata, ids and cell types are mended,
a cell without text is an empty one. What is left is a valid notebook of today's format.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

_MAKE: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "heading": new_markdown_cell,  # of notebooks before 2014
    "raw": new_raw_cell,
}
_KINDS = {"nbgrader": dict, "course": dict, "deletable": bool, "editable": bool, "format": str}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that may be damaged.

    Returns:
        A valid notebook of format 4.5, without outputs.

    Raises:
        ValueError: it is not there, empty, damaged or not a notebook; the sentence says which.
    """
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file.")
    text = _decode(path.read_bytes(), path.name)
    if not text.strip():
        raise ValueError(f"{path.name} is empty: it was saved or uploaded wrongly.")
    try:
        return _notebook(_plain(json.loads(text, parse_int=_whole)), path.name)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} is damaged: its JSON breaks off at line {error.lineno}.") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"{path.name} is damaged: its JSON is nested too deeply to be read.") from None


def read_with_outputs(path: Path) -> NotebookNode:
    """The same with the outputs that the notebook was saved with, where they are valid.

    Raises:
        ValueError: as `read_notebook` does.
    """
    nb = read_notebook(path)
    try:
        return nbformat.reads(_decode(path.read_bytes(), path.name), as_version=4)
    except Exception:  # nbformat says many things of a notebook that is not what it should be
        return nb


def passed_checks(path: Path) -> set[str]:
    """The exercises whose check cells ran without an error when a notebook was last saved; empty if it is damaged."""
    try:
        cells = json.loads(_decode(path.read_bytes(), path.name), parse_int=_whole)["cells"]
        ran = [
            cell for cell in cells if cell.get("execution_count") and cell["metadata"].get("course", {}).get("check")
        ]
        errors = [any(out["output_type"] == "error" for out in cell["outputs"]) for cell in ran]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return set()
    return {cell["metadata"]["course"]["check"] for cell, error in zip(ran, errors, strict=True) if not error}


def _decode(data: bytes, name: str) -> str:
    encoding = next((encoding for bom, encoding in _BOMS.items() if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not UTF-8 text (byte {error.start}): another program saved it in another encoding."
        ) from None


def _plain(value: object) -> object:
    """The same JSON with halves of emoji, which no file can hold, replaced, and without NaN, which JSON has not."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def _notebook(content: object, name: str) -> NotebookNode:
    cells = content.get("cells") if isinstance(content, dict) else None
    if cells is None and isinstance(content, dict) and isinstance(content.get("worksheets"), list):
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells") or []]  # of notebooks before 2015
    if not isinstance(cells, list):
        raise ValueError(f"{name} is JSON but not a notebook: it has no list of cells.")
    nb = new_notebook(metadata=_notebook_metadata(content.get("metadata")))
    taken: set[str] = set()
    for place, cell in enumerate(cell for cell in cells if isinstance(cell, dict)):
        nb.cells.append(_cell(cell, place, taken))
    return nb


def _notebook_metadata(found: object) -> dict:
    kept = dict(found) if isinstance(found, dict) else {}
    for key, wanted in {"kernelspec": ("name", "display_name"), "language_info": ("name",)}.items():
        value = kept.get(key)
        if not (isinstance(value, dict) and all(isinstance(value.get(name), str) for name in wanted)):
            kept.pop(key, None)
    for key in ("orig_nbformat", "title", "authors"):
        kept.pop(key, None)
    return kept


def _cell(cell: dict, place: int, taken: set[str]) -> NotebookNode:
    """A valid cell of what is there."""
    source = cell.get("source", cell.get("input", ""))
    source = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    wanted = cell.get("id")
    wanted = wanted if isinstance(wanted, str) and _ID.fullmatch(wanted) else f"cell-{place}"
    identity = wanted
    while identity in taken:
        identity = f"{wanted[:40]}-{place}-{len(taken)}"
    taken.add(identity)
    kind = cell.get("cell_type")
    make = _MAKE.get(kind, new_raw_cell) if isinstance(kind, str) else new_raw_cell
    made = make(source, metadata=_metadata(cell.get("metadata")), id=identity)
    pictures = cell.get("attachments")
    if made.cell_type != "code" and isinstance(pictures, dict) and all(map(_is_picture, pictures.values())):
        made["attachments"] = nbformat.from_dict(pictures)  # pasted into the text
    return made


def _is_picture(attachment: object) -> bool:
    return isinstance(attachment, dict) and all(isinstance(data, str) for data in attachment.values())


def _metadata(found: object) -> dict:
    """A cell's metadata without what is of the wrong kind, and without what a front end remembers of its looks."""
    found = found if isinstance(found, dict) else {}
    kept = {key: value for key, value in found.items() if isinstance(value, _KINDS.get(key, object))}
    for key in ("execution", "scrolled", "collapsed", "jupyter", "name", "tags"):
        kept.pop(key, None)
    tags = found.get("tags")
    if isinstance(tags, list):
        kept["tags"] = sorted({tag for tag in tags if isinstance(tag, str) and re.fullmatch(r"[^,]+", tag)})
    return kept


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0
