"""What a student sees first: the start page as a page, labs behind its links, and nothing that distracts."""

import os

import pytest

from course.cli.lab import command, environment
from course.work.copies import make_copy
from course.work.labs import all_labs, notebooks
from course.work.start_page import write_start_page
from tests.browser.jupyter import TOKEN, chromium, jupyterlab, open_page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if chromium() is None:
        assert not os.environ.get("CI"), "Chromium is missing: in CI a skipped browser test is a failure"
        pytest.skip("Chromium is not installed")
    work, labs = tmp_path_factory.mktemp("work"), all_labs(notebooks())
    for lab in labs:
        make_copy(lab, work)
    words = command(work, write_start_page(labs, work), 8888, browser=False)
    opens = next(word for word in words if word.startswith("--LabApp.default_url="))
    variables = {"JUPYTER_CONFIG_PATH": environment()["JUPYTER_CONFIG_PATH"]}
    with jupyterlab(work, opens, variables=variables) as address, open_page(f"{address}/?token={TOKEN}") as page:
        page.wait_for_selector(".jp-MarkdownViewer table")
        yield page


@pytest.mark.browser
def test_the_start_page_is_a_page_and_nothing_else_is_open(page):
    assert page.locator(".jp-MarkdownViewer h1").inner_text().startswith("Dense prediction from scratch")
    assert page.locator(".jp-MarkdownViewer tbody tr").count() == len(all_labs(notebooks()))
    assert page.locator("#jp-main-dock-panel .lm-TabBar-tab").count() == 1


@pytest.mark.browser
def test_no_news_is_offered_and_nothing_of_the_instructors_is_in_sight(page):
    page.wait_for_timeout(3000)  # news came after a second or two
    assert page.locator(".Toastify__toast").count() == 0
    labels = page.locator(".jp-SideBar .lm-TabBar-tab").evaluate_all("tabs => tabs.map(t => t.title || t.dataset.id)")
    assert labels, "side bars are there"
    text = " ".join([*map(str, labels), page.locator("#jp-MainMenu").inner_text()]).lower()
    assert "file" in text
    assert "nbgrader" not in text
    assert "assignment" not in text
    assert "extension" not in text


@pytest.mark.browser
def test_a_lab_opens_by_its_link(page):
    page.locator(".jp-MarkdownViewer").get_by_role("link", name="Lab 4 · Unpooling remembers where").click()
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    assert page.locator(".jp-NotebookPanel h1").first.inner_text().startswith("Lab 4 · Unpooling")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
