"""Whatever a student did to a copy and whatever the course did to the lab, nothing of the student's is lost."""

import copy
import json
from collections import Counter

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell

from course.page.cells import exercise_of, exercises
from course.page.rebuild import rebuild
from course.work.merging import KEY, fingerprints, merge, read, written
from tests.work.toy import TWICE, cell_of, check, exercise, toy_lab

WORDS = st.text("xyz=1\n", min_size=1, max_size=6)
PLACES = st.integers(0, 30)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["type", "answer", "add", "note", "move", "delete", "split", "copy", "mark"]), PLACES, WORDS
    ),
    max_size=12,
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["change", "add", "remove", "rename", "new id", "exercise"]), PLACES, WORDS), max_size=8
)


def _edited(nb, edits):
    """A student's notebook: the lab after a sequence of edits."""
    nb = copy.deepcopy(nb)
    for count, (what, place, text) in enumerate(edits):
        cells = nb.cells
        where = place % len(cells) if cells else 0
        cell = cells[where] if cells else None
        if what in ("add", "note") or cell is None:
            make = new_code_cell if what == "add" else new_markdown_cell
            cells.insert(where, make(f"own {count} {text}", id=f"own{count}"))
        elif what == "type":
            cell.source += f"\nedit {count} {text}"
        elif what == "answer" and exercise_of(cell):
            cell.source = f"def {exercise_of(cell)}(x):\n    return {count}"
        elif what == "move":
            cells.insert((place * 7) % len(cells), cells.pop(where))
        elif what == "delete":
            cells.pop(where)
        elif what == "split":
            half = copy.deepcopy(cell) | {"id": f"half{count}"}
            middle = len(cell.source) // 2
            half["source"], cell.source = cell.source[middle:], cell.source[:middle]
            cells.insert(where + 1, nbformat.from_dict(half))
        elif what == "copy":
            cells.insert(
                (place * 5) % (len(cells) + 1), nbformat.from_dict(copy.deepcopy(cell) | {"id": f"copy{count}"})
            )
        elif what == "mark":
            cells[where] = new_markdown_cell(cell.source, id=cell.id, metadata=cell.metadata)
    return nb


def _changed(nb, changes):
    """The course's next version of the lab."""
    nb = copy.deepcopy(nb)
    for count, (what, place, text) in enumerate(changes):
        where = place % len(nb.cells)
        cell = nb.cells[where]
        name = exercise_of(cell)
        if what == "add":
            nb.cells.insert(where, new_code_cell(f"course {count} {text}", id=f"lab07-n{count}"))
        elif what == "exercise":
            nb.cells[where:where] = [exercise(f"more{count}", 9), check(f"more{count}", 9, f"assert {count}")]
        elif what == "change" and name:
            nb.cells[where] = exercise(name, 1, f'def {name}(x):\n    """{count}."""\n    raise NotImplementedError')
        elif what == "change":
            cell.source += f"\ncourse {count} {text}"
        elif what == "remove" and len(nb.cells) > 3:
            nb.cells.pop(where)
        elif what == "new id":
            cell.id = f"lab07-i{count}"
        elif what == "rename" and name:
            nb.cells[where] = exercise(f"{name}{count}", 1)
    return nb


def _texts(nb):
    return Counter(cell.source.rstrip() for cell in nb.cells if cell.source.strip())


@settings(max_examples=400, deadline=None)
@given(EDITS, CHANGES)
def test_no_answer_and_no_cell_of_the_students_is_lost(edits, changes):
    base = toy_lab()
    mine, new = _edited(base, edits), _changed(base, changes)
    merged = merge(mine, new, fingerprints(base)).nb
    nbformat.validate(merged)
    json.loads(nbformat.writes(merged))
    assert len({cell.id for cell in merged.cells}) == len(merged.cells)
    assert not (_texts(mine) - _texts(base)) - _texts(merged)
    assert set(exercises(merged)) == set(exercises(new))


@settings(max_examples=300, deadline=None)
@given(EDITS, CHANGES)
def test_updating_twice_changes_nothing(edits, changes):
    base = toy_lab()
    mine, new = _edited(base, edits), _changed(base, changes)
    once = merge(mine, new, fingerprints(base))
    twice = merge(once.nb, new, read(once.nb.metadata[KEY]))
    assert twice.nb == once.nb
    assert (twice.new, twice.changed, twice.removed) == (0, 0, 0)


@settings(max_examples=300, deadline=None)
@given(EDITS, CHANGES)
def test_the_answers_that_count_are_the_same_after_as_before(edits, changes):
    base = toy_lab()
    mine, new = _edited(base, edits), _changed(base, changes)
    tagged = {exercise_of(cell) for cell in mine.cells}
    before, after = (exercises(rebuild(nb, new)[0]) for nb in (mine, merge(mine, new, fingerprints(base)).nb))
    for name in tagged & before.keys():
        assert after[name].source == before[name].source


@settings(max_examples=200, deadline=None)
@given(EDITS, CHANGES)
def test_the_courses_cells_are_all_there_in_its_order(edits, changes):
    base = toy_lab()
    mine, new = _edited(base, edits), _changed(base, changes)
    merged = merge(mine, new, fingerprints(base)).nb
    ids = [cell.id for cell in new.cells]
    assert [cell.id for cell in merged.cells if cell.id in set(ids)] == ids
    written = _texts(mine) - _texts(base)
    for cell in merged.cells:
        if cell.id in ids:
            ours = new.cells[ids.index(cell.id)]
            assert cell.metadata == ours.metadata
            assert cell.source == ours.source or written[cell.source.rstrip()], "the course's text or the student's"


