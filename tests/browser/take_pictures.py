"""Take the README's pictures from the running thing: python -m tests.browser.take_pictures."""

import shutil
import tempfile
from pathlib import Path

from autograder.authoring.master import ROOT, find_lab
from tests.browser.jupyter import jupyterlab, open_notebook

TARGET = ROOT / ".github" / "pictures"


def main() -> None:
    """Solve Lab 2's first exercise, move its widget, and keep two pictures."""
    lab = find_lab("lab02")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copy(ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb", folder / f"{lab.short}.ipynb")
        with jupyterlab(folder) as address, open_notebook(address, f"{lab.short}.ipynb") as notebook:
            page = notebook.page
            notebook.run(notebook.cell("import torch"))
            exercise = next(iter(lab.exercises.values()))
            answer = notebook.cell(f"def {exercise.name}(")
            answer.locator(".cm-content").click()
            page.keyboard.press("Control+A")
            page.keyboard.insert_text("\n".join(x for x in exercise.source.splitlines() if "SOLUTION" not in x))
            notebook.top()
            notebook.run(notebook.cell("Progress("))
            notebook.run(notebook.cell(f"def {exercise.name}("))
            check = notebook.cell(f"# Check {exercise.number} ")
            notebook.run(check)
            line = check.get_by_text("all visible checks pass").last
            line.wait_for()
            page.get_by_role("button", name="No", exact=True).first.click()  # to Jupyter's news
            line.evaluate("e => e.scrollIntoView({block: 'end'})")
            page.wait_for_timeout(500)
            page.screenshot(path=TARGET / "lab.png", clip={"x": 290, "y": 28, "width": 1075, "height": 950})
            cell = notebook.cell("resampling_explorer()")
            notebook.run(cell)
            cell.get_by_role("slider").wait_for()
            cell.locator(".jp-OutputArea").first.screenshot(path=TARGET / "widget.png")


if __name__ == "__main__":
    main()
