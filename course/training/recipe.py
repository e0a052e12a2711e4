"""A recipe: all that a run follows from, flat, and saved with it as config.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from course.files import write_atomically

if TYPE_CHECKING:  # the command line reads the defaults, and must stay quick
    from torch import nn
    from torch.optim import Optimizer

    from course.training.schedules import Schedule

SCHEDULES = ("poly", "cosine", "constant")
AUGMENTATIONS = ("full", "mirror")


@dataclass(frozen=True)
class Recipe:
    """What to train, on what, and how.

    network: of the table in `course.models.networks`. data: a name or a folder, see `course.data.sources`. size: (h, w)
    of the crops. classes: their names; () until the data was opened. scenes: how many to draw for training.
    augment: "full" for random light, scale, place and side, "mirror" for the side alone. loss: see
    `course.tasks.criteria`. encoder: a checkpoint whose encoder to begin with, or "". batch: pictures. lr: the highest
    learning rate of AdamW, after a warm-up of a twentieth of the steps. ema: decay of the averaged weights, 0 for none.
    precision: see `course.training.make_fabric`.
    """

    network: str
    data: str
    size: tuple[int, int]
    classes: tuple[str, ...] = ()
    scenes: int = 1000
    augment: str = "full"
    loss: str = "cross-entropy"
    encoder: str = ""
    batch: int = 8
    steps: int = 1000
    lr: float = 1e-3
    weight_decay: float = 1e-2
    schedule: str = "poly"
    max_grad_norm: float = 1.0
    ema: float = 0.999
    precision: str = "auto"
    seed: int = 0
    workers: int = 0

    def __post_init__(self):
        for name, known in (("schedule", SCHEDULES), ("augment", AUGMENTATIONS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}; wanted one of {', '.join(known)}.")

    def make_optimizer(self, model: nn.Module) -> Optimizer:
        """AdamW over the model's parameters."""
        from torch.optim import AdamW

        return AdamW(model.parameters(), lr=self.lr, weight_decay=self.weight_decay)

    def make_schedule(self) -> Schedule:
        """The factor of the learning rate at each step."""
        from course.training import schedules

        warmup = self.steps // 20
        if self.schedule == "constant":
            return schedules.constant(warmup=warmup)
        return getattr(schedules, self.schedule)(self.steps, warmup=warmup)

    def save(self, folder: Path) -> None:
        """Write config.json."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        write_atomically(folder / "config.json", lambda part: part.write_text(text + "\n", encoding="utf-8"))

    def refuse_other(self, folder: Path, resume: bool) -> None:
        """A run is resumed with its own recipe, or not at all; and no run is overwritten.

        Raises:
            ValueError: the folder holds a run that is not to be resumed, or one of another recipe.
        """
        if not resume and (folder / "last.safetensors").is_file():
            raise ValueError(f"{folder} holds a run; wanted a folder without one. Resume it, or give another.")
        file = folder / "config.json"
        if not resume or not file.is_file():
            return
        before, now = json.loads(file.read_text(encoding="utf-8")), json.loads(json.dumps(asdict(self)))
        names = [field.name for field in fields(self) if field.name != "classes"]
        other = [name for name in names if now[name] != before.get(name)]
        if other:
            changes = "; ".join(f"{name} is {now[name]!r}, not {before.get(name)!r}" for name in other)
            raise ValueError(f"{changes}; wanted the recipe that {folder} was begun with. Give it, or another folder.")
