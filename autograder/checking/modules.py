"""Fill and read a student's module, whatever its layers are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from autograder.checking.draws import normal, uniform
from autograder.checking.expect import expect
from autograder.checking.outside import inner_of, learned_numbers

Shape = tuple[int, ...]

_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class Filled:
    """The numbers that a module was filled with.

    weights: by shape; layers of one shape got the same numbers, so that it does not matter which is which. biases: by
    the shape of their layer's weight, None where it has none. norms: (scale, shift, mean, variance) by channels.
    """

    weights: dict[Shape, Tensor]
    biases: dict[Shape, Tensor | None]
    norms: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]]


def fill(
    module: Callable,
    rng: torch.Generator,
    weights: Sequence[Shape],
    *,
    norms: Sequence[int] = (),
    biases: int | None = None,
    dtype: torch.dtype = torch.float32,
) -> Filled:
    """Put random numbers into every layer of a module.

    Args:
        module: a student's module.
        rng: draws the numbers.
        weights: the shapes of all its convolutions' weights, in any order.
        norms: the channels of all its batch normalizations.
        biases: how many of its convolutions have a bias; None where that is not asked.
        dtype: of its numbers afterwards.

    Raises:
        AssertionError: other layers than these.
    """
    module.to(dtype)
    state = module.state_dict()
    convolutions = {key: value for key, value in state.items() if value.ndim >= 3}
    normalizations = [key.removesuffix("running_mean") for key in state if key.endswith("running_mean")]
    _expect_layers(state, convolutions, normalizations, weights, norms, biases)
    made = Filled({}, {}, {})
    for key, value in convolutions.items():
        shape, bias = tuple(value.shape), state.get(_bias(key))
        scale = 1 / max(1, value[0].numel()) ** 0.5
        state[key] = made.weights.setdefault(shape, scale * normal(rng, *shape, dtype=dtype))
        if bias is not None:
            made.biases.setdefault(shape, 0.3 * normal(rng, *bias.shape, dtype=dtype))
            state[_bias(key)] = made.biases[shape]
        made.biases.setdefault(shape, None)
    for prefix in normalizations:
        numbers = made.norms.setdefault(len(state[prefix + "running_mean"]), _norm(rng, state, prefix, dtype))
        for part, value in zip(_NORM[:4], numbers, strict=True):
            state[prefix + part] = value
    module.load_state_dict(state)
    return made


def learned(module: Callable) -> int:
    """How many numbers a module learns: neither buffers, such as running statistics, nor what is frozen."""
    return learned_numbers(inner_of(module))


def _norm(rng: torch.Generator, state: dict, prefix: str, dtype: torch.dtype) -> tuple[Tensor, ...]:
    channels = state[prefix + "running_mean"].numel()
    signs = [normal(rng, channels, dtype=dtype) for _ in range(3)]
    return (*signs, 0.5 + uniform(rng, channels, dtype=dtype))


def _expect_layers(
    state: dict, convolutions: dict, normalizations: list, weights: Sequence[Shape], norms: Sequence, biases: int | None
) -> None:
    shapes = sorted(tuple(value.shape) for value in convolutions.values())
    expect(shapes == sorted(map(tuple, weights)), f"Its weights have the shapes {shapes}, wanted {sorted(weights)}.")
    channels = sorted(len(state[prefix + "running_mean"]) for prefix in normalizations)
    says = f"It keeps the running statistics of normalizations over {channels} channels, wanted {sorted(norms)}."
    expect(channels == sorted(norms), says)
    for prefix in normalizations:
        expect(prefix + "weight" in state, "Its batch normalization has no scale and shift to learn.")
    of_convolutions = {_bias(key) for key in convolutions} & set(state)
    count = len(of_convolutions)
    expect(biases is None or count == biases, f"{count} of its convolutions have a bias, wanted {biases}.")
    known = {*convolutions, *of_convolutions, *(prefix + part for prefix in normalizations for part in _NORM)}
    others = sorted(set(state) - known)
    expect(not others, f"It also holds {' and '.join(others)}, which the layers that are wanted do not have.")


def _bias(key: str) -> str:
    """The name of the bias beside a weight."""
    return key.removesuffix("weight") + "bias"
