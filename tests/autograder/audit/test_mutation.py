"""Each kind of slip is made, once, and only inside the solution."""

import ast

import pytest

from autograder.audit.mutation import mutants
from autograder.authoring.master import all_labs


def _function(*lines, before=(), after=()):
    body = [*before, "# BEGIN SOLUTION", *lines, "# END SOLUTION", *after]
    return "def f(a, b=1):\n" + "\n".join("    " + line for line in body)


def _bodies(*lines):
    """The mutants of a solution, each without its first line and indentation."""
    return {"\n".join(line[4:] for line in m.source.splitlines()[1:]) for m in mutants(_function(*lines))}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("return a + b", {"return a - b"}),
        ("return a - b", {"return a + b"}),
        ("return a * b", {"return a + b"}),
        ("return a / b", {"return a * b"}),
        ("return a // b", {"return a * b"}),
        ("return a % b", {"return a // b"}),
        ("return a ** b", {"return a * b"}),
        ("return a @ b", {"return a * b"}),
        ("return a & b", {"return a | b"}),
        ("return a | b", {"return a & b"}),
        ("return a << b", {"return a >> b"}),
        ("return a >> b", {"return a << b"}),
        ("return a < b", {"return a <= b"}),
        ("return a <= b", {"return a < b"}),
        ("return a > b", {"return a >= b"}),
        ("return a >= b", {"return a > b"}),
        ("return a == b", {"return a != b"}),
        ("return a != b", {"return a == b"}),
        ("return a in b", {"return a not in b"}),
        ("return a not in b", {"return a in b"}),
        ("return a is b", {"return a is not b"}),
        ("return a is not b", {"return a is b"}),
        ("return 7", {"return 8", "return 6"}),
        ("return 0.5", {"return 1.0"}),
        ("return 0.0", {"return 1.0"}),
        ("return True", {"return False"}),
        ("return 'text'", set()),
        ("return None", set()),
        ("return a[b:]", {"return a[:]"}),
        ("return a[:b]", {"return a[:]"}),
        ("return a[b:b:b]", {"return a[:b:b]", "return a[b::b]", "return a[b:b]"}),
        ("return -a", {"return a"}),
        ("return not a", {"return a"}),
        ("return ~a", {"return a"}),
        ("return a and b", {"return a or b"}),
        ("return a or b", {"return a and b"}),
        ("a += b", {"a -= b", "a = b"}),
        ("a |= b", {"a &= b", "a = b"}),
        ("return range(a)", {"return range(a - 1)", "return range(1, a)"}),
        ("return range(a, b)", {"return range(a, b - 1)"}),
        ("a.append(b)", {"pass"}),
        ("return a.append(b)", set()),
    ],
)
def test_a_line_has_these_slips_and_no_others(line, wanted):
    assert _bodies(line) == wanted


def test_one_slip_at_a_time():
    assert _bodies("return a + b * a") == {"return a - b * a", "return a + (b + a)"}


def test_only_the_solution_is_touched():
    source = _function("return a", before=["a = a + 1", "a = a[1:]"], after=["b = not 3"])
    assert mutants(source) == []


def test_both_solved_regions_of_a_class_are_touched_and_what_lies_between_is_not():
    source = (
        "class A:\n    def __init__(self, a):\n        # BEGIN SOLUTION\n        self.a = a + 10\n"
        "        # END SOLUTION\n\n    def between(self, a=1):\n        return a + 20\n\n    def call(self, x):\n"
        "        # BEGIN SOLUTION\n        return x < self.a\n        # END SOLUTION\n"
    )
    changes = {mutant.change for mutant in mutants(source)}
    assert "self.a = a + 10 → self.a = a - 10" in changes
    assert "return x < self.a → return x <= self.a" in changes
    assert all("20" not in change and "a=1" not in change for change in changes)


def test_words_of_an_error_and_annotations_are_no_behavior():
    assert _bodies("raise ValueError(f'{a + 1} is not {b - 2}')") == set()
    assert _bodies("c: tuple[1] = a", "return c") == set()


def test_the_condition_of_an_error_is_behavior():
    assert _bodies("if a < b:", "    raise ValueError('less')") == {"if a <= b:\n    raise ValueError('less')"}


def test_no_mutant_is_made_twice_nor_equals_the_solution():
    source = _function("c = a + 1", "c = c[1::2] * -1 + 2 * b", "return c or 0.5")
    found = [mutant.source for mutant in mutants(source)]
    assert len(found) == len(set(found)) > 8
    assert ast.unparse(ast.parse(source)) not in found


def test_a_mutant_says_what_changed():
    (mutant,) = mutants(_function("c = a", "return c + b"))
    assert mutant.change == "return c + b → return c - b"


def test_a_solution_is_left_as_it_was():
    source = _function("return a + 1")
    assert mutants(source) == mutants(source)


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.short)
def test_mutants_of_the_course_are_python_and_keep_their_name(lab):
    for name, exercise in lab.exercises.items():
        for mutant in mutants(exercise.source)[:40]:
            names = [node.name for node in ast.parse(mutant.source).body if hasattr(node, "name")]
            assert name in names
