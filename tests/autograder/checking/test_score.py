"""Points are the sum of the properties that hold."""

import pytest
import torch

from autograder.authoring.master import find_lab
from autograder.checking.draws import seeded
from autograder.checking.expect import expect
from autograder.checking.score import MIME, Result, checks_of, run_check, score, worth

LAB = find_lab("lab04")
SAYS = "It is not right."


def _object(name, source):
    space = {}
    exec(LAB.setup, space)
    exec(source, space)
    return space[name]


def test_a_solution_gets_all_points_and_a_stub_none():
    exercise = LAB.exercises["max_unpool"]
    full = score("lab04", "max_unpool", _object("max_unpool", exercise.source))
    none = score("lab04", "max_unpool", _object("max_unpool", exercise.stub))
    assert full.points == full.maximum == exercise.points
    assert none.points == 0
    assert {result.says for result in none.results} == {"The exercise is not solved yet."}


def test_a_half_right_answer_gets_the_points_of_what_holds():
    exercise = LAB.exercises["max_pool_with_switches"]
    slip = exercise.source.replace("corners[k] > pooled", "corners[k] >= pooled")
    got = score("lab04", "max_pool_with_switches", _object("max_pool_with_switches", slip))
    assert got.points == exercise.points - 1
    failed = [result for result in got.results if not result.passed]
    assert [result.name for result in failed] == ["of_equal_numbers_the_first_wins"]


def test_a_name_that_is_missing_is_said_to_be_missing():
    got = score("lab04", "max_unpool", None)
    assert got.points == 0
    assert all("There is no max_unpool" in result.says for result in got.results)


def test_what_the_student_raises_becomes_a_sentence():
    def broken(values, *_):
        raise KeyError("oops")

    got = score("lab04", "max_unpool", broken)
    assert all("It raised KeyError: 'oops' (called with values (2, 3, " in result.says for result in got.results)


def test_a_score_shows_its_number_its_table_and_its_data():
    bundle = score("lab04", "max_unpool", None)._repr_mimebundle_()
    assert bundle["text/plain"] == "0"
    assert "<table>" in bundle["text/html"]
    properties = bundle[MIME].pop("properties")
    assert bundle[MIME] == {"exercise": "max_unpool", "points": 0.0, "maximum": 7.0}
    assert sum(row["points"] for row in properties) == 7
    assert all(row["says"].startswith("There is no max_unpool") and " " in row["title"] for row in properties)


def test_each_student_meets_numbers_of_their_own():
    seen = []

    def spy(values, switches, size):
        seen.append(switches.sum().item() if torch.is_tensor(switches) else 0)
        raise NotImplementedError

    score("lab04", "max_unpool", spy, student="ada")
    score("lab04", "max_unpool", spy, student="bela")
    score("lab04", "max_unpool", spy, student="ada")
    third = len(seen) // 3
    assert seen[:third] == seen[2 * third :]
    assert seen[:third] != seen[third : 2 * third]


@pytest.mark.parametrize("name", LAB.exercises)
def test_properties_are_worth_what_the_check_cell_says(name):
    assert sum(check.points for check in checks_of("lab04", name)) == LAB.exercises[name].points


# --- running a property


def _outcome(error=None, points=2):
    @worth(points, "an_exercise")
    def the_answer_is_right(answer, rng):
        if error:
            raise error
        expect(answer, SAYS)

    return the_answer_is_right


def test_a_property_that_holds_says_nothing():
    result = run_check(_outcome(), True, seeded())
    assert result.passed
    assert (result.name, result.title, result.points) == ("the_answer_is_right", "the answer is right", 2)
    assert Result("lovasz_is_one_minus_mean_iou", 1).title == "Lovász is one minus mean IoU"


def test_a_property_that_fails_says_its_sentence():
    result = run_check(_outcome(), False, seeded())
    assert not result.passed
    assert result.says == SAYS


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (AssertionError(), "The property does not hold."),
        (NotImplementedError("Exercise 4.1: x"), "The exercise is not solved yet."),
        (IndexError("index 5\nand more"), "It raised IndexError: index 5"),
        (KeyError(), "It raised KeyError: no message"),
        (RecursionError("too deep"), "It raised RecursionError: too deep"),
        (SystemExit(3), "It raised SystemExit: 3"),
    ],
)
def test_whatever_is_raised_becomes_a_sentence(error, says):
    assert run_check(_outcome(error), True, seeded()).says == says


def test_a_user_can_still_interrupt():
    with pytest.raises(KeyboardInterrupt):
        run_check(_outcome(KeyboardInterrupt()), True, seeded())
