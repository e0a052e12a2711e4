"""Gradients that no copy can show: whether a result still leads back to what went in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch

from autograder.checking.expect import expect
from autograder.checking.outside import FromOutside, across, backward, inner_of, side_of

_STAY_IN_THE_GRAPH = "Keep to tensor operations: no .item(), .tolist(), .detach(), .data, numpy or torch.no_grad()."


def gradient_of(function: Callable, *args, wrt: int | str = 0, **kwargs) -> torch.Tensor:
    """Gradient of the sum of all numbers that `function(*args, **kwargs)` returns.

    The call and the way back both happen on the object's side; only copies of tensors cross.

    Args:
        function: a student's function or module, seen from outside or not.
        args: what it is called with, together with `kwargs`.
        wrt: with respect to what: the place of an argument, or the name of one of a module's parameters.

    Raises:
        AssertionError: no gradient leads back from the result.
    """
    guard = side_of(function).guard if isinstance(function, FromOutside) else nullcontext()
    with torch.enable_grad():
        gradient = backward(inner_of(function), across(list(args)), across(kwargs), wrt, guard)
    what = wrt if isinstance(wrt, str) else f"argument {wrt + 1}" if wrt else "the input"
    expect(gradient is not None, f"No gradient reaches {what}: it is cut off on the way. {_STAY_IN_THE_GRAPH}")
    return across(gradient)
