"""The page that JupyterLab opens on: the labs, what each asks, how long it takes, and what has passed so far."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from course.work.copies import copy_of, write_text
from course.work.labs import about
from course.work.results import passed

NAME = "START.md"


def write_start_page(labs: list[Path], work: Path) -> Path:
    """Write the page into the folder of the student's copies, where it says something else than it did.

    Args:
        labs: as the course gives them out.
        work: the folder.
    """
    path, text = work / NAME, start_page(labs, work)
    if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != text:
        write_text(path, text)
    return path


def start_page(labs: list[Path], work: Path) -> str:
    """The page's text."""
    done, rows, total, won = passed(work), [], 0, 0
    for lab in labs:
        what = about(lab)
        count = len(done.get(lab.stem, set()) & what.minutes.keys())
        total, won = total + len(what.minutes), won + count
        link = f"[{what.title}]({quote(copy_of(lab, work).relative_to(work).as_posix())})"
        cells = [link, _in_table(what.question), f"{sum(what.minutes.values())} min", _so_far(count, what.minutes)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(
        [
            "# Dense prediction from scratch",
            "",
            f"**{won} of {total} exercises pass so far.** The notebooks below are your own copies: the course never",
            "writes over them. Begin with the first, and take them in order.",
            "",
            "| lab | the question | exercises | pass |",
            "|---|---|---:|---|",
            *rows,
            "",
            "In a terminal: `course check lab03` runs an exercise's checks from a clean start and counts them here,",
            "`course lab --update` brings new text of the course into your copies and keeps all that you wrote.",
            "",
        ]
    )


def _so_far(count: int, exercises: dict[str, int]) -> str:
    mark = " ✓" if exercises and count == len(exercises) else ""
    return f"{count}/{len(exercises)}{mark}"


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")
