"""A lab is read from its master: names, exercises, stubs, setup; and what is missing is said."""

import re

import pytest

from autograder.authoring.master import all_labs, find_lab
from tests.autograder.toy import toy


def test_a_labs_names_come_from_its_file(tmp_path):
    lab = toy(tmp_path)
    assert (lab.name, lab.short, lab.number, lab.title) == ("lab07_toy", "lab07", 7, "Lab 7 · A toy")


def test_exercises_stand_in_order_with_their_markers(tmp_path):
    lab = toy(tmp_path)
    assert list(lab.exercises) == ["twice", "Box"]
    twice, box = lab.exercises.values()
    assert (twice.number, box.number) == ("7.1", "7.2")
    assert (twice.points, twice.difficulty, twice.minutes) == (2, 1, 5)
    assert twice.forbid == ("math.prod", "course.ops", ".sum")
    assert box.forbid == ()
    assert twice.hints == ("Is 2 < 3?", "`2 * x`")
    assert twice.check == 'assert twice(3) == 6, "Twice 3 is 6."'
    assert lab.points == 5


def test_the_stub_keeps_all_but_the_solution(tmp_path):
    assert toy(tmp_path).exercises["twice"].stub == (
        'def twice(x):\n    """Double a number."""\n    raise NotImplementedError("Exercise 7.1: twice")'
    )


def test_a_class_gets_a_stub_in_each_solved_region(tmp_path):
    stub = toy(tmp_path).exercises["Box"].stub
    assert stub.count('        raise NotImplementedError("Exercise 7.2: Box")') == 2
    assert "def grow(self):" in stub
    assert "shift" not in stub


def test_every_stub_is_python_and_raises_when_it_is_used(tmp_path):
    space = {}
    for exercise in toy(tmp_path).exercises.values():
        exec(exercise.stub, space)
    with pytest.raises(NotImplementedError, match=re.escape("Exercise 7.1: twice")):
        space["twice"](1)
    with pytest.raises(NotImplementedError, match=re.escape("Exercise 7.2: Box")):
        space["Box"](1)


def test_setup_is_the_imports_and_the_marked_cells_alone(tmp_path):
    setup = toy(tmp_path).setup
    assert setup == "import math\n\nshift = 10"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (("# # Lab 7", "# Lab 7"), "its first cell begins with 'Lab 7 · A toy', wanted a heading"),
        (('# %% check="twice" points=2', "# %%"), "exercise 'twice' has 0 cells check=\"twice\", wanted one"),
        (('# %% check="Box" points=3', '# %% check="twice" points=3'), "exercise 'twice' has 2 cells"),
        (('assert twice(3) == 6, "Twice 3 is 6."', "twice(3)"), "the visible check of 'twice' asserts nothing"),
        (("    # BEGIN SOLUTION\n    y", "    y"), "exercise 'twice' lacks # BEGIN SOLUTION"),
        (("    return y\n    # END SOLUTION", "    return y"), "exercise 'twice' lacks # BEGIN SOLUTION"),
        ((" difficulty=1", ""), "exercise 'twice' lacks difficulty="),
        ((" minutes=5", ""), "exercise 'twice' lacks minutes="),
        ((" points=2", ""), "the check of 'twice' lacks points="),
        (('exercise="Box"', 'exercise="twice"'), "two exercises are called 'twice'"),
        (('hint="twice"\n# Is', 'hint="thrice"\n# Is'), 'hint="thrice" belongs to no exercise'),
        (
            ("# %%\nprint(twice(4))", '# %% check="thrice" points=1\nassert True'),
            'check="thrice" belongs to no exercise',
        ),
    ],
)
def test_what_is_wrong_with_a_master_is_said(tmp_path, edit, says):
    lab = toy(tmp_path, edit)
    with pytest.raises(ValueError, match=re.escape(says)) as error:
        _ = lab.title, lab.exercises
    assert "lab07_toy.py" in str(error.value)


def test_labs_are_found_by_short_full_name_and_number(tmp_path):
    toy(tmp_path)
    for name in ("lab07", "lab07_toy", "7", "07", "lab7"):
        assert find_lab(name, tmp_path).name == "lab07_toy"


@pytest.mark.parametrize("name", ["lab8", "toy", "", "8", "lab07_toys", "-7"])
def test_a_name_of_no_lab_lists_those_there_are(tmp_path, name):
    toy(tmp_path)
    with pytest.raises(ValueError, match=rf"lab is '{name}'; wanted one of those in .*: lab07_toy\.$"):
        find_lab(name, tmp_path)


def test_a_checkout_without_labs_says_none(tmp_path):
    with pytest.raises(ValueError, match=r"lab is 'lab01'; wanted one of those in .*: none\."):
        find_lab("lab01", tmp_path)


def test_only_files_named_like_their_folder_are_labs(tmp_path):
    toy(tmp_path)
    (tmp_path / "solutions" / "lab07_toy" / "lab07_notes.py").write_text("# %%\n", encoding="utf-8")
    assert [lab.name for lab in all_labs(tmp_path)] == ["lab07_toy"]


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.short)
def test_each_exercise_of_the_course_has_two_hints_and_a_docstring(lab):
    for name, exercise in lab.exercises.items():
        assert len(exercise.hints) == 2, f"{lab.short} {name} has {len(exercise.hints)} hints, wanted two"
        assert '"""' in exercise.stub, f"{lab.short} {name}: the stub has no docstring"
        assert 1 <= exercise.difficulty <= 3
