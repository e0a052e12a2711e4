"""Mechanical mutants of a solution: one small slip each, the kind that tests are there to catch.

Operators (+ ↔ −, * ↔ +, // ↔ *, comparisons), constants (n ± 1, doubled floats, flipped booleans), slices that lose a
bound, ranges that stop early or start late, lost negations, `and` ↔ `or`, lost augmented assignments. Only the lines
between BEGIN and END SOLUTION are touched. Messages of errors are no behavior and are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.authoring.master import BEGIN, END

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A solution with one slip in it; `change` says which: `line: before → after`."""

    change: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mechanical mutant of an exercise's solution, each once."""
    tree = ast.parse(source)
    solved = _solved_lines(source)
    found: dict[str, Mutant] = {}
    original = ast.unparse(tree)
    for path, node in _walk(tree):
        if getattr(node, "lineno", 0) not in solved:
            continue
        for replacement in _slips(node):
            mutated = copy.deepcopy(tree)
            _put(mutated, path, replacement)
            text = ast.unparse(ast.fix_missing_locations(mutated))
            if text != original and text not in found:
                found[text] = Mutant(_describe(original, text), text)
    return list(found.values())


def _solved_lines(source: str) -> set[int]:
    """Numbers of the lines between BEGIN and END SOLUTION, in every region: a class has one in each method."""
    numbers, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        inside = (inside or BEGIN in line) and END not in line
        if inside and BEGIN not in line:
            numbers.add(number)
    return numbers


def _walk(node: ast.AST, path: tuple = ()) -> Iterator[tuple[tuple, ast.AST]]:
    """Every node with the way to it, leaving out annotations, docstrings and the words of a raised error."""
    yield path, node
    if isinstance(node, ast.Raise):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _walk(item, (*path, (name, index)))
        elif isinstance(value, ast.AST):
            yield from _walk(value, (*path, (name, None)))


def _put(tree: ast.AST, path: tuple, replacement: ast.AST) -> None:
    for name, index in path[:-1]:
        tree = getattr(tree, name) if index is None else getattr(tree, name)[index]
    name, index = path[-1]
    if index is None:
        setattr(tree, name, replacement)
    else:
        getattr(tree, name)[index] = replacement


def _slips(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    elif isinstance(node, ast.AugAssign):
        if type(node.op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(node.op)]())
        yield ast.Assign(targets=[node.target], value=node.value)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield _with(node, ops=[COMPARISONS[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield _with(node, **{bound: None})
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        yield from _ranges(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 2 if value else 1.0)


def _ranges(node: ast.Call) -> Iterator[ast.AST]:
    stop = 0 if len(node.args) == 1 else 1
    shorter = copy.deepcopy(node)
    shorter.args[stop] = ast.BinOp(left=shorter.args[stop], op=ast.Sub(), right=ast.Constant(1))
    yield shorter
    if len(node.args) == 1:
        yield _with(node, args=[ast.Constant(1), node.args[0]])


def _with(node: ast.AST, **changes: object) -> ast.AST:
    twin = copy.copy(node)
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin


def _describe(original: str, mutated: str) -> str:
    before, after = original.splitlines(), mutated.splitlines()
    for old, new in zip(before, after, strict=False):
        if old != new:
            return f"{old.strip()} → {new.strip()}"
    return f"{len(before)} lines → {len(after)} lines"
