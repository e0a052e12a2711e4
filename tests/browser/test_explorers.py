"""Explorers and the pointer as a reader uses them: in JupyterLab, in an exported page, from the keyboard, offline."""

import os
import subprocess
import sys
from contextlib import contextmanager

import nbformat
import pytest
import torch

from course.widgets.pointer import Pointer
from tests.browser.jupyter import chromium, jupyterlab, open_notebook
from tests.widgets.test_explorers import EXPLORERS, explorer

CELLS = [
    "import torch",
    "from course.widgets.resampling import resampling_explorer",
    "resampling_explorer()",
    "from course.widgets.pointer import Pointer",
    "pointer = Pointer(torch.rand(3, 60, 80), points=[(10, 10, 0)]); pointer",
    "pointer.points, pointer.boxes",
    "pointer.points = [(70, 50, 1)]",
]
TEMPLATES_OWN = ("require.min.js", "/mathjax/")  # what nbconvert's page asks for, whatever is in the notebook


def needs_chromium():
    if chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")


def notebook(path, sources):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(nb, path)
    return path


@contextmanager
def offline():
    """A page that reaches no host, and the lists of what it asked for and what went wrong."""
    from playwright.sync_api import sync_playwright

    needs_chromium()
    asked, errors = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.route("http*://**/*", lambda route: (asked.append(route.request.url), route.abort()))
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page, asked, errors
        browser.close()


def alone(page, widget):
    """Show a widget by itself, as in a page without a kernel."""
    bundle = widget._repr_mimebundle_()
    page.set_content((bundle[0] if isinstance(bundle, tuple) else bundle)["text/html"])
    page.locator(".sentence").wait_for()
    return page.locator(".explorer")


def pixels(root):
    """The picture of an explorer, as text that differs when it does."""
    return root.locator("canvas:visible").first.evaluate("canvas => canvas.toDataURL()")


def drag(page, slider, share):
    """Take a slider at its middle and pull it, without letting go."""
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=4)


@pytest.mark.browser
def test_in_jupyterlab_they_move_while_dragged_talk_to_python_and_live_on_when_opened_again(tmp_path):
    needs_chromium()
    notebook(tmp_path / "a.ipynb", CELLS)
    trouble = []
    with jupyterlab(tmp_path) as address:
        with open_notebook(address, "a.ipynb") as lab:
            page = lab.page
            page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: trouble.append(str(error)))
            page.on(
                "request", lambda r: None if r.url.startswith((address, "blob:", "data:")) else trouble.append(r.url)
            )
            for source in [CELLS[0], CELLS[1], CELLS[3]]:
                lab.run(lab.cell(source))
            moves_while_dragged_and_from_the_keyboard(lab)
            talks_to_python(lab)
            lab.top()
            page.keyboard.press("Control+s")
            page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
        with open_notebook(address, "a.ipynb") as lab:
            root = lab.cell(CELLS[2]).locator(".explorer")
            root.locator(".sentence").wait_for()
            before = pixels(root)
            root.get_by_role("slider", name="factor").press("ArrowRight")
            assert pixels(root) != before, "a notebook that was only opened has an explorer that moves"
    assert trouble == []


def moves_while_dragged_and_from_the_keyboard(lab):
    cell = lab.cell(CELLS[2])
    lab.run(cell)
    root, slider = cell.locator(".explorer"), cell.get_by_role("slider", name="factor")
    slider.wait_for()
    before = pixels(root)
    drag(lab.page, slider, 0.95)
    assert pixels(root) != before, "the picture changes before the mouse lets go"
    lab.page.mouse.up()
    assert slider.input_value() == "8"
    cells = lab.page.locator(".jp-CodeCell").count()
    for key, value in (("ArrowLeft", "7"), ("ArrowDown", "6"), ("ArrowUp", "7"), ("b", "7"), ("d", "7"), ("d", "7")):
        lab.page.keyboard.press(key)
        assert slider.input_value() == value, "JupyterLab's shortcuts leave a slider's keys alone"
    assert lab.page.locator(".jp-CodeCell").count() == cells
    assert "factor 7" in root.locator("[role=img]").get_attribute("aria-label")


