"""`course evaluate WEIGHTS`: score trained weights on a data set."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    weights: Annotated[str, typer.Argument(help="A run's folder, a .safetensors file, or a name from `course zoo`.")],
    data: Annotated[str | None, typer.Option(help="As for course train. Default: the data it was trained on.")] = None,
    split: Annotated[str | None, typer.Option(help="val or test. Default: val; what ships is scored on test.")] = None,
    size: Annotated[str | None, typer.Option(help="Height x width to score at. Default: the run's.")] = None,
    batch: Annotated[int, typer.Option(help="Pictures in a batch.", min=1)] = 8,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:0 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, 32-true or bf16-mixed.")] = "auto",
) -> None:
    """Score trained weights, and print the IoU per class.

    Pictures and labels are brought to one size first, so the scores are scores at that size. Exit status: 0 scored,
    1 something was wrong.
    """
    try:
        _evaluate(weights, data, split, size, {"batch": batch, "device": device, "precision": precision})
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _evaluate(weights: str, data: str | None, split: str | None, size: str | None, how: dict) -> None:
    from course.cli.sizes import parse_size
    from course.cli.tables import print_scores
    from course.tasks.semantic import evaluate as evaluate_network
    from course.tasks.semantic import is_first_process

    wanted = parse_size(size) if size else None
    metric, card = evaluate_network(weights, data=data, split=split, size=wanted, **how)
    if is_first_process():
        place = f"{card.scored_on} of {Path(card.data).name if data is None else data}"
        says = f"; its card says {card.scores['mean IoU']} mean IoU" if data is None and card.scores_of_50 else ""
        print_scores(metric, f"{card.network} on {place} at {card.size[0]}×{card.size[1]}{says}")
