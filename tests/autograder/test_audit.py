"""The audit passes every lab, and notices when a check is too weak, too strict or missing."""

import pytest
from typer.testing import CliRunner

import autograder.checks.lab04 as checks
from autograder.answers import Right, Wrong
from autograder.audit import _try, _wrong_fault, audit
from autograder.checking import Result
from autograder.cli import app
from autograder.labs import all_labs, find_lab


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.short)
def test_wrong_answers_fail_right_answers_pass_and_mutants_die(lab):
    for row in audit(lab, workers=1):
        assert row.sound, f"{row.exercise}: {row.faults}, survivors: {row.survivors}"
        assert row.wrong >= 4 or lab.number == 0, f"{row.exercise} has {row.wrong} wrong answers, wanted four"


def test_the_command_says_no_when_a_lab_falls_short(monkeypatch):
    import autograder.audit

    row = autograder.audit.Row("max_unpool", mutants=100, killed=94, survivors=["a → b"])
    monkeypatch.setattr(autograder.audit, "audit", lambda lab, report=None: [row])
    result = CliRunner().invoke(app, ["audit", "lab04"])
    assert result.exit_code == 1
    assert "a → b" in result.output


def test_a_wrong_answer_that_passes_is_a_fault():
    answer = Wrong("x", "a slip", fails="it_holds", says="words")
    assert "passes it_holds" in _wrong_fault(answer, [Result("it_holds", 1)])
    assert "there is no property" in _wrong_fault(answer, [Result("another", 1)])
    assert "wanted words 'words'" in _wrong_fault(answer, [Result("it_holds", 1, "something else")])
    assert _wrong_fault(answer, [Result("it_holds", 1, "these words here")]) == ""


def test_an_edit_that_fits_nowhere_is_refused():
    exercise = find_lab("lab04").exercises["max_unpool"]
    with pytest.raises(ValueError, match="has no text 'no such text'"):
        Wrong("max_unpool", "gone", "p", "s", edits=(("no such text", ""),)).code(exercise)


def test_an_answer_that_never_ends_is_stopped():
    from autograder.audit import _start

    _start("lab04")
    trial = _try("lab04", "max_unpool", "def max_unpool(*_):\n    while True:\n        pass", 0.5, False)
    assert [result.name for result in trial.results] == ["it_ends_in_time"]
    assert trial.seconds < 5


def test_a_weak_set_of_checks_lets_mutants_survive(monkeypatch):
    """With one property left, slips survive: the audit's count is not a constant."""
    from autograder.audit import _start
    from autograder.mutation import mutants

    _start("lab04")
    name = "max_pool_with_switches"
    monkeypatch.setattr(checks, "CHECKS", {name: checks.CHECKS[name][:1]})  # looks at the maxima, not at the switches
    slips = mutants(find_lab("lab04").exercises[name].source)
    survived = [s.change for s in slips if all(r.passed for r in _try("lab04", name, s.source, 10, False).results)]
    assert any("y * w + x_position" in change for change in survived)


def test_an_alternative_that_is_refused_shows_up(monkeypatch):
    import autograder.mutants.lab04 as answers

    stub = Right("unpack_switches", "not right at all", "def unpack_switches(*_):\n    return None")
    monkeypatch.setattr(answers, "RIGHT", [*answers.RIGHT, stub])
    row = next(row for row in audit(find_lab("lab04"), workers=1) if row.exercise == "unpack_switches")
    assert not row.sound
    assert any("not right at all" in fault for fault in row.faults)
