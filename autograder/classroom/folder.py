"""Collect, grade, feedback, export: nbgrader's converters and gradebook, and a sentence for whatever goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy.exc import SAWarning

from autograder.authoring.build import generate, write_source
from autograder.authoring.master import ROOT, Lab
from autograder.classroom.nbgrader_bridge import CONFIG_FILE, class_config

STATES = ("graded", "invalid", "failed")


@dataclass
class Grade:
    """How one submission ended: its state, its points per exercise, and what there is to say."""

    student: str
    state: str
    points: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The points of all exercises."""
        return sum(self.points.values())


class Class:
    """An instructor's folder: submitted, autograded, feedback and the gradebook.

    Args:
        folder: made when it is not there, with the file that lets plain `nbgrader` work in it.
        timeout: seconds that one cell may run.
    """

    def __init__(self, folder: Path = ROOT / "class", *, timeout: int = 60):
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        config_file = self.folder / "nbgrader_config.py"
        if not config_file.exists():
            config_file.write_text(CONFIG_FILE, encoding="utf-8")
        self.config = class_config(self.folder)
        self.config.Execute.timeout = timeout

    @property
    def submitted(self) -> Path:
        """Where submissions lie: `submitted/<student>/<lab>/<lab>.ipynb`."""
        return self.folder / "submitted"

    @property
    def gradebook(self) -> Gradebook:
        """nbgrader's database, to be used as a context manager."""
        return Gradebook(self.config.CourseDirectory.db_url)

    def students(self, lab: Lab) -> list[str]:
        """Who handed this lab in."""
        return sorted(path.parent.name for path in self.submitted.glob(f"*/{lab.name}"))

    def register(self, lab: Lab) -> None:
        """Tell the gradebook the lab's cells and points, by nbgrader's generator."""
        write_source(lab, self.folder / "source")
        with tempfile.TemporaryDirectory() as scratch:
            generate(lab, class_config(self.folder, Path(scratch)))

    def collect(self, source: Path, lab: Lab) -> dict[str, Path]:
        """Take notebooks from a folder or a zip archive: `student.ipynb` or `student/anything.ipynb`.

        Returns:
            The file taken for each student.

        Raises:
            ValueError: there is no notebook in the source, or two for the same student.
        """
        if source.is_file() and zipfile.is_zipfile(source):
            with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(source) as archive:
                archive.extractall(scratch)
                return self.collect(Path(scratch), lab)
        if not source.is_dir():
            raise ValueError(f"{source}: wanted a folder or a zip archive of notebooks")
        found: dict[str, Path] = {}
        for path in sorted(source.rglob("*.ipynb")):
            if ".ipynb_checkpoints" in path.parts:
                continue
            inside = path.relative_to(source)
            student = re.sub(r"[^\w.@-]", "_", inside.parts[0] if len(inside.parts) > 1 else inside.stem)
            if student in found:
                raise ValueError(f"{source}: two notebooks for {student}: {found[student].name} and {path.name}")
            found[student] = path
        if not found:
            raise ValueError(f"{source}: no .ipynb file in it; wanted student.ipynb or student/…ipynb")
        for student, path in found.items():
            self._take(student, path, lab)
        return found

    def _take(self, student: str, path: Path, lab: Lab) -> None:
        target = self.submitted / student / lab.name
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / f"{lab.name}.ipynb")
        stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        (target / "timestamp.txt").write_text(stamp.strftime("%Y-%m-%d %H:%M:%S UTC"), encoding="utf-8")

    def grade(
        self, lab: Lab, students: Iterable[str] | None = None, *, report: Callable[[Grade], None] | None = None
    ) -> list[Grade]:
        """Grade a lab's submissions, one after the other; none can touch another's grade.

        Args:
            lab: the lab.
            students: whom to grade; all who handed it in when not given.
            report: called with each grade as it is there.
        """
        self.register(lab)
        grades = []
        for student in self.students(lab) if students is None else students:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
                grades.append(self._grade_one(lab, student))
            if report:
                report(grades[-1])
        return grades

    def _grade_one(self, lab: Lab, student: str) -> Grade:
        path = self.submitted / student / lab.name / f"{lab.name}.ipynb"
        fault = notebook_fault(path)
        if fault:
            self._set_zero(lab, student)
            return Grade(student, "invalid", dict.fromkeys(lab.exercises, 0.0), [fault])
        result = NbGraderAPI(config=self.config).autograde(lab.name, student, force=True, create=True)
        if not result["success"]:
            self._set_zero(lab, student)
            why = _last_line(result.get("log") or result.get("error") or "")
            return Grade(student, "failed", dict.fromkeys(lab.exercises, 0.0), [f"It could not be graded: {why}"])
        graded = nbformat.read(self.folder / "autograded" / student / lab.name / f"{lab.name}.ipynb", as_version=4)
        with self.gradebook as book:
            saved = book.find_submission_notebook(lab.name, lab.name, student).grades
            points = {g.name.removeprefix("check_"): float(g.score) for g in saved}
        ordered = {name: points[name] for name in lab.exercises}
        return Grade(student, "graded", ordered, list(graded.metadata.get("course_notes", [])))

    def _set_zero(self, lab: Lab, student: str) -> None:
        """A submission that cannot be graded keeps no older grade."""
        with self.gradebook as book:
            book.update_or_create_student(student)
            book.update_or_create_submission(lab.name, student)
            try:
                notebook = book.find_submission_notebook(lab.name, lab.name, student)
            except MissingEntry:
                return
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = 0.0, False
            book.db.commit()

    def feedback(self, lab: Lab, students: Iterable[str] | None = None) -> list[Path]:
        """Write an HTML page for each graded submission.

        Raises:
            RuntimeError: nbgrader could not write a page; the message is its log's last line.
        """
        pages = []
        for student in self.students(lab) if students is None else students:
            if not (self.folder / "autograded" / student / lab.name).exists():
                continue
            result = NbGraderAPI(config=self.config).generate_feedback(lab.name, student, force=True)
            if not result["success"]:
                raise RuntimeError(f"no feedback for {student}: {_last_line(result.get('log') or '')}")
            pages.append(self.folder / "feedback" / student / lab.name / f"{lab.name}.html")
        return pages

    def export(self, target: Path) -> Path:
        """Write every grade as CSV, by nbgrader's exporter."""
        plugin = CsvExportPlugin(config=self.config)
        plugin.to = str(target)
        with self.gradebook as book:
            plugin.export(book)
        return target


def notebook_fault(path: Path) -> str:
    """What keeps a file from being graded, as a sentence; empty when nothing does."""
    if not path.exists():
        return f"{path.name} was not handed in."
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.strip():
        return "The file is empty: it was saved or uploaded wrongly. Ask for it again."
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        return f"The file is no notebook: its JSON breaks off or is damaged at line {error.lineno}. Ask for it again."
    try:
        nb = nbformat.from_dict(content)
        if not isinstance(nb, dict) or not any(c.cell_type == "code" for c in nb.cells):
            return "The notebook has no code cell: there is nothing to grade."
        nbformat.read(path, as_version=4)
    except Exception as error:
        return f"The file is JSON but no notebook ({type(error).__name__}): was another file handed in?"
    return ""


def _last_line(log: str) -> str:
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", log).splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nbgrader gave no reason"
