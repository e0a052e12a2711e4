"""Keep both sides of the comparisons that a check cell asserts, so that a failed one can say what came.

The cell's syntax tree is changed before it runs: each side of a comparison goes through a function that stores it and
gives it back. Nothing is evaluated twice, in another order or not at all; a check finds what it would have found.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from course.page.differences import got_wanted
from course.page.marking import NAME, Comparison, Marker, placed


@dataclass(frozen=True)
class Assertion:
    """One assert of a cell: its lines, its sentence, and its comparisons in the order in which they are evaluated."""

    first: int
    last: int
    sentence: str
    comparisons: list[Comparison]


class Seen(ast.NodeTransformer):
    """Marks the asserts of check cells, is called with each side as it is evaluated, and tells what it saw.

    One of IPython's `ast_transformers`; it leaves a cell as it is while `marks` is False.
    """

    def __init__(self):
        self.marks = False
        self.asserts: list[Assertion] = []
        self.values: dict[int, dict[int, object]] = {}  # assert -> place -> value

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Mark a cell's asserts, if it is a check cell."""
        return self.generic_visit(node) if self.marks else node

    def begin(self, number: int) -> None:
        """Forget what the last run of this assert saw."""
        self.values.pop(number, None)
        self.values[number] = {}  # in order: the last one is the one that runs

    def __call__(self, number: int, place: int, value: object) -> object:
        """Store a side of a comparison and give it back."""
        self.values.setdefault(number, {})[place] = value
        return value

    def told(self, line: int) -> tuple[str, str]:
        """The sentence of the assert on this line of the cell, and what it got and wanted; empty where not known."""
        for number, values in reversed(self.values.items()):
            seen = self.asserts[number]
            if seen.first <= line <= seen.last:
                whole = [c for c in seen.comparisons if {c.got, c.wanted} - {None} <= values.keys()]
                return seen.sentence, _told(whole[-1], values) if whole else ""
        return "", ""

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Mark an assert's test, and forget before it runs what was seen."""
        marker = Marker(len(self.asserts))
        node.test = marker.marked(node.test)
        sentence = node.msg.value if isinstance(node.msg, ast.Constant) else ""
        self.asserts.append(Assertion(node.lineno, node.end_lineno, sentence, marker.comparisons))
        begin = ast.parse(f"{NAME}.begin({marker.number})").body[0]
        return [placed(begin, node), node]


def _told(comparison: Comparison, values: dict[int, object]) -> str:
    wanted = values.get(comparison.wanted)
    try:
        return got_wanted(comparison.op, values[comparison.got], wanted, **comparison.tolerances)
    except Exception:  # an object of the student's may do anything when it is looked at
        return ""
