"""The training loop: one for the CPU, CUDA, MPS, several cards and several machines.

A step is one update of the weights. What is random in a step follows from (seed, step), the batches of a step follow
from (seed, epoch), the learning rate from the step. So a run that is killed and resumed from its last checkpoint ends
with the same bits as one that ran through (on the CPU; on CUDA as far as `deterministic=True` reaches).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import nn
from torch.optim import AdamW, Optimizer
from tqdm.auto import tqdm

from course.training.checkpoints import load
from course.training.devices import deterministic_algorithms, make_fabric
from course.training.evaluation import Prepare, share_out, silent
from course.training.history import History, OnProgress
from course.training.run import Run, Settings, Validation
from course.training.schedules import Schedule, constant


def fit(
    model: nn.Module,
    loader: Iterable,
    loss: Callable,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    optimiser: Optimizer | None = None,
    schedule: Schedule | None = None,
    accumulate: int = 1,
    clip: float | None = None,
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
    fabric=None,
    folder: Path | str | None = None,
    resume: bool = False,
    config: dict | None = None,
    on_progress: OnProgress | None = None,
    log_every: int = 10,
    bar: bool = True,
) -> History:
    """Train a model, in place. Afterwards it is on its device, in evaluation mode, with the averaged weights if `ema`.

    Args:
        model: images (n, 3, h, w) -> logits (n, k, h, w), or whatever `loss` takes.
        loader: batches (images, labels); best from `batches`, which can be continued at once and shared by processes.
            Any other iterable with a length serves a single process.
        loss: loss(logits, labels) -> scalar, the mean over the pixels. With `accumulate` and on several processes, the
            gradient is the mean of the parts' gradients: that of the whole batch where all parts have as many pixels.
        epochs, steps: how long; one of the two.
        optimiser: over the model's parameters, with groups from `parameter_groups` if parts learn at other rates;
            None for AdamW at 1e-3.
        schedule: step -> factor of each group's rate, see `poly` and `cosine`; None for 1.
        accumulate: batches whose gradients are averaged for one step.
        clip: largest norm of the gradient, or None.
        ema: decay of the averaged weights, see `EMA`, or None.
        validation: what to score the model on, see `Validation`, or None.
        every: steps between validations and between checkpoints; None for once an epoch. The last step has both.
        patience: stop after this many validations without a better score, or None.
        prepare: called as prepare(images, labels) on the device before the model: to normalise, to change the pictures
            at random (with torch's generator on the CPU the same again after a resume); or None.
        seed: whole number that everything random follows from; None to draw one from torch's generator.
        deterministic: see `deterministic_algorithms`.
        device, precision, fabric: see `make_fabric`; a launched `fabric` takes the place of the other two.
        compile: compute with `torch.compile(model)`.
        folder: where last.safetensors, best.safetensors and log.csv are written, or None for nowhere.
        resume: go on from the folder's last.safetensors if it is there, and from the start if not.
        config: anything JSON holds, kept in the checkpoints.
        on_progress: called with a `Progress` after each entry of the log and each validation, on the first process;
            this is where curves and predictions are drawn.
        log_every: steps between entries of the log.
        bar: show a progress bar, in notebooks and terminals.

    Returns:
        `History`.

    Raises:
        ValueError: arguments that do not fit together, a folder with another run.
        FloatingPointError: the loss became NaN or infinite.
    """
    fabric = fabric or make_fabric(device, precision)
    folder = None if folder is None else Path(folder)
    last = _checkpoint(folder, resume)
    _check(loader, patience, validation)
    share_out(loader, fabric)
    settings = Settings(
        steps=_count_steps(loader, epochs, steps, accumulate),
        accumulate=accumulate,
        clip=clip,
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
    optimiser = optimiser or AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    run = Run(fabric, model, optimiser, loss, loader, settings)
    run.set_up(compile, ema)
    if last:
        run.restore(last)
    with deterministic_algorithms(deterministic):
        _train(run, patience, tqdm(total=settings.steps, initial=run.step, unit="step", disable=silent(bar, fabric)))
    return run.history


def _train(run, patience, bar):
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
                bar.set_postfix_str(run.line())
                run.tell()
    run.finish()


def _stopped(run, patience):
    if patience is not None and run.history.stale >= patience:
        return "early"
    return "done" if run.step == run.settings.steps else ""


def _checkpoint(folder, resume):
    """The file to go on from, or None to begin; ValueError where a run would be overwritten."""
    if folder is None:
        if resume:
            raise ValueError("resume=True without a folder; give the folder that holds last.safetensors.")
        return None
    last = folder / "last.safetensors"
    if last.is_file() and not resume:
        raise ValueError(f"{folder} holds a run already; go on with resume=True, or take another folder.")
    return last if last.is_file() else None


def _seed(seed, last):
    if seed is not None:
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed is {seed!r}; wanted a whole number, or None to draw one.")
        return seed
    return load(last)[1]["seed"] if last else int(torch.randint(2**31, ()))


def _check(loader, patience, validation):
    if not hasattr(loader, "__len__") or len(loader) < 1:
        raise ValueError(
            f"the loader is a {type(loader).__name__} without batches or without a length; wanted something that can "
            "be gone through again and again, such as batches(dataset, 8) or a list."
        )
    if patience is not None and (validation is None or patience < 1):
        raise ValueError(f"patience is {patience!r}; wanted at least 1, with a `validation` to judge by.")


def _count_steps(loader, epochs, steps, accumulate):
    if (epochs is None) == (steps is None):
        raise ValueError(f"epochs is {epochs!r} and steps {steps!r}; wanted one of the two: how long to train.")
    if epochs is not None and not (isinstance(epochs, int) and epochs >= 1):
        raise ValueError(f"epochs is {epochs!r}; wanted a whole number of at least 1.")
    return steps if steps is not None else epochs * len(loader) // max(1, accumulate)
