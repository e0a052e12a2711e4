"""The training loop: one for the CPU, CUDA, MPS, several GPUs and several machines.

A step is one update of the weights. What is random in a step follows from (seed, step), the batches of a step follow
from (seed, epoch), the learning rate from the step. So a run that is killed and resumed from its last checkpoint ends
with the same bits as one that ran through (on the CPU; on CUDA as far as `deterministic=True` reaches).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from tqdm.auto import tqdm

from course.tensors import load_tensors
from course.training.devices import deterministic_algorithms, make_fabric
from course.training.evaluation import Prepare, no_bar, share_between_processes
from course.training.history import History, OnProgress
from course.training.objective import Loss, Objective, OutputLoss, TaskLoss
from course.training.run import Run
from course.training.schedules import Schedule, constant
from course.training.settings import Settings, Validation

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def fit(
    model: nn.Module,
    loader: Iterable,
    loss: Loss | None = None,
    *,
    objective: TaskLoss | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    accumulate: int = 1,
    max_grad_norm: float | None = None,
    ema: float | None = None,
    validation: Validation | None = None,
    every: int | None = None,
    patience: int | None = None,
    prepare: Prepare | None = None,
    seed: int | None = None,
    deterministic: bool = False,
    device: str = "auto",
    precision: str = "auto",
    compile: bool = False,
    fabric: Fabric | None = None,
    folder: Path | str | None = None,
    resume: bool = False,
    config: dict | None = None,
    on_progress: OnProgress | None = None,
    log_every: int = 10,
    bar: bool = True,
) -> History:
    """Train a model, in place. Afterwards it is on its device, in evaluation mode, with the averaged weights if `ema`.

    Args:
        model: inputs -> outputs, such as images (n, 3, h, w) in [0, 1] -> logits (n, k, h, w).
        loader: batches (inputs, targets) of any nesting; best from `batches`, which can be continued at once and shared
            by processes. Any other iterable with a length serves a single process.
        loss: loss(outputs, targets) -> a scalar, or scalars by name, of which the sum is minimized; a mean over the
            pixels. With `accumulate` and on several processes, the gradient is the mean of the parts' gradients: that
            of the whole batch where all parts have as many pixels.
        objective: objective(model, inputs, targets) -> the same, in place of `loss`: for models that need the targets
            in the middle of their forward pass, see `course.training.objective`.
        epochs, steps: how long; one of the two.
        optimizer: over the model's parameters, with groups from `parameter_groups` if parts learn at different rates;
            None for AdamW at 1e-3.
        schedule: step -> factor of each group's learning rate, see `poly` and `cosine`; None for 1.
        accumulate: batches whose gradients are averaged for one step.
        max_grad_norm: gradients of a larger norm are scaled down to it; None for no limit.
        ema: decay of the averaged weights, see `EMA`, or None.
        validation: what to score the model on, see `Validation`, or None.
        every: steps between validations and between checkpoints; None for once an epoch. The last step has both.
        patience: stop after this many validations without a better score, or None.
        prepare: called as prepare(inputs, targets) on the device before the model: to change the pictures at random
            (with torch's generator on the CPU the same again after a resume); or None.
        seed: whole number that everything random follows from; None to draw one from torch's generator.
        deterministic: see `deterministic_algorithms`.
        device, precision, fabric: see `make_fabric`; a launched `fabric` takes the place of the other two.
        compile: compute with torch.compile.
        folder: where last.safetensors, best.safetensors and log.csv are written, or None for nowhere.
        resume: go on from the folder's last.safetensors if it is there, and from the start if not.
        config: anything JSON holds, kept in the checkpoints.
        on_progress: called with a `Status` after each entry of the log and each validation, on the first process;
            this is where curves and predictions are drawn.
        log_every: steps between entries of the log.
        bar: show a progress bar, in notebooks and terminals.

    Returns:
        `History`.

    Raises:
        ValueError: arguments do not fit together, or the folder holds another run.
        FloatingPointError: the loss became NaN or infinite.
    """
    fabric = fabric or make_fabric(device, precision)
    folder = None if folder is None else Path(folder)
    last = _checkpoint(folder, resume)
    _check(loader, patience, validation)
    share_between_processes(loader, fabric)
    settings = Settings(
        steps=_count_steps(loader, epochs, steps, accumulate),
        accumulate=accumulate,
        max_grad_norm=max_grad_norm,
        schedule=schedule or constant(),
        every=max(1, len(loader) // max(1, accumulate)) if every is None else every,
        log_every=log_every,
        seed=fabric.broadcast(_seed(seed, last)),
        folder=folder,
        config=config or {},
        validation=validation,
        prepare=prepare,
        on_progress=on_progress,
    )
    optimizer = optimizer or AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    run = Run(fabric, _objective(model, loss, objective), optimizer, loader, settings)
    run.set_up(compile, ema)
    if last:
        run.restore(last)
    with deterministic_algorithms(deterministic):
        _train(run, patience, tqdm(total=settings.steps, initial=run.step, unit="step", disable=no_bar(bar, fabric)))
    return run.history


def _train(run: Run, patience: int | None, bar: tqdm) -> None:
    steps, every, log_every = run.settings.steps, run.settings.every, run.settings.log_every
    run.start()
    with bar:
        while run.step < steps and run.history.stopped != "early":
            run.advance()
            bar.update()
            due = run.step % every == 0 or run.step == steps
            if due or run.step % log_every == 0:
                run.log()
            if due:
                run.validate()
                run.history.stopped = _stopped(run, patience)
                run.write_last()
            if due or run.step % log_every == 0:
                bar.set_postfix_str(run.summary())
                run.report()
    run.finish()


def _stopped(run: Run, patience: int | None) -> str:
    if patience is not None and run.history.stale >= patience:
        return "early"
    return "done" if run.step == run.settings.steps else ""


def _objective(model: nn.Module, loss: Loss | None, objective: TaskLoss | None) -> Objective:
    if (loss is None) == (objective is None):
        raise ValueError(f"loss is {loss!r} and objective {objective!r}; wanted one of the two: what to minimize.")
    return Objective(model, OutputLoss(loss) if objective is None else objective)


def _checkpoint(folder: Path | None, resume: bool) -> Path | None:
    """The file to go on from, or None to begin; ValueError where a run would be overwritten."""
    if folder is None:
        if resume:
            raise ValueError("resume is True and folder None; wanted the folder that holds last.safetensors.")
        return None
    last = folder / "last.safetensors"
    if last.is_file() and not resume:
        raise ValueError(f"{folder} holds a run; wanted a folder without one. Go on with resume=True, or give another.")
    return last if last.is_file() else None


def _seed(seed: int | None, last: Path | None) -> int:
    if seed is not None:
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed is {seed!r}; wanted a whole number. Give None to draw one.")
        return seed
    return load_tensors(last)[1]["seed"] if last else int(torch.randint(2**31, ()))


def _check(loader: Iterable, patience: int | None, validation: Validation | None) -> None:
    if not hasattr(loader, "__len__") or len(loader) < 1:
        raise ValueError(
            f"the loader is a {type(loader).__name__} without batches or without a length; wanted one that can be "
            "iterated again and again, such as batches(dataset, 8) or a list."
        )
    if patience is not None and (validation is None or patience < 1):
        raise ValueError(
            f"patience is {patience!r} and validation {validation!r}; wanted at least 1, and a validation to go by."
        )


def _count_steps(loader: Iterable, epochs: int | None, steps: int | None, accumulate: int) -> int:
    if (epochs is None) == (steps is None):
        raise ValueError(f"epochs is {epochs!r} and steps {steps!r}; wanted one of the two: how long to train.")
    if epochs is not None and not (isinstance(epochs, int) and epochs >= 1):
        raise ValueError(f"epochs is {epochs!r}; wanted a whole number of at least 1.")
    return steps if steps is not None else epochs * len(loader) // max(1, accumulate)
