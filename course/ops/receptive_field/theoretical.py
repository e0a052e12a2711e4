"""The receptive field that a network's layers allow, for any network that can run without numbers.

The network runs once on an image without content (torch's meta device). Each operation that torch carries out on the
way tells which pixels its result has seen, so branches, skips and crops need no special care: a sum has seen what its
parts have. Batch normalization counts as in evaluation mode; in training mode it would see the whole batch.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from course.ops.receptive_field.axis import Axis
from course.ops.receptive_field.operators import fields_after

Field = tuple[Axis, ...]  # one axis each, (h, w) for an image


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
        size: (h, w) of the image that it runs on; large enough that no map becomes empty. One number for a signal.
        at: names of modules, as `model.named_modules()` has them, whose results are wanted besides the output.
        in_channels: of the image.

    Returns:
        {name: (axis of h, axis of w)}: the modules of `at`, and "output" for the first tensor that the model returns.
        `axis.size` is the receptive field in pixels, `axis.stride` and `axis.offset` say where a map's pixels lie;
        `axis.unbounded` is True behind a global branch (image pooling, squeeze-and-excitation): then `size` is that
        of the local branch alone, 0 where there is none.

    Raises:
        ValueError: no such module, a network that cannot run without numbers, or an operation whose reach is not known.

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
    watch = _Watch()
    image = torch.empty(1, in_channels, *size, device="meta")
    watch.fields[image] = tuple(Axis() for _ in size)
    for name in at:
        modules[name].register_forward_hook(lambda _module, _args, out, name=name: found.update({name: out}))
    try:
        with torch.no_grad(), watch:
            found["output"] = model(image)
    except (NotImplementedError, RuntimeError) as error:
        raise ValueError(
            f"{type(model).__name__} cannot run without numbers; wanted a network that looks at shapes alone. Ask for "
            f"the part of it that does, or measure with effective_field. torch says: {str(error).splitlines()[0]}"
        ) from error
    return {name: watch.fields[_first(result)] for name, result in found.items()}


def _without_numbers(model: nn.Module) -> nn.Module:
    """A copy of a network whose tensors have shapes alone, so that no weight is copied."""
    memo: dict[int, object] = {id(buffer): buffer.to("meta") for buffer in model.buffers()}
    memo |= {id(p): nn.Parameter(p.detach().to("meta"), p.requires_grad) for p in model.parameters()}
    return copy.deepcopy(model, memo)


class _Watch(TorchDispatchMode):
    """Follows every tensor that depends on the image, and what its pixels have seen."""

    def __init__(self):
        super().__init__()
        self.fields = _Fields()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        inputs = [tensor for tensor in _tensors(args) if tensor in self.fields]
        outputs = [tensor for tensor in _tensors((result,)) if tensor.ndim]
        if inputs and outputs:
            seen = fields_after(func, args, [(tensor.shape, self.fields[tensor]) for tensor in inputs], outputs[0])
            for output in outputs:
                self.fields[output] = seen
        return result


class _Fields:
    """Fields by tensor, each forgotten with its tensor."""

    def __init__(self):
        self._by_id: dict[int, tuple[weakref.ref, Field]] = {}

    def __setitem__(self, tensor: Tensor, field: Field) -> None:
        self._by_id[id(tensor)] = (weakref.ref(tensor), field)

    def __contains__(self, tensor: Tensor) -> bool:
        entry = self._by_id.get(id(tensor))
        return entry is not None and entry[0]() is tensor

    def __getitem__(self, tensor: Tensor) -> Field:
        return self._by_id[id(tensor)][1]


def _tensors(values: object) -> list[Tensor]:
    if isinstance(values, Tensor):
        return [values]
    if isinstance(values, list | tuple):
        return [tensor for value in values for tensor in _tensors(value)]
    if isinstance(values, dict):
        return _tensors(list(values.values()))
    return []


def _first(result: object) -> Tensor:
    tensors = _tensors(result)
    if not tensors:
        raise ValueError(f"the network returned {type(result).__name__}; wanted a tensor, or a list that holds one.")
    return tensors[0]
