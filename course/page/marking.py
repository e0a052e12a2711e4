"""Mark the sides of the comparisons that an assert makes, in its syntax tree.

`assert f(3) == 6` becomes `assert SEEN(0, 0, f(3)) == SEEN(0, 1, 6)`, where SEEN stores its last argument and gives it
back. Nothing is evaluated twice, in another order or not at all; the assert finds what it would have found.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

NAME = "__course_seen__"  # of the `Seen` in the notebook's namespace

_OPS = {
    **{ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"},
}
_PAIRS = {"allclose": "close", "isclose": "close", "equal": "==", "array_equal": "=="}
_STATES = ("isnan", "isfinite", "isinf")
_OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "is": "is not", "in": "not in", "close": "!="}
_OPPOSITE |= {"!=": "==", ">=": "<", "<=": ">", "is not": "is", "not in": "in"} | {s: f"not {s}" for s in _STATES}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<=", "is": "is", "is not": "is not"}
_MODULES = ("torch", "np", "numpy", "math")
_WANTED = ("want", "wanted", "expected")
Slot = tuple[ast.AST | list, str | int]  # where an expression hangs in the tree: a node and a field, a list and a place


@dataclass(frozen=True)
class Comparison:
    """One comparison of an assert: an operator, the places where its sides are stored, and tolerances."""

    op: str
    got: int
    wanted: int | None = None
    tolerances: dict[str, float] = field(default_factory=dict)


class Marker:
    """Marks the test of one assert."""

    def __init__(self, number: int):
        self.number, self.comparisons, self._places = number, [], 0

    def marked(self, node: ast.expr, holds: bool = True) -> ast.expr:
        """The expression with the sides of its comparisons marked; `holds` is what it should be."""
        if isinstance(node, ast.BoolOp):
            node.values = [self.marked(value, holds) for value in node.values]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.marked(node.operand, not holds)
        elif isinstance(node, ast.Compare):
            self._compare(node, holds)
        elif isinstance(node, ast.Call) and not any(isinstance(arg, ast.Starred) for arg in node.args):
            self._call(node, holds)
        return node

    def _compare(self, node: ast.Compare, holds: bool) -> None:
        ops = [_OPS[type(op)] if holds else _OPPOSITE[_OPS[type(op)]] for op in node.ops]
        difference, bound = _difference(node.left), _number(node.comparators[0])
        if difference and bound is not None and len(ops) == 1 and ops[0] in ("<", "<="):
            self._pair("close", (difference, "left"), (difference, "right"), {"atol": bound, "rtol": 0.0})
            return
        sides = [(node, "left"), *((node.comparators, i) for i in range(len(ops)))]
        wanted = [_is_wanted(_get(side)) for side in sides]
        places = [self._store(side) for side in sides]
        for i, op in enumerate(ops):
            got, other = places[i], places[i + 1]
            swap = wanted[i] and not wanted[i + 1] and op in _MIRRORED
            self.comparisons.append(Comparison(_MIRRORED[op], other, got) if swap else Comparison(op, got, other))

    def _call(self, node: ast.Call, holds: bool) -> None:
        name, operands = _called(node)
        if name in _PAIRS and len(operands) == 2:
            tolerances = {k.arg: _number(k.value) for k in node.keywords if k.arg in ("rtol", "atol")}
            op = _PAIRS[name] if holds else "!="
            self._pair(op, *operands, {k: v for k, v in tolerances.items() if v is not None})
        elif name in _STATES and operands:
            place = self._store(operands[0])
            self.comparisons.append(Comparison(name if holds else _OPPOSITE[name], place))
        elif operands and (name == "bool" or (name, holds) in (("all", True), ("any", False))):
            _put(operands[0], self.marked(_get(operands[0]), holds))

    def _pair(self, op: str, one: Slot, other: Slot, tolerances: dict[str, float]) -> None:
        swap = _is_wanted(_get(one)) and not _is_wanted(_get(other))
        places = [self._store(one), self._store(other)]
        self.comparisons.append(Comparison(op, *(reversed(places) if swap else places), tolerances))

    def _store(self, slot: Slot) -> int:
        """Have an expression stored as it is evaluated; gives its place."""
        place, side = self._places, _get(slot)
        self._places += 1
        call = ast.parse(f"{NAME}({self.number}, {place}, None)", mode="eval").body
        call = placed(call, side)
        call.args[2] = side
        _put(slot, call)
        return place


def _get(slot: Slot) -> ast.expr:
    container, key = slot
    return container[key] if isinstance(container, list) else getattr(container, key)


def _put(slot: Slot, node: ast.expr) -> None:
    container, key = slot
    if isinstance(container, list):
        container[key] = node
    else:
        setattr(container, key, node)


def placed(node: ast.AST, where: ast.AST) -> ast.AST:
    """The node and all below it, at another's place in the source."""
    for part in ast.walk(node):
        ast.copy_location(part, where)
    return node


def _called(node: ast.Call) -> tuple[str, list[Slot]]:
    """The name of what is called, and its operands: of a method the object comes first."""
    operands = [(node.args, i) for i in range(len(node.args))]
    if isinstance(node.func, ast.Name):
        return node.func.id, operands
    if not isinstance(node.func, ast.Attribute):
        return "", []
    owner = node.func.value
    method = not (isinstance(owner, ast.Name) and owner.id in _MODULES)
    return node.func.attr, [(node.func, "value"), *operands] if method else operands


def _difference(node: ast.expr) -> ast.BinOp | None:
    """The a - b in `abs(a - b)`, `(a - b).abs().max()` and the like."""
    size = False
    while isinstance(node, ast.Call):
        name, operands = _called(node)
        if name not in ("abs", "max", "mean", "sum", "item", "float") or not operands:
            return None
        size, node = size or name == "abs", _get(operands[0])
    return node if size and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) else None


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) else None


def _is_wanted(node: ast.expr) -> bool:
    """Whether a side is what is wanted: written out, or called so."""
    written = (ast.Constant, ast.List, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, written) or _is_called_wanted(part) for part in ast.walk(node))


def _is_called_wanted(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in _WANTED
