"""A solution's calls, noted or changed on their way: what misbehaviors stand on."""

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
        return list(tensors_in(self.values))

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Call:
        """The same call with every tensor changed."""
        kwargs = {key: map_tensors(value, change) for key, value in self.kwargs.items()}
        return Call(self.function, map_tensors(self.args, change), kwargs, self.memory, self.training)


@dataclass(frozen=True)
class Seen:
    """What the calls of an exercise's checks were like: whom a misbehavior can touch at all."""

    arguments: bool = False  # anything that a call could change
    tensors: bool = False
    floats: bool = False
    sides: bool = False  # a tensor with two axes or more
    batches: bool = False  # with three or more
    float_results: bool = False
    integer_results: bool = False
    differentiable: bool = False
    module: bool = False


Run = Callable[[Call], tuple[object, bool]]  # the result, and whether what was wanted has happened


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


def misbehaving(solution: object, run: Run, log: Log) -> object:
    """The solution, a function or a class, with each of its calls going through `run`.

    Args:
        solution: what the exercise defines.
        run: a misbehavior's.
        log: told of each call.
    """
    if not isinstance(solution, type):
        return _wrapped(solution, run, log, {})
    names = ["forward"] if issubclass(solution, nn.Module) else [n for n in vars(solution) if not n.startswith("_")]
    return type(solution.__name__, (solution,), {name: _method(getattr(solution, name), run, log) for name in names})


def _wrapped(function: Callable, run: Run, log: Log, memory: dict) -> Callable:
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return _go(Call(function, list(args), kwargs, memory), run, log)

    return wrapper


def _method(function: Callable, run: Run, log: Log) -> Callable:
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        memory = self.__dict__.setdefault("_memory", {})
        bound = functools.partial(function, self)
        return _go(Call(bound, list(args), kwargs, memory, getattr(self, "training", True)), run, log)

    return wrapper


def _go(call: Call, run: Run, log: Log) -> object:
    try:
        result, fired = run(call)
    except Exception as error:
        log.fired |= getattr(error, "fired", False)
        raise
    log.note(result, fired)
    return result


def recording(solution: object, log: Log) -> object:
    """The solution as it is; its calls are noted, so that one knows which misbehaviors apply."""

    def run(call: Call) -> tuple[object, bool]:
        result = call.result()
        tensors, results = call.tensors(), list(tensors_in(result))
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
            return any(t.requires_grad for t in tensors_in(learning.result()))
    except Exception:
        return False


def tensors_in(value: object) -> Iterator[Tensor]:
    """All tensors in a value, to any depth of lists, tuples and dicts."""
    if torch.is_tensor(value):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def map_tensors(value: object, change: Callable[[Tensor], Tensor]) -> object:
    """The value with every tensor in it changed."""
    if torch.is_tensor(value):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(map_tensors(item, change) for item in value)
    if isinstance(value, dict):
        return {key: map_tensors(item, change) for key, item in value.items()}
    return value
