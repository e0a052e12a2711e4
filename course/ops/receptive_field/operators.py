"""What the result of one of torch's operations has seen, from what its arguments have.

The axes of a field are those of the last dimensions of its tensor. What has no pixels any more, as behind a global
pooling, has seen everything, and so has whatever is computed from it.
"""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

from course.ops.receptive_field.axis import Axis
from course.ops.receptive_field.windows import WINDOWS

Field = tuple[Axis, ...]
Input = tuple[torch.Size, Field]  # of a tensor that depends on the image

# Operations that leave every pixel where it is, besides those that torch itself calls pointwise.
_PIXELWISE = {
    "detach", "clone", "_to_copy", "copy", "alias", "native_dropout", "contiguous", "lift_fresh", "channel_shuffle",
    "native_channel_shuffle", "hardswish", "hardsigmoid", "hardtanh", "elu", "leaky_relu", "gelu", "silu", "mish",
    "softplus", "prelu", "_prelu_kernel", "rrelu_with_noise", "_native_batch_norm_legit_no_training",
}  # fmt: skip
_VIEWS = {
    "view", "reshape", "_unsafe_view", "unsqueeze", "squeeze", "expand", "select", "unbind", "split", "transpose",
    "split_with_sizes", "chunk", "permute", "t",
}  # fmt: skip
_BATCH_NORMS = {"native_batch_norm", "cudnn_batch_norm", "_native_batch_norm_legit"}
_OTHER_NORMS = {"native_group_norm", "native_layer_norm"}
_SOFTMAX = {"_softmax", "_log_softmax"}
_REDUCTIONS = {
    "mean", "sum", "amax", "amin", "max", "min", "prod", "var", "std", "var_mean", "logsumexp", "argmax", "all", "any",
    "linalg_vector_norm", "norm",
}  # fmt: skip
_ELSE = "Ask for a part of the network before it, or measure with impulse_field."


def fields_after(func: torch._ops.OpOverload, args: tuple, inputs: list[Input], output: Tensor) -> Field:
    """What the pixels of an operation's result have seen.

    Args:
        func: the operation.
        args: its arguments.
        inputs: shape and field of each argument that depends on the image.
        output: its result, or the first of them.

    Raises:
        ValueError: an operation that moves pixels in a way that is not known here.

    Example:
        >>> relu, x = torch.ops.aten.relu.default, torch.ones(1, 1, 4, 4)
        >>> fields_after(relu, (x,), [(x.shape, (Axis(), Axis()))], x)[0].size
        1
    """
    name, (shape, field) = func._schema.name.removeprefix("aten::").rstrip("_"), inputs[0]
    if all(not axis.low for _, axes in inputs for axis in axes):
        return field
    if torch.Tag.pointwise in func.tags or name in _PIXELWISE:
        return _together(inputs, output)
    if name in ("cat", "stack"):
        return _stacked(name, args, inputs, output)
    if name in _REDUCTIONS | _SOFTMAX:
        return _reduced(name, args, shape, field, output)
    if name in _OTHER_NORMS or (name in _BATCH_NORMS and _by_its_own_statistics(args)):
        return tuple(axis.everywhere() for axis in field)
    if name in _BATCH_NORMS:
        return field
    if name in _VIEWS:
        return _viewed(name, args, shape, field, output)
    if name in WINDOWS:
        return WINDOWS[name](name, args, shape, field, output)
    raise ValueError(
        f"the network uses {name}; wanted convolutions, poolings, resizing, crops and what works on each pixel by "
        f"itself. {_ELSE}"
    )


def _together(inputs: list[Input], output: Tensor) -> Field:
    """A sum or a stack has seen what its parts have; a part that is spread over the map is seen by each pixel."""
    count = max(len(field) for _, field in inputs)
    spatial, fields = output.shape[-count:], []
    for shape, field in inputs:
        kept = shape[-count:] if len(shape) >= count else [None] * count
        fields.append(
            [a if size == wanted else a.whole() for a, size, wanted in zip(field, kept, spatial, strict=True)]
        )
    return tuple(reduce(Axis.joined, axes) for axes in zip(*fields, strict=True))


def _stacked(name: str, args: tuple, inputs: list[Input], output: Tensor) -> Field:
    dim = args[1] if len(args) > 1 else 0
    if dim % output.ndim >= output.ndim - len(inputs[0][1]):
        raise ValueError(
            f"the network puts maps side by side, {name} along dimension {dim}; wanted maps that are stacked as "
            f"channels. {_ELSE}"
        )
    return _together(inputs, output)


def _reduced(name: str, args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    """Over the channels nothing changes; over an axis of pixels everything has been seen."""
    position = 2 if name in ("linalg_vector_norm", "norm") else 1
    given = args[position] if len(args) > position else None
    dims = [given] if isinstance(given, int) else given or range(len(shape))
    over = {dim % len(shape) - (len(shape) - len(field)) for dim in dims} & set(range(len(field)))
    if name in _SOFTMAX:
        return tuple(axis.everywhere() if place in over else axis for place, axis in enumerate(field))
    if output.ndim < len(shape) and 0 < len(over) < len(field):
        raise ValueError(f"the network takes the {name} over one axis of a map; wanted it with keepdim=True. {_ELSE}")
    return tuple(axis.whole() if place in over else axis for place, axis in enumerate(field))


def _by_its_own_statistics(args: tuple) -> bool:
    """Whether a batch normalization keeps no statistics, as instance normalization: then it looks at the whole map."""
    return next(value for value in args if isinstance(value, bool))


def _viewed(name: str, args: tuple, shape: torch.Size, field: Field, output: Tensor) -> Field:
    """Pixels stay where they are, or the map is flattened for a dense layer, which sees all of it."""
    count = len(field)
    same = output.ndim >= count and output.shape[-count:] == shape[-count:]
    if same and not _swaps_pixels(name, args, shape, count):
        return field
    if output.ndim == 2 and name in ("view", "reshape", "_unsafe_view"):
        return tuple(axis.whole() for axis in field)
    raise ValueError(
        f"the network turns a map of {tuple(shape)} into {tuple(output.shape)} by {name}; wanted pixels that stay "
        f"where they are, or a map that is flattened for a dense layer. {_ELSE}"
    )


def _swaps_pixels(name: str, args: tuple, shape: torch.Size, count: int) -> bool:
    first = len(shape) - count
    if name == "transpose":
        return any(dim % len(shape) >= first for dim in args[1:3])
    return name == "t" or (
        name == "permute" and [d % len(shape) for d in args[1]][first:] != [*range(first, len(shape))]
    )
