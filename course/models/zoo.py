"""The checkpoints that the course ships: its networks in their small forms, trained on scenes.

A checkpoint is `course/weights/NAME.safetensors` (float16, at most 4 MB) with its card `NAME.json` beside it: what it
was trained on, how long, on what, what it scores, and the command that does it again. Pictures go in as they come,
(n, 3, h, w) in [0, 1]: the networks centre them themselves.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from course.models.networks import SMALL, build

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
LIMIT = 4 * 2**20  # bytes of a checkpoint
HELD_OUT = 500  # scenes of the test split that the cards' scores are of


@dataclass(frozen=True)
class Card:
    """What a checkpoint is: its network, its data, how it was trained, and its scores on pictures it never saw."""

    name: str
    classes: int
    parameters: int
    data: str
    seed: int
    steps: int
    batch: int
    device: str
    minutes: float
    scores: dict[str, float]
    command: str


class Centred(nn.Module):
    """A network behind `4 · image − 2`, so that whoever calls it need not know how it was trained.

    Args:
        network: images around 0 -> logits.

    Call with images (n, 3, h, w) in [0, 1]; returns the network's logits.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images in [0, 1]."""
        return self.network(4 * images - 2)


def shipped() -> list[str]:
    """The names of the checkpoints that are here."""
    return [name for name in SMALL if (WEIGHTS / f"{name}.json").exists()]


def read_card(name: str, folder: Path = WEIGHTS) -> Card:
    """The card of a checkpoint.

    Raises:
        FileNotFoundError: there is no such checkpoint; the message lists those there are.
    """
    path = folder / f"{name}.json"
    if not path.exists():
        there = ", ".join(shipped()) or "none"
        raise FileNotFoundError(f"no checkpoint {name!r} in {folder}; there are {there}: train it by `course train`")
    return Card(**json.loads(path.read_text(encoding="utf-8")))


def load(name: str, folder: Path = WEIGHTS) -> tuple[Centred, Card]:
    """A trained network, ready to predict, and its card.

    Args:
        name: one of `shipped()`.
        folder: where the checkpoint lies.

    Returns:
        The network in evaluation mode, float32, on the CPU; and its card.

    Raises:
        FileNotFoundError: there is no such checkpoint.
    """
    card = read_card(name, folder)
    model = Centred(build(name, card.classes))
    state = load_file(folder / f"{name}.safetensors")
    model.load_state_dict({key: value.float() if value.is_floating_point() else value for key, value in state.items()})
    return model.eval(), card


def save(model: Centred, card: Card, folder: Path = WEIGHTS) -> Path:
    """Write a checkpoint and its card.

    Raises:
        ValueError: the weights take more than 4 MB; nothing is written.
    """
    half = {
        key: (value.half() if value.is_floating_point() else value).contiguous().cpu()
        for key, value in model.state_dict().items()
    }
    size = sum(value.nbytes for value in half.values())
    if size > LIMIT:
        raise ValueError(f"{card.name} takes {size / 2**20:.1f} MB in float16, wanted 4 at most: make it narrower")
    folder.mkdir(parents=True, exist_ok=True)
    weights, about = folder / f"{card.name}.safetensors", folder / f"{card.name}.json"
    about.write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    save_file(half, weights)
    weights.chmod(about.stat().st_mode)  # safetensors lets nobody else read it
    return weights
