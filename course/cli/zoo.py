"""`course zoo`: the trained networks that the course ships."""

from pathlib import Path
from typing import Annotated

import typer


def zoo(
    check: Annotated[
        bool, typer.Option("--check", help="Score all on 500 scenes and compare with their cards.")
    ] = False,
    add: Annotated[Path | None, typer.Option(help="A run's folder: write it as a checkpoint that ships.")] = None,
    to: Annotated[Path | None, typer.Option(help="With --add: another folder than the course's.")] = None,
) -> None:
    """List the checkpoints that the course ships, with their scores on scenes that training never saw.

    Exit status: 0, or 1 where something was wrong or a score is more than 0.1 from its card.
    """
    try:
        if add is not None:
            _add(add, to)
        elif check:
            _check()
        else:
            _list()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _list() -> None:
    from rich.console import Console
    from rich.table import Table

    from course.models.networks import find_network
    from course.models.zoo import WEIGHTS, read_card, shipped

    if not shipped():
        raise ValueError(f"{WEIGHTS} holds no checkpoint; wanted those that the course ships. Is the checkout whole?")
    table = Table(title="Checkpoints; IoU in per cent on 500 scenes of the test split", title_justify="left")
    for column in ("name", "paper", "lab"):
        table.add_column(column)
    for column in ("params", "mean IoU", "person", "sign", "steps"):
        table.add_column(column, justify="right")
    for name in shipped():
        card, network = read_card(name), find_network(name)
        scores = [f"{card.scores[key]:.1f}" for key in ("mean IoU", "person", "sign")]
        table.add_row(name, network.paper, network.lab, f"{card.parameters / 1e6:.2f} M", *scores, str(card.steps))
    Console().print(table)
    typer.echo("Score one: course evaluate NAME. Use one: course predict NAME PICTURES")
    typer.echo("In Python: from course.models.zoo import load; model, card = load(NAME)")


def _add(run: Path, to: Path | None) -> None:
    from course.models.zoo import WEIGHTS
    from course.tasks.shipping import ship

    card = ship(run, to or WEIGHTS)
    typer.echo(f"{card.name}: {card.scores['mean IoU']} mean IoU, written to {to or WEIGHTS}")


def _check() -> None:
    from course.data.sources import open_source
    from course.models.zoo import shipped
    from course.tasks.shipping import largest_difference

    held_out, wrong = open_source("scenes", split="test", train=False).held_out.fill(), []
    for name in shipped():
        difference = largest_difference(name, held_out)
        typer.echo(f"{name}: at most {difference:.2f} points from its card")
        wrong += [name] if difference > 0.1 else []
    if wrong:
        raise ValueError(f"{', '.join(wrong)} scores otherwise than its card says; wanted at most 0.1 points apart.")
