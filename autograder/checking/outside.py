"""The student's side of a check: what a call sees, what it may not change, what it keeps.

Nothing here compares with an expected value, so that this file alone can stand where the student's code runs.
"""

from __future__ import annotations

import copy
import gc
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch


@dataclass
class Side:
    """What is noted about the student's code while checks call it.

    changed: the names of arguments that a call has changed. guard: stands around each call, such as `watching.Watch`.
    """

    changed: list[str] = field(default_factory=list)
    guard: AbstractContextManager = field(default_factory=nullcontext)


class FromOutside:
    """A student's object as it looks from another process: calls, attributes, plain values, detached tensors.

    The audit runs every check through this, so that one which breaks the contract is found before a class is graded.
    """

    def __init__(self, inner: object, side: Side | None = None):
        object.__setattr__(self, "_inner", inner)
        object.__setattr__(self, "_side", side or Side())

    def __call__(self, *args, **kwargs):
        """Call the object with copies, hand back a copy, and note which arguments are no longer what they were."""
        inner, side = inner_of(self), side_of(self)
        args, kwargs = [across(value) for value in args], {key: across(value) for key, value in kwargs.items()}
        before = across((args, kwargs))
        with side.guard, told(inner, before):
            result = inner(*args, **kwargs)
        note_changes(side, inner, before, (args, kwargs))
        return across(result, side)

    def __getattr__(self, name: str):
        return across(getattr(inner_of(self), name), side_of(self))


def inner_of(value: object) -> object:
    """The student's own object behind a `FromOutside`; anything else as it is."""
    return object.__getattribute__(value, "_inner") if isinstance(value, FromOutside) else value


def side_of(value: FromOutside) -> Side:
    """What has been noted about this object and about all that came out of it."""
    return object.__getattribute__(value, "_side")


def across(value: object, side: Side | None = None) -> object:
    """What is left of a value once it has gone through a pipe: a copy, with the same layout in memory."""
    if torch.is_tensor(value):
        return copy_of(value)
    if isinstance(value, np.generic):
        return value.item()  # before plain values: numpy's float64 is a float
    if isinstance(value, dict):
        return {key: across(item, side) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [across(item, side) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | torch.dtype | torch.Size):
        return value
    if isinstance(value, torch.Generator | torch.device | slice | FromOutside):
        return value
    return FromOutside(value, side)


def copy_of(tensor: torch.Tensor) -> torch.Tensor:
    """A detached copy with the same strides: a slice of something larger stays one."""
    tensor = tensor.detach()
    if tensor.layout is not torch.strided or tensor.is_contiguous() or tensor.is_meta:
        return tensor.clone()
    storage = tensor.untyped_storage().clone()
    return tensor.new_empty(0).set_(storage, tensor.storage_offset(), tensor.shape, tensor.stride())


def note_changes(side: Side, inner: object, before: tuple, after: tuple) -> None:
    """Write down the names of the arguments that a call has changed."""
    (args, kwargs), (new_args, new_kwargs) = before, after
    pairs = [*zip(_names(inner, len(args)), args, new_args, strict=True)]
    pairs += [(key, value, new_kwargs[key]) for key, value in kwargs.items()]
    side.changed += [name for name, old, new in pairs if not same(old, new) and name not in side.changed]


def same(first: object, second: object) -> bool:
    """Whether two values hold the same: tensors bit by bit, NaN equal to NaN; lists and dicts item by item."""
    if torch.is_tensor(first) and torch.is_tensor(second):
        if first.shape != second.shape or first.dtype != second.dtype:
            return False
        nan = first.isnan() & second.isnan() if first.is_floating_point() else torch.zeros_like(first, dtype=torch.bool)
        return bool(((first == second) | nan).all())
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, FromOutside) or torch.is_tensor(first) or torch.is_tensor(second):
        return first is second
    return first == second or (first != first and second != second)


@contextmanager
def told(inner: object, arguments: tuple[list, dict]) -> Iterator[None]:
    """Note on what a call raises what it was called with, for `raised`."""
    try:
        yield
    except Exception as error:
        args, kwargs = arguments
        pairs = [*zip(_names(inner, len(args)), args, strict=True), *kwargs.items()]
        error.called_with = ", ".join(f"{name} {_short(value)}" for name, value in pairs)
        raise


