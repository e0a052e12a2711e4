"""The audit passes every lab, and notices when a check is too weak, too strict or missing."""

import dataclasses

import pytest
from typer.testing import CliRunner

import autograder.audit.audit as room
from autograder.audit.answers import Right, Wrong, answers_of
from autograder.audit.mutation import mutants
from autograder.audit.trials import Job, Trial, run
from autograder.authoring.master import all_labs, find_lab
from autograder.checking.score import Result, checks_of
from autograder.cli.app import app


@pytest.fixture(scope="session")
def pool():
    """One process for all audits of this run: torch is imported once."""
    with room.workers(1) as executor:
        yield executor


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.short)
def test_wrong_answers_fail_right_answers_pass_mutants_die_and_nobody_misbehaves_unseen(lab, pool):
    for row in room.audit([lab], pool)[lab.short]:
        assert row.sound, f"{row.exercise}: {row.faults}, survivors: {row.survivors}"
        assert row.wrong >= 4 or lab.number == 0, f"{row.exercise} has {row.wrong} wrong answers, wanted four"
        assert row.misbehaviors, f"no misbehavior applies to {row.exercise}"


def test_the_command_says_no_when_a_lab_falls_short(monkeypatch):
    kinds = {"keeps what it saw": "caught", "returns float64": "missed"}
    row = room.Row("max_unpool", mutants=100, killed=94, survivors=["a → b"], misbehaviors=kinds)
    monkeypatch.setattr(room, "audit", lambda labs, pool, report=None: {"lab04": [row]})
    result = CliRunner().invoke(app, ["audit", "lab04"])
    assert result.exit_code == 1
    assert "a → b" in result.output
    assert "returns float64" in result.output


def _one(pool, exercise, changed):
    """The audit of one exercise of Lab 4 with other answers than its own."""
    lab = find_lab("lab04")
    one = room._Audit(lab, lab.exercises[exercise], pool)
    one.answers = changed(answers_of("lab04").to(exercise))
    one.submit()
    return one.row()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Wrong("", "no slip at all", "four_windows_make_one_byte", "words"), "passes four_windows_make_one_byte"),
        (Wrong("", "a slip", "no_such_property", "words", source="pack_switches = len"), "there is no property"),
        (
            Wrong("", "a slip", "four_windows_make_one_byte", "other words", source="pack_switches = None"),
            "wanted words 'other words'",
        ),
    ],
)
def test_a_wrong_answer_that_does_not_fail_as_named_is_a_fault(pool, answer, fault):
    answer = dataclasses.replace(answer, exercise="pack_switches")
    row = _one(pool, "pack_switches", lambda answers: dataclasses.replace(answers, wrong=[answer]))
    assert any(fault in found for found in row.faults), row.faults
    assert row.wrong_caught == 0


def test_a_wrong_answer_that_should_fail_alone_and_does_not_is_a_fault(pool):
    alone = Wrong("pack_switches", "none", "four_windows_make_one_byte", "", source="pack_switches = len", alone=True)
    row = _one(pool, "pack_switches", lambda answers: dataclasses.replace(answers, wrong=[alone]))
    assert any("fails the_first_window_stands_in_the_lowest_bits" in found for found in row.faults), row.faults


def test_a_right_answer_that_is_refused_shows_up(pool):
    stub = Right("unpack_switches", "not right at all", "def unpack_switches(*_):\n    return None")
    row = _one(pool, "unpack_switches", lambda answers: dataclasses.replace(answers, right=[*answers.right, stub]))
    assert not row.sound
    assert any("not right at all" in fault for fault in row.faults)


def test_an_edit_that_fits_nowhere_is_refused():
    exercise = find_lab("lab04").exercises["max_unpool"]
    with pytest.raises(ValueError, match="has no text 'no such text'"):
        Wrong("max_unpool", "gone", "p", "s", edits=(("no such text", ""),)).code(exercise)


def test_an_answer_that_never_ends_is_stopped():
    source = "def max_unpool(*_):\n    while True:\n        pass"
    trial = run(Job("lab04", "max_unpool", source, limit=0.5))
    assert [result.name for result in trial.results] == ["it_ends_in_time"]
    assert trial.seconds < 30


def test_a_weak_set_of_checks_lets_mutants_survive(monkeypatch):
    """With one property left, slips survive: the audit's count is not a constant."""
    name = "max_pool_with_switches"
    maxima = checks_of("lab04", name)[:1]  # looks at the maxima, not at the switches
    monkeypatch.setattr("autograder.audit.trials.checks_of", lambda lab, exercise: maxima)
    slips = mutants(find_lab("lab04").exercises[name].source)
    jobs = {s.change: Job("lab04", name, s.source, limit=10, only=maxima[0].__name__) for s in slips}
    alive = [change for change, job in jobs.items() if run(job).failed == []]
    assert any("y * w + x_position" in change for change in alive)


def test_what_only_the_visible_check_sees_is_a_fault():
    assert "assert the same in a hidden property" in room._only_visible("mutant 'a → b'", ["visible_check"])[0]
    assert room._only_visible("mutant 'a → b'", ["visible_check", "it_holds"]) == []
    assert room._only_visible("mutant 'a → b'", []) == []


def test_a_misbehavior_that_never_fired_or_got_through_is_a_fault():
    passed, failed = Result("it_holds", 1), Result("it_holds", 1, "It does not.")
    assert "never fired" in room._misbehavior_fault("keeps", Trial([failed], fired=False))
    assert "full points" in room._misbehavior_fault("keeps", Trial([passed], fired=True))
    assert room._misbehavior_fault("keeps", Trial([failed], fired=True)) == ""
