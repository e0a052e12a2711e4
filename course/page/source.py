"""A cell's text as Python: its tree without the magics, and what its top level defines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_MAGIC = re.compile(r"(\s*)%{1,2}[A-Za-z]\w*(.*)")
_SHELL = re.compile(r"(\s*)(?:!.*|\?.*|.*\?\s*)$")


class TooDeepError(ValueError):
    """The code is Python, perhaps, but nested too deeply to be read (a table pasted as one long sum)."""


def parse(source: str) -> ast.Module | None:
    """The code of a cell as a tree, with magics left out where they are in the way.

    Args:
        source: a cell's text.

    Returns:
        The tree, or None when the text is not Python.

    Raises:
        TooDeepError: the text is nested too deeply to be read.
    """
    return _parsed(source)[1]


def _parsed(source: str) -> tuple[str, ast.Module | None]:
    """The text that was parsed, without magics where they were in the way, and its tree."""
    for text in (source, "\n".join(map(_without_magic, source.splitlines()))):
        try:
            return text, compile(text, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError):  # ValueError: a NUL character, half of an emoji
            continue
        except (RecursionError, MemoryError):
            raise TooDeepError("the code is nested too deeply to be read") from None
    return source, None


def is_python(source: str) -> bool:
    """Whether a cell can be read as Python, magics aside."""
    try:
        return parse(source) is not None
    except TooDeepError:
        return False


def statements(source: str) -> list[tuple[ast.stmt, str]]:
    """The statements at the top level of a cell with their text; none when it cannot be read as Python."""
    try:
        text, tree = _parsed(source)
    except TooDeepError:
        return []
    return [(statement, _text_of(statement, text)) for statement in (tree.body if tree else [])]


def _text_of(statement: ast.stmt, source: str) -> str:
    first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))])
    if first < statement.lineno:
        return "\n".join(source.splitlines()[first - 1 : statement.end_lineno])
    return ast.get_source_segment(source, statement) or ""


def defined(source: str) -> set[str]:
    """The names that a cell gives a meaning at its top level, by `def`, `class`, `import` or an assignment."""
    return {name for statement, _ in statements(source) for name in names_bound(statement)}


def names_bound(statement: ast.stmt) -> set[str]:
    """The names that one statement gives a meaning, without those inside of functions and classes that it defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(name.asname or name.name).split(".")[0] for name in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        nodes = [node for target in targets for node in ast.walk(target)]
        return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return set()


def dotted_name(node: ast.AST) -> str | None:
    """`torch.nn.functional` of the node that is written so; None for anything but names with dots between them."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def assigned_pairs(target: ast.AST, value: ast.AST | None) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """What an assignment binds: `a = b`, and `a, b = c, d` item by item."""
    yield target, value
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        yield from zip(target.elts, value.elts, strict=False)


def _without_magic(line: str) -> str:
    """`%time f(x)` → `f(x)`; `!ls`, `f?` and `%matplotlib inline` → `pass`."""
    magic = _MAGIC.fullmatch(line)
    if magic is None:
        shell = _SHELL.fullmatch(line)
        return f"{shell[1]}pass" if shell else line
    try:
        ast.parse(magic[2].strip())
    except SyntaxError:
        return f"{magic[1]}pass"
    return magic[1] + (magic[2].strip() or "pass")
