"""`course train`: train a network of the course on its data or on yours."""

from pathlib import Path
from typing import Annotated

import typer

from course.data.sources import SIZES, full_name, usual_size
from course.models.networks import NAMES
from course.tasks.criteria import LOSSES
from course.training.recipe import AUGMENTATIONS, SCHEDULES, Recipe


def train(
    network: Annotated[str, typer.Argument(help=f"One of: {', '.join(NAMES)}.")],
    data: Annotated[str, typer.Option(help=f"{', '.join(SIZES)}, or a folder with images/ and masks/.")],
    out: Annotated[Path, typer.Option(help="Folder of the run, made by this command.", file_okay=False)],
    steps: Annotated[int, typer.Option(help="Updates of the weights.", min=1)] = Recipe.steps,
    batch: Annotated[int, typer.Option(help="Pictures in a batch.", min=1)] = Recipe.batch,
    size: Annotated[str | None, typer.Option(help="Height x width of the crops: 360x480. Default: the data's.")] = None,
    lr: Annotated[float, typer.Option(help="Highest learning rate (AdamW, after a warm-up).")] = Recipe.lr,
    weight_decay: Annotated[float, typer.Option(help="AdamW's weight decay.", min=0)] = Recipe.weight_decay,
    schedule: Annotated[str, typer.Option(help=f"One of: {', '.join(SCHEDULES)}.")] = Recipe.schedule,
    loss: Annotated[str, typer.Option(help=f"{', '.join(LOSSES)}; or a sum: cross-entropy+0.5*dice.")] = Recipe.loss,
    augment: Annotated[str, typer.Option(help=f"One of: {', '.join(AUGMENTATIONS)}.")] = Recipe.augment,
    ema: Annotated[float, typer.Option(help="Decay of the averaged weights, 0 for none.", min=0)] = Recipe.ema,
    encoder: Annotated[str, typer.Option(help="A checkpoint whose encoder to begin with.")] = Recipe.encoder,
    scenes: Annotated[int, typer.Option(help="How many scenes to draw for training.", min=1)] = Recipe.scenes,
    workers: Annotated[int, typer.Option(help="Processes that read ahead.", min=0)] = Recipe.workers,
    seed: Annotated[int, typer.Option(help="Everything random follows from it.", min=0)] = Recipe.seed,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:0 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, 32-true, bf16-mixed or 16-mixed.")] = Recipe.precision,
    every: Annotated[int | None, typer.Option(help="Steps between checkpoints; 50 or a tenth.", min=1)] = None,
    compile: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")] = False,
) -> None:
    """Train a network, and print its IoU per class. Several GPUs: torchrun --nproc-per-node 4 -m course train …

    The folder gets config.json, log.csv, progress.png (curves and predictions, drawn anew as it goes),
    last.safetensors (to go on from) and best.safetensors (the weights). It is a checkpoint itself: course evaluate and
    course predict take it. Exit status: 0 trained, 1 something was wrong, 130 stopped by Ctrl-C; run the same with
    --resume to go on.
    """
    from course.cli.sizes import parse_size

    given = {"network": network, "data": full_name(data), "steps": steps, "batch": batch, "lr": lr, "loss": loss}
    given |= {"weight_decay": weight_decay, "schedule": schedule, "augment": augment, "ema": ema, "encoder": encoder}
    given |= {"scenes": scenes, "workers": workers, "seed": seed, "precision": precision}
    try:
        recipe = Recipe(size=parse_size(size) if size else usual_size(data), **given)
        _train(recipe, out, {"device": device, "every": every, "compile": compile}, resume)
    except KeyboardInterrupt:
        typer.echo(f"Stopped. Run the same with --resume to go on from the last checkpoint in {out}.", err=True)
        raise typer.Exit(130) from None
    except (OSError, ValueError, ArithmeticError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _train(recipe: Recipe, out: Path, how: dict, resume: bool) -> None:
    from course.cli.tables import print_scores
    from course.tasks.semantic import is_first_process
    from course.tasks.semantic import train as train_network

    metric, history = train_network(recipe, out, resume=resume, **how)
    if is_first_process():
        print_scores(metric, f"{recipe.network} on {recipe.data}, step {history.best['step']} of {recipe.steps}")
        typer.echo(f"The run is in {out}. Score it again: course evaluate {out}; use it: course predict {out} PICTURES")
