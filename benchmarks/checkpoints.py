"""Train the checkpoints that the course ships, one by one: python -m benchmarks.checkpoints unet [--steps 1500].

Everything follows from the seed: the scenes, their order, the flips, the first weights. The scores on the card are of
the float16 file, read back, on 500 scenes that training never saw.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from course.data.cache import Cached
from course.data.palettes import SCENES
from course.data.scenes import Scenes
from course.losses import cross_entropy
from course.metrics import Confusion
from course.models.zoo import HELD_OUT, NAMES, WEIGHTS, Card, build, load, parameters_of, save
from course.training import Validation, batches, cosine, evaluate, fit


def flipped(image: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mirror every other pair."""
    return (image.flip(-1), label.flip(-1)) if torch.rand(()) < 0.5 else (image, label)


def train(name: str, *, steps: int, batch: int, scenes: int, rate: float, precision: str, folder: Path) -> Card:
    """Train one network, write its checkpoint, and give its card with the scores of what was written."""
    torch.manual_seed(0)
    model = build(name, len(SCENES.names))
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01)
    validation = Validation(
        batches(Cached(Scenes(100, split="val")).fill(), 20, shuffle=False), Confusion(len(SCENES.names))
    )
    started = time.perf_counter()
    fit(
        model,
        batches(Cached(Scenes(scenes), flipped).fill(), batch),
        cross_entropy,
        steps=steps,
        optimiser=optimiser,
        schedule=cosine(steps, warmup=steps // 20),
        clip=1.0,
        validation=validation,
        every=250,
        seed=0,
        precision=precision,
    )
    minutes = round((time.perf_counter() - started) / 60, 1)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    known = {"name": name, "classes": len(SCENES.names), "parameters": parameters_of(model), "data": "scenes 128×192"}
    options = f"--steps {steps} --batch {batch} --scenes {scenes} --rate {rate} --precision {precision}"
    command = f"python -m benchmarks.checkpoints {name} {options}"
    training = {"seed": 0, "steps": steps, "batch": batch, "device": device, "minutes": minutes, "command": command}
    save(model, Card(**known, **training, scores={}), folder)
    read_back, _ = load(name, folder)
    card = Card(**known, **training, scores=scores_of(read_back))
    save(read_back, card, folder)
    return card


def scores_of(model: torch.nn.Module) -> dict[str, float]:
    """Mean IoU and the IoU of each class on the held-out scenes, in percent."""
    metric = Confusion(len(SCENES.names), names=SCENES.names)
    evaluate(model, batches(Scenes(HELD_OUT, split="test"), 20, shuffle=False), metric)
    scores = {"mean IoU": metric.summary()["mean_iou"]} | {n: c["iou"] for n, c in metric.per_class().items()}
    return {key: round(100 * value, 2) for key, value in scores.items()}


def main() -> None:
    """Read the command line, train, print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    arguments = vars(parser.parse_args())
    for name in arguments.pop("names"):
        card = train(name, **arguments)
        print(f"{name}: {card.scores['mean IoU']} mean IoU in {card.minutes} minutes", flush=True)


if __name__ == "__main__":
    main()
