"""The receptive field that a network's layers allow, for any network that can run without numbers.

The network runs once on an image without content (torch's meta device). Each operation that torch carries out on the
way tells which pixels its result has seen, so branches, skips and crops need no special care: a sum has seen what its
parts have. Batch normalization counts as in evaluation mode; in training mode it would see the whole batch.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from course.ops.receptive_field.axis import Axis
from course.ops.receptive_field.operators import fields_after

Field = tuple[Axis, ...]  # one axis each, (h, w) for an image

_EMPTY = ("_like", "new_zeros", "new_empty", "new_ones", "new_full")  # they take a shape alone


def receptive_fields(
    model: nn.Module,
    size: Sequence[int] = (256, 256),
    *,
    at: Sequence[str] = (),
    in_channels: int = 3,
) -> dict[str, Field]:
    """What the pixels of a network's maps see of its input, by the recurrence over its layers.

    Args:
        model: images (1, in_channels, *size) -> any tensors; it is not changed.
        size: (h, w) of the image that it runs on, (length,) of a signal. The field does not depend on it, except
            through adaptive pooling; a multiple of all strides is safe.
        at: names of modules, as `model.named_modules()` has them, whose results are wanted besides the output; where
            a module runs several times, its last result.
        in_channels: of the image.

    Returns:
        {name: (axis of h, axis of w)}: the modules of `at`, and "output", for the first tensor that each returns.
        `axis.size` is the receptive field in pixels, `axis.stride` and `axis.offset` say where a map's pixels lie;
        `axis.unbounded` is True behind a global branch (image pooling, squeeze-and-excitation, dense layers): then
        `size` is that of the local branch alone, 0 where there is none.

    Raises:
        ValueError: no such module, a network that cannot run without numbers, or a result that needs an operation whose
            reach is not known.

    Example:
        >>> three = nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=d, padding=d) for d in (1, 2, 4)))
        >>> fields = receptive_fields(three, in_channels=1, at=("0", "1"))
        >>> [field[0].size for field in fields.values()]
        [3, 7, 15]

    Source: Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks, Distill 2019,
    doi:10.23915/distill.00021.
    """
    model = _without_numbers(model).eval()
    modules, found = dict(model.named_modules()), {}
    unknown = [name for name in at if name not in modules]
    if unknown:
        raise ValueError(f"at is {list(at)}; wanted names of modules. There is no {unknown[0]!r}.")
    for name in at:
        modules[name].register_forward_hook(lambda _module, _args, out, name=name: found.update({name: out}))
    watch = _Watch()
    image = torch.empty(1, in_channels, *size, device="meta")
    watch.seen[image] = tuple(Axis() for _ in size)
    try:
        with torch.no_grad(), watch:
            found["output"] = model(image)
    except (NotImplementedError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"{type(model).__name__} cannot run on an image of {tuple(image.shape)} without numbers; wanted a network "
            "that looks at shapes alone. Give another size or the part of it that does, or measure with impulse_field. "
            f"torch says: {str(error).splitlines()[0]}"
        ) from error
    return {name: watch.field_of(name, result) for name, result in found.items()}


def _without_numbers(model: nn.Module) -> nn.Module:
    """A copy of a network whose tensors have shapes alone, so that no weight is copied."""
    memo: dict[int, object] = {id(buffer): buffer.to("meta") for buffer in model.buffers()}
    memo |= {id(p): nn.Parameter(p.detach().to("meta"), p.requires_grad) for p in model.parameters()}
    return copy.deepcopy(model, memo)


class _Watch(TorchDispatchMode):
    """Follows every tensor that depends on the image: what its pixels have seen, or why that is unknown."""

    def __init__(self):
        super().__init__()
        self.seen: WeakTensorKeyDictionary = WeakTensorKeyDictionary()

    def __torch_dispatch__(
        self, func: torch._ops.OpOverload, types: tuple, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        before = args[0] if args and isinstance(args[0], Tensor) else None
        known = self.seen.get(before) if before is not None else None
        result = func(*args, **(kwargs or {}))
        inputs = [tensor for tensor in _tensors((args, kwargs)) if tensor in self.seen]
        outputs = _tensors(result)
        if inputs and outputs and not func._schema.name.endswith(_EMPTY):
            seen = self._after(func, args, inputs, outputs[0])
            for output in outputs:
                self.seen[output] = seen
            if outputs[0] is before and seen != known and before._is_view():
                self.seen[before._base] = ValueError(
                    "the network writes into a part of a map; wanted maps that are made whole. Ask for a part of the "
                    "network before it, or measure with impulse_field."
                )
        return result

    def _after(
        self, func: torch._ops.OpOverload, args: tuple, inputs: list[Tensor], output: Tensor
    ) -> Field | ValueError:
        seen = [(tensor.shape, self.seen[tensor]) for tensor in inputs]
        unknown = [reason for _, reason in seen if isinstance(reason, ValueError)]
        try:
            return unknown[0] if unknown else fields_after(func, args, seen, output)
        except ValueError as error:  # it counts only where a result that is asked for depends on it
            return error

    def field_of(self, name: str, result: object) -> Field:
        tensors = _tensors(result)
        if not tensors:
            raise ValueError(f"{name} is a {type(result).__name__}; wanted a tensor, or what holds one.")
        if tensors[0] not in self.seen:
            raise ValueError(f"{name} does not depend on the image; wanted a map that does.")
        seen = self.seen[tensors[0]]
        if isinstance(seen, ValueError):
            raise seen
        return seen


def _tensors(values: object) -> list[Tensor]:
    if isinstance(values, Tensor):
        return [values]
    if isinstance(values, dict):
        values = list(values.values())
    return [tensor for value in values for tensor in _tensors(value)] if isinstance(values, list | tuple) else []
