"""Find the names that an exercise does not allow, by reading a program and without running it.

A forbidden name is written as people write it: `F.conv2d`, `torch.nn.Upsample`, `course.ops`, `.unfold` (any method
of that name). Aliases made by `import … as` and `from … import …` are followed; so is `getattr` with a literal.
"""

from __future__ import annotations

import ast

USUAL = {"F": "torch.nn.functional", "nn": "torch.nn", "np": "numpy", "tvF": "torchvision.transforms.v2.functional"}


def forbidden_names(source: str, forbid: tuple[str, ...] | list[str], *, imports: str = "") -> list[str]:
    """The forbidden names that a piece of code uses.

    Args:
        source: the student's code; code that is no Python uses nothing (it fails elsewhere).
        forbid: names such as `F.conv2d`; a name forbids everything below it too.
        imports: code run before it, whose import aliases hold in `source`.

    Returns:
        The entries of `forbid` that occur, in the order of `forbid`.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    aliases = USUAL | _aliases(imports) | _aliases(source)
    used = {_expand(name, aliases) for name in _names(tree)}
    methods = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = []
    for entry in forbid:
        wanted = _expand(entry.lstrip("."), USUAL)
        as_method = entry.startswith(".") and wanted in methods
        if as_method or any(name == wanted or name.startswith(wanted + ".") for name in used):
            found.append(entry)
    return found


def _aliases(source: str) -> dict[str, str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.asname:
                    found[name.asname] = name.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Name):
            dotted = _dotted(node.value)
            for target in node.targets:
                if isinstance(target, ast.Name) and dotted and dotted != target.id:
                    found.setdefault(target.id, dotted)
    return found


def _names(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Attribute | ast.Name) and (dotted := _dotted(node)):
            names.add(dotted)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
            and (owner := _dotted(node.args[0]))
        ):
            names.add(f"{owner}.{node.args[1].value}")
    return names


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
