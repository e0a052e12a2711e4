"""What the page of every lab has: formulas that browsers can lay out, links to its neighbors, and its end."""

import re

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.authoring.master import all_labs
from autograder.authoring.notebook import source_notebook
from autograder.authoring.text_cells import parse_question
from course.page.export import PageExporter
from course.page.mathml import FORMULA, mathml

LABS = all_labs()
ENDED = [lab for lab in LABS if lab.questions]
names = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.short)
ended = pytest.mark.parametrize("lab", ENDED, ids=lambda lab: lab.short)


def formulas(lab):
    """Each formula of a lab as its pages show it, and whether it stands on a line of its own."""
    for cell in source_notebook(lab).cells:
        if cell.cell_type == "markdown":
            soup = BeautifulSoup(markdown2html_mistune(cell.source), "html.parser")
            for code in soup.select("code, pre"):
                code.decompose()
            for match in FORMULA.finditer(soup.get_text()):
                yield match[1] or match[2], bool(match[1])


@names
def test_every_formula_has_its_mathml(lab):
    for formula, block in formulas(lab):
        assert mathml(formula, block=block).startswith("<math")


@names
def test_no_sign_of_tex_is_left_on_the_exported_page(lab):
    page, _ = PageExporter().from_notebook_node(source_notebook(lab))
    soup = BeautifulSoup(page, "html.parser")
    for code in soup.select("code, pre"):
        code.decompose()
    cells = soup.select(".jp-MarkdownCell")
    assert len(cells) > 20
    assert not [cell.text for cell in cells if re.search(r"[$\\]", cell.text)]


def test_there_are_formulas_to_test():
    assert sum(1 for lab in LABS for _ in formulas(lab)) > 200


@names
def test_a_lab_links_to_its_neighbors_at_its_top_and_at_its_end(lab):
    cells = source_notebook(lab).cells
    before, after = lab.neighbors
    for neighbor in filter(None, (before, after)):
        link = f"](../{neighbor.name}/{neighbor.name}.ipynb)"
        assert link in cells[0].source
        assert link in cells[-1].source


@ended
def test_the_end_of_a_lab_has_three_facts_five_questions_an_open_task_and_papers_with_links(lab):
    (facts,) = [cell.source for cell in lab.cells if "## What you know now" in cell.source]
    assert re.findall(r"^(\d)\. ", facts, re.M) == ["1", "2", "3"]
    assert len(lab.questions) == len(set(lab.questions)) == 5
    for cell in lab.cells:
        if "question" in cell.metadata:
            question, answer = parse_question(cell.source)
            assert "```" not in question + answer, "questions are without code"
            assert answer != question
    for key in ("open_task", "papers"):
        assert sum(bool(cell.metadata.get(key)) for cell in lab.cells) == 1, f"wanted one cell {key}=true"
    papers = next(cell.source for cell in source_notebook(lab).cells if cell.id == f"{lab.short}-papers")
    assert "](https://arxiv.org/abs/" in papers


def test_lab_2_is_the_model_of_an_end():
    assert "lab02" in [lab.short for lab in ENDED]
