"""A master becomes an nbgrader source: headings, folded hints, predictions, check cells with a hidden call."""

import ast
import re

import nbformat

from autograder.authoring.master import find_lab
from autograder.authoring.notebook import source_notebook
from tests.autograder.toy import toy


def _cell(nb, start):
    found = [cell for cell in nb.cells if cell.source.startswith(start)]
    assert len(found) == 1, f"{len(found)} cells begin with {start!r}"
    return found[0]


def test_the_result_is_a_valid_notebook(tmp_path):
    nb = source_notebook(toy(tmp_path))
    nbformat.validate(nb)
    assert nb.metadata.kernelspec.name == "python3"


def test_the_same_master_gives_the_same_bytes(tmp_path):
    first, second = (nbformat.writes(source_notebook(toy(tmp_path / name))) for name in ("a", "b"))
    assert first == second


def test_an_id_comes_from_a_cells_role_where_it_has_one(tmp_path):
    nb = source_notebook(toy(tmp_path))
    roles = (
        "title progress predict-sum exercise-twice answer-twice hint-twice-1 hint-twice-2 check-twice "
        "exercise-Box answer-Box check-Box question-why question-when open-task papers"
    )
    others = [cell.id for cell in nb.cells if cell.id.removeprefix("lab07-") not in roles.split()]
    assert len(nb.cells) == len(roles.split()) + len(others)
    assert [cell.source.split()[0] for cell in nb.cells if cell.id in others] == ["import", "shift", "print(twice(4))"]
    assert all(re.fullmatch(r"lab07-[0-9a-f]{8}", name) for name in others)


INSERTED = "# %% [markdown]\n# More.\n\n# %% setup=true\nshift = 10"


def test_an_inserted_cell_changes_one_id(tmp_path):
    before, after = (
        {cell.id for cell in source_notebook(lab).cells}
        for lab in (toy(tmp_path / "a"), toy(tmp_path / "b", ("# %% setup=true\nshift = 10", INSERTED)))
    )
    assert before < after
    assert len(after - before) == 1


def test_cells_with_the_same_text_have_ids_of_their_own(tmp_path):
    nb = source_notebook(toy(tmp_path, ("print(twice(4))", "print(1)\n\n# %%\nprint(1)")))
    twins = [cell.id for cell in nb.cells if cell.source == "print(1)"]
    assert twins[1] == f"{twins[0]}-2"
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)


def test_the_same_text_in_another_section_has_another_id(tmp_path):
    first, second = (
        source_notebook(
            toy(tmp_path / name, ("# Lab 7 · A toy\n", f"# Lab 7 · A toy\n\n# %% [markdown]\n# ## {name}\n"))
        )
        for name in ("a", "b")
    )
    assert _cell(first, "print(").id != _cell(second, "print(").id


def test_an_exercise_gets_a_heading_with_stars_minutes_and_points(tmp_path):
    nb = source_notebook(toy(tmp_path))
    heading = _cell(nb, "### Exercise 7.1 · `twice`")
    assert heading.cell_type == "markdown"
    assert "★☆☆ · about 5 minutes · 2 points" in heading.source
    assert "`math.prod`, `course.ops`, `.sum` would give the answer away and are not accepted" in heading.source
    index = nb.cells.index(heading)
    assert nb.cells[index + 1].source.startswith("def twice")
    box = _cell(nb, "### Exercise 7.2")
    assert "★★★ · about 20 minutes · 3 points" in box.source
    assert "Build it yourself" not in box.source, "nothing is forbidden there"


def test_one_forbidden_name_is_spoken_of_as_one(tmp_path):
    nb = source_notebook(toy(tmp_path, ('forbid="math.prod course.ops .sum"', 'forbid=".sum"')))
    assert "`.sum` would give the answer away and is not accepted here." in _cell(nb, "### Exercise 7.1").source


def test_a_solution_cell_is_nbgraders_and_carries_what_is_forbidden(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "def twice")
    assert cell.metadata.nbgrader.grade_id == "twice"
    assert cell.metadata.nbgrader.solution
    assert not cell.metadata.nbgrader.grade
    assert not cell.metadata.nbgrader.locked
    assert "points" not in cell.metadata.nbgrader
    assert cell.metadata.course == {
        "exercise": "twice",
        "number": "7.1",
        "forbid": ["math.prod", "course.ops", ".sum"],
    }
    assert "# BEGIN SOLUTION" in cell.source, "nbgrader's generator takes it out"


