"""`autograder audit`: the tests of the hidden checks."""

import typer
from rich.progress import Progress
from rich.table import Table

from autograder.cli.common import Labs, console, find_all


def audit(labs: Labs = None) -> None:
    """Hold the hidden checks against wrong, right, mutated and misbehaving answers."""
    from autograder.audit.audit import audit as audit_labs
    from autograder.audit.audit import workers

    chosen = [lab for lab in find_all(labs) if lab.exercises]
    total = sum(len(lab.exercises) for lab in chosen)
    with workers() as pool, Progress(console=console, transient=True) as bar:
        task = bar.add_task("exercises", total=total)
        rows = audit_labs(chosen, pool, report=lambda: bar.advance(task))
    for lab in chosen:
        _print(lab.title, rows[lab.short])
    _print_kinds([row for found in rows.values() for row in found])
    raise typer.Exit(0 if all(row.sound for found in rows.values() for row in found) else 1)


def _print_kinds(rows: list) -> None:
    """How many exercises each misbehavior was caught in, all labs together."""
    table = Table(title="The right solution, misbehaving", title_justify="left")
    for column in ("it …", "caught", "allowed", "missed"):
        table.add_column(column, justify="left" if column == "it …" else "right")
    for name in dict.fromkeys(name for row in rows for name in row.misbehaviors):
        verdicts = [row.misbehaviors.get(name) for row in rows]
        table.add_row(name, *(str(verdicts.count(verdict)) for verdict in ("caught", "allowed", "missed")))
    console.print(table)


def _print(title: str, rows: list) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("exercise", "wrong", "right", "mutants killed", "equivalent", "misbehaviors", "allowed"):
        table.add_column(column, justify="left" if column == "exercise" else "right")
    for row in rows:
        mark = "[green]✓[/]" if row.sound else "[red]✗[/]"
        share = f"{100 * row.killed / row.mutants:.1f} %" if row.mutants else "–"
        table.add_row(
            f"{mark} {row.exercise}",
            f"{row.wrong_caught}/{row.wrong}",
            f"{row.right_passed}/{row.right}",
            f"{row.killed}/{row.mutants} {share}",
            f"{row.equivalent}",
            f"{row.count('caught')}/{len(row.misbehaviors) - row.count('allowed')}",
            f"{row.count('allowed')}",
        )
    console.print(table)
    for row in rows:
        for fault in row.faults:
            console.print(f"  [red]{row.exercise}[/]: ", end="")
            console.print(fault, markup=False, highlight=False)
        for survivor in row.survivors:
            console.print(f"  [yellow]{row.exercise} survives[/]: ", end="")
            console.print(survivor, markup=False, highlight=False)
