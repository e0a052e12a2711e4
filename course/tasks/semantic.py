"""Train and evaluate a semantic network: images in, a class for each pixel out."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from course.data.augmentation import augment
from course.data.cache import Cached
from course.data.names import palette_for
from course.data.sources import open_source, usual_size
from course.data.transforms import Transformed, evaluation, random_mirror, training
from course.metrics import ConfusionMatrix
from course.models import zoo
from course.models.images import Normalized
from course.models.networks import build, find_network
from course.tasks.criteria import find_loss
from course.training import Validation, batches, fit, load_weights, make_fabric
from course.training import evaluate as run_over
from course.training.evaluation import Prepare
from course.training.history import History
from course.training.recipe import Recipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from course.viz import TrainingView


def train(
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    every: int | None = None,
    compile: bool = False,
    resume: bool = False,
) -> tuple[ConfusionMatrix, History]:
    """Train a network, and score the best weights on what was held out.

    Args:
        recipe: what and how; `classes` follow from the data.
        folder: gets config.json, log.csv, progress.png, last.safetensors and best.safetensors.
        device: see `course.training.make_fabric`.
        every: steps between validations and checkpoints; None for a tenth, at least 50.
        compile: compute with torch.compile.
        resume: go on where the run in the folder stopped.

    Returns:
        the confusion matrix of the best weights, and the history.

    Raises:
        FileNotFoundError: the data is not here.
        ValueError: the recipe has a fault, the data has, or the folder holds another run.
        FloatingPointError: the loss became NaN or infinite.
    """
    loss, _ = find_loss(recipe.loss), find_network(recipe.network)  # before anything takes time
    recipe.refuse_other(folder, resume)
    fabric = make_fabric(device, recipe.precision)
    source = open_source(recipe.data, scenes=min(recipe.scenes, recipe.steps * recipe.batch))
    recipe = replace(recipe, classes=source.classes)
    model = build_model(recipe)
    loader, prepare = training_loader(source.train, recipe, fabric)
    held_out = resized(source.held_out, recipe.size)
    validation = Validation(_scoring_loader(held_out, recipe.batch, fabric), _metric(recipe.classes))
    if fabric.is_global_zero:
        recipe.save(folder)
    history = fit(
        model,
        loader,
        loss,
        steps=recipe.steps,
        optimizer=recipe.make_optimizer(model),
        schedule=recipe.make_schedule(),
        max_grad_norm=recipe.max_grad_norm,
        ema=recipe.ema or None,
        validation=validation,
        every=every or max(50, recipe.steps // 10),
        prepare=prepare,
        seed=recipe.seed,
        compile=compile,
        fabric=fabric,
        folder=folder,
        resume=resume,
        config=asdict(recipe),
        on_progress=_view(held_out, recipe.classes, folder / "progress.png"),
    )
    load_weights(model, folder / "best.safetensors")
    return run_over(model, validation.loader, _metric(recipe.classes), fabric=fabric), history


def evaluate(
    weights: str | Path,
    *,
    data: str | None = None,
    split: str | None = None,
    size: tuple[int, int] | None = None,
    batch: int = 8,
    device: str = "auto",
    precision: str = "auto",
) -> tuple[ConfusionMatrix, zoo.Card]:
    """Score trained weights.

    Args:
        weights: a name that ships, a run's folder, or a .safetensors file.
        data: what to score on; None for what they were trained on.
        split: "val" or "test"; None for "val", or, without data, for the one that the card's scores are of.
        size: (h, w) to score at; None for the data's usual one, or, without data, the one that they were trained at.
        batch: images in a batch.
        device, precision: see `course.training.make_fabric`.

    Returns:
        the confusion matrix; and the card, with the data and the split that were scored, at that size.

    Raises:
        FileNotFoundError: there are no such weights, or the data is not here.
        ValueError: the data has other classes, or no such split.
    """
    model, card = zoo.load(weights)
    if data:
        card = replace(card, data=data, scored_on="val", size=usual_size(data))
    card = replace(card, scored_on=split or card.scored_on, size=size or card.size)
    source = open_source(card.data, split=card.scored_on, train=False)
    if source.classes != card.classes:
        raise ValueError(
            f"{card.data} has the classes {list(source.classes)}; wanted those of {weights}, {list(card.classes)}."
        )
    fabric = make_fabric(device, precision)
    loader = _scoring_loader(resized(source.held_out, card.size), batch, fabric)
    return run_over(model, loader, _metric(card.classes), fabric=fabric), card


def is_first_process() -> bool:
    """Whether this process is the one that prints."""
    return int(os.environ.get("RANK", 0)) == 0


def build_model(recipe: Recipe) -> Normalized:
    """The network of a recipe, its weights drawn from the seed; its encoder from a checkpoint if the recipe says so."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(recipe.seed)
        model = build(recipe.network, len(recipe.classes))
    if recipe.encoder:
        trained, card = zoo.load(recipe.encoder)
        try:
            model.network.encoder.load_state_dict(trained.network.encoder.state_dict())
        except (AttributeError, RuntimeError):
            raise ValueError(
                f"encoder is {recipe.encoder!r}, a {card.network}; wanted a checkpoint with the encoder of "
                f"{recipe.network}."
            ) from None
    return model


def training_loader(images: Dataset, recipe: Recipe, fabric: Fabric) -> tuple[DataLoader, Prepare | None]:
    """The loader, and what is done to its batches on the device: on CUDA, where a CPU would be the bottleneck."""
    on_device = recipe.augment == "full" and isinstance(images, Cached) and fabric.device.type == "cuda"
    if isinstance(images, Cached):
        images.fill(bar=fabric.is_global_zero)
    if recipe.augment == "mirror":
        images = Transformed(Transformed(images, evaluation(recipe.size)), random_mirror)
    elif not on_device:
        images = Transformed(images, training(recipe.size))
    loader = batches(images, recipe.batch, seed=recipe.seed, workers=recipe.workers)

    def prepare(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return augment(images, labels, recipe.size)

    return loader, prepare if on_device else None


def resized(images: Dataset, size: tuple[int, int]) -> Cached:
    """Pairs brought to one size and kept in memory, drawn or read now where the data set is `Cached` itself."""
    if isinstance(images, Cached):
        images.fill()
    return Cached(Transformed(images, evaluation(size)))


def _scoring_loader(images: Dataset, batch: int, fabric: Fabric) -> DataLoader:
    return batches(images, fabric.world_size * max(1, batch // fabric.world_size), shuffle=False)


def _metric(classes: tuple[str, ...]) -> ConfusionMatrix:
    return ConfusionMatrix(len(classes), names=classes)


def _view(held_out: Cached, classes: tuple[str, ...], path: Path) -> TrainingView:
    """What draws curves, and predictions of two images that are held out, into a file."""
    from course.viz import TrainingView  # takes a while to import

    shown = [held_out[number] for number in sorted({0, len(held_out) // 2})]  # neighbors of a film would be alike
    images, labels = (torch.stack(part) for part in zip(*shown, strict=True))
    return TrainingView(images, labels, palette_for(classes), seconds=30.0, path=path)
