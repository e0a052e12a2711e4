"""The right solution, wrapped so that it misbehaves in one named way: what no exercise may let pass.

A wrong answer is wrong in its own way; these are wrong in ways that every exercise shares. Each misbehavior computes
the right thing until its condition is met, and notes that it was (`fired`): one that applies to an exercise and never
fires has not been tested, and the audit says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.audit.calls import Call, Run, Seen, map_tensors, tensors_in


@dataclass(frozen=True)
class Misbehavior:
    """A named way to misbehave, and which exercises it can touch."""

    name: str
    run: Run
    applies: Callable[[Seen], bool]


def _in_place(call: Call) -> tuple[object, bool]:
    result = map_tensors(call.result(), lambda t: t.clone())
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
    return map_tensors(result, lambda t: t.detach()), any(t.requires_grad for t in tensors_in(result))


def _in_float32(call: Call) -> tuple[object, bool]:
    result = call.mapped(_rounded).result()
    fired = any(t.dtype == torch.float64 for t in [*call.tensors(), *tensors_in(result)])
    return map_tensors(result, _rounded), fired


def _rounded(t: Tensor) -> Tensor:
    return t.float().double() if t.dtype == torch.float64 else t


def _returns_float64(call: Call) -> tuple[object, bool]:
    result = call.result()
    fired = any(t.dtype == torch.float32 for t in tensors_in(result))
    return map_tensors(result, lambda t: t.double() if t.dtype == torch.float32 else t), fired


def _contiguous_only(call: Call) -> tuple[object, bool]:
    if all(tensor.is_contiguous() for tensor in call.tensors()):
        return call.result(), False
    raise _fired(RuntimeError("view size is not compatible with input tensor's size and stride"))


def _only_where(condition: Callable[[Tensor], Tensor]) -> Run:
    """A misbehavior that reads its floats, or whatever tensors it gets, through `condition`."""

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
    key = str(map_tensors([call.args, call.kwargs], lambda t: t.new_empty(0))) if not call.tensors() else ""
    key = tuple((tuple(t.shape), t.dtype) for t in call.tensors()) if call.tensors() else type(key)
    if key in call.memory:
        return map_tensors(call.memory[key], lambda t: t.clone()), True
    call.memory[key] = call.result()
    return call.memory[key], False


def _keeps(call: Call) -> tuple[object, bool]:
    call.memory.setdefault("kept", []).append([t.detach().clone() for t in call.tensors()])
    return call.result(), bool(call.tensors())


def _otherwise(training: bool) -> Run:
    def run(call: Call) -> tuple[object, bool]:
        result = call.result()
        if call.training is not training:
            return result, False
        return map_tensors(result, lambda t: 2 * t + 1 if t.is_floating_point() else t), True

    return run


def _in_a_byte(call: Call) -> tuple[object, bool]:
    result = call.result()
    whole = [t for t in tensors_in(result) if t.dtype == torch.int64]
    return map_tensors(result, lambda t: t % 256 if t.dtype == torch.int64 else t), any(
        (t % 256 != t).any() for t in whole
    )


def _floats(change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda t: change(t) if t.is_floating_point() else t


MISBEHAVIORS = (
    Misbehavior("changes an argument in place", _in_place, lambda seen: seen.arguments),
    Misbehavior("returns a detached result", _detached, lambda seen: seen.differentiable),
    Misbehavior("computes in float32", _in_float32, lambda seen: seen.floats),
    Misbehavior("returns float64", _returns_float64, lambda seen: seen.float_results),
    Misbehavior("refuses what is not contiguous", _contiguous_only, lambda seen: seen.sides),
    Misbehavior("is right for batch 1 only", _only_where(_first_of_batch), lambda seen: seen.batches),
    Misbehavior("is right unless taller than wide", _only_where(_without_rows), lambda seen: seen.sides),
    Misbehavior("is right unless wider than tall", _only_where(_without_columns), lambda seen: seen.sides),
    Misbehavior("loses negative numbers", _only_where(_floats(lambda t: t.clamp(min=0))), lambda seen: seen.floats),
    Misbehavior("cuts large numbers off", _only_where(_floats(lambda t: t.clamp(max=6))), lambda seen: seen.floats),
    Misbehavior("counts in a byte", _in_a_byte, lambda seen: seen.integer_results),
    Misbehavior("remembers its first call", _remembers, lambda seen: True),
    Misbehavior("keeps what it saw", _keeps, lambda seen: seen.tensors),
    Misbehavior("behaves otherwise in eval()", _otherwise(False), lambda seen: seen.module),
    Misbehavior("behaves otherwise in train()", _otherwise(True), lambda seen: seen.module),
)


def _fired(error: Exception) -> Exception:
    error.fired = True
    return error
