"""What of a student's notebook counts: their answers, and what these need of the cells that they added.

Everything else (the order, the checks, the set-up) is the lab's own. `course check` and the grader run the same.
"""

from __future__ import annotations

import ast
import builtins
import copy
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course.page.cells import check_of, exercise_of, exercises, is_untouched, needed
from course.page.scopes import Names
from course.page.source import defined, is_python, names_bound, parse, statements


def rebuild(nb: NotebookNode, original: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The lab with a student's answers in it.

    Missing, copied, split and re-tagged cells cost at most their own points. Imports, functions, classes and constants
    from cells that the student added come along where an answer needs them and the lab does not define them.

    Args:
        nb: the student's notebook, as `read_notebook` gives it.
        original: the lab as it is now, with a stub where each answer goes.

    Returns:
        A new notebook, and a sentence for each answer that did not simply stand in its cell.
    """
    rebuilt, notes = copy.deepcopy(original), []
    stubs = {name: cell.source for name, cell in exercises(original).items()}
    answers = {name: _answer(nb, name, stubs, notes) for name in stubs}
    own = _OwnCode(nb, original, [cell for answer in answers.values() for cell in answer.cells])
    provided = set(dir(builtins)) | answers.keys()
    provided |= {name for cell in needed(original) if not check_of(cell) for name in defined(cell.source)}
    cells = []
    for cell in rebuilt.cells:
        name = cell.metadata.get("course", {}).get("exercise")
        if name in answers:
            cell.source = answers[name].text
            if brought := own.needed_by(cell.source, provided):
                cells.append(new_code_cell(brought, id=f"own-{name}", metadata={"course": {"own": name}}))
        cells.append(cell)
    rebuilt.cells = cells
    return rebuilt, notes


@dataclass
class _Answer:
    text: str
    cells: list[NotebookNode] = field(default_factory=list)


def _answer(nb: NotebookNode, name: str, stubs: dict[str, str], notes: list[str]) -> _Answer:
    """A student's text for an exercise, and the cells that it stands in; the stub where there is none."""
    stub = stubs[name]
    tagged = [cell for cell in nb.cells if exercise_of(cell) == name]
    filled = [cell for cell in tagged if not is_untouched(cell, stub)]
    if filled:
        return _put_together(filled, name, len(tagged), notes)
    others = [c for c in nb.cells if c.cell_type == "code" and exercise_of(c) not in stubs and not check_of(c)]
    others = [cell for cell in others if name in defined(cell.source)]
    if others:
        found = next((cell for cell in reversed(others) if not is_untouched(cell, stub)), others[-1])
        lost = "is still as it was given out" if tagged else "is missing"
        notes.append(f"{name}: its cell {lost}; the answer was found by the name that it defines.")
        return _Answer(found.source, [found])
    if not tagged:
        notes.append(f"{name}: its cell is missing; it gets no points.")
    return _Answer(stub, tagged)


def _put_together(filled: list[NotebookNode], name: str, count: int, notes: list[str]) -> _Answer:
    """One answer of several cells with the same tag: the halves of one that was split, or the last of copies."""
    if len(filled) == 1:
        if count > 1:
            notes.append(f"{name}: its cell is there {count} times; the one that is filled in counts.")
        return _Answer(filled[0].source, filled)
    whole = "\n".join(cell.source for cell in filled)
    alone = [cell for cell in filled if name in defined(cell.source)]
    in_halves = not all(is_python(cell.source) for cell in filled) and name in defined(whole)
    if alone and not in_halves:
        notes.append(f"{name}: its cell is there {count} times; the last one that defines {name} counts.")
        return _Answer(alone[-1].source, alone[-1:])
    notes.append(f"{name}: its cell is there in {len(filled)} parts; they were put together again.")
    return _Answer(whole, filled)


@dataclass
class _Statement:
    """A statement of the student's own cells: what it defines, and what it needs for that."""

    text: str
    defines: set[str]
    needs: set[str]


class _OwnCode:
    """The definitions in cells that are neither the lab's nor answers."""

    def __init__(self, nb: NotebookNode, original: NotebookNode, answers: list[NotebookNode]):
        ours = {cell.source for cell in original.cells}
        taken = {id(cell) for cell in answers}
        self.statements: list[_Statement] = []
        for cell in nb.cells:
            if cell.cell_type == "code" and id(cell) not in taken and not check_of(cell) and cell.source not in ours:
                self.statements += _definitions(cell.source)

    def needed_by(self, answer: str, provided: set[str]) -> str:
        """The definitions that an answer needs, directly or for one another, in the order of the notebook."""
        wanted, chosen = _free(answer) - provided, set()
        while True:
            more = {i for i, s in enumerate(self.statements) if s.defines & wanted} - chosen
            if not more:
                return "\n\n".join(self.statements[i].text for i in sorted(chosen))
            chosen |= more
            wanted |= {name for i in more for name in self.statements[i].needs} - provided


def _definitions(source: str) -> list[_Statement]:
    found = []
    for statement, text in statements(source):
        names = names_bound(statement)
        if names:
            needs = Names(ast.Module([statement], [])).free()
            found.append(_Statement(text, names, needs))
    return found


def _free(source: str) -> set[str]:
    """The names that a piece of code uses and does not define."""
    try:
        tree = parse(source)
    except ValueError:
        return set()
    return Names(tree).free() if tree else set()
