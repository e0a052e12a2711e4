"""Find the names that an exercise does not allow, by reading a program and without running it.

A forbidden name is written as people write it: `F.conv2d`, `torch.nn.Upsample`, `course.ops`, `.unfold` (any method
of that name), `unpooling` (a name that the lab gives a meaning). Aliases made by `import … as`, `from … import …` (also
`*`) and assignments are followed; so is `getattr` with a literal. A name that the program itself gives a meaning, such
as a parameter called `unpooling`, is not the lab's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from course.page.scopes import Names, Scope, Use
from course.page.source import TooDeepError, parse

USUAL = {"F": "torch.nn.functional", "nn": "torch.nn", "np": "numpy", "tvF": "torchvision.transforms.v2.functional"}
_DOTTED = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
_METHOD = re.compile(r"\.\s*([^\W\d]\w*)")


def forbidden_names(source: str, forbid: Sequence[str], *, imports: str = "") -> list[str]:
    """The forbidden names that a piece of code uses.

    Args:
        source: the student's code, a cell with magics too; code that is not Python uses nothing (it fails elsewhere).
        forbid: names such as `F.conv2d`; a name forbids everything below it too.
        imports: code run before it, whose aliases hold in `source`.

    Returns:
        The entries of `forbid` that occur, in the order of `forbid`.
    """
    before = _names(imports)
    try:
        tree = parse(source)
    except TooDeepError:
        used, methods = _words(source, before), set(_METHOD.findall(source))
    else:
        names = Names(tree) if tree else None
        used, methods = (_used(names, before), names.methods) if names else (set(), set())
    return [entry for entry in forbid if _occurs(entry, used, methods)]


def _occurs(entry: str, used: set[str], methods: set[str]) -> bool:
    if entry.startswith("."):
        return entry[1:] in methods
    head, _, rest = entry.partition(".")
    wanted = USUAL.get(head, head) + (f".{rest}" if rest else "")
    return any(name == wanted or name.startswith(wanted + ".") for name in used)


def _names(source: str) -> Names | None:
    try:
        tree = parse(source)
    except TooDeepError:
        return None
    return Names(tree) if tree else None


def _used(names: Names, before: Names | None) -> set[str]:
    """Everything that the code names and does not define, by its full name."""
    used = set(names.imported)
    stars = names.stars | (before.stars if before else set())
    for use in names.uses:
        for name in names.meanings(use) or ():
            used |= _in_the_lab(name, before) | {f"{module}.{name}" for module in stars}
    return used


def _in_the_lab(name: str, before: Names | None) -> set[str]:
    """What a name that the student has not bound stands for after the lab's own code."""
    meant = before.meanings(Use(name, Scope("function", before.module), (0, 0))) if before else {name}
    found = set()
    for full in meant or {name}:
        head, _, rest = full.partition(".")
        found.add(USUAL.get(head, head) + (f".{rest}" if rest else ""))
    return found


def _words(source: str, before: Names | None) -> set[str]:
    """Every dotted word of a text, where there is no tree."""
    words = {re.sub(r"\s", "", word) for word in _DOTTED.findall(source)}
    return {full for word in words for full in _in_the_lab(word, before)}
