"""From a key pressed on a slider to the picture on the screen, for each explorer, in a real Chromium.

python -m benchmarks.explorers [--jupyterlab]: in a page of its own, or as the output of a cell in JupyterLab.
"""

import sys
import tempfile
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median

import nbformat
from rich.console import Console
from rich.table import Table

from course.widgets import module
from course.widgets.explorer import Explorer
from tests.browser.jupyter import chromium, jupyterlab, open_notebook

EVENTS = 40  # a slider
NAMES = sorted({path.stem for path in Path(module.__file__).parent.glob("*.mjs")} - {"kit", "pointer"})

# The time of the event is the browser's own; a message posted in a frame arrives when that frame has been painted.
WATCH = """() => {
  const first = !window.times;
  window.times = [];
  if (first) addEventListener("input", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.times.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(0);
  }), true);
}"""


def make(name: str) -> Explorer:
    """The explorer of a module: what its one function named …_explorer gives."""
    functions = vars(import_module(f"course.widgets.{name}"))
    return next(function() for key, function in functions.items() if key.endswith("_explorer"))


def measure(page, root) -> list[float]:
    """Milliseconds from event to picture, of all sliders of an explorer, each moved back and forth."""
    page.evaluate(WATCH)
    for slider in root.locator("input[type=range]").all():
        slider.focus()
        moved, key = 0, "ArrowRight"
        while moved < EVENTS:
            seen, before = page.evaluate("times.length"), slider.input_value()
            page.keyboard.press(key)
            if slider.input_value() == before:  # it stands at its end
                key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
                continue
            page.wait_for_function("seen => times.length > seen", arg=seen)
            moved += 1
    return page.evaluate("times")


@contextmanager
def alone():
    """Measure in a page that holds nothing but the explorer."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])

        def times(name: str) -> list[float]:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_content(make(name)._repr_mimebundle_()["text/html"])
            page.locator(".sentence").wait_for()
            return measure(page, page.locator(".explorer"))

        yield times
        browser.close()


@contextmanager
def in_jupyterlab():
    """Measure in the output of a cell."""
    sources = ["from benchmarks.explorers import make", *(f'make("{name}")' for name in NAMES)]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(nb, Path(folder) / "explorers.ipynb")
        with jupyterlab(Path(folder)) as address, open_notebook(address, "explorers.ipynb") as notebook:
            notebook.run(notebook.cell(sources[0]))

            def times(name: str) -> list[float]:
                cell = notebook.cell(f'make("{name}")')
                notebook.run(cell)
                cell.locator(".sentence").wait_for()
                return measure(notebook.page, cell.locator(".explorer"))

            yield times


def main() -> None:
    """Measure all explorers and print a table."""
    table = Table("explorer", "events", "median ms", "9 of 10 within ms", "computed")
    with in_jupyterlab() if "--jupyterlab" in sys.argv else alone() as times:
        for name in NAMES:
            found = sorted(times(name))
            slow = found[int(0.9 * len(found))]
            table.add_row(name, str(len(found)), f"{median(found):.1f}", f"{slow:.1f}", "in the page")
    Console().print(table)


if __name__ == "__main__":
    main()
