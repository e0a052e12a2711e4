"""Run a model over a data set and let a metric count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import nn
from tqdm.auto import tqdm

from course.training.devices import channels_last_on_cuda, make_fabric
from course.training.objective import at_least_float32, map_tensors
from course.training.sampling import SeededBatches

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Prepare = Callable[[Any, Any], tuple[Any, Any]]


class Metric(Protocol):
    """What a metric must have; `course.metrics.ConfusionMatrix` is one."""

    def reset(self) -> None:
        """Forget all counts."""

    def update_outputs(self, targets: Any, outputs: Any) -> None:
        """Count a batch: its targets as the loader gave them, and what the model made of its inputs."""

    def all_reduce(self) -> Metric:
        """The sum over all processes, as a new metric; in a single process a copy."""

    def summary(self) -> dict[str, float]:
        """Scores by name."""


def evaluate(
    model: nn.Module,
    loader: Iterable,
    metric: Metric,
    *,
    prepare: Prepare | None = None,
    device: str = "auto",
    precision: str = "auto",
    bar: bool = True,
    fabric: Fabric | None = None,
) -> Metric:
    """Count a model's outputs over a data set, in evaluation mode and without gradients.

    Args:
        model: inputs -> outputs, such as images (n, 3, h, w) in [0, 1] -> logits (n, k, h, w); it is moved to the
            device, and its mode is put back.
        loader: batches (inputs, targets) of any nesting, best from `batches(dataset, size, shuffle=False)`; with
            several processes only such a one, as they share it.
        metric: reset first, then updated; on several processes it holds this process's part.
        prepare: called as prepare(inputs, targets) on the device before the model; or None.
        device, precision: see `make_fabric`.
        bar: show a progress bar.
        fabric: a launched Fabric that takes the place of device and precision, or None.

    Returns:
        the metric over all processes.

    Raises:
        ValueError: there is no batch, a batch is not a pair, or the device is not here.
    """
    fabric = fabric or make_fabric(device, precision)
    share_between_processes(loader, fabric)
    if isinstance(getattr(loader, "batch_sampler", None), SeededBatches):
        loader.batch_sampler.start_at(0)
    fabric.to_device(model)
    training = [module for module in model.modules() if module.training]
    model.eval()
    metric.reset()
    shown = tqdm(loader, desc="evaluating", leave=False, disable=no_bar(bar, fabric))
    try:
        _count(model, shown, metric, prepare, fabric)
    finally:
        for module in training:
            module.training = True
    return metric.all_reduce()


@torch.no_grad()  # not inference_mode: what a model caches here must serve training too
def _count(model: nn.Module, loader: Iterable, metric: Metric, prepare: Prepare | None, fabric: Fabric) -> None:
    empty = True
    for batch in loader:
        inputs, targets = unpack(batch, fabric, prepare)
        with fabric.autocast():
            outputs = model(inputs)
        metric.update_outputs(targets, map_tensors(at_least_float32, outputs))
        empty = False
    if empty and fabric.world_size == 1:
        raise ValueError("the loader gave no batch; wanted at least one to evaluate. Is the data set empty?")


def unpack(batch: Any, fabric: Fabric, prepare: Prepare | None) -> tuple[Any, Any]:
    """A loader's batch as (inputs, targets) on the device, ready for the model."""
    if not (isinstance(batch, tuple | list) and len(batch) == 2):
        raise ValueError(f"the loader gave a {type(batch).__name__}; wanted a pair (inputs, targets).")
    inputs, targets = fabric.to_device(tuple(batch))
    if prepare is not None:
        inputs, targets = prepare(inputs, targets)
    return map_tensors(channels_last_on_cuda, inputs), targets


def share_between_processes(loader: Iterable, fabric: Fabric) -> None:
    """Tell a loader of `batches` which part of it this process reads; ValueError for another loader with several."""
    sampler = getattr(loader, "batch_sampler", None)
    if isinstance(sampler, SeededBatches):
        sampler.share(fabric.global_rank, fabric.world_size)
    elif fabric.world_size > 1:
        raise ValueError(
            f"the loader is a {type(loader).__name__}, which each of {fabric.world_size} processes would read whole; "
            "wanted one that they share. Make it with course.training.batches."
        )


def no_bar(bar: bool, fabric: Fabric) -> bool | None:
    """For tqdm's `disable`: True hides the bar, None hides it where the output is not a terminal."""
    return None if bar and fabric.is_global_zero else True