def test_a_check_cell_has_its_hidden_call_before_the_visible_check(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "# Check 7.1")
    lines = cell.source.splitlines()
    assert lines[0] == "# Check 7.1 · twice · 2 points"
    begin, end = lines.index("### BEGIN HIDDEN TESTS"), lines.index("### END HIDDEN TESTS")
    assert begin == 1
    call = '    "lab07", "twice", globals().get("twice"), forbid="math.prod course.ops .sum"'
    assert lines[begin + 1 : end] == ["from autograder.checking.score import grade", "", "grade(", call, ")"]
    assert lines[end + 1 :] == ['assert twice(3) == 6, "Twice 3 is 6."']
    meta = cell.metadata.nbgrader
    assert (meta.grade_id, meta.grade, meta.locked, meta.points) == ("check_twice", True, True, 2)
    ast.parse(cell.source)


def test_hints_are_folded_and_numbered(tmp_path):
    nb = source_notebook(toy(tmp_path))
    hints = [cell.source for cell in nb.cells if cell.source.startswith("<details>")]
    assert len(hints) == 2
    for step, (hint, text) in enumerate(zip(hints, ("Is 2 < 3?", "`2 * x`"), strict=True), 1):
        assert f"<summary>Hint {step} of 2 · twice</summary>" in hint
        assert f"</summary>\n\n{text}\n\n</details>" in hint, "blank lines, so that Markdown is read inside"
        assert "open" not in hint.splitlines()[0]


def test_a_prediction_becomes_a_card(tmp_path):
    card = _cell(source_notebook(toy(tmp_path)), "<div")
    assert card.cell_type == "markdown"
    assert "What is 1 + 1, in whole numbers?" in card.source
    assert card.source.count("<details") == 2
    assert "It is, as ever." in card.source


def test_a_question_is_numbered_and_its_answer_folded(tmp_path):
    nb = source_notebook(toy(tmp_path))
    cell = _cell(nb, "**Question 1.** Why twice,\nand not thrice?\n\n<details>")
    assert "<summary>Answer to question 1</summary>\n\nBecause of [arXiv:1603.07285](" in cell.source
    assert _cell(nb, "**Question 2.** When?").source.endswith("\n\nNow.\n\n</details>")


def test_a_plain_arxiv_number_becomes_a_link_and_a_linked_paper_stays(tmp_path):
    papers = source_notebook(toy(tmp_path)).cells[-1].source
    assert papers == (
        "Dumoulin, *A guide*, [arXiv:1603.07285](https://arxiv.org/abs/1603.07285) · "
        "[one](https://arxiv.org/abs/1505.04597), [arXiv:1505.04597](https://arxiv.org/abs/1505.04597)."
    )


def test_a_lab_links_to_the_one_before_and_the_one_after_at_its_top_and_at_its_end(tmp_path):
    lab = toy(tmp_path)
    for name, title in (("lab06_before", "Lab 6 · Before"), ("lab08_after", "Lab 8 · After")):
        folder = tmp_path / "solutions" / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(f"# %% [markdown]\n# # {title}\n", encoding="utf-8")
    ways = (
        "← [Lab 6 · Before](../lab06_before/lab06_before.ipynb) | [Lab 8 · After](../lab08_after/lab08_after.ipynb) →"
    )
    cells = source_notebook(lab).cells
    assert cells[0].source == f"# Lab 7 · A toy\n\nThe question.\n\n{ways}"
    assert (cells[-1].id, cells[-1].source) == ("lab07-neighbors", ways)
    last = source_notebook(find_lab("lab08", tmp_path)).cells
    assert last[-1].source == "← [Lab 7 · A toy](../lab07_toy/lab07_toy.ipynb)"


def test_the_progress_cell_lists_every_exercise(tmp_path):
    cell = _cell(source_notebook(toy(tmp_path)), "Progress(")
    call = ast.parse(cell.source).body[0].value
    title, rows = (ast.literal_eval(argument) for argument in call.args)
    assert title == "Lab 7 · A toy"
    assert rows == {"twice": ("7.1", 2, 5), "Box": ("7.2", 3, 20)}


def test_a_setup_cell_is_tagged_and_another_is_not(tmp_path):
    nb = source_notebook(toy(tmp_path))
    assert _cell(nb, "shift = 10").metadata == _cell(nb, "Progress(").metadata == {"tags": ["setup"]}
    assert _cell(nb, "print(").metadata == {}
    assert _cell(nb, "import math").metadata == {}


def test_no_output_and_no_count_is_stored(tmp_path):
    for cell in source_notebook(toy(tmp_path)).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
