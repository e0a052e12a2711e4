"""What operations that read windows of a map have seen: convolution, pooling, resizing, padding, crops, shuffles.

Each rule takes the operation's name, its arguments, the shape and the field of the map that it reads, and its result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import torch
from torch import Tensor

from course.ops.receptive_field.axis import Axis

Field = tuple[Axis, ...]


def _convolved(_name: str, args: tuple, _shape: torch.Size, field: Field, _output: Tensor) -> Field:
    _, weight, _, stride, padding, dilation, transposed, *_ = args
    ways = zip(field, weight.shape[2:], *(_each(v, len(field)) for v in (stride, padding, dilation)), strict=True)
    return tuple(axis.transposed(k, s, p, d) if transposed else axis.window(k, s, p, d) for axis, k, s, p, d in ways)


def _pooled(name: str, args: tuple, _shape: torch.Size, field: Field, _output: Tensor) -> Field:
    kernel, stride, padding, dilation = (args[i] if len(args) > i else None for i in range(1, 5))
    dilation = 1 if name.startswith("avg") else dilation  # avg_pool's next argument is ceil_mode
    settings = (kernel, stride or kernel, padding or 0, dilation or 1)
    ways = zip(field, *(_each(value, len(field)) for value in settings), strict=True)
    return tuple(axis.window(k, s, p, d) for axis, k, s, p, d in ways)


def _adaptively_pooled(_name: str, _args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    """Bin i of an adaptive pooling reads pixels floor(i before / after) to ceil((i + 1) before / after) - 1."""

    def pooled(axis: Axis, before: int, after: int) -> Axis:
        if after == 1:
            return axis.whole()
        ratio = Fraction(before, after)
        return axis.read(
            ratio.denominator, ratio.numerator, lambda i: range(i * before // after, -(-(i + 1) * before // after))
        )

    return _along(pooled, field, shape, output)


def _unpooled(_name: str, _args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    """The value of a window may stand in any of its pixels."""
    return _along(lambda axis, before, after: axis.repeated(Fraction(after, before)), field, shape, output)


def _resized(name: str, args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    nearest, taps = "nearest" in name, 4 if "bicubic" in name else 2
    aligned = not nearest and bool(args[2])

    def resized(axis: Axis, before: int, after: int) -> Axis:
        if before == after:
            return axis
        if name.endswith("_aa") and after < before:
            raise ValueError(
                f"the network shrinks a map from {before} to {after} pixels with antialiasing; wanted it without. "
                "Measure with impulse_field."
            )
        if nearest:
            return axis.repeated(Fraction(after, before), Fraction("exact" in name) / 2)
        factor = Fraction(max(1, after - 1), max(1, before - 1)) if aligned else Fraction(after, before)
        return axis.interpolated(factor, taps, aligned)

    return _along(resized, field, shape, output)


def _padded(_name: str, args: tuple, _shape: torch.Size, field: Field, _output: Tensor) -> Field:
    starts = list(args[1])[0 : 2 * len(field) : 2][::-1]  # torch counts from the last axis
    starts = [0] * (len(field) - len(starts)) + starts
    return tuple(axis.moved(-start) for axis, start in zip(field, starts, strict=True))


def _cut(_name: str, args: tuple, shape: torch.Size, field: Field, _output: Tensor) -> Field:
    dim, start, _, step = (args[i] if len(args) > i else None for i in range(1, 5))
    place = (dim or 0) % len(shape) - (len(shape) - len(field))
    if place < 0:
        return field
    start, step = start or 0, step or 1
    start = max(0, start + shape[dim]) if start < 0 else start
    axis = field[place].read(1, step, lambda pixel: [start + pixel * step])
    return (*field[:place], axis, *field[place + 1 :])


def _shuffled(name: str, args: tuple, _shape: torch.Size, field: Field, _output: Tensor) -> Field:
    factor = args[1]
    if name == "pixel_shuffle":
        return tuple(axis.repeated(Fraction(factor)) for axis in field)
    return tuple(axis.window(factor, factor) for axis in field)


def _along(way: Callable[[Axis, int, int], Axis], field: Field, shape: torch.Size, output: Tensor) -> Field:
    """Each axis by its own way, which is told the pixels before and after; what is global stays so."""
    sizes = zip(field, shape[-len(field) :], output.shape[-len(field) :], strict=True)
    return tuple(way(axis, before, after) if axis.low else axis for axis, before, after in sizes)


def _each(value: int | Sequence[int], count: int) -> list[int]:
    values = [value] * count if isinstance(value, int) else list(value)
    return values * count if len(values) == 1 else values


WINDOWS = {
    "convolution": _convolved,
    "constant_pad_nd": _padded,
    "slice": _cut,
    "narrow": _cut,
    "pixel_shuffle": _shuffled,
    "pixel_unshuffle": _shuffled,
    "max_unpool2d": _unpooled,
    "max_pool2d_with_indices": _pooled,
    "upsample_linear1d": _resized,
    **{f"{kind}_pool{n}d": _pooled for kind in ("avg", "max") for n in (1, 2)},
    **{f"{way}adaptive_{kind}_pool2d": _adaptively_pooled for way in ("", "_") for kind in ("avg", "max")},
    **{f"{kind}_pad{n}d": _padded for kind in ("reflection", "replication") for n in (1, 2)},
    **{f"upsample_nearest{n}d": _resized for n in (1, 2)},
    **{f"_upsample_nearest_exact{n}d": _resized for n in (1, 2)},
    **{f"upsample_{kind}2d": _resized for kind in ("bilinear", "bicubic")},
    **{f"_upsample_{kind}2d_aa": _resized for kind in ("bilinear", "bicubic")},
}
