"""The right solution, wrapped so that it misbehaves in one named way: what no exercise may let pass.

A wrong answer is wrong in its own way; these are wrong in ways that every exercise shares. Each misbehaviour computes
the right thing until its condition is met, and notes that it was (`fired`): one that applies to an exercise and never
fires has not been tested, and the audit says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@dataclass
class Call:
    """One call: of what, with what, and what an earlier call left behind."""

    function: Callable
    args: list
    kwargs: dict
    memory: dict
    training: bool = True

    def result(self) -> object:
        """The right result."""
        return self.function(*self.args, **self.kwargs)

    @property
    def values(self) -> list:
        """All arguments."""
        return [*self.args, *self.kwargs.values()]

    def tensors(self) -> list[Tensor]:
        """All tensors among the arguments, those in lists too."""
        return list(_tensors(self.values))

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Call:
        """The same call with every tensor changed."""
        kwargs = {key: _map(value, change) for key, value in self.kwargs.items()}
        return Call(self.function, _map(self.args, change), kwargs, self.memory, self.training)


@dataclass(frozen=True)
class Seen:
    """What the calls of an exercise's checks were like: whom a misbehaviour can touch at all."""

    arguments: bool = False  # anything that a call could change
    tensors: bool = False
    floats: bool = False
    sides: bool = False  # a tensor with two axes or more
    batches: bool = False  # with three or more
    float_results: bool = False
    integer_results: bool = False
    differentiable: bool = False
    module: bool = False


Misbehave = Callable[[Call], tuple[object, bool]]  # the result, and whether the misbehaviour has fired


@dataclass(frozen=True)
class Misbehaviour:
    """A named way to misbehave, and which exercises it can touch."""

    name: str
    run: Misbehave
    applies: Callable[[Seen], bool]


def _in_place(call: Call) -> tuple[object, bool]:
    result = _map(call.result(), lambda t: t.clone())
    for value in call.values:
        if isinstance(value, list) and value and not torch.is_tensor(value[0]):
            value.append(value.pop(0))
            if len(value) == 1:
                value.pop()
            return result, True
    for tensor in call.tensors()[:1]:
        with torch.no_grad():
            tensor.logical_not_() if tensor.dtype == torch.bool else tensor.add_(1)
        return result, True
    return result, False


def _detached(call: Call) -> tuple[object, bool]:
    result = call.result()
    return _map(result, lambda t: t.detach()), any(t.requires_grad for t in _tensors(result))


def _in_float32(call: Call) -> tuple[object, bool]:
    result = call.mapped(_rounded).result()
    fired = any(t.dtype == torch.float64 for t in [*call.tensors(), *_tensors(result)])
    return _map(result, _rounded), fired


def _rounded(t: Tensor) -> Tensor:
    return t.float().double() if t.dtype == torch.float64 else t


def _returns_float64(call: Call) -> tuple[object, bool]:
    result = call.result()
    fired = any(t.dtype == torch.float32 for t in _tensors(result))
    return _map(result, lambda t: t.double() if t.dtype == torch.float32 else t), fired


def _contiguous_only(call: Call) -> tuple[object, bool]:
    if all(tensor.is_contiguous() for tensor in call.tensors()):
        return call.result(), False
    raise _fired(RuntimeError("view size is not compatible with input tensor's size and stride"))


def _only_where(condition: Callable[[Tensor], Tensor]) -> Misbehave:
    """A misbehaviour that reads its floats, or whatever tensors it gets, through `condition`."""

    def run(call: Call) -> tuple[object, bool]:
        changed = call.mapped(condition)
        fired = any(not torch.equal(a, b) for a, b in zip(call.tensors(), changed.tensors(), strict=True))
        return (changed if fired else call).result(), fired

    return run


def _first_of_batch(t: Tensor) -> Tensor:
    return t[:1].expand_as(t).clone() if t.ndim >= 3 and len(t) > 1 else t


def _without_rows(t: Tensor) -> Tensor:
    return _cut(t, t.shape[-1], None) if t.ndim >= 2 and t.shape[-2] > t.shape[-1] else t


def _without_columns(t: Tensor) -> Tensor:
    return _cut(t, None, t.shape[-2]) if t.ndim >= 2 and t.shape[-1] > t.shape[-2] else t


def _cut(t: Tensor, rows: int | None, columns: int | None) -> Tensor:
    """Zeros beyond the first rows or columns."""
    kept = torch.zeros_like(t)
    kept[..., :rows, :columns] = t[..., :rows, :columns]
    return kept


def _remembers(call: Call) -> tuple[object, bool]:
    key = str(_map([call.args, call.kwargs], lambda t: t.new_empty(0))) if not call.tensors() else ""
    key = tuple((tuple(t.shape), t.dtype) for t in call.tensors()) if call.tensors() else type(key)
    if key in call.memory:
        return _map(call.memory[key], lambda t: t.clone()), True
    call.memory[key] = call.result()
    return call.memory[key], False


def _keeps(call: Call) -> tuple[object, bool]:
    call.memory.setdefault("kept", []).append([t.detach().clone() for t in call.tensors()])
    return call.result(), bool(call.tensors())


def _otherwise(training: bool) -> Misbehave:
    def run(call: Call) -> tuple[object, bool]:
        result = call.result()
        if call.training is not training:
            return result, False
        return _map(result, lambda t: 2 * t + 1 if t.is_floating_point() else t), True

    return run


