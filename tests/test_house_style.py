"""The house style where a machine can hold it: examples, the form of a message, students' signatures, spelling."""

import ast
import doctest
import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from autograder.authoring.master import all_labs

ROOT = Path(__file__).parents[1]


def files(*patterns):
    return sorted(path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))


WITH_EXAMPLES = files("course/ops/**/*.py", "course/losses/*.py", "course/metrics/*.py")
WITH_MESSAGES = WITH_EXAMPLES + files(
    "course/data/scenes/*.py",
    *(f"course/data/{name}.py" for name in ["augmentation", "cache", "download", "fetch", "photos", "tissue"]),
)


def parsed(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def refusals(path):
    """(line, text) of every ValueError and IndexError that the file raises; what is filled in reads {}."""
    for node in ast.walk(parsed(path)):
        if (
            isinstance(node, ast.Raise)
            and node.exc
            and ast.unparse(node.exc).startswith(("ValueError(", "IndexError("))
        ):
            text = node.exc.args[0]
            text = text.func.value if isinstance(text, ast.Call) else text  # "…".rstrip()
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            yield node.lineno, "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_every_public_function_has_an_example(path):
    functions = [node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
    module = importlib.import_module(path.removesuffix("/__init__.py").removesuffix(".py").replace("/", "."))
    found = doctest.DocTestFinder().find(module, globs={})
    shown = {test.name.removeprefix(f"{module.__name__}.") for test in found if test.examples}
    assert [name for name in functions if name not in shown] == []


@pytest.mark.parametrize("path", WITH_MESSAGES)
def test_every_message_says_what_came_and_what_was_wanted(path):
    other = [(line, text) for line, text in refusals(path) if not re.fullmatch(r"(?s).+; wanted .+(\.|\})", text)]
    assert other == []


# Exercises that ask for another function than the library's of the same name.
OTHER_FUNCTIONS = {
    "lab01 binary_scores": "of two masks; the library's reads the matrix, which comes earlier in the lab",
    "lab01 dense_to_conv": "of bare tensors, without the nn.Linear around them",
    "lab02 triangle": "the function of the distance itself, which the library's Kernel holds",
    "lab02 lanczos": "the function of the distance itself, which the library's Kernel holds",
    "lab02 upsample": "takes the taps that the exercise before it computes from the kernel",
    "lab04 unpack_switches": "of bare bytes; the library's PackedSwitches carries shape and size",
    "lab05 dense_to_conv": "of bare tensors, without the nn.Linear around them",
    "lab06 border_weights": "of the two distances that the library measures first",
    "lab08 ContextModule": "of any dilations, for the control; the library's takes multiples of channels",
    "lab08 discrepancy_map": "of changes that were measured; the library's runs the network itself",
}


def definitions(tree):
    """(name, function) of each public function and of each class, which stands for its constructor."""
    for node in tree.body:
        inner = [m for m in node.body if getattr(m, "name", "") == "__init__"] if isinstance(node, ast.ClassDef) else []
        for function in [node] if isinstance(node, ast.FunctionDef) else inner:
            if node.name[0] != "_":
                yield node.name, function


def parameters(function):
    """{name: has it a default} in order, without self."""
    args = function.args
    plain = [arg.arg for arg in args.posonlyargs + args.args]
    found = {name: i >= len(plain) - len(args.defaults) for i, name in enumerate(plain)}
    found |= {arg.arg: default is not None for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)}
    return {name: optional for name, optional in found.items() if name != "self"}


@cache
def library():
    """{name: parameters} of what the rooms of the library define."""
    rooms = files(*(f"course/{room}/**/*.py" for room in ("ops", "losses", "metrics", "models")))
    return {name: parameters(function) for path in rooms for name, function in definitions(parsed(path))}


def is_the_library_s_minus_options(mine, theirs):
    """The library's parameters in its order; only those with a default may be missing, and none is added."""
    return list(mine) == [name for name, optional in theirs.items() if name in mine or not optional]


SHARED = {
    f"{lab.short} {name}": (parameters(function), library()[name])
    for lab in all_labs()
    for name, exercise in lab.exercises.items()
    for found, function in definitions(ast.parse(exercise.source))
    if found == name and name in library()
}


@pytest.mark.parametrize("exercise", sorted(SHARED.keys() - OTHER_FUNCTIONS.keys()))
def test_a_student_s_function_has_the_library_s_signature(exercise):
    mine, theirs = SHARED[exercise]
    assert is_the_library_s_minus_options(mine, theirs), f"{list(mine)}, in the library {list(theirs)}"


@pytest.mark.parametrize("exercise", OTHER_FUNCTIONS)
def test_an_exercise_named_as_another_function_is_one(exercise):
    assert not is_the_library_s_minus_options(*SHARED[exercise]), "take it off the list"


# In brackets, so that this file does not find itself.
BRITISH = re.compile(
    r"(?:colo|neighbo|behavio|favo|flavo|tumo|harbo)[u]r"
    r"|(?:normal|optim|initial|color|organ|real|recogn|general|minim|maxim|visual|special|sanit|summar|util|regular"
    r"|quant|vector|serial|penal|emphas|categor|custom|standard|memor|local|random|discret|equal)i[s](?:e|ing|ation)"
    r"|analy[s]e[ds]?\b|analy[s]ing"
    r"|cent[r]e|met[r]es?\b|licen[c]e|defen[c]e|arte[f]act|stor[e]y|\bker[b]s?\b|toward[s]|\bspel[t]\b"
    r"|(?:label|model|cancel|travel|signal|channel)l(?:e[d]|in[g])",
    re.IGNORECASE,
)

OTHERS_NAMES = ["asyncio.CancelledError", "current_task().cancelling"]


def tracked_text():
    """(path, text) of each file in git that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in filter(None, listed.split("\0")):
        data = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b"\0"
        if b"\0" not in data:
            yield path, data.decode("utf-8")


def british_words(allowed):
    """What is found in tracked text, apart from names of other people's APIs."""
    texts = ((path, re.sub("|".join(map(re.escape, allowed)), "", text)) for path, text in tracked_text())
    return sorted({f"{path}: {word}" for path, text in texts for word in BRITISH.findall(text)})


def test_spelling_is_american():
    assert british_words(OTHERS_NAMES) == []


@pytest.mark.parametrize("name", OTHERS_NAMES)
def test_a_name_that_is_let_through_is_used(name):
    assert british_words([other for other in OTHERS_NAMES if other != name]) != [], "take it off the list"
