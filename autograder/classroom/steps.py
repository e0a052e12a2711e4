"""Our steps inside nbgrader's autograde: rebuild the notebook, survive dead kernels, score by property."""

from __future__ import annotations

import ast
import copy
from functools import cache

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute as NbgraderExecute
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as NbgraderSaveAutoGrades

from autograder.authoring.master import Exercise, Lab, find_lab
from autograder.authoring.notebook import source_notebook
from autograder.checking.score import MIME
from course.page.forbidden import forbidden_names

SKIP = "skip-execution"  # nbclient leaves cells with this tag alone


@cache
def _master(name: str) -> tuple[Lab, NotebookNode]:
    """A lab and its source notebook, read once for a whole class."""
    lab = find_lab(name)
    return lab, source_notebook(lab)


class Rebuild(NbGraderPreprocessor):
    """Take the text of the solution cells from a submission and everything else from the master.

    Missing, copied or re-tagged cells cost at most their own points; what was found is noted in the notebook's
    metadata. Cells that no exercise stands on (plots, experiments) are not run.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the rebuilt notebook."""
        lab, master = _master(resources["nbgrader"]["assignment"])
        rebuilt, notes, first_code = copy.deepcopy(master), [], True
        for cell in rebuilt.cells:
            course = cell.metadata.get("course", {})
            if "exercise" in course:
                exercise = lab.exercises[course["exercise"]]
                cell.source = _answer(nb, exercise, notes)
            elif cell.cell_type == "code" and "check" not in course:
                if not first_code and "setup" not in cell.metadata.get("tags", []):
                    cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIP]
                first_code = False
        rebuilt.metadata["course_notes"] = notes
        return rebuilt, resources


def _answer(nb: NotebookNode, exercise: Exercise, notes: list[str]) -> str:
    """The student's text for an exercise; the stub where there is none."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    tagged = [c for c in code if c.metadata.get("nbgrader", {}).get("grade_id") == exercise.name]
    if len(tagged) > 1:
        notes.append(f"{exercise.name}: its cell is there {len(tagged)} times; the last one that is filled in counts.")
    elif not tagged:
        tagged = [c for c in code if exercise.name in _defined(c.source)]
        lost = "was found by the name that it defines" if tagged else "is missing; it gets no points"
        notes.append(f"{exercise.name}: its cell {lost}.")
    filled = [c for c in tagged if c.source.strip() not in ("", exercise.stub.strip())]
    return (filled or tagged)[-1].source if tagged else exercise.stub


def _defined(source: str) -> set[str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


class Execute(NbgraderExecute):
    """nbgrader's step; a cell that kills its kernel costs its own points and not the whole notebook.

    When the kernel dies, the cell that killed it is marked with an error and left out, and the notebook runs again.
    """

    def preprocess(self, nb: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        """Run the notebook, once more for each cell that kills the kernel."""
        while True:
            try:
                return super().preprocess(nb, resources, km)
            except DeadKernelError:
                killer = nb.cells[self._running]
                if SKIP in killer.metadata.get("tags", []):
                    raise
                killer.metadata["tags"] = [*killer.metadata.get("tags", []), SKIP]
                says = "The kernel died while this cell ran."
                killer.outputs = [new_output("error", ename="KernelDied", evalue=says, traceback=[says])]
                name = killer.metadata.get("nbgrader", {}).get("grade_id", "a cell")
                nb.metadata.setdefault("course_notes", []).append(f"{name}: {says}")

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Remember which cell runs."""
        self._running = index
        return super().preprocess_cell(cell, resources, index)


class SaveScores(NbgraderSaveAutoGrades):
    """nbgrader's step with our rule: the points are those of the properties that hold, whatever a visible check says.

    A warning on stderr costs nothing. A forbidden name costs the exercise and says so below its check.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Refuse answers that use what their exercise forbids, then save."""
        lab, _ = _master(resources["nbgrader"]["assignment"])
        cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in nb.cells}
        for exercise in lab.exercises.values():
            used = forbidden_names(cells[exercise.name].source, exercise.forbid, imports=lab.setup)
            if used:
                says = f"{exercise.name} uses {', '.join(used)}, which this exercise does not allow: build it yourself."
                refused = new_output("error", ename="Forbidden", evalue=says, traceback=[says])
                cells[f"check_{exercise.name}"].outputs = [refused]
                nb.metadata.setdefault("course_notes", []).append(says)
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
