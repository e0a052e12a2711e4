"""Find the names that an exercise does not allow, by reading a program and without running it.

A forbidden name is written as people write it: `F.conv2d`, `torch.nn.Upsample`, `course.ops`, `.unfold` (any method
of that name). Aliases made by `import … as`, `from … import …` (also `*`) and assignments are followed; so is
`getattr` with a literal.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

USUAL = {"F": "torch.nn.functional", "nn": "torch.nn", "np": "numpy", "tvF": "torchvision.transforms.v2.functional"}
_MAGIC = re.compile(r"(\s*)%{1,2}[A-Za-z]\w*(.*)")
_SHELL = re.compile(r"(\s*)(?:!.*|\?.*|.*\?\s*)$")


def forbidden_names(source: str, forbid: tuple[str, ...] | list[str], *, imports: str = "") -> list[str]:
    """The forbidden names that a piece of code uses.

    Args:
        source: the student's code, a cell with magics too; code that is no Python uses nothing (it fails elsewhere).
        forbid: names such as `F.conv2d`; a name forbids everything below it too.
        imports: code run before it, whose import aliases hold in `source`.

    Returns:
        The entries of `forbid` that occur, in the order of `forbid`.
    """
    tree, before = _parse(source), _parse(imports)
    aliases = USUAL | _aliases(before) | _aliases(tree)
    stars = _stars(before) | _stars(tree)
    written = _names(tree)
    used = {_expand(name, aliases) for name in written}
    used |= {f"{module}.{name}" for module in stars for name in written}
    methods = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    methods |= {name for _, name in _getattrs(tree)}
    return [entry for entry in forbid if _occurs(entry, used, methods)]


def _occurs(entry: str, used: set[str], methods: set[str]) -> bool:
    if entry.startswith("."):
        return entry[1:] in methods
    wanted = _expand(entry, USUAL)
    return any(name == wanted or name.startswith(wanted + ".") for name in used)


def _parse(source: str) -> ast.Module:
    """The code as a tree; a notebook's cell without its magics where they are in the way; else nothing."""
    for text in (source, "\n".join(map(_without_magic, source.splitlines()))):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError):  # ValueError: a NUL character
            continue
    return ast.Module(body=[], type_ignores=[])


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


def _aliases(tree: ast.AST) -> dict[str, str]:
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        for target, value in _bindings(node):
            dotted = _dotted(value)
            if isinstance(target, ast.Name) and dotted and dotted != target.id:
                found.setdefault(target.id, dotted)
    return found


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What an assignment binds: (target, value), also for `a, b = c, d`, `a: int = b` and `(a := b)`."""
    if isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    for target in node.targets if isinstance(node, ast.Assign) else []:
        yield target, node.value
        if isinstance(target, ast.Tuple | ast.List) and isinstance(node.value, ast.Tuple | ast.List):
            yield from zip(target.elts, node.value.elts, strict=False)


def _stars(tree: ast.AST) -> set[str]:
    """The modules of `from … import *`."""
    froms = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return {node.module for node in froms if any(name.name == "*" for name in node.names)}


def _names(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node)):
            names.add(dotted)
    return names | {f"{owner}.{name}" for owner, name in _getattrs(tree) if owner}


def _getattrs(tree: ast.AST) -> Iterator[tuple[str | None, str]]:
    """Each `getattr(owner, "name")`: the owner as a dotted name, where it is one, and the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            literal = node.args[1] if len(node.args) > 1 else None
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                yield _dotted(node.args[0]), literal.value


def _dotted(node: ast.AST) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _expand(name: str, aliases: dict[str, str]) -> str:
    for _ in range(8):  # an alias of an alias; a loop of them ends here
        head, _, rest = name.partition(".")
        if head not in aliases or aliases[head] == head:
            break
        name = aliases[head] + (f".{rest}" if rest else "")
    return name
