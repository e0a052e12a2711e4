"""What a training reports: while it runs, and when it is over."""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn


@dataclass
class History:
    """The course of a training.

    steps, losses, lrs: at each entry of the log the step, the mean loss of the steps since the entry before, and the
    learning rate of the first group. terms: the same of each term of the loss, where it has several. scores: at each
    validation a dict with "step" and the metric's scores. monitor: the score that early stopping and `best` go by,
    higher is better. stopped: "" while it runs, "done" after the last step, "early" after `patience` validations
    without a better score. seconds: time spent, validations included. device: what it ran on, last.
    """

    monitor: str = "mean_iou"
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    terms: dict[str, list[float]] = field(default_factory=dict)
    lrs: list[float] = field(default_factory=list)
    scores: list[dict] = field(default_factory=list)
    stopped: str = ""
    seconds: float = 0.0
    device: str = ""

    @property
    def best(self) -> dict | None:
        """The entry of `scores` with the highest monitored score, the first of equal ones; None before any."""
        return max(self.scores, key=self._height, default=None)

    @property
    def newest_score(self) -> float | None:
        """The monitored score of the newest validation; None before any."""
        return self.scores[-1][self.monitor] if self.scores else None

    @property
    def stale(self) -> int:
        """Validations since the best one."""
        return len(self.scores) - 1 - self.scores.index(self.best) if self.scores else 0

    def _height(self, entry: dict) -> float:
        value = entry[self.monitor]
        return value if value == value else float("-inf")  # NaN, as of an empty data set, is not a good score

    def log(self, step: int, losses: dict[str, float], lr: float) -> None:
        """Add an entry: the mean of each term of the loss, "loss" being their sum, and the learning rate."""
        self.steps.append(step)
        self.lrs.append(lr)
        self.losses.append(losses["loss"])
        for name, value in losses.items():
            if name != "loss":
                self.terms.setdefault(name, []).append(value)

    def table(self) -> list[dict]:
        """A row for each step with an entry: step, loss, its terms, lr, and the scores of a validation at that step."""
        rows = {}
        for number, step in enumerate(self.steps):
            terms = {name: values[number] for name, values in self.terms.items()}
            rows[step] = {"step": step, "loss": self.losses[number], **terms, "lr": self.lrs[number]}
        for scores in self.scores:
            rows.setdefault(scores["step"], {}).update(scores)
        return [rows[step] for step in sorted(rows)]


@dataclass(frozen=True)
class Status:
    """What a callback sees, after an entry of the log or a validation.

    step of steps; epoch from 0 on; loss and lr of the newest entry; score the newest monitored score, or None; speed in
    pictures per second, over all processes; history as far as it is; model the model itself, to predict with (in
    training mode: call `eval()` before, and `fit` sets it back).
    """

    step: int
    steps: int
    epoch: int
    loss: float
    lr: float
    score: float | None
    speed: float
    history: History
    model: nn.Module


OnProgress = Callable[[Status], None]
