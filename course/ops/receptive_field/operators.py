"""What the result of one of torch's operations has seen, from what its arguments have."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import torch
from torch import Tensor

from course.ops.receptive_field.axis import Axis

Field = tuple[Axis, ...]
Input = tuple[torch.Size, Field]  # of a tensor that depends on the image

# Operations that leave every pixel where it is, besides those that torch itself calls pointwise.
_IN_PLACE = {
    "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training", "cudnn_batch_norm",
    "detach", "clone", "_to_copy", "alias", "native_dropout", "contiguous", "lift_fresh", "cat", "stack", "empty_like",
    "_softmax", "_log_softmax", "hardswish", "hardsigmoid", "hardtanh", "elu", "leaky_relu", "gelu", "silu", "mish",
    "softplus", "prelu", "_prelu_kernel", "rrelu_with_noise",
}  # fmt: skip
_TAPS = {"nearest": 1, "linear": 2, "bilinear": 2, "trilinear": 2, "bicubic": 4}


def fields_after(func: torch._ops.OpOverload, args: tuple, inputs: list[Input], output: Tensor) -> Field:
    """What the pixels of an operation's result have seen.

    Args:
        func: the operation.
        args: its arguments.
        inputs: shape and field of each argument that depends on the image.
        output: its result.

    Raises:
        ValueError: an operation that moves pixels in a way that is not known here.
    """
    name, (shape, field) = func._schema.name.removeprefix("aten::").rstrip("_"), inputs[0]
    axes = len(field)
    if name == "convolution":
        return _convolved(args, field)
    if "pool" in name:
        return _pooled(name, args, shape, field, output)
    if name.startswith(("upsample_", "_upsample_")):
        return _upsampled(name, args, shape, field, output)
    if name in ("constant_pad_nd", "reflection_pad2d", "replication_pad2d", "reflection_pad1d"):
        starts = list(args[1])[0 : 2 * axes : 2][::-1]  # torch counts from the last axis
        starts = [0] * (axes - len(starts)) + starts
        return tuple(axis.moved(-start) for axis, start in zip(field, starts, strict=True))
    if name in ("slice", "narrow"):
        return _cut(args, shape, field)
    if name == "pixel_shuffle":
        factor = args[1]
        return tuple(axis.read(factor, 1, lambda pixel, f=factor: (pixel // f,)) for axis in field)
    if name in ("mean", "sum", "amax", "max", "linalg_vector_norm") and output.shape != shape:
        return _reduced(shape, field, output)
    if torch.Tag.pointwise in func.tags or name in _IN_PLACE:
        return _together(inputs)
    if name in ("view", "reshape", "_unsafe_view", "unsqueeze", "squeeze", "expand", "select"):
        return _reshaped(name, shape, field, output)
    if name in ("addmm", "mm", "t", "linear", "bmm"):
        return field if all(not axis.low or axis.step == 0 for axis in field) else tuple(a.whole() for a in field)
    raise ValueError(
        f"the network uses {name}; wanted convolutions, poolings, resizing, crops and what works on each pixel by "
        "itself. Ask for a module before it with `at`, or measure with effective_field."
    )


def _convolved(args: tuple, field: Field) -> Field:
    _, weight, _, stride, padding, dilation, transposed, *_ = args
    ways = zip(field, weight.shape[2:], *(_each(v, len(field)) for v in (stride, padding, dilation)), strict=True)
    return tuple(
        axis.transposed(k, s, p, d) if transposed else axis.window(k, s, p, d) for axis, k, s, p, d in ways
    )


def _pooled(name: str, args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    if "adaptive" in name:
        sizes = zip(field, shape[-len(field) :], output.shape[-len(field) :], strict=True)
        return tuple(_adaptive(axis, before, after) for axis, before, after in sizes)
    given = [args[i] if len(args) > i else None for i in range(1, 5)]
    kernel, stride, padding, dilation = given[0], given[1] or given[0], given[2] or 0, given[3] or 1
    dilation = 1 if name.startswith("avg") else dilation  # avg_pool's next argument is ceil_mode
    ways = zip(field, *(_each(v, len(field)) for v in (kernel, stride, padding, dilation)), strict=True)
    return tuple(axis.window(k, s, p, d) for axis, k, s, p, d in ways)


def _adaptive(axis: Axis, before: int, after: int) -> Axis:
    """Bin i of an adaptive pooling reads pixels floor(i before / after) to ceil((i + 1) before / after) - 1."""
    if after == 1:
        return axis.whole()
    if after == before:
        return axis
    ratio = Fraction(before, after)
    return axis.read(
        ratio.denominator, ratio.numerator, lambda i: (int(i * ratio // 1), int(-((-(i + 1) * ratio) // 1)) - 1)
    )


def _upsampled(name: str, args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    taps = next(count for kind, count in _TAPS.items() if kind in name)
    taps = 2 if "bilinear" in name else taps
    aligned = taps > 1 and bool(args[2])
    axes = []
    for axis, before, after in zip(field, shape[-len(field) :], output.shape[-len(field) :], strict=True):
        factor = Fraction(max(1, after - 1), max(1, before - 1)) if aligned else Fraction(after, before)
        axes.append(axis if before == after or not axis.low else axis.resized(factor, taps, aligned))
    return tuple(axes)


def _cut(args: tuple, shape: torch.Size, field: Field) -> Field:
    dim = args[1] if len(args) > 1 else 0
    start = (args[2] if len(args) > 2 else 0) or 0
    step = args[4] if len(args) > 4 else 1
    place = dim % len(shape) - (len(shape) - len(field))
    if place < 0:
        return field
    start = max(0, start + shape[dim]) if start < 0 else start
    axis = field[place].read(1, step, lambda pixel: (start + pixel * step,))
    return (*field[:place], axis, *field[place + 1 :])


def _reduced(shape: torch.Size, field: Field, output: Tensor) -> Field:
    """Over the channels nothing changes; over the pixels everything has been seen."""
    kept = output.ndim == len(shape) and output.shape[-len(field) :] == shape[-len(field) :]
    return field if kept else tuple(axis.whole() for axis in field)


def _reshaped(name: str, shape: torch.Size, field: Field, output: Tensor) -> Field:
    """Flattening a map for a dense layer: the layer sees all that the first to the last pixel have."""
    spatial = shape[-len(field) :]
    if output.shape[-len(field) :] == spatial and output.ndim >= len(field):
        return field
    if all(axis.unbounded and not axis.low for axis in field):
        return field
    if output.ndim == 2 and name in ("view", "reshape", "_unsafe_view"):
        ends = [(axis.at(0)[0], axis.at(length - 1)[1]) for axis, length in zip(field, spatial, strict=True)]
        unbounded = [axis.unbounded for axis in field]
        return tuple(Axis((low,), (high,), 0, u) for (low, high), u in zip(ends, unbounded, strict=True))
    raise ValueError(
        f"the network reshapes a map of {tuple(shape)} to {tuple(output.shape)}; wanted pixels that stay where they "
        "are, or a map that is flattened for a dense layer. Ask for a module before it with `at`."
    )


def _together(inputs: list[Input]) -> Field:
    """A sum or a stack has seen what its parts have; a part of one pixel is spread over the whole map."""
    largest = max(inputs, key=lambda one: one[0].numel())[1]
    fields = [field for _, field in inputs]
    return tuple(reduce(Axis.joined, axes, axis) for axis, axes in zip(largest, zip(*fields, strict=True), strict=True))


def _each(value: int | Sequence[int], count: int) -> list[int]:
    values = [value] * count if isinstance(value, int) else list(value)
    return values * count if len(values) == 1 else values
