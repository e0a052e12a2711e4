"""What a training tells: while it runs, and when it is over."""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn


@dataclass
class History:
    """The course of a training.

    steps, losses, rates: at each entry of the log the step, the mean loss of the steps since the entry before, and the
    learning rate of the first group. scores: at each validation a dict with "step" and the metric's scores.
    watch: the score that early stopping and `best` go by, higher is better. stopped: "" while it runs, "done" after the
    last step, "early" after `patience` validations without a better score. seconds: time spent, validations included.
    """

    watch: str = "mean_iou"
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    scores: list[dict] = field(default_factory=list)
    stopped: str = ""
    seconds: float = 0.0

    @property
    def best(self) -> dict | None:
        """The entry of `scores` with the highest watched score, the first of equal ones; None before any."""
        return max(self.scores, key=self._height, default=None)

    @property
    def stale(self) -> int:
        """Validations since the best one."""
        return len(self.scores) - 1 - self.scores.index(self.best) if self.scores else 0

    def _height(self, entry):
        value = entry[self.watch]
        return value if value == value else float("-inf")  # NaN, as of an empty data set, is no good score

    def table(self) -> list[dict]:
        """One row for each step with an entry: step, loss, rate, and the scores of a validation at that step."""
        rows = {
            step: {"step": step, "loss": loss, "rate": rate}
            for step, loss, rate in zip(self.steps, self.losses, self.rates, strict=True)
        }
        for scores in self.scores:
            rows.setdefault(scores["step"], {}).update(scores)
        return [rows[step] for step in sorted(rows)]


@dataclass(frozen=True)
class Progress:
    """What a callback sees, after an entry of the log or a validation.

    step of steps; epoch from 0 on; loss and rate of the newest entry; score the newest watched score, or None;
    speed in pictures per second, over all processes; history as far as it is; model the model itself, to predict with
    (in training mode: call `eval()` before, and `fit` sets it back).
    """

    step: int
    steps: int
    epoch: int
    loss: float
    rate: float
    score: float | None
    speed: float
    history: History
    model: nn.Module


OnProgress = Callable[[Progress], None]
