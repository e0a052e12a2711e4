"""The README's table says what the masters say."""

import pytest

from autograder.authoring.master import ROOT, Lab, all_labs
from autograder.authoring.syllabus import question_of, table


def test_each_lab_has_a_row_with_its_question_and_exercises():
    rows = table(all_labs()).splitlines()[2:]
    assert len(rows) == len(all_labs())
    for lab, row in zip(all_labs(), rows, strict=True):
        assert lab.title in row
        assert (ROOT / "notebooks" / lab.name / f"{lab.name}.ipynb").exists()
        assert all(f"`{name}`" in row for name in lab.exercises)
        assert "?" in question_of(lab)


def test_a_lab_without_a_question_is_refused(tmp_path):
    path = tmp_path / "lab77_mute.py"
    path.write_text("# %% [markdown]\n# # Lab 77 · Mute\n# It says nothing.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="asks nothing"):
        question_of(Lab(path))
