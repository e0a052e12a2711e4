"""A figure and a prediction as JupyterLab shows them, of a trusted notebook and of one that it does not trust."""

import os

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.page.predictions import predict_html
from tests.browser.jupyter import chromium, jupyterlab, open_notebook

CAPTION = "Two grey pixels & a <caption>."
DRAW = (
    f"import torch\nfrom course.viz import show\nshow(torch.tensor([[0.2, 0.8]]), titles=['grey'], caption={CAPTION!r})"
)
CARD = predict_html("Is the *row* $a_i < b_i$?", [("`yes`", True, "**So** it is."), ("no", False, "Look again.")])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")
    nb = new_notebook(cells=[new_markdown_cell(CARD), new_code_cell(DRAW)])
    NotebookClient(nb, kernel_name="python3", timeout=120).execute()
    nb.cells.append(new_code_cell(f"# again\n{DRAW}"))
    folder = tmp_path_factory.mktemp("figures")
    nbformat.write(nb, folder / "saved.ipynb")  # written by another hand: JupyterLab does not trust its outputs
    with jupyterlab(folder) as address, open_notebook(address, "saved.ipynb") as notebook:
        yield notebook


def figure_of(cell):
    image = cell.locator(".jp-OutputArea-output figure > img")
    image.wait_for()
    return (
        image.get_attribute("alt"),
        cell.locator("figure > figcaption").inner_text(),
        image.evaluate("image => [image.naturalWidth > 100, image.clientWidth]"),
    )


@pytest.mark.browser
def test_a_figure_has_its_alternative_text_and_its_caption_as_text(page):
    untrusted = figure_of(page.cell("import torch"))
    assert untrusted[:2] == (CAPTION, CAPTION)
    assert untrusted[2][0]
    again = page.cell("# again")
    page.run(again)
    assert figure_of(again) == untrusted


@pytest.mark.browser
def test_a_prediction_is_rendered_and_opens_without_a_kernel(page):
    page.top()
    card = page.page.locator(".jp-MarkdownCell .jp-RenderedMarkdown").first
    assert card.locator("em").inner_text() == "row"
    assert card.locator("summary code").inner_text() == "yes"
    card.locator("mjx-container").first.wait_for()
    assert "*" not in card.inner_text()
    reason = card.locator("details").first.locator("strong")
    assert not reason.is_visible()
    card.locator("summary").first.click()
    assert reason.is_visible()
    assert reason.inner_text() == "So"
