"""Train the checkpoints that the course ships, one by one: python -m benchmarks.checkpoints unet [--steps 1500].

The recipe: cross-entropy, which counts pixels, plus Dice, which counts classes, so that signs and persons are learned
before the last percent of the sky; AdamW with warm-up and cosine. Everything follows from the seed: the scenes, their
order, the flips, the first weights. SegNet and DeconvNet begin, as in their papers, with a trained VGG: that of the
FCN-8s which ships (--encoder fcn8s --rate 2e-3). Each card says its command. The scores on it are of the float16 file,
read back, on 500 scenes that training never saw. With --runs a training that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from course.data.cache import Cached
from course.data.palettes import SCENES
from course.data.scenes import Scenes
from course.losses import cross_entropy, dice_loss
from course.metrics import ConfusionMatrix
from course.models.networks import SMALL, build, parameters_of
from course.models.zoo import HELD_OUT, WEIGHTS, Card, Centred, load, save
from course.training import Validation, batches, cosine, evaluate, fit


def flipped(image: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mirror every other pair."""
    return (image.flip(-1), label.flip(-1)) if torch.rand(()) < 0.5 else (image, label)


def loss_of(weight: float):
    """Cross-entropy plus `weight` times Dice: (logits, target) -> scalar."""
    if weight == 0:
        return cross_entropy
    return lambda logits, target: cross_entropy(logits, target) + weight * dice_loss(logits, target)


def train(name: str, recipe: argparse.Namespace) -> Card:
    """Train one network, write its checkpoint, and give its card with the scores of what was written."""
    torch.manual_seed(0)
    model = Centred(build(name, len(SCENES.names)))
    if recipe.encoder:
        model.network.encoder.load_state_dict(load(recipe.encoder)[0].network.encoder.state_dict())
    validation = Validation(
        batches(Cached(Scenes(100, split="val")).fill(), 20, shuffle=False), ConfusionMatrix(len(SCENES.names))
    )
    history = fit(
        model,
        batches(Cached(Scenes(recipe.scenes), flipped).fill(), recipe.batch),
        loss_of(recipe.dice),
        steps=recipe.steps,
        optimiser=torch.optim.AdamW(model.parameters(), recipe.rate, weight_decay=0.01),
        schedule=cosine(recipe.steps, warmup=recipe.steps // 20),
        clip=1.0,
        validation=validation,
        every=250,
        seed=0,
        precision=recipe.precision,
        folder=recipe.runs and recipe.runs / name,
        resume=recipe.runs is not None,
    )
    return ship(model, name, recipe, minutes=round(history.seconds / 60, 1))


def ship(model: Centred, name: str, recipe: argparse.Namespace, minutes: float) -> Card:
    """Write a trained network, score what was written, and write its card."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    known = {"name": name, "classes": len(SCENES.names), "parameters": parameters_of(model), "data": "scenes 128×192"}
    words = ("steps", "batch", "scenes", "rate", "dice", "precision")
    options = " ".join(f"--{word} {getattr(recipe, word)}" for word in (*words, *["encoder"] * bool(recipe.encoder)))
    command = f"python -m benchmarks.checkpoints {name} {options}"
    training = {"seed": 0, "steps": recipe.steps, "batch": recipe.batch, "device": device, "minutes": minutes}
    training["command"] = command
    save(model, Card(**known, **training, scores={}), recipe.folder)
    read_back, _ = load(name, recipe.folder)
    card = Card(**known, **training, scores=scores_of(read_back))
    save(read_back, card, recipe.folder)
    return card


def scores_of(model: torch.nn.Module) -> dict[str, float]:
    """Mean IoU and the IoU of each class on the held-out scenes, in percent."""
    metric = ConfusionMatrix(len(SCENES.names), names=SCENES.names)
    evaluate(model, batches(Scenes(HELD_OUT, split="test"), 20, shuffle=False), metric)
    scores = {"mean IoU": metric.summary()["mean_iou"]} | {n: c["iou"] for n, c in metric.per_class().items()}
    return {key: round(100 * value, 2) for key, value in scores.items()}


def main() -> None:
    """Read the command line, train, print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SMALL, metavar="NAME")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--dice", type=float, default=1.0, help="weight of Dice beside cross-entropy, 0 for none")
    parser.add_argument("--encoder", help="a checkpoint that ships, whose encoder to begin with")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    parser.add_argument("--runs", type=Path, help="folder of the trainings under way, to go on from")
    recipe = parser.parse_args()
    for name in recipe.names:
        card = train(name, recipe)
        print(f"{name}: {card.scores['mean IoU']} mean IoU in {card.minutes} minutes", flush=True)


if __name__ == "__main__":
    main()
