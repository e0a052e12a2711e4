"""What a training is asked to do, checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course.training.evaluation import Metric, Prepare
from course.training.history import OnProgress
from course.training.schedules import Schedule


@dataclass(frozen=True)
class Validation:
    """What a training is scored on: a loader, a metric, what is done to its batches on the device, and the score.

    loader, metric, prepare: see `evaluate`. monitor: a key of `metric.summary()`; higher is better.
    """

    loader: Iterable
    metric: Metric
    prepare: Prepare | None = None
    monitor: str = "mean_iou"


@dataclass(frozen=True)
class Settings:
    """The arguments of `fit` that say how often, how much and where; checked."""

    steps: int
    accumulate: int
    max_grad_norm: float | None
    schedule: Schedule
    every: int
    log_every: int
    seed: int
    folder: Path | None
    config: dict
    validation: Validation | None
    prepare: Prepare | None
    on_progress: OnProgress | None

    def __post_init__(self):
        for name in ("steps", "accumulate", "every", "log_every"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} is {value!r}; wanted a whole number of at least 1.")
        if self.max_grad_norm is not None and not self.max_grad_norm > 0:
            raise ValueError(
                f"max_grad_norm is {self.max_grad_norm!r}; wanted a number above 0. Give None for no limit."
            )
