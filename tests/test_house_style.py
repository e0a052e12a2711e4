"""The house style where a machine can hold it: an example in every docstring, and one form of message."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

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
