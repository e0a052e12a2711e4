"""Learning-rate schedules: pure functions from the step to a factor between 0 and 1.

Since a factor depends on the step alone, a schedule has no state: nothing of it is saved, and a resumed run goes on
with the learning rates of an uninterrupted one. `fit` multiplies each parameter group's learning rate by the factor.
"""

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(*, warmup: int = 0) -> Schedule:
    """The full learning rate, after a linear rise.

    Args:
        warmup: steps of the rise, 0 for none: step 0 has 1/warmup of the rate, step warmup − 1 all of it.

    Returns:
        function from the step (0, 1, …) to the factor.

    Raises:
        ValueError: warmup is not a whole number of at least 0.
    """
    _check_warmup(warmup)
    return lambda step: _rise(step, warmup)


def poly(steps: int, *, power: float = 0.9, warmup: int = 0) -> Schedule:
    """(1 − t)^power, where t runs from 0 after the warm-up to 1 at `steps`.

    Args:
        steps: steps of the whole training, at least 1; from there on the factor is 0.
        power: above 0; 1 is a straight line.
        warmup: steps of the linear rise before it, fewer than `steps`.

    Returns:
        function from the step (0, 1, …) to the factor.

    Raises:
        ValueError: an argument is outside its range.

    Source: DeepLab v2, arXiv:1606.00915, section 4.1.
    """
    _check(steps, warmup)
    if not power > 0:
        raise ValueError(f"power is {power!r}; wanted a number above 0, such as 0.9.")
    return lambda step: _rise(step, warmup) * (1 - _part(step, steps, warmup)) ** power


def cosine(steps: int, *, floor: float = 0.0, warmup: int = 0) -> Schedule:
    """Half a cosine, from 1 after the warm-up down to `floor` at `steps`.

    Args:
        steps: steps of the whole training, at least 1; from there on the factor is `floor`.
        floor: the last factor, 0 to 1.
        warmup: steps of the linear rise before it, fewer than `steps`.

    Returns:
        function from the step (0, 1, …) to the factor.

    Raises:
        ValueError: an argument is outside its range.

    Source: SGDR, arXiv:1608.03983, equation 5, without restarts.
    """
    _check(steps, warmup)
    if not 0 <= floor <= 1:
        raise ValueError(f"floor is {floor!r}; wanted a number from 0 to 1.")
    return lambda step: (
        _rise(step, warmup) * (floor + (1 - floor) * (1 + math.cos(math.pi * _part(step, steps, warmup))) / 2)
    )


def _rise(step: int, warmup: int) -> float:
    return min(1.0, (step + 1) / warmup) if warmup else 1.0


def _part(step: int, steps: int, warmup: int) -> float:
    """How much of the way down is done: 0 during the warm-up, 1 from `steps` on."""
    return min(1.0, max(0.0, (step - warmup) / (steps - warmup)))


def _check(steps: int, warmup: int) -> None:
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
        raise ValueError(f"steps is {steps!r}; wanted a whole number of at least 1: the steps of the whole training.")
    _check_warmup(warmup)
    if warmup >= steps:
        raise ValueError(f"warmup is {warmup}; wanted fewer than the {steps} steps of the training.")


def _check_warmup(warmup: int) -> None:
    if not isinstance(warmup, int) or isinstance(warmup, bool) or warmup < 0:
        raise ValueError(f"warmup is {warmup!r}; wanted a whole number of at least 0: its steps.")
