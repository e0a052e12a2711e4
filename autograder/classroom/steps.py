"""Our steps inside nbgrader's autograde: rebuild the notebook, run it whatever its cells do, score by property."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as NbgraderSaveAutoGrades
from traitlets import Integer
from traitlets.config import Config

from autograder.authoring.hidden import hidden_checks
from autograder.checking.score import MIME
from course.page.cells import SKIP, check_of, exercise_of, skip_the_rest
from course.page.rebuild import rebuild
from course.page.run import run
from course.page.verdicts import forbidden

_graded = cache(hidden_checks)  # a lab is read once for a whole class


class Grading(Autograde):
    """nbgrader's autograde of one submission, which says why it failed instead of pointing to a log."""

    @classmethod
    def of(cls, config: Config, assignment: str, student: str) -> None:
        """Grade a submission.

        Raises:
            Exception: whatever went wrong on the way.
        """
        courses = CourseDirectory(config=config, assignment_id=assignment, student_id=student)
        converter = cls(coursedir=courses, config=config, force=True)
        converter.fault = None
        try:
            converter.start()
        except NbGraderException:
            raise converter.fault or sys.exc_info()[1] from None

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Remember why."""
        try:
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            self.fault = error
            raise


class Rebuild(NbGraderPreprocessor):
    """Take the answers from a submission, with what they need of the student's own cells, and all else from the master.

    What was found on the way is noted in the notebook's metadata. Cells that no exercise stands on (plots, experiments)
    are not run.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the rebuilt notebook."""
        original, _ = _graded(resources["nbgrader"]["assignment"])
        rebuilt, notes = rebuild(nb, original)
        skip_the_rest(rebuilt)
        rebuilt.metadata["course_notes"] = notes
        return rebuilt, resources


class Execute(NbGraderPreprocessor):
    """Run a notebook as `course check` does: a cell that kills its kernel or never ends costs its own points only."""

    timeout = Integer(60, help="Seconds that one cell may run.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Run the notebook, and note the answers that ended the kernel."""
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        _, prepare = _graded(resources["nbgrader"]["assignment"])
        skipped = {id(cell) for cell in nb.cells if SKIP in cell.metadata.get("tags", [])}
        run(nb, folder, timeout=self.timeout, prepare=prepare)
        for cell in nb.cells:
            if SKIP in cell.metadata.get("tags", []) and id(cell) not in skipped:
                name = exercise_of(cell) or check_of(cell) or cell.metadata.get("course", {}).get("own", "a cell")
                nb.metadata.setdefault("course_notes", []).append(f"{name}: {cell.outputs[0].evalue}")
        return nb, resources


class SaveScores(NbgraderSaveAutoGrades):
    """nbgrader's step with our rule: the points are those of the properties that hold, whatever a visible check says.

    A warning on stderr costs nothing. A forbidden name costs the exercise and says so below its check.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Refuse answers that use what their exercise forbids, then save."""
        checks = {name: cell for cell in nb.cells if (name := check_of(cell))}
        for name, says in forbidden(nb).items():
            checks[name].outputs = [new_output("error", ename="Forbidden", evalue=says, traceback=[says])]
            nb.metadata.setdefault("course_notes", []).append(f"{name}: {says}")
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        keys = (cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*keys)
        grade.auto_score = points_of(cell)
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


def points_of(cell: NotebookNode) -> float:
    """The points that a check cell's outputs tell; 0 when its hidden call did not come to an end."""
    scores = [
        output.data[MIME] for output in cell.outputs if output.output_type == "execute_result" and MIME in output.data
    ]
    return float(scores[0]["points"]) if scores else 0.0
