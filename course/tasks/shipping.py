"""A run becomes a checkpoint that ships; what ships is scored again."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from torch import nn
from torch.utils.data import Dataset, Subset

from course.data.sources import open_source
from course.metrics import ConfusionMatrix
from course.models import zoo
from course.tensors import load_tensors
from course.training import batches, evaluate
from course.training.recipe import Recipe

FEW = 50  # images whose scores a card has too, so that a test need not score all


def ship(run: Path, folder: Path = zoo.WEIGHTS) -> zoo.Card:
    """Write the best weights of a run in float16, with a card that says how they score on the test split.

    Args:
        run: a folder of `course train`.
        folder: to write to.

    Returns:
        the card. The scores are of the weights as they are written.

    Raises:
        FileNotFoundError: there is no such run.
        ValueError: the run's data has no test split, or the weights take more than the budget; nothing is written.
    """
    model, card = zoo.load(run)
    zoo.check_budget(model, card.network, folder)  # before anything takes time
    about = load_tensors(run / "last.safetensors")[1]
    recipe, state = Recipe(**about["config"]), model.network.state_dict()
    model.network.load_state_dict({k: v.half() if v.is_floating_point() else v for k, v in state.items()})
    held_out = open_source(card.data, split="test", train=False).held_out
    card = replace(
        card,
        name=card.network,
        device=about["history"]["device"],
        minutes=round(about["history"]["seconds"] / 60, 1),
        scored_on="test",
        scores=scores(model, held_out, card.classes),
        scores_of_50=scores(model, Subset(held_out, range(FEW)), card.classes),
        command=command_of(recipe),
    )
    zoo.save(model, card, folder)
    return card


def scores(model: nn.Module, images: Dataset, classes: tuple[str, ...], *, bar: bool = True) -> dict[str, float]:
    """Mean IoU and the IoU of each class, in per cent."""
    metric = ConfusionMatrix(len(classes), names=classes)
    evaluate(model, batches(images, 20, shuffle=False), metric, bar=bar)
    found = {"mean IoU": metric.summary()["mean_iou"]} | {name: one["iou"] for name, one in metric.per_class().items()}
    return {name: round(100 * value, 2) for name, value in found.items()}


def largest_difference(name: str, held_out: Dataset) -> float:
    """Score a checkpoint that ships: the largest difference from its card, in points of IoU, over mean and classes."""
    model, card = zoo.load(name)
    found = scores(model, held_out, card.classes)
    return max(abs(found[key] - value) for key, value in card.scores.items())


def command_of(recipe: Recipe) -> str:
    """The command that trains by a recipe; what is as usual is left out."""
    words = [f"course train {recipe.network}"]
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name in ("network", "classes") or value == field.default:
            continue
        shown = f"{value[0]}x{value[1]}" if field.name == "size" else value
        words.append(f"--{field.name.replace('_', '-')} {shown}")
    return " ".join([*words, f"--out runs/{recipe.network}"])
