"""Trained networks: those that ship with the course, those of a run, those in a file.

A checkpoint is NAME.safetensors with its card NAME.json beside it: what the network is, what it was trained on, how
long, what it scores, and the command that does it again. A run of `course train` is one as well: its card follows from
the configuration inside best.safetensors. Images go in as they come, (n, 3, h, w) in [0, 1].

Budget for what ships, enforced by `save`: float16, at most 1.5 MB each, 64 MB in all, each committed once. So the
networks that ship are small forms. The seven of Labs 4 to 7 are older than the budget and take up to 4 MB each; they
stay as they are, `load` reads their old format, and `save` would refuse to write them again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from course.files import write_atomically
from course.models.images import Normalized
from course.models.networks import NETWORKS, count_parameters, find_network
from course.tensors import load_tensors, save_tensors

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
LARGEST = 3 * 2**19  # bytes of a checkpoint: 1.5 MB
LARGEST_SUM = 64 * 2**20  # bytes of all
OLD_STATISTICS = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)  # the old files' networks stood behind 4 · image − 2
OLD_NAMES = {"network.doublings.": "network.upsample_2x.", "network.enlarge.": "network.upsample."}


@dataclass(frozen=True)
class Card:
    """What a checkpoint is.

    name: of the checkpoint. network: of the table in `course.models.networks`. classes: their names. data, size: what
    it was trained on, and at which (h, w). scored_on: "val" or "test", a split that training never saw. scores: "mean
    IoU" and the classes' IoU on it, in per cent; scores_of_50: the same on its first 50 images. command: what does it
    again.
    """

    name: str
    network: str
    classes: tuple[str, ...]
    parameters: int
    data: str
    size: tuple[int, int]
    seed: int
    steps: int
    batch: int
    device: str
    minutes: float
    scored_on: str
    scores: dict[str, float]
    scores_of_50: dict[str, float]
    command: str


def shipped() -> list[str]:
    """The names of the checkpoints that are here, in the order of the table."""
    return [network.name for network in NETWORKS if (WEIGHTS / f"{network.name}.json").exists()]


def load(weights: str | Path) -> tuple[Normalized, Card]:
    """A trained network, ready to predict, and its card.

    Args:
        weights: a name of `shipped()`, the folder of a run of `course train`, or a .safetensors file of either kind.

    Returns:
        The network in evaluation mode, float32, on the CPU: images (n, 3, h, w) in [0, 1] -> logits (n, k, h, w); and
        its card.

    Raises:
        FileNotFoundError: there is no such checkpoint; the message lists those that ship.
        ValueError: the file is damaged, does not say what it is, or holds another network's weights.
    """
    path = find_weights(weights)
    tensors, about = load_tensors(path)
    card = _card_of(path, about)
    for prefix in ("ema.", "model."):  # of last.safetensors; the averaged weights are those to use
        if any(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in convert(tensors).items()}
    model = Normalized(find_network(card.network).build(len(card.classes)))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"{path} does not hold the weights of {card.network!r} ({reason}); train it again.") from error
    return model.eval(), replace(card, parameters=count_parameters(model))


def find_weights(weights: str | Path) -> Path:
    """The .safetensors file that a name, a run's folder or a path stands for."""
    path = Path(weights)
    if path.is_dir() and (path / "best.safetensors").is_file():
        return path / "best.safetensors"
    if path.is_file():
        return path
    if str(weights) in shipped():
        return WEIGHTS / f"{weights}.safetensors"
    raise FileNotFoundError(
        f"weights is {str(weights)!r}; wanted the folder of a run of `course train`, a .safetensors file, or one of "
        f"{', '.join(shipped()) or 'none'}, which ship."
    )


def convert(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of an old file in today's names and with the statistics that were left out; others as they are.

    Old files hold no mean and std: all were trained behind 4 · image − 2. FCN's upsampling had other names.
    """
    if "mean" in tensors:
        return tensors
    renamed = {}
    for key, value in tensors.items():
        for old, new in OLD_NAMES.items():
            key = new + key.removeprefix(old) if key.startswith(old) else key
        renamed[key] = value
    mean, std = OLD_STATISTICS
    return renamed | {"mean": torch.tensor(mean), "std": torch.tensor(std)}


def check_budget(model: Normalized, name: str, folder: Path) -> None:
    """Raise ValueError where the weights take more than 1.5 MB in float16, or all in the folder more than 64."""
    size = sum(2 * value.numel() for value in model.state_dict().values())
    others = sum(path.stat().st_size for path in folder.glob("*.safetensors") if path.stem != name)
    if size > LARGEST or size + others > LARGEST_SUM:
        raise ValueError(
            f"{name} takes {size / 2**20:.1f} MB in float16, and the others {others / 2**20:.1f}; wanted at most "
            f"{LARGEST / 2**20:g} each and {LARGEST_SUM / 2**20:g} in all. Make it narrower."
        )


def save(model: Normalized, card: Card, folder: Path) -> Path:
    """Write a checkpoint and its card: weights in float16, mean and std as they are.

    Args:
        model: from `build` or `load`, trained.
        card: of it.
        folder: to write to; `WEIGHTS` is the one that ships.

    Returns:
        Path of the weights.

    Raises:
        ValueError: the weights take more than 1.5 MB, or all in the folder more than 64; nothing is written.
    """
    check_budget(model, card.name, folder)
    half = {key: value.half() if value.is_floating_point() else value for key, value in model.state_dict().items()}
    weights = folder / f"{card.name}.safetensors"
    save_tensors(weights, half | {"mean": model.mean, "std": model.std}, {})
    text = json.dumps(asdict(card), indent=1) + "\n"
    write_atomically(weights.with_suffix(".json"), lambda part: part.write_text(text, encoding="utf-8"))
    return weights


def read_card(name: str) -> Card:
    """The card of a checkpoint that ships; FileNotFoundError where there is none."""
    return _from_file(find_weights(name).with_suffix(".json"))


def _from_file(path: Path) -> Card:
    card = json.loads(path.read_text(encoding="utf-8"))
    return Card(**card | {"classes": tuple(card["classes"]), "size": tuple(card["size"])})


def _card_of(path: Path, about: dict) -> Card:
    """From the file beside the weights, or from what a run keeps in its own."""
    beside, config = path.with_suffix(".json"), about.get("config", {})
    if beside.is_file():
        return _from_file(beside)
    if not {"network", "classes", "data", "size"} <= config.keys():
        raise ValueError(
            f"{path} does not say what it is; wanted a checkpoint with its card beside it, or the best.safetensors of "
            "a run of `course train`."
        )
    mean = (about.get("scores") or {}).get("mean_iou")
    return Card(
        name=path.resolve().parent.name,
        network=config["network"],
        classes=tuple(config["classes"]),
        parameters=0,
        data=config["data"],
        size=tuple(config["size"]),
        seed=config["seed"],
        steps=about["step"],
        batch=config["batch"],
        device="",
        minutes=0.0,
        scored_on="val",
        scores={} if mean is None else {"mean IoU": round(100 * mean, 2)},
        scores_of_50={},
        command="",
    )
