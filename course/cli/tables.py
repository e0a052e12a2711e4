"""Scores as a table in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from course.metrics import ConfusionMatrix


def print_scores(metric: ConfusionMatrix, title: str) -> None:
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


def _percent(value: float) -> str:
    return "–" if value != value else f"{100 * value:.1f}"