@settings(max_examples=200, deadline=None)
@given(EDITS)
def test_without_new_text_only_places_change(edits):
    base = toy_lab()
    mine = _edited(base, edits)
    merged = merge(mine, base, fingerprints(base)).nb
    assert not _texts(mine) - _texts(merged)


@settings(max_examples=200, deadline=None)
@given(EDITS, CHANGES)
def test_a_copy_that_does_not_say_what_it_was_made_from_loses_no_answer(edits, changes):
    base = toy_lab()
    mine, new = _edited(base, edits), _changed(base, changes)
    merged = merge(mine, new, {}).nb
    assert not (_texts(mine) - _texts(base)) - _texts(merged)


def _ids(nb):
    return [cell.id.removeprefix("lab07-") for cell in nb.cells]


def test_a_cell_stays_behind_the_one_that_it_followed():
    base, new = toy_lab(), toy_lab()
    mine = copy.deepcopy(base)
    mine.cells.insert(0, new_markdown_cell("mine", id="top"))
    mine.cells.insert(5, new_code_cell("y = 1", id="after_twice"))
    mine.cells.insert(7, new_markdown_cell("mine", id="after_check"))
    new.cells.insert(4, new_markdown_cell("New.", id="lab07-new"))
    del new.cells[6]  # the text after the check
    merged = merge(mine, new, fingerprints(base))
    assert _ids(merged.nb)[0] == "top"
    order = _ids(merged.nb)
    assert order.index("after_twice") == order.index("twice") + 1
    assert order[order.index("check_twice") + 1] == "after_check"
    assert (merged.new, merged.changed, merged.removed, merged.own) == (1, 0, 1, 3)


def test_an_answer_stays_in_its_cell_and_a_changed_docstring_is_told():
    base, new, mine = toy_lab(), toy_lab(), toy_lab()
    cell_of(mine, "twice").source = TWICE
    new.cells[3] = exercise("twice", 1, 'def twice(x):\n    """Double."""\n    raise NotImplementedError')
    merged = merge(mine, new, fingerprints(base))
    assert cell_of(merged.nb, "twice").source == TWICE
    assert merged.answers == merged.compare == ["twice"]
    assert cell_of(merged.nb, "thrice").source == cell_of(new, "thrice").source


def test_a_text_of_the_courses_that_the_student_changed_is_kept_beside_the_new_one():
    base, new, mine = toy_lab(), toy_lab(), toy_lab()
    mine.cells[5].source = "What I noticed."
    assert merge(mine, new, fingerprints(base)).nb.cells[5].source == "What I noticed."
    new.cells[5].source = "What else to notice."
    merged = merge(mine, new, fingerprints(base)).nb
    assert [cell.source for cell in merged.cells[5:7]] == ["What else to notice.", "What I noticed."]
    assert "deletable" not in merged.cells[6].metadata


def test_a_check_is_the_courses_again_and_what_was_typed_into_it_stays_below():
    base, mine = toy_lab(), toy_lab()
    cell_of(mine, "check_twice").source = "assert True"
    merged = merge(mine, base, fingerprints(base)).nb
    assert cell_of(merged, "check_twice").source == cell_of(base, "check_twice").source
    assert merged.cells[5].source == "assert True"
    assert merged.cells[5].metadata == {}


def test_the_answer_of_an_exercise_that_is_gone_is_kept_as_a_cell_of_ones_own():
    base, new, mine = toy_lab(), toy_lab(), toy_lab()
    cell_of(mine, "twice").source = TWICE
    del new.cells[3:5]
    merged = merge(mine, new, fingerprints(base)).nb
    kept = next(cell for cell in merged.cells if cell.source == TWICE)
    assert kept.metadata == {}
    assert len(merged.cells) == len(new.cells) + 1


def test_ids_that_another_program_gave_anew_leave_no_old_text_behind():
    base, new, mine = toy_lab(), toy_lab(), toy_lab()
    for count, cell in enumerate(mine.cells):
        cell.id = f"fresh{count}"
    new.cells[5].source = "What else to notice."
    assert [cell.source for cell in merge(mine, new, fingerprints(base)).nb.cells] == [c.source for c in new.cells]


def test_a_picture_pasted_into_the_courses_text_is_kept():
    base, mine = toy_lab(), toy_lab()
    mine.cells[5].source = "![](attachment:a.png)"
    mine.cells[5]["attachments"] = {"a.png": {"image/png": "iVBO"}}
    merged = merge(mine, base, fingerprints(base)).nb
    assert merged.cells[5].attachments == mine.cells[5].attachments


def test_a_cell_stays_behind_a_text_that_has_a_new_id_and_new_words():
    base, new, mine = toy_lab(), toy_lab(), toy_lab()
    mine.cells.insert(6, new_markdown_cell("mine", id="mine"))
    new.cells[5] = new_markdown_cell("What else to notice.", id="lab07-3fa2")
    new.cells[6].id = "lab07-setup"
    merged = merge(mine, new, fingerprints(base))
    assert [cell.source for cell in merged.nb.cells[5:8]] == ["What else to notice.", "mine", "shift = 10"]
    assert (merged.new, merged.changed, merged.removed, merged.own) == (0, 1, 0, 1)


def test_fingerprints_keep_their_order_through_a_file():
    base = fingerprints(toy_lab())
    nb = toy_lab()
    nb.metadata[KEY] = written(base)
    again = read(nbformat.reads(nbformat.writes(nb), as_version=4).metadata[KEY])
    assert list(again.items()) == list(base.items())
    assert read(None) is read({"a": "b"}) is read(["a"]) is read([1]) is None
