"""A notebook is read whatever has happened to it, and refused in one sentence where it cannot be."""

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.page.reader import passed_checks, read_notebook, read_with_outputs

NB = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 'é'", id="one")])
TEXT = nbformat.writes(NB)


def _read(folder, content):
    path = folder / "lab.ipynb"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_notebook(path)


def _cells(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_is_read(tmp_path, encoding):
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert _read(tmp_path, bom + TEXT.encode(encoding)).cells[0].source == "x = 'é'"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty: it was saved or uploaded wrongly"),
        (" \n", "is empty"),
        (TEXT[:90], r"is damaged: its JSON breaks off at line \d+"),
        ("[" * 100_000, "is damaged: its JSON is nested too deeply"),
        ('{"cells": ' + "[" * 5_000 + "]" * 5_000 + "}", "is damaged: its JSON is nested too deeply"),
        ("[1, 2]", "is JSON but not a notebook"),
        ('{"a": 1}', "is JSON but not a notebook"),
        ('{"cells": 3}', "is JSON but not a notebook"),
        ("é".encode("cp1252"), "is not UTF-8 text"),
        (TEXT.encode("cp1252").replace(b"\\u00e9", b"\xe9"), "is not UTF-8 text"),
    ],
)
def test_each_kind_of_damage_has_its_sentence(tmp_path, content, says):
    with pytest.raises(ValueError, match=says):
        _read(tmp_path, content)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(ValueError, match="there is no such file"):
        read_notebook(tmp_path / "gone.ipynb")
    with pytest.raises(ValueError, match="there is no such file"):
        read_notebook(tmp_path)


@pytest.mark.parametrize(
    "odd",
    [
        {"nbgrader": None},
        {"nbgrader": "solution"},
        {"course": [1]},
        {"tags": "abc"},
        {"tags": [1, "a,b", None]},
        {"execution": 3},
        {"scrolled": "perhaps"},
        {"name": ""},
        {"deletable": "no"},
        {"x": float("nan")},
    ],
)
def test_odd_metadata_in_one_cell_leaves_a_valid_notebook(tmp_path, odd):
    nb = _read(tmp_path, _cells({"cell_type": "code", "source": "x = 1", "metadata": odd, "id": "a"}))
    nbformat.validate(nb)
    assert nb.cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("cell", "source", "kind"),
    [
        ({"cell_type": "code"}, "", "code"),
        ({"cell_type": "code", "source": ["a\n", "b"]}, "a\nb", "code"),
        ({"cell_type": "code", "source": None, "metadata": None}, "", "code"),
        ({"cell_type": "code", "source": "a", "execution_count": "many", "outputs": 3}, "a", "code"),
        ({"cell_type": "sql", "source": "select"}, "select", "raw"),
        ({"cell_type": "heading", "source": "Title", "level": 1}, "Title", "markdown"),
        ({"cell_type": ["code"], "source": "a"}, "a", "raw"),
        ({"cell_type": "code", "source": "a", "id": "with a blank"}, "a", "code"),
        ({"cell_type": "code", "source": "a", "id": 7}, "a", "code"),
        ({"cell_type": "code", "source": "# \ud83d", "metadata": {"\ud83d": 1}}, "# \ufffd", "code"),
        ({"cell_type": "markdown", "source": "a", "attachments": 3}, "a", "markdown"),
    ],
)
def test_an_odd_cell_is_mended(tmp_path, cell, source, kind):
    nb = _read(tmp_path, _cells(cell, {"cell_type": "markdown", "source": "b", "metadata": {}, "id": "b"}))
    nbformat.validate(nb)
    assert [c.source for c in nb.cells] == [source, "b"]
    assert nb.cells[0].cell_type == kind
    nbformat.writes(nb).encode("utf-8")


def test_ids_that_are_there_twice_or_not_at_all_become_different(tmp_path):
    cell = {"cell_type": "code", "source": "a", "metadata": {}, "id": "same"}
    bare = {"cell_type": "code", "source": "a", "metadata": {}}
    nb = _read(tmp_path, _cells(cell, cell, cell, bare, bare))
    assert len({c.id for c in nb.cells}) == 5
    assert nb.cells[0].id == "same"


def test_a_number_of_thousands_of_digits_costs_nothing(tmp_path):
    text = TEXT.replace('"execution_count": null', f'"execution_count": {"9" * 5000}')
    assert _read(tmp_path, text).cells[0].source == "x = 'é'"


def test_a_notebook_of_the_old_format_is_read(tmp_path):
    sheet = {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python"}], "metadata": {}}
    assert _read(tmp_path, {"worksheets": [sheet], "nbformat": 3}).cells[0].source == "x = 1"


def test_a_picture_pasted_into_a_text_is_kept(tmp_path):
    picture = {"a.png": {"image/png": "iVBO"}}
    cell = {"cell_type": "markdown", "source": "![](attachment:a.png)", "metadata": {}, "attachments": picture}
    nb = _read(tmp_path, _cells(cell))
    nbformat.validate(nb)
    assert nb.cells[0].attachments == picture


def test_outputs_are_left_behind(tmp_path):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 10_000}
    cell = {"cell_type": "code", "source": "a", "metadata": {}, "outputs": [output], "execution_count": 3}
    assert _read(tmp_path, _cells(cell)).cells[0].outputs == []


def test_outputs_can_be_asked_for_and_cost_nothing_where_they_are_odd(tmp_path):
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    cell = {"cell_type": "code", "source": "a", "metadata": {}, "outputs": [output], "execution_count": 3, "id": "a"}
    _read(tmp_path, _cells(cell))
    assert read_with_outputs(tmp_path / "lab.ipynb").cells[0].outputs == [output]
    _read(tmp_path, _cells(cell | {"outputs": 3}))
    assert read_with_outputs(tmp_path / "lab.ipynb").cells[0].source == "a"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
)
KEYS = st.sampled_from(["cell_type", "source", "metadata", "id", "outputs", "attachments", "execution_count", "input"])
METADATA = st.dictionaries(st.sampled_from(["nbgrader", "course", "tags", "name", "kernelspec", "title", "a"]), JSON)


@settings(deadline=None)
@given(
    cells=st.lists(st.dictionaries(KEYS, JSON | METADATA | st.sampled_from(["code", "markdown"])) | JSON, max_size=4),
    metadata=METADATA | JSON,
)
def test_whatever_stands_in_the_cells_the_notebook_is_valid(tmp_path_factory, cells, metadata):
    nb = _read(tmp_path_factory.mktemp("odd"), {"cells": cells, "metadata": metadata})
    nbformat.validate(nb)
    json.loads(nbformat.writes(nb).encode("utf-8"))


def _check(count, *outputs, name="twice"):
    metadata = {"course": {"check": name, "number": "7.1"}}
    return {"cell_type": "code", "source": "", "metadata": metadata, "execution_count": count, "outputs": list(outputs)}


def test_the_checks_that_passed_are_read_from_the_outputs(tmp_path):
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "", "traceback": []}
    line = {"output_type": "stream", "name": "stdout", "text": "fine"}
    path = tmp_path / "lab.ipynb"
    cells = [_check(3, line), _check(4, error, name="Box"), _check(None, name="grow"), {"cell_type": "markdown"}]
    path.write_text(json.dumps(_cells(*cells)), encoding="utf-8")
    assert passed_checks(path) == {"twice"}
    path.write_text("{", encoding="utf-8")
    assert passed_checks(path) == set()
    assert passed_checks(tmp_path / "gone") == set()
