"""Exponential moving average of a model's weights: a smoother model for free."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class EMA:
    """A running mean of the weights: after update t it is d·mean + (1 − d)·weights, d = min(decay, t / (t + 9)).

    The rising d lets the mean leave the random weights of the start quickly, so that short trainings gain too. Buffers
    (the statistics of batch normalization) that are floats are averaged with the weights; counters are copied.

    Args:
        model: whose weights are averaged; the mean starts at them, on their device.
        decay: at least 0, below 1: 0.999 averages over about the last thousand steps.

    Raises:
        ValueError: the decay is outside its range.

    Source: Polyak, Juditsky, SIAM J. Control Optim. 1992; the rising decay: TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999):
        if not 0 <= decay < 1:
            raise ValueError(f"decay is {decay!r}; wanted at least 0 and below 1, such as 0.999.")
        self.decay, self.updates = decay, 0
        self._mean = {name: value.detach().clone() for name, value in model.state_dict().items()}

    def update(self, model: nn.Module) -> None:
        """Move the mean towards the weights that the model has now."""
        self.updates += 1
        share = 1 - min(self.decay, self.updates / (self.updates + 9))
        pairs = [(self._mean[name], value.detach()) for name, value in model.state_dict().items()]
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        torch._foreach_lerp_([mean for mean, _ in floats], [value for _, value in floats], share)
        for mean, value in pairs:
            if not mean.is_floating_point():
                mean.copy_(value)

    @contextmanager
    def applied(self, model: nn.Module) -> Iterator[nn.Module]:
        """Give the model the mean weights inside a `with`, and its own back after it."""
        own = {name: value.detach().clone() for name, value in model.state_dict().items()}
        model.load_state_dict(self._mean)
        try:
            yield model
        finally:
            model.load_state_dict(own)

    def state_dict(self) -> dict[str, Tensor]:
        """The mean of each weight, by its name in the model's own state_dict."""
        return dict(self._mean)

    def load_state_dict(self, mean: dict[str, Tensor], updates: int) -> None:
        """Take over a mean and the number of updates behind it; ValueError if the names differ from the model's."""
        if mean.keys() != self._mean.keys():
            strange = sorted(mean.keys() ^ self._mean.keys())[:3]
            raise ValueError(
                f"the averaged weights and the model differ in {', '.join(strange)}; wanted the names of one model."
            )
        for name, value in mean.items():
            self._mean[name].copy_(value)
        self.updates = updates
