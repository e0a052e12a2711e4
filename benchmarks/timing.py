"""Fair timing: the contenders take turns, so that a busy moment of the machine hits all of them alike."""

import time
from collections.abc import Callable
from statistics import median

from rich.table import Table


def race(contenders: dict[str, Callable[[], object]], *, rounds: int = 15, seconds: float = 20.0) -> dict[str, float]:
    """Median wall time of each contender, in seconds.

    Args:
        contenders: name → a function without arguments. Work on a GPU must end with its own synchronize.
        rounds: how often each one runs, after one untimed run for warming up.
        seconds: no new round starts later than this; at least one is run.

    Returns:
        name → median seconds, in the order given.

    Raises:
        ValueError: nobody to race, or no rounds.
    """
    if not contenders or rounds < 1:
        raise ValueError(f"need a contender and a round, got {len(contenders)} contenders and {rounds} rounds")
    for run in contenders.values():
        run()
    times = {name: [] for name in contenders}
    names, deadline = list(contenders), time.perf_counter() + seconds
    for turn in range(rounds):
        first = turn % len(names)  # who starts changes, so that nobody always follows the same neighbor
        for name in names[first:] + names[:first]:
            started = time.perf_counter()
            contenders[name]()
            times[name].append(time.perf_counter() - started)
        if time.perf_counter() > deadline:
            break
    return {name: median(values) for name, values in times.items()}


def table(title: str, times: dict[str, float], ours: str) -> Table:
    """A rich table of median times; the ratio says how many times as long as `ours` each contender took.

    Args:
        title: what was measured, with sizes.
        times: from `race`.
        ours: the contender that the others are divided by.

    Raises:
        ValueError: `ours` did not race.
    """
    if ours not in times:
        raise ValueError(f"{ours!r} did not race; choose one of {', '.join(times)}")
    result = Table(title=title, title_justify="left")
    result.add_column("contender")
    result.add_column("median ms", justify="right")
    result.add_column("ratio", justify="right")
    for name, value in times.items():
        result.add_row(name, f"{value * 1e3:.2f}", f"{value / times[ours]:.2f}")
    return result
