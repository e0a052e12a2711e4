"""A notebook becomes a page that asks no other host, with everything that it shows."""

import os
import re

import nbformat
import pytest
import torch
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.text_cells import folded
from course.page.export import without_widgets, write_page
from course.page.predictions import predict_html
from course.viz import show
from tests.browser.jupyter import chromium

VIEW = "application/vnd.jupyter.widget-view+json"
CARD = predict_html("Is $a < b$?", [("*yes*", True, "$b - a$ is positive."), ("no", False, "Look again.")])
MEAN = r"\left(\sum_{i=1}^n \frac{x_i}{n}\right)^2"
TEXT = f"# A page\n\nInline $x_i$, and\n\n$$\n{MEAN}\n$$\n\n{folded('Hint', '$y$')}"
CELLS = [
    "from course.page.progress import Progress\nProgress('Lab 3', {'f': ('3.1', 4, 15)})",
    "# Check 3.1 · f · 4 points\nf = 3\nassert f == 3",
    "import torch\nfrom course.viz import show\nshow(torch.rand(3, 8, 9), titles=['noise'], caption='Noise & $n$.')",
    "import ipywidgets\nipywidgets.IntSlider()",
    "display({'text/html': '<b id=\"own\">its own</b>', 'text/plain': 'x'}, raw=True)",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    code = [new_code_cell(source) for source in CELLS]
    nb = new_notebook(cells=[new_markdown_cell(TEXT), new_markdown_cell(CARD), *code])
    NotebookClient(nb, kernel_name="python3", timeout=120).execute()
    target = tmp_path_factory.mktemp("page") / "new" / "page.html"
    write_page(nb, target, title="A & B")
    return target


@pytest.fixture(scope="module")
def soup(page):
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def test_nothing_is_fetched_from_anywhere(soup):
    assert not soup.select("script[src], link[href], iframe, img:not([src^='data:'])")
    styles = "".join(style.text for style in soup.select("style"))
    assert not [url for url in re.findall(r"url\(([^)]*)\)", styles) if not url.strip("'\"").startswith("data:")]
    assert "@import" not in styles


def test_formulas_are_mathml_in_text_folds_and_cards(soup):
    assert len(soup.select("math")) == 5
    assert len(soup.select("details math")) == 2
    assert not re.search(r"\$|\\", " ".join(cell.text for cell in soup.select(".jp-MarkdownCell")))


def test_a_figure_keeps_its_alternative_text_and_its_caption(soup):
    (figure,) = soup.select("figure")
    assert figure.img["alt"] == figure.figcaption.text == "Noise & $n$."


def test_the_panel_shows_what_it_showed_last_and_other_widgets_without_html_are_left_out(soup):
    assert "4 of 4 points" in soup.text
    assert "IntSlider(" not in "".join(output.text for output in soup.select(".jp-OutputArea-output"))
    assert soup.select("#own")


def test_the_page_has_its_title(soup):
    assert soup.title.text == "A & B"


def test_a_widget_that_brings_html_is_shown_by_it():
    both = {VIEW: {"model_id": "a"}, "text/html": "<svg></svg>", "text/plain": "Explorer()"}
    alone = {VIEW: {"model_id": "b"}, "text/plain": "Slider()"}
    outputs = [new_output("display_data", data=data) for data in (both, alone)]
    nb = new_notebook(cells=[new_code_cell("", outputs=outputs)], metadata={"widgets": {"state": {}}})
    plain = without_widgets(nb)
    assert [output.data["text/html"] for output in plain.cells[0].outputs] == ["<svg></svg>"]
    assert VIEW not in plain.cells[0].outputs[0].data
    assert "widgets" not in plain.metadata
    assert len(nb.cells[0].outputs) == 2, "the notebook itself stays as it was"


@pytest.mark.parametrize("template", ["lab", "classic", "basic"])
def test_nbconverts_own_pages_keep_the_alternative_text_and_the_caption_too(template):
    html = show(torch.rand(3, 8, 9), caption="Noise.")._repr_mimebundle_()
    nb = new_notebook(cells=[new_code_cell("", outputs=[new_output("display_data", data=html)])])
    text, _ = HTMLExporter(template_name=template).from_notebook_node(nb)
    (figure,) = BeautifulSoup(text, "html.parser").select("figure")
    assert figure.img["alt"] == figure.figcaption.text == "Noise."


@pytest.mark.browser
def test_in_a_browser_without_a_network_nothing_fails_and_formulas_are_laid_out(page):
    if chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    asked, faults = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        sheet = browser.new_context(offline=True).new_page()
        sheet.on("request", lambda request: asked.append(request.url))
        sheet.on("requestfailed", lambda request: faults.append(request.url))
        sheet.on("pageerror", lambda error: faults.append(str(error)))
        sheet.goto(page.as_uri())
        sheet.wait_for_function("document.fonts.check('16px \"STIX Two Math\"')")
        tall = sheet.evaluate(
            "[...document.querySelectorAll('math')].map(m => m.closest('details') ? 99 : m.clientHeight"
            " || m.getBoundingClientRect().height)"
        )
        bracket = sheet.evaluate("document.querySelector('math[display=block] mo').getBoundingClientRect().height")
        letter = sheet.evaluate("document.querySelector('math[display=block] mi').getBoundingClientRect().height")
        browser.close()
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert faults == []
    assert min(tall) > 5
    assert bracket > 1.5 * letter, "brackets stretch: the font's mathematical table is read"


def test_the_command_writes_the_page_beside_the_notebook_or_where_it_is_told(tmp_path):
    from typer.testing import CliRunner

    from course.cli.app import app

    check = new_code_cell("# Check 3.1 · f · 4 points", metadata={"course": {"check": "f"}})
    notebook = tmp_path / "lab.ipynb"
    nbformat.write(new_notebook(cells=[check]), notebook)
    assert CliRunner().invoke(app, ["page", str(notebook)]).exit_code == 0
    assert "Check 3.1" in (tmp_path / "lab.html").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["page", str(notebook), "--out", str(tmp_path / "a" / "b.html")]).exit_code == 0
    assert (tmp_path / "a" / "b.html").exists()
    missing = CliRunner().invoke(app, ["page", str(tmp_path / "none.ipynb")])
    assert missing.exit_code == 2
    assert "there is no such file" in missing.output
