"""Which names a piece of code uses, and what each stands for where it is used.

Python's rules of scope hold: a parameter, a name assigned inside a function, a comprehension's variable belong to the
code itself, whatever else is called so. Trees are walked without recursion, so that depth does not matter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from course.page.source import assigned_pairs, dotted_name

Position = tuple[int, int]
_LATER = (10**9, 0)


@dataclass(frozen=True)
class Binding:
    """One meaning of a name: from where on it holds, and the dotted name that it stands for, if it is one.

    absolute: the dotted name comes from an import, and is looked up no further.
    """

    since: Position
    stands_for: str | None = None
    absolute: bool = False


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension, with the names that it binds."""

    kind: str
    parent: Scope | None = None
    bound: dict[str, list[Binding]] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)  # name -> "global" or "nonlocal"

    def bind(self, name: str, binding: Binding) -> None:
        """Give a name a meaning here."""
        self.bound.setdefault(name, []).append(binding)


@dataclass(frozen=True)
class Use:
    """A dotted name as it is written, such as `F.conv2d`, and where."""

    name: str
    scope: Scope
    at: Position


class Names:
    """The uses and bindings of a piece of code.

    Args:
        tree: the code.

    Attributes:
        uses: every dotted name that is read, each as long as it is written.
        methods: every name that comes after a dot, and every literal that `getattr` looks up.
        imported: every dotted name that an import statement names.
        stars: the modules of `from … import *`.
    """

    def __init__(self, tree: ast.Module):
        self.module = Scope("module")
        self.uses: list[Use] = []
        self.methods: set[str] = set()
        self.imported: set[str] = set()
        self.stars: set[str] = set()
        self._effects: dict[ast.Name, Binding] = {}
        todo = [(node, self.module) for node in reversed(tree.body)]
        while todo:
            node, scope = todo.pop()
            todo += reversed(list(self._visit(node, scope)))

    def meanings(self, use: Use) -> set[str] | None:
        """The dotted names that a use may stand for; None when the code gives the name a meaning of its own.

        A name that the code does not bind stands for itself.
        """
        found, own, todo, seen = set(), False, [(use.name, use.scope, use.at, False)], set()
        while todo:
            name, scope, at, absolute = todo.pop()
            if (name, scope, at) in seen:
                continue
            seen.add((name, scope, at))
            head, _, rest = name.partition(".")
            home, bindings = (None, []) if absolute else self._lookup(head, scope, at)
            if not bindings:
                found.add(name)
            for binding in bindings:
                own = own or binding.stands_for is None
                if binding.stands_for:
                    longer = binding.stands_for + (f".{rest}" if rest else "")
                    todo.append((longer, home, binding.since, binding.absolute))
        return found or (None if own else set())

    def free(self) -> set[str]:
        """The names that the code uses and does not define: built-ins among them, and modules that it imports."""
        return {name.split(".")[0] for use in self.uses for name in self.meanings(use) or ()}

    def _lookup(self, name: str, scope: Scope, at: Position) -> tuple[Scope | None, list[Binding]]:
        """Where a name is bound, and its meanings at a place. Code of the module holds from its line on."""
        at_once, here = True, scope
        while here is not None:
            word = here.declared.get(name)
            bindings = here.bound.get(name, [])
            if word == "global":
                return self._lookup(name, self.module, at if at_once else _LATER)
            visible = here is scope or here.kind != "class"
            if bindings and visible and not word:
                if here.kind in ("module", "class") and at_once:
                    bindings = [binding for binding in bindings if binding.since < at]
                return here, bindings
            at_once = at_once and here.kind != "function"
            here = here.parent
        return None, []

    def _visit(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        """Take note of one node; what is still to be looked at, and in which scope."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._function(node, scope)
            case ast.ClassDef():
                return self._class(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
                return iter(())
            case ast.Global() | ast.Nonlocal():
                scope.declared |= dict.fromkeys(node.names, type(node).__name__.lower())
                return iter(())
            case ast.Attribute() if (dotted := dotted_name(node)) is not None:
                self._chain(node, dotted, scope)
                return iter(())
        return self._plain(node, scope)

    def _plain(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        self._note_effects(node)
        match node:
            case ast.Name(ctx=ast.Load()):
                self.uses.append(Use(node.id, scope, _start(node)))
            case ast.Name():
                self._target(scope, node.id, self._effects.get(node, Binding(_start(node))))
            case ast.AugAssign(target=ast.Name()):
                self.uses.append(Use(node.target.id, scope, _start(node)))
            case ast.Attribute():
                self.methods.add(node.attr)
            case ast.ExceptHandler(name=str()) | ast.MatchAs(name=str()) | ast.MatchStar(name=str()):
                self._target(scope, node.name, Binding(_start(node)))
            case ast.MatchMapping(rest=str()):
                self._target(scope, node.rest, Binding(_start(node)))
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
                self.methods.add(name)
                dotted = dotted_name(owner)
                if dotted:
                    self.uses.append(Use(f"{dotted}.{name}", scope, _start(node)))
        return ((child, scope) for child in ast.iter_child_nodes(node))

    def _target(self, scope: Scope, name: str, binding: Binding) -> None:
        """Bind a name where an assignment puts it: past comprehensions, and where `global` or `nonlocal` say."""
        while scope.kind == "comprehension" and name not in scope.bound:
            scope = scope.parent
        word = scope.declared.get(name)
        if word == "global":  # when the function will be called, if ever, nobody knows
            scope, binding = self.module, Binding(_LATER, binding.stands_for, binding.absolute)
        elif word == "nonlocal":
            scope = next((s for s in _outer_functions(scope) if name in s.bound), scope)
        scope.bind(name, binding)

    def _note_effects(self, node: ast.AST) -> None:
        """An assignment's names hold from its end on, and may stand for the dotted name on its right."""
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            return
        end = (node.end_lineno, node.end_col_offset)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            names = [n for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            self._effects |= {name: Binding(end) for name in names}
            for name, value in assigned_pairs(target, node.value):
                if isinstance(name, ast.Name) and not isinstance(node, ast.AugAssign) and value is not None:
                    self._effects[name] = Binding(end, dotted_name(value))

    def _chain(self, node: ast.Attribute, dotted: str, scope: Scope) -> None:
        self.methods |= set(dotted.split(".")[1:])
        if isinstance(node.ctx, ast.Load):
            self.uses.append(Use(dotted, scope, _start(node)))
        else:  # F.x = 3 uses F
            self.uses.append(Use(dotted.rpartition(".")[0], scope, _start(node)))

    def _function(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        inner, args = Scope("function", scope), node.args
        names = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        for arg in filter(None, names):
            inner.bind(arg.arg, Binding(_start(node)))
        outside = [*args.defaults, *filter(None, args.kw_defaults), *[a.annotation for a in names if a]]
        if not isinstance(node, ast.Lambda):
            self._target(scope, node.name, Binding(_start(node)))
            outside += [*node.decorator_list, node.returns]
        yield from ((child, scope) for child in filter(None, outside))
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        yield from ((child, inner) for child in body)

    def _class(self, node: ast.ClassDef, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        self._target(scope, node.name, Binding((node.end_lineno, node.end_col_offset)))
        inner = Scope("class", scope)
        yield from ((child, scope) for child in [*node.bases, *node.keywords, *node.decorator_list])
        yield from ((child, inner) for child in node.body)

    def _comprehension(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        inner = Scope("comprehension", scope)
        for generator in node.generators:
            for name in ast.walk(generator.target):
                if isinstance(name, ast.Name):
                    inner.bind(name.id, Binding(_start(name)))
        first, *rest = node.generators
        yield first.iter, scope
        yield from ((child, inner) for child in [first.target, *first.ifs, *rest])
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        yield from ((child, inner) for child in values)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        at = _start(node)
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            self.stars |= {module for name in node.names if name.name == "*"}
            named = [(name, f"{module}.{name.name}".lstrip(".")) for name in node.names if name.name != "*"]
            for name, full in named:
                self._target(scope, name.asname or name.name, Binding(at, full, absolute=True))
            self.imported |= {full for _, full in named}
            return
        for name in node.names:
            short = name.asname or name.name.split(".")[0]
            self._target(scope, short, Binding(at, name.name if name.asname else short, absolute=True))
            self.imported.add(name.name)


def _outer_functions(scope: Scope) -> Iterator[Scope]:
    while scope.parent is not None:
        scope = scope.parent
        if scope.kind == "function":
            yield scope


def _start(node: ast.AST) -> Position:
    return (node.lineno, node.col_offset)
