"""Gradients that no copy can show: whether a result still leads back to what went in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from autograder.checking.expect import expect
from autograder.checking.outside import FromOutside, across, backward, idle_parameters, inner_of, side_of

_STAY_IN_THE_GRAPH = "Keep to tensor operations: no .item(), .tolist(), .detach(), .data, numpy or torch.no_grad()."


def gradient_of(function: Callable, *args, wrt: int | str = 0, **kwargs) -> torch.Tensor | list[torch.Tensor]:
    """Gradient of the sum of all numbers that `function(*args, **kwargs)` returns.

    The call and the way back both happen on the object's side; only copies of tensors cross.

    Args:
        function: a student's function or module, seen from outside or not.
        args: what it is called with, together with `kwargs`.
        wrt: with respect to what: the place of an argument, or the name of one of a module's parameters.

    Returns:
        A tensor; a list of tensors where the argument is one.

    Raises:
        AssertionError: no gradient leads back from the result.
    """
    with torch.enable_grad():
        gradient = backward(inner_of(function), across(list(args)), across(kwargs), wrt, _guard(function))
    what = wrt if isinstance(wrt, str) else f"argument {wrt + 1}" if wrt else "the input"
    expect(gradient is not None, f"No gradient reaches {what}: it is cut off on the way. {_STAY_IN_THE_GRAPH}")
    return across(gradient)


def expect_every_parameter_learns(module: Callable, *args) -> None:
    """Fail if a call of a module leaves one of its parameters without a gradient.

    Args:
        module: a student's module, seen from outside or not.
        args: what it is called with.
    """
    with torch.enable_grad():
        idle = idle_parameters(inner_of(module), across(list(args)), _guard(module))
    expect(not idle, f"No gradient reaches {' and '.join(idle)}: what is never used, or cut off, never learns.")


def _guard(function: Callable) -> AbstractContextManager:
    return side_of(function).guard if isinstance(function, FromOutside) else nullcontext()
