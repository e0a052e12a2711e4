"""Predictions, questions and links are read from a master's text."""

import re

import pytest

from autograder.authoring.text_cells import linked, neighbors_text, parse_prediction, parse_question


def test_a_prediction_is_read_with_its_reasons():
    question, choices = parse_prediction("Which?\n- [ ] a, b :: No.\n- [x] c :: Yes: d :: e.")
    assert question == "Which?"
    assert choices == [("a, b", False, "No."), ("c", True, "Yes: d :: e.")]


def test_a_blank_line_between_question_and_choices_changes_nothing():
    tight = parse_prediction("Which?\n- [ ] a :: No.\n- [x] b :: Yes.")
    assert parse_prediction("Which?\n\n- [ ] a :: No.\n\n- [x] b :: Yes.\n") == tight


def test_a_question_of_two_paragraphs_keeps_both():
    question, choices = parse_prediction("One thing.\n\nWhich?\n\n- [ ] a :: No.\n- [x] b :: Yes.")
    assert question.split() == ["One", "thing.", "Which?"]
    assert len(choices) == 2


def test_lines_that_begin_with_blanks_go_on_where_the_last_one_stopped():
    _, choices = parse_prediction("Which?\n- [ ] a :: No,\n  never.\n- [x] b\n  c :: Yes.")
    assert choices == [("a", False, "No, never."), ("b c", True, "Yes.")]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("Which?", "a choice reads '- [', wanted '- [x] text :: reason'"),
        ("Which?\n- [ ] a\n- [x] b :: Yes.", "a choice reads '- [ ] a'"),
        ("Which?\n- [X] a :: No.\n- [x] b :: Yes.", "a choice reads '- [X] a :: No.'"),
        ("Which?\n- [x] a ::", "a choice reads '- [x] a ::'"),
        ("Which?\n- [x] a :: Yes.\nmore", "a choice reads 'more'"),
        ("Which?\n- [x] a :: Yes.", "needs two choices or more"),
        ("Which?\n- [ ] a :: No.\n- [ ] b :: No.", "one of them right"),
    ],
)
def test_a_prediction_that_cannot_be_read_says_why(source, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_prediction(source)


def test_the_answer_begins_at_the_two_colons_that_begin_a_line():
    assert parse_question("Why a::b?\nAnd c?\n:: For d.\n:: e") == ("Why a::b?\nAnd c?", "For d.\n:: e")


@pytest.mark.parametrize("source", ["Why?", "Why? :: So.", ":: So.", "Why?\n::"])
def test_a_question_without_text_or_answer_is_refused(source):
    with pytest.raises(ValueError, match=r"wanted its text, then a line ':: answer'"):
        parse_question(source)


@pytest.mark.parametrize("text", ["https://arxiv.org/abs/1603.07285", "[arXiv:1603.07285](x)", "arXiv:16030.7285"])
def test_what_is_a_link_already_or_not_a_number_stays(text):
    assert linked(text) == text


def test_a_lab_alone_has_no_line_of_links():
    assert neighbors_text(None, None) == ""
