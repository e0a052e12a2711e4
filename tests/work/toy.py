"""A small lab for tests, as the course gives it out, and a folder of labs."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.page.cells import checksum

STUB = 'raise NotImplementedError("Exercise 7.{number}: {name}")'
TWICE = "def twice(x):\n    return 2 * x"


def stub(name, number):
    return f"def {name}(x):\n    {STUB.format(name=name, number=number)}"


def exercise(name, number, source=None):
    tags = {"grade_id": name, "grade": False, "solution": True, "locked": False, "schema_version": 3}
    metadata = {"nbgrader": tags, "course": {"exercise": name, "number": f"7.{number}", "forbid": ["math.prod"]}}
    cell = new_code_cell(source or stub(name, number), id=f"lab07-{name}", metadata=metadata | {"deletable": False})
    cell.metadata.nbgrader["checksum"] = checksum(cell)
    return cell


def copy_with(name, number, source, id):
    """A cell that was copied or split off from the one for an answer."""
    cell = exercise(name, number)
    cell.source, cell.id = source, id
    return cell


def check(name, number, source):
    tags = {"grade_id": f"check_{name}", "grade": True, "solution": False, "locked": True, "points": 2}
    metadata = {"nbgrader": tags | {"schema_version": 3}, "course": {"check": name, "number": f"7.{number}"}}
    text = f"# Check 7.{number} · {name} · 2 points\n{source}"
    return new_code_cell(text, id=f"lab07-check_{name}", metadata=metadata | {"deletable": False, "editable": False})


def toy_lab():
    panel = 'Progress(\n    "Lab 7 · A toy",\n    {"twice": ("7.1", 2, 5), "thrice": ("7.2", 2, 10)},\n)'
    cells = [
        new_markdown_cell("# Lab 7 · A toy\n\n**The question.** It is a toy. Is it?", id="lab07-000"),
        new_code_cell("import math", id="lab07-001"),
        new_code_cell(panel, id="lab07-002", metadata={"tags": ["setup"]}),
        exercise("twice", 1),
        check("twice", 1, 'assert twice(3) == 6, "Twice 3 is 6."'),
        new_markdown_cell("What to notice.", id="lab07-005"),
        new_code_cell("shift = 10", id="lab07-006", metadata={"tags": ["setup"]}),
        exercise("thrice", 2),
        check("thrice", 2, 'assert thrice(3) == 9 + 0 * shift, "Thrice 3 is 9."'),
        new_code_cell("print(twice(4))", id="lab07-009"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def cell_of(nb, name):
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def write(nb, folder, name="lab07_toy"):
    path = folder / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path
