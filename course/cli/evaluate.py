"""`course evaluate CHECKPOINT`: score trained weights on a data set, or a shipped checkpoint by its name."""

from pathlib import Path
from typing import Annotated

import typer

from course.models.networks import build


def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="A run's folder, a file in it, or a name from `course zoo`.")],
    data: Annotated[str | None, typer.Option(help="As for course train. Default: the data it was trained on.")] = None,
    split: Annotated[str, typer.Option(help="val or test.")] = "val",
    size: Annotated[str | None, typer.Option(help="Height x width to score at. Default: the run's.")] = None,
    batch: Annotated[int, typer.Option(help="Pictures in a batch.", min=1)] = 8,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:0 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, 32-true or bf16-mixed.")] = "auto",
):
    """Score trained weights, and print the IoU per class.

    Pictures and labels are brought to one size first, so the scores are scores at that size. Exit status: 0 scored,
    1 something was wrong.
    """
    from course.models.zoo import shipped

    try:
        if data is None and not checkpoint.exists() and str(checkpoint) in shipped():
            _evaluate_shipped(str(checkpoint), batch, device, precision)
            return
        _evaluate(checkpoint, data, split, size, batch, device, precision)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _evaluate(checkpoint, data, split, size, batch, device, precision):
    from course.cli.sources import Changed, open_source, size_of
    from course.data.cache import Cached
    from course.data.transforms import evaluation, normalise
    from course.metrics import ConfusionMatrix
    from course.training import batches, load_weights, make_fabric
    from course.training import evaluate as score
    from course.training.checkpoints import load

    if split not in ("val", "test"):
        raise ValueError(f"--split is {split!r}; wanted val or test.")
    path = checkpoint / "best.safetensors" if checkpoint.is_dir() else checkpoint
    config = load(path)[1].get("config", {})
    if not {"network", "names", "data", "size"} <= config.keys():
        raise ValueError(f"{path} does not say what it is; wanted a best.safetensors that course train has written.")
    data = data or config["data"]
    model = build(config["network"], len(config["names"]))
    load_weights(model, path)
    source = open_source(data, split=split, train=False)
    if list(source.names) != config["names"]:
        raise ValueError(
            f"{path} knows the classes {config['names']}, {data} has {list(source.names)}; take other data."
        )
    pictures = Cached(Changed(source.validation, evaluation(size_of(size or config["size"], data))))  # as in training
    fabric = make_fabric(device, precision)
    metric = ConfusionMatrix(len(source.names), names=source.names)
    loader = batches(pictures, batch * fabric.world_size, shuffle=False)
    scored = score(model, loader, metric, prepare=lambda x, y: (normalise(x), y), fabric=fabric)
    if fabric.is_global_zero:
        table(scored, f"{config['network']} on {data}, {len(pictures)} pictures of {split}")


def _evaluate_shipped(name, batch, device, precision):
    """On the held-out scenes of its card, so that the card's scores come out again."""
    from course.data.palettes import SCENES
    from course.data.scenes import Scenes
    from course.metrics import ConfusionMatrix
    from course.models.zoo import HELD_OUT, load
    from course.training import batches, make_fabric
    from course.training import evaluate as score

    fabric = make_fabric(device, precision)
    model, card = load(name)
    loader = batches(Scenes(HELD_OUT, split="test"), batch * fabric.world_size, shuffle=False)
    scored = score(model, loader, ConfusionMatrix(card.classes, names=SCENES.names), fabric=fabric)
    table(scored, f"{name} on {HELD_OUT} held-out scenes; its card says {card.scores['mean IoU']} mean IoU")


def table(metric, title):
    """Print a metric's scores per class and their means, in per cent; a class that is absent has no score."""
    from rich.console import Console
    from rich.table import Table

    shown = Table("class")
    columns = {"IoU": "iou", "accuracy": "class_accuracy"}
    for column in columns:
        shown.add_column(column, justify="right")
    for name, scores in metric.per_class().items():
        shown.add_row(name, *(_percent(scores[key]) for key in columns.values()))
    shown.add_section()
    means = metric.summary()
    shown.add_row("mean", _percent(means["mean_iou"]), _percent(means["mean_class_accuracy"]))
    shown.add_row("all pixels", "", _percent(means["overall_accuracy"]))
    typer.echo(title)
    Console().print(shown)


def _percent(value):
    return "–" if value != value else f"{100 * value:.1f}"
