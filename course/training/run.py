"""What happens in a training: a step, an entry of the log, a validation, a checkpoint. `fit` puts them in order."""

import math
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from course.training import checkpoints
from course.training.ema import EMA
from course.training.evaluation import Metric, Prepare, evaluate, unpack
from course.training.history import History, OnProgress, Progress
from course.training.parameters import training_mode
from course.training.sampling import passes, stream
from course.training.schedules import Schedule


@dataclass(frozen=True)
class Validation:
    """What a training is judged by: a loader, a metric, what is done to its batches on the device, and the score.

    loader, metric, prepare: see `evaluate`. watch: a key of `metric.summary()`; higher is better.
    """

    loader: Iterable
    metric: Metric
    prepare: Prepare | None = None
    watch: str = "mean_iou"


@dataclass(frozen=True)
class Settings:
    """The arguments of `fit` that say how often, how much and where; checked."""

    steps: int
    accumulate: int
    clip: float | None
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
        if self.clip is not None and not self.clip > 0:
            raise ValueError(f"clip is {self.clip!r}; wanted the largest norm of the gradient, above 0, or None.")


class Run:
    """A training under way. `model` is the user's own module; `wrapped` is what computes (compiled, distributed)."""

    def __init__(self, fabric, model: nn.Module, optimiser: Optimizer, loss: Callable, loader, settings: Settings):
        self.fabric, self.model, self.optimiser, self.loss = fabric, model, optimiser, loss
        self.loader, self.settings = loader, settings
        self.wrapped = self.stepper = self.ema = None
        self.step = self._pictures = self._logged = 0
        self.history = History(watch=settings.validation.watch if settings.validation else "mean_iou")

    def set_up(self, compiled: bool, decay: float | None) -> None:
        """Move everything to its device, and wrap it for several processes."""
        if self.fabric.device.type == "cuda":
            self.model.to(memory_format=torch.channels_last)
        model = torch.compile(self.model) if compiled else self.model
        self.wrapped, self.stepper = self.fabric.setup(model, self.optimiser)
        self.ema = None if decay is None else EMA(self.model, decay)
        for group in self.optimiser.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self._total = torch.zeros((), device=self.fabric.device)

    def start(self) -> None:
        """Begin to read batches, where the training stands."""
        self._batches = passes(self.loader, self.settings.seed, self.step * self.settings.accumulate)
        self._begun, self._clock = time.perf_counter() - self.history.seconds, time.perf_counter()
        self._logged = self.step

    def advance(self) -> None:
        """One update of the weights."""
        torch.manual_seed(stream(self.settings.seed, self.step, self.fabric.global_rank))
        training_mode(self.model)
        for group in self.optimiser.param_groups:
            group["lr"] = group["initial_lr"] * self.settings.schedule(self.step)
        for part in range(1, self.settings.accumulate + 1):
            self._backward(last=part == self.settings.accumulate)
        if self.settings.clip is not None:
            self.fabric.clip_gradients(
                self.wrapped, self.stepper, max_norm=self.settings.clip, error_if_nonfinite=False
            )
        self.stepper.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.ema:
            self.ema.update(self.model)
        self.step += 1

    def _backward(self, last):
        images, labels = unpack(next(self._batches), self.fabric, self.settings.prepare)
        with self.fabric.no_backward_sync(self.wrapped, enabled=not last):  # processes add up gradients once a step
            loss = self.loss(self.wrapped(images), labels) / self.settings.accumulate
            self.fabric.backward(loss)
        self._total += loss.detach()
        self._pictures += len(images)

    def log(self) -> None:
        """Note the mean loss since the entry before; FloatingPointError when it is not finite."""
        loss = self.fabric.all_reduce(self._total / (self.step - self._logged), reduce_op="mean").item()
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"The loss is {loss} between steps {self._logged} and {self.step}: the training diverged. Take a lower "
                "learning rate, a warm-up or clip=1.0; the last checkpoint is from before."
            )
        now = time.perf_counter()
        self.speed = self._pictures * self.fabric.world_size / (now - self._clock)
        self.history.steps.append(self.step)
        self.history.losses.append(loss)
        self.history.rates.append(self.optimiser.param_groups[0]["lr"])
        self._total.zero_()
        self._pictures, self._logged = 0, self.step

    def validate(self) -> None:
        """Score the model, with the averaged weights if there are any, and keep it if it is the best so far."""
        validation, scores = self.settings.validation, None
        self._agree()
        with self.ema.applied(self.model) if self.ema else nullcontext():
            if validation:
                metric = evaluate(
                    self.model,
                    validation.loader,
                    validation.metric,
                    prepare=validation.prepare,
                    fabric=self.fabric,
                )
                scores = self._scores(metric)
            if scores is None or self.history.best is scores:
                self.write_best(scores)

    def _agree(self):
        """Give all processes the first one's statistics of batch normalisation; each saw its own pictures."""
        if self.fabric.world_size > 1:
            for tensor in (*self.model.buffers(), *(self.ema.state_dict().values() if self.ema else ())):
                torch.distributed.broadcast(tensor, 0)

    def _scores(self, metric):
        scores = {"step": self.step} | metric.summary()
        if self.history.watch not in scores:
            raise ValueError(f"the metric has no {self.history.watch!r}; wanted watch to be one of {sorted(scores)}.")
        self.history.scores.append(scores)
        return scores

    def write_best(self, scores: dict | None) -> None:
        """Write `best.safetensors`: the weights alone, and what they are."""
        if self.settings.folder and self.fabric.is_global_zero:
            about = {"config": self.settings.config, "step": self.step, "scores": scores}
            checkpoints.save(self.settings.folder / "best.safetensors", self.model.state_dict(), about)

    def write_last(self) -> None:
        """Write `last.safetensors`, all that the training needs to go on, and `log.csv`."""
        self.history.seconds = time.perf_counter() - self._begun
        if self.settings.folder and self.fabric.is_global_zero:
            state, optimiser = checkpoints.pack_optimiser(self.optimiser)
            tensors = checkpoints.prefixed(self.model.state_dict(), "model")
            tensors |= checkpoints.prefixed(state, "optimiser")
            tensors |= checkpoints.prefixed(self.ema.state_dict(), "ema") if self.ema else {}
            about = self._position() | {
                "step": self.step,
                "optimiser": optimiser,
                "ema_updates": self.ema.updates if self.ema else None,
                "history": asdict(self.history),
                "config": self.settings.config,
            }
            checkpoints.save(self.settings.folder / "last.safetensors", tensors, about)
            checkpoints.write_table(self.settings.folder / "log.csv", self.history.table())
        self.fabric.barrier()

    def _position(self):
        """What must be as it was, so that a step of a resumed run is the step it would have been."""
        return {"seed": self.settings.seed, "batches": len(self.loader), "accumulate": self.settings.accumulate}

    def restore(self, path: Path) -> None:
        """Go back to where `last.safetensors` was written; ValueError if it belongs to another training."""
        tensors, about = checkpoints.load(path)
        for name, here in (self._position() | {"ema": self.ema is not None}).items():
            there = about["ema_updates"] is not None if name == "ema" else about[name]
            if here != there:
                raise ValueError(f"{path} was trained with {name} {there}, this training has {here}; take the same.")
        checkpoints.give(self.model, checkpoints.section(tensors, "model"), path)
        checkpoints.unpack_optimiser(self.optimiser, checkpoints.section(tensors, "optimiser"), about["optimiser"])
        if self.ema:
            self.ema.load_state_dict(checkpoints.section(tensors, "ema"), about["ema_updates"])
        self.step, self.history = about["step"], History(**about["history"])

    def tell(self) -> None:
        """Call the callback, and start the clock of the speed anew, which does not count validations and pictures."""
        if self.settings.on_progress and self.fabric.is_global_zero:
            best = self.history.scores[-1][self.history.watch] if self.history.scores else None
            epoch = (self.step * self.settings.accumulate - 1) // len(self.loader)
            newest = self.history.losses[-1], self.history.rates[-1]
            self.settings.on_progress(
                Progress(self.step, self.settings.steps, epoch, *newest, best, self.speed, self.history, self.model)
            )
        self._clock = time.perf_counter()

    def line(self) -> str:
        """The newest loss, score and speed, for the progress bar."""
        score = (
            f", {self.history.watch} {self.history.scores[-1][self.history.watch]:.3f}" if self.history.scores else ""
        )
        return f"loss {self.history.losses[-1]:.3f}{score}, {self.speed:.3g} pictures/s"

    def finish(self) -> None:
        """Leave the model as it is to be used: with the averaged weights if there are any, in evaluation mode."""
        if self.ema:
            self.model.load_state_dict(self.ema.state_dict())
        self.model.eval()
