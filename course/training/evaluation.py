"""Run a model over a data set and let a metric count."""

from collections.abc import Callable, Iterable
from typing import Protocol

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from course.training.devices import images_like, make_fabric
from course.training.sampling import SeededBatches

Prepare = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class Metric(Protocol):
    """What a metric must have; `course.metrics.Confusion` is one."""

    def reset(self) -> None:
        """Forget all counts."""

    def update_logits(self, target: Tensor, logits: Tensor) -> None:
        """Count a batch: target (n, h, w), logits (n, k, h, w)."""

    def all_reduce(self) -> "Metric":
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
    fabric=None,
) -> Metric:
    """Count a model's predictions over a data set, in evaluation mode and without gradients.

    Args:
        model: images (n, 3, h, w) -> logits (n, k, h, w); it is moved to the device, and its mode is put back.
        loader: batches (images, labels (n, h, w)), best from `batches(dataset, size, shuffle=False)`; with several
            processes only such a one, as they share it.
        metric: reset first, then updated; on several processes it holds this process's part.
        prepare: called as prepare(images, labels) on the device before the model, such as to normalise; or None.
        device, precision: see `make_fabric`.
        bar: show a progress bar.
        fabric: a launched Fabric that takes the place of device and precision, or None.

    Returns:
        the metric over all processes.

    Raises:
        ValueError: no batch, batches of another kind, a device that is not here.
    """
    fabric = fabric or make_fabric(device, precision)
    share_out(loader, fabric)
    if isinstance(getattr(loader, "batch_sampler", None), SeededBatches):
        loader.batch_sampler.go_to(0)
    fabric.to_device(model)
    training = [module for module in model.modules() if module.training]
    model.eval()
    metric.reset()
    try:
        _count(
            model, tqdm(loader, desc="evaluating", leave=False, disable=silent(bar, fabric)), metric, prepare, fabric
        )
    finally:
        for module in training:
            module.training = True
    return metric.all_reduce()


@torch.no_grad()  # not inference_mode: what a model caches here must serve training too
def _count(model, loader, metric, prepare, fabric):
    empty = True
    for batch in loader:
        images, labels = unpack(batch, fabric, prepare)
        with fabric.autocast():
            logits = model(images)
        metric.update_logits(labels, logits.float())
        empty = False
    if empty and fabric.world_size == 1:
        raise ValueError("the loader gave no batch: there is nothing to evaluate. Is the data set empty?")


def unpack(batch, fabric, prepare: Prepare | None) -> tuple[Tensor, Tensor]:
    """A loader's batch as (images, labels) on the device, ready for the model."""
    if not (isinstance(batch, tuple | list) and len(batch) == 2 and all(isinstance(part, Tensor) for part in batch)):
        raise ValueError(f"the loader gave {type(batch).__name__}; wanted a pair of tensors (images, labels).")
    images, labels = fabric.to_device(tuple(batch))
    if prepare is not None:
        images, labels = prepare(images, labels)
    return images_like(images, images.device), labels


def share_out(loader: Iterable, fabric) -> None:
    """Tell a loader of `batches` which part of it this process reads; ValueError for another loader with several."""
    sampler = getattr(loader, "batch_sampler", None)
    if isinstance(sampler, SeededBatches):
        sampler.share(fabric.global_rank, fabric.world_size)
    elif fabric.world_size > 1:
        raise ValueError(
            f"{fabric.world_size} processes would each read the whole loader; make it with course.training.batches, "
            "which shares it out."
        )


def silent(bar, fabric):
    """For tqdm: True hides the bar, None hides it where the output is no terminal."""
    return None if bar and fabric.is_global_zero else True
