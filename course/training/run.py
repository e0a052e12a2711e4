"""What happens in a training: a step, an entry of the log, a validation, a checkpoint. `fit` puts them in order."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.optim import Optimizer

from course.tensors import load_tensors, save_tensors
from course.training import checkpoints
from course.training.devices import device_name
from course.training.ema import EMA
from course.training.evaluation import Metric, evaluate, unpack
from course.training.history import History, Status
from course.training.objective import Objective, Terms
from course.training.parameters import training_mode
from course.training.sampling import derive_seed, endless_batches
from course.training.settings import Settings

if TYPE_CHECKING:
    from lightning_fabric import Fabric


class Run:
    """A training under way. `objective.model` is the user's own; `wrapped` computes (compiled, distributed)."""

    def __init__(
        self, fabric: Fabric, objective: Objective, optimizer: Optimizer, loader: Iterable, settings: Settings
    ):
        self.fabric, self.objective, self.model, self.optimizer = fabric, objective, objective.model, optimizer
        self.loader, self.settings = loader, settings
        self.wrapped = self.stepper = self.ema = None
        self.step = self._pictures = self._logged = 0
        self._sums: Terms = {}
        self.history = History(monitor=settings.validation.monitor if settings.validation else "mean_iou")

    def set_up(self, compiled: bool, decay: float | None) -> None:
        """Move everything to its device, and wrap it for several processes."""
        if self.fabric.device.type == "cuda":
            self.model.to(memory_format=torch.channels_last)
        objective = torch.compile(self.objective) if compiled else self.objective
        self.wrapped, self.stepper = self.fabric.setup(objective, self.optimizer)
        self.ema = None if decay is None else EMA(self.model, decay)
        for group in self.optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])

    def start(self) -> None:
        """Begin to read batches, where the training stands."""
        self._batches = endless_batches(self.loader, self.settings.seed, self.step * self.settings.accumulate)
        self._begun, self._clock = time.perf_counter() - self.history.seconds, time.perf_counter()
        self._logged = self.step

    def advance(self) -> None:
        """One update of the weights."""
        torch.manual_seed(derive_seed(self.settings.seed, self.step, self.fabric.global_rank))
        training_mode(self.model)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * self.settings.schedule(self.step)
        for part in range(1, self.settings.accumulate + 1):
            self._backward(last=part == self.settings.accumulate)
        if self.settings.max_grad_norm is not None:
            self.fabric.clip_gradients(
                self.wrapped, self.stepper, max_norm=self.settings.max_grad_norm, error_if_nonfinite=False
            )
        self.stepper.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.ema:
            self.ema.update(self.model)
        self.step += 1

    def _backward(self, last: bool) -> None:
        inputs, targets = unpack(next(self._batches), self.fabric, self.settings.prepare)
        with self.fabric.no_backward_sync(self.wrapped, enabled=not last):  # processes add up gradients once a step
            terms = self.wrapped(inputs, targets)
            loss = sum(terms.values()) / self.settings.accumulate
            self.fabric.backward(loss)
        self._add({name: term / self.settings.accumulate for name, term in terms.items()} | {"loss": loss})
        self._pictures += count_pictures(inputs)

    def _add(self, terms: Terms) -> None:
        """Sum up the terms of the steps since the last entry of the log."""
        if self._sums and terms.keys() != self._sums.keys():
            raise ValueError(
                f"the loss has the terms {sorted(terms)}; wanted {sorted(self._sums)}, as in the step before. Give 0 "
                "times something for a term that has nothing to count."
            )
        for name, term in terms.items():
            self._sums[name] = self._sums.get(name, 0) + term.detach()

    def log(self) -> None:
        """Note the mean loss since the entry before; FloatingPointError when it is not finite."""
        steps = self.step - self._logged
        means = torch.stack([total / steps for total in self._sums.values()])
        means = self.fabric.all_reduce(means, reduce_op="mean").tolist()
        losses = dict(zip(self._sums, means, strict=True))
        if not math.isfinite(losses["loss"]):
            raise FloatingPointError(
                f"the loss is {losses['loss']} between steps {self._logged} and {self.step}; wanted a finite number: "
                "the training diverged. Give a lower learning rate, a warm-up or max_grad_norm=1.0; the last "
                "checkpoint is from before."
            )
        now = time.perf_counter()
        self.speed = self._pictures * self.fabric.world_size / (now - self._clock)
        self.history.log(self.step, losses, self.optimizer.param_groups[0]["lr"])
        self._sums, self._pictures, self._logged = {}, 0, self.step

    def validate(self) -> None:
        """Score the model, with the averaged weights if there are any, and keep it if it is the best so far."""
        validation, scores = self.settings.validation, None
        self._synchronize()
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

    def _synchronize(self) -> None:
        """Give all processes the first one's statistics of batch normalization; each saw its own pictures."""
        if self.fabric.world_size > 1:
            for tensor in (*self.model.buffers(), *(self.ema.state_dict().values() if self.ema else ())):
                torch.distributed.broadcast(tensor, 0)

    def _scores(self, metric: Metric) -> dict:
        scores = {"step": self.step} | metric.summary()
        if self.history.monitor not in scores:
            raise ValueError(f"monitor is {self.history.monitor!r}; wanted a score of the metric: {sorted(scores)}.")
        self.history.scores.append(scores)
        return scores

    def write_best(self, scores: dict | None) -> None:
        """Write `best.safetensors`: the weights alone, and what they are."""
        if self.settings.folder and self.fabric.is_global_zero:
            about = {"config": self.settings.config, "step": self.step, "scores": scores}
            save_tensors(self.settings.folder / "best.safetensors", self.model.state_dict(), about)

    def write_last(self) -> None:
        """Write `last.safetensors`, all that the training needs to go on, and `log.csv`."""
        self.history.seconds = time.perf_counter() - self._begun
        self.history.device = device_name(self.fabric.device)
        if self.settings.folder and self.fabric.is_global_zero:
            state, optimizer = checkpoints.pack_optimizer(self.optimizer)
            tensors = checkpoints.prefixed(self.model.state_dict(), "model")
            tensors |= checkpoints.prefixed(state, "optimizer")
            tensors |= checkpoints.prefixed(self.ema.state_dict(), "ema") if self.ema else {}
            about = self._position() | {
                "step": self.step,
                "optimizer": optimizer,
                "ema_updates": self.ema.updates if self.ema else None,
                "history": asdict(self.history),
                "config": self.settings.config,
            }
            save_tensors(self.settings.folder / "last.safetensors", tensors, about)
            checkpoints.write_table(self.settings.folder / "log.csv", self.history.table())
        self.fabric.barrier()

    def _position(self) -> dict:
        """What must be as it was, so that a step of a resumed run is the step it would have been."""
        return {"seed": self.settings.seed, "batches": len(self.loader), "accumulate": self.settings.accumulate}

    def restore(self, path: Path) -> None:
        """Go back to where `last.safetensors` was written; ValueError if it belongs to another training."""
        tensors, about = load_tensors(path)
        for name, here in (self._position() | {"ema": self.ema is not None}).items():
            there = about["ema_updates"] is not None if name == "ema" else about[name]
            if here != there:
                raise ValueError(f"{name} is {here}; wanted {there}, with which {path} was trained. Give the same.")
        checkpoints.load_state(self.model, checkpoints.section(tensors, "model"), path)
        checkpoints.unpack_optimizer(self.optimizer, checkpoints.section(tensors, "optimizer"), about["optimizer"])
        if self.ema:
            self.ema.load_state_dict(checkpoints.section(tensors, "ema"), about["ema_updates"])
        self.step, self.history = about["step"], History(**about["history"])

    def report(self) -> None:
        """Call the callback, and start the clock of the speed anew: it leaves out validations and pictures drawn."""
        history, settings = self.history, self.settings
        if settings.on_progress and self.fabric.is_global_zero:
            epoch = (self.step * settings.accumulate - 1) // len(self.loader)
            newest = history.losses[-1], history.lrs[-1], history.newest_score
            settings.on_progress(Status(self.step, settings.steps, epoch, *newest, self.speed, history, self.model))
        self._clock = time.perf_counter()

    def summary(self) -> str:
        """The newest loss, score and speed, for the progress bar."""
        score = self.history.newest_score
        shown = "" if score is None else f", {self.history.monitor} {score:.3f}"
        return f"loss {self.history.losses[-1]:.3f}{shown}, {self.speed:.3g} pictures/s"

    def finish(self) -> None:
        """Leave the model as it is to be used: with the averaged weights if there are any, in evaluation mode."""
        if self.ema:
            self.model.load_state_dict(self.ema.state_dict())
        self.model.eval()


def count_pictures(inputs: Any) -> int:
    """Pictures in a batch: a tensor's first axis, a list's length; of a tuple or a dict its first part's."""
    if isinstance(inputs, dict):
        return count_pictures(next(iter(inputs.values())))
    return count_pictures(inputs[0]) if isinstance(inputs, tuple) else len(inputs)