def raised(error: BaseException) -> str:
    """A sentence on what a student's code has raised, and in which call."""
    message = str(error).partition("\n")[0] or "no message"
    called = getattr(error, "called_with", "")
    return f"It raised {type(error).__name__}: {message}" + (f" (called with {called})" if called else "")


def _short(value: object) -> str:
    if torch.is_tensor(value):
        dtype = "" if value.dtype == torch.float32 else f" {value.dtype}".replace("torch.", "")
        return f"{tuple(value.shape)}{dtype}"
    return repr(value) if isinstance(value, int | float | str | tuple) else f"a {type(inner_of(value)).__name__}"


def _names(inner: object, count: int) -> list[str]:
    """What the student calls the first `count` arguments."""
    target = inner.forward if isinstance(inner, torch.nn.Module) else inner
    try:
        parameters = [p for p in inspect.signature(target).parameters.values() if p.kind is not p.VAR_KEYWORD]
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
    return [names[i] if i < len(names) else f"argument {i + 1}" for i in range(count)]


def backward(
    function: Callable, args: list, kwargs: dict, wrt: int | str, guard: AbstractContextManager
) -> torch.Tensor | list[torch.Tensor] | None:
    """Gradient of the sum of all that a call returns, or None where none arrives; a list for a list of tensors.

    Args:
        function: the student's own function or module.
        args, kwargs: copies that it may keep.
        wrt: the place of an argument, or the name of one of a module's parameters.
        guard: stands around the call; the way back is not the student's.
    """
    several = not isinstance(wrt, str) and isinstance(args[wrt], list | tuple)
    if isinstance(wrt, str):
        starts = [dict(function.named_parameters())[wrt]]
    else:
        starts = [start.requires_grad_() for start in (args[wrt] if several else [args[wrt]])]
        copies = [
            start.clone() for start in starts
        ]  # an answer may work in place: torch forbids it on the start itself
        args[wrt] = type(args[wrt])(copies) if several else copies[0]
    found = _gradients(function, args, kwargs, starts, guard)
    if any(gradient is None for gradient in found):
        return None
    return found if several else found[0]


def learned_numbers(module: torch.nn.Module) -> int:
    """How many numbers of a module have a gradient."""
    return sum(value.numel() for value in module.parameters() if value.requires_grad)


def idle_parameters(module: torch.nn.Module, args: list, guard: AbstractContextManager) -> list[str]:
    """Names of a module's parameters that could learn and get no gradient from a call, or 0 everywhere.

    Args:
        module: the student's own.
        args: copies that it may keep.
        guard: stands around the call.
    """
    learning = {name: value for name, value in module.named_parameters() if value.requires_grad}
    found = _gradients(module, args, {}, list(learning.values()), guard)
    return [name for name, gradient in zip(learning, found, strict=True) if gradient is None or not gradient.any()]


def _gradients(
    function: Callable, args: list, kwargs: dict, starts: list[torch.Tensor], guard: AbstractContextManager
) -> list[torch.Tensor | None]:
    try:
        with guard, told(function, (args, kwargs)):
            got = function(*args, **kwargs)
    except RuntimeError as error:
        if "numpy()" in str(error):  # torch's own advice would be to detach
            return [None] * len(starts)
        raise
    results = got if isinstance(got, list | tuple) else [got]
    ends = [result.sum() for result in results if torch.is_tensor(result) and result.requires_grad]
    if not starts or not ends or not all(start.requires_grad for start in starts):
        return [None] * len(starts)
    return list(torch.autograd.grad(sum(ends), starts, allow_unused=True))


def kept_bytes(call: Callable[[], object], times: int = 3) -> int:
    """Bytes of tensors that are alive after `times` more calls and were not after the first two.

    A result that is handed out does not count, nor what a first call may well set up, such as a table it needs.
    """
    gc.freeze()  # what is there already is neither collected nor counted: this makes each count quick
    try:
        for _ in range(2):
            call()
        before = _live_bytes()
        for _ in range(times):
            call()
        return max(0, _live_bytes() - before)
    finally:
        gc.unfreeze()


def _live_bytes() -> int:
    gc.collect()
    tensors = [thing for thing in gc.get_objects() if type(thing) is torch.Tensor]
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors if tensor.layout is torch.strided)


def twin(value: object) -> object:
    """A student's object once more, as it is now: a deep copy on its own side, seen from outside."""
    return FromOutside(copy.deepcopy(inner_of(value)), side_of(value)) if isinstance(value, FromOutside) else value
