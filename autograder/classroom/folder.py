"""Collect, grade, feedback, export: nbgrader's converters and gradebook, and a sentence for whatever goes wrong."""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy.exc import SAWarning

from autograder.authoring.build import generate, write_source
from autograder.authoring.master import ROOT, Lab
from autograder.classroom.nbgrader_bridge import CONFIG_FILE, class_config
from autograder.classroom.steps import Grading
from autograder.classroom.submission import read_submission
from course.page.run import NotRunError

STATES = ("graded", "invalid", "failed", "retry")  # retry: the machine failed and not the student; nothing has changed
_NOTEBOOKS = shutil.ignore_patterns("*.ipynb")


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
        nothing = dict.fromkeys(lab.exercises, 0.0)
        try:
            nb = read_submission(self.submitted / student / lab.name / f"{lab.name}.ipynb", lab)
        except ValueError as error:
            self._set_zero(lab, student)
            return Grade(student, "invalid", nothing, [f"{error} Ask for it again."])
        try:
            with self._as_it_was(lab, student):
                graded = self._autograde(lab, student, nb)
        except NotRunError as error:
            says = f"{error} Nothing was changed: grade it again."
            return Grade(student, "retry", self._points(lab, student) or nothing, [says])
        except Exception as error:
            self._set_zero(lab, student)
            why = f"{type(error).__name__}: {str(error).strip() or 'no reason given'}".splitlines()[0]
            return Grade(student, "failed", nothing, [f"It could not be graded: {why}"])
        points = self._points(lab, student)
        return Grade(student, "graded", points, list(graded.metadata.get("course_notes", [])))

    def _autograde(self, lab: Lab, student: str, nb: NotebookNode) -> NotebookNode:
        """Run nbgrader's autograde beside the class's folder, and take its result over once it is whole."""
        with tempfile.TemporaryDirectory() as scratch:
            config = copy.deepcopy(self.config)
            for step in ("submitted", "autograded"):
                config.CourseDirectory[f"{step}_directory"] = str(Path(scratch) / step)
            inside = Path(student) / lab.name
            shutil.copytree(self.submitted / inside, Path(scratch) / "submitted" / inside, ignore=_NOTEBOOKS)
            nbformat.write(nb, Path(scratch) / "submitted" / inside / f"{lab.name}.ipynb")
            Grading.of(config, lab.name, student)
            done, target = Path(scratch) / "autograded" / inside, self.folder / "autograded" / inside
            if target.exists():
                shutil.rmtree(target)
            shutil.copytree(done, target)
            return nbformat.read(target / f"{lab.name}.ipynb", as_version=4)

    def _points(self, lab: Lab, student: str) -> dict[str, float]:
        """The points that the gradebook has, by exercise; none where it has no grade."""
        with self.gradebook as book:
            try:
                saved = book.find_submission_notebook(lab.name, lab.name, student).grades
            except MissingEntry:
                return {}
            points = {grade.name.removeprefix("check_"): float(grade.score) for grade in saved}
        return {name: points[name] for name in lab.exercises}

    @contextmanager
    def _as_it_was(self, lab: Lab, student: str) -> Iterator[None]:
        """Where grading does not come to an end, the gradebook says of this submission what it said before."""
        with self.gradebook as book:
            try:
                before = book.find_submission(lab.name, student).timestamp
            except MissingEntry:
                before = False
        try:
            yield
        except (NotRunError, KeyboardInterrupt):
            with self.gradebook as book, suppress(MissingEntry):
                if before is False:
                    book.remove_submission(lab.name, student)
                else:
                    book.update_or_create_submission(lab.name, student, timestamp=before)
            raise

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


def _last_line(log: str) -> str:
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", log).splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nbgrader gave no reason"