def _in_a_byte(call: Call) -> tuple[object, bool]:
    result = call.result()
    whole = [t for t in _tensors(result) if t.dtype == torch.int64]
    return _map(result, lambda t: t % 256 if t.dtype == torch.int64 else t), any((t % 256 != t).any() for t in whole)


def _floats(change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda t: change(t) if t.is_floating_point() else t


MISBEHAVIOURS = (
    Misbehaviour("changes an argument in place", _in_place, lambda seen: seen.arguments),
    Misbehaviour("returns a detached result", _detached, lambda seen: seen.differentiable),
    Misbehaviour("computes in float32", _in_float32, lambda seen: seen.floats),
    Misbehaviour("returns float64", _returns_float64, lambda seen: seen.float_results),
    Misbehaviour("refuses what is not contiguous", _contiguous_only, lambda seen: seen.sides),
    Misbehaviour("is right for batch 1 only", _only_where(_first_of_batch), lambda seen: seen.batches),
    Misbehaviour("is right unless taller than wide", _only_where(_without_rows), lambda seen: seen.sides),
    Misbehaviour("is right unless wider than tall", _only_where(_without_columns), lambda seen: seen.sides),
    Misbehaviour("loses negative numbers", _only_where(_floats(lambda t: t.clamp(min=0))), lambda seen: seen.floats),
    Misbehaviour("cuts large numbers off", _only_where(_floats(lambda t: t.clamp(max=6))), lambda seen: seen.floats),
    Misbehaviour("counts in a byte", _in_a_byte, lambda seen: seen.integer_results),
    Misbehaviour("remembers its first call", _remembers, lambda seen: True),
    Misbehaviour("keeps what it saw", _keeps, lambda seen: seen.tensors),
    Misbehaviour("behaves otherwise in eval()", _otherwise(False), lambda seen: seen.module),
    Misbehaviour("behaves otherwise in train()", _otherwise(True), lambda seen: seen.module),
)


@dataclass
class Log:
    """What happened to a wrapped solution while checks called it."""

    fired: bool = False
    calls: list[Seen] = field(default_factory=list)

    def note(self, _result: object, fired: bool) -> None:
        """A call is over."""
        self.fired |= fired

    @property
    def seen(self) -> Seen:
        """All calls together."""
        names = Seen.__dataclass_fields__
        return Seen(**{name: any(getattr(call, name) for call in self.calls) for name in names})


def misbehaving(solution: object, run: Misbehave, log: Log) -> object:
    """The solution, a function or a class, with each of its calls going through `run`.

    Args:
        solution: what the exercise defines.
        run: a misbehaviour's.
        log: told of each call.
    """
    if not isinstance(solution, type):
        return _wrapped(solution, run, log, {})
    names = ["forward"] if issubclass(solution, nn.Module) else [n for n in vars(solution) if not n.startswith("_")]
    return type(solution.__name__, (solution,), {name: _method(getattr(solution, name), run, log) for name in names})


def _wrapped(function: Callable, run: Misbehave, log: Log, memory: dict) -> Callable:
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return _go(Call(function, list(args), kwargs, memory), run, log)

    return wrapper


def _method(function: Callable, run: Misbehave, log: Log) -> Callable:
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        memory = self.__dict__.setdefault("_memory", {})
        bound = functools.partial(function, self)
        return _go(Call(bound, list(args), kwargs, memory, getattr(self, "training", True)), run, log)

    return wrapper


def _go(call: Call, run: Misbehave, log: Log) -> object:
    try:
        result, fired = run(call)
    except Exception as error:
        log.fired |= getattr(error, "fired", False)
        raise
    log.note(result, fired)
    return result


def recording(solution: object, log: Log) -> object:
    """The solution as it is; its calls are noted, so that one knows which misbehaviours apply."""

    def run(call: Call) -> tuple[object, bool]:
        result = call.result()
        tensors, results = call.tensors(), list(_tensors(result))
        log.calls.append(
            Seen(
                arguments=bool(tensors) or any(isinstance(v, list | dict) and v for v in call.values),
                tensors=bool(tensors),
                floats=any(t.is_floating_point() for t in tensors),
                sides=any(t.ndim >= 2 for t in tensors),
                batches=any(t.ndim >= 3 for t in tensors),
                float_results=any(t.dtype == torch.float32 for t in results),
                integer_results=any(t.dtype == torch.int64 for t in results),
                differentiable=any(t.requires_grad for t in results) or _leads_back(call),
                module=isinstance(getattr(call.function, "args", (None,))[0], nn.Module),
            )
        )
        return result, False

    return misbehaving(solution, run, log)


def _leads_back(call: Call) -> bool:
    """Whether a gradient would come back from the result to some argument."""
    try:
        learning = call.mapped(lambda t: t.detach().clone().requires_grad_(t.is_floating_point()))
        with torch.enable_grad():
            return any(t.requires_grad for t in _tensors(learning.result()))
    except Exception:
        return False


def _fired(error: Exception) -> Exception:
    error.fired = True
    return error


def _tensors(value: object) -> Iterator[Tensor]:
    if torch.is_tensor(value):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _map(value: object, change: Callable[[Tensor], Tensor]) -> object:
    if torch.is_tensor(value):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(_map(item, change) for item in value)
    if isinstance(value, dict):
        return {key: _map(item, change) for key, item in value.items()}
    return value