def talks_to_python(lab):
    cell = lab.cell("pointer = Pointer")
    lab.run(cell)
    stage = cell.get_by_role("application")
    stage.wait_for()
    box = stage.bounding_box()
    scale = box["width"] / 80

    def at(x, y):
        return box["x"] + x * scale, box["y"] + y * scale

    lab.page.mouse.click(*at(30, 20))
    lab.page.mouse.move(*at(40, 30))
    lab.page.mouse.down()
    lab.page.mouse.move(*at(60, 45), steps=4)
    lab.page.mouse.up()
    reads = lab.cell("pointer.points, pointer.boxes")
    lab.run(reads)
    assert reads.locator(".jp-OutputArea").inner_text().split("]:")[-1].strip() == (
        "([(10, 10, 0), (30, 20, 1)], [(40, 30, 60, 45)])"
    )
    lab.run(lab.cell("pointer.points = "))
    lab.page.wait_for_function("root => root.querySelectorAll('circle').length === 1", arg=cell.element_handle())
    assert "1 point, 1 box" in cell.get_by_role("status").inner_text()


@pytest.mark.browser
def test_in_an_exported_page_an_explorer_moves_and_asks_no_other_host(tmp_path):
    path = notebook(tmp_path / "a.ipynb", CELLS[1:3])
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    with offline() as (page, asked, errors):
        page.goto(path.with_suffix(".html").as_uri())
        root = page.locator(".explorer").first
        root.locator(".sentence").wait_for()
        before = pixels(root)
        drag(page, root.get_by_role("slider", name="factor"), 0.1)
        assert pixels(root) != before
        assert "factor 1:" in root.locator(".sentence").inner_text()
    assert errors == []
    assert [url for url in asked if not any(own in url for own in TEMPLATES_OWN)] == []


@pytest.mark.browser
def test_without_a_kernel_the_pointer_takes_points_and_boxes_and_tells_the_pixel():
    with offline() as (page, asked, errors):
        image = torch.zeros(3, 30, 40)
        image[0, 10, 20] = 1
        root = alone(page, Pointer(image))
        stage = root.get_by_role("application")
        stage.focus()
        for key in (
            "ArrowUp",
            "ArrowUp",
            "ArrowUp",
            "ArrowUp",
            "ArrowUp",
            "Enter",
            "b",
            "Shift+ArrowDown",
            "ArrowRight",
            "b",
        ):
            page.keyboard.press(key)
        told = root.get_by_role("status")
        assert told.inner_text() == "x 21, y 20: gray 0. 1 point, 1 box."
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("ArrowLeft")
        assert told.inner_text() == "x 20, y 10: red 255, green 0, blue 0. 1 point, 1 box."
        root.get_by_label("new points are").select_option(index=1)
        stage.click(position={"x": 14 * 5, "y": 14 * 5})
        assert "2 points" in told.inner_text()
        assert root.locator("circle").nth(1).get_attribute("fill") == "var(--orange)"
    assert (asked, errors) == ([], [])


# All texts of a drawing that are small, stick out of it, or lie on one another.
ILLEGIBLE = """root => {
  const faults = [];
  for (const drawing of root.querySelectorAll(".drawing")) {
    const frame = drawing.getBoundingClientRect();
    const texts = [...drawing.querySelectorAll("text")].filter((text) => text.textContent);
    const boxes = texts.map((text) => text.getBoundingClientRect());
    boxes.forEach((box, i) => {
      const name = texts[i].textContent;
      if (parseFloat(getComputedStyle(texts[i]).fontSize) < 12) faults.push(`${name} is small`);
      const across = Math.max(frame.left - box.left, box.right - frame.right);
      const out = Math.max(across, frame.top - box.top, box.bottom - frame.bottom);
      if (out > 5) faults.push(`${name} sticks out by ${out}`);
      boxes.slice(i + 1).forEach((other, j) => {
        const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (across > 1 && down > 3) faults.push(`${name} lies on ${texts[i + 1 + j].textContent}`);
      });
    });
  }
  return faults;
}"""

EXTREMES = """root => {
  const values = (control) => control.options
    ? [...control.options].map((option) => option.value) : [control.min, control.value, control.max];
  const controls = [...root.querySelectorAll("input, select")];
  return controls.flatMap((control) => values(control).map((value) => [control.id, value]));
}"""


@pytest.mark.browser
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_has_a_label_and_every_text_can_be_read(name):
    with offline() as (page, asked, errors):
        root = alone(page, explorer(name))
        faults = root.evaluate(ILLEGIBLE)
        for control, value in root.evaluate(EXTREMES):
            assert page.locator(f"label[for='{control}']").inner_text().strip()
            page.evaluate(
                "([id, value]) => { const control = document.getElementById(id); control.value = value;"
                " control.dispatchEvent(new Event('input')); }",
                [control, value],
            )
            faults += root.evaluate(ILLEGIBLE)
        assert root.locator("[role=img]").get_attribute("aria-label").endswith(root.locator(".sentence").inner_text())
        assert root.locator("[aria-live=polite]").count() == 1
    assert (faults, asked, errors) == ([], [], [])
