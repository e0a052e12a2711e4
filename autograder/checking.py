"""What a hidden check is written with.

A check is an ordinary function of one property: `check(student_object, rng)`. It raises `AssertionError` with a
sentence that says what is wrong. **The contract:** it sees the student's object only from outside. It calls it, reads
attributes, and compares plain values and tensors that it made or got back: no `isinstance` on the object, no reach
into its globals, no autograd graph across a call. So the object may live in another process, and the same check
serves the student, the audit and the grade. What no copy can show, whether a result still leads back to what went in,
`gradient_of` asks on the object's own side.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

Check = Callable[[object, torch.Generator], None]


def worth(points: float) -> Callable[[Check], Check]:
    """Say how many points a property is worth."""

    def mark(check: Check) -> Check:
        check.points = points
        return check

    return mark


def seeded(*parts: str) -> torch.Generator:
    """A generator whose numbers depend on these words alone (student, lab, property)."""
    return torch.Generator().manual_seed(zlib.crc32("/".join(parts).encode()))


def pick(rng: torch.Generator, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=rng))


def expect(condition: bool, says: str) -> None:
    """Fail with a sentence unless `condition` holds."""
    if not bool(condition):
        raise AssertionError(says)


def expect_tensor(got: object, says: str, *, shape: tuple | None = None, dtype: torch.dtype | None = None) -> None:
    """Fail unless `got` is a tensor, of this shape and dtype where they are given."""
    if not torch.is_tensor(got):
        raise AssertionError(f"{says} It returned {_kind(got)}, wanted a tensor.")
    if shape is not None and tuple(got.shape) != tuple(shape):
        raise AssertionError(f"{says} The result has shape {tuple(got.shape)}, wanted {tuple(shape)}.")
    if dtype is not None and got.dtype != dtype:
        raise AssertionError(f"{says} The result has dtype {got.dtype}, wanted {dtype}.")


def expect_close(got: object, want: torch.Tensor, says: str, *, tol: float = 1e-5) -> None:
    """Fail unless `got` is a tensor of the same shape and nearly the same numbers as `want` (NaN equals NaN)."""
    expect_tensor(got, says, shape=tuple(want.shape))
    got, want = got.detach().to("cpu", torch.float64), want.detach().to("cpu", torch.float64)
    if not torch.allclose(got, want, rtol=tol, atol=tol, equal_nan=True):
        same = (got == want) | (got.isnan() & want.isnan())  # inf − inf and NaN − NaN are no differences
        gap = (got - want).abs().nan_to_num(torch.inf, torch.inf).masked_fill(same, 0).max()
        raise AssertionError(f"{says} (The largest difference is {gap:.3g}.)")


def expect_equal(got: object, want: object, says: str) -> None:
    """Fail unless `got` is the same plain value, or a tensor with exactly the same numbers, as `want`."""
    if torch.is_tensor(want):
        expect_close(got, want, says, tol=0.0)
    elif torch.is_tensor(got) and got.ndim == 0 and isinstance(want, int | float | bool):
        expect(got.item() == want, f"{says} It returned {got.item()}, wanted {want}.")
    elif torch.is_tensor(got) or got != want:
        what = _kind(got) if torch.is_tensor(got) or isinstance(got, FromOutside) else repr(got)
        raise AssertionError(f"{says} It returned {what}, wanted {want!r}.")


def expect_value_error(call: Callable[[], object], says: str) -> None:
    """Fail unless the call raises `ValueError` with a message."""
    try:
        call()
    except ValueError as error:
        expect(str(error).strip(), f"{says} A ValueError came, but without a word of explanation.")
    except NotImplementedError:
        raise
    except Exception as error:
        raise AssertionError(f"{says} Wanted a ValueError, got {type(error).__name__}.") from None
    else:
        raise AssertionError(f"{says} Wanted a ValueError, and nothing was raised.")


def _kind(value: object) -> str:
    if torch.is_tensor(value):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, FromOutside):
        value = object.__getattribute__(value, "_inner")
    return "None" if value is None else f"a {type(value).__name__}"


# Words that a function's name cannot spell.
_SPELT = {"iou": "IoU", "lovasz": "Lovász", "pillow": "Pillow", "dice": "Dice", "torchvisions": "torchvision's"}


@dataclass(frozen=True)
class Result:
    """What one property said: `says` is empty when it holds."""

    name: str
    points: float
    says: str = ""

    @property
    def passed(self) -> bool:
        """Whether the property holds."""
        return not self.says

    @property
    def title(self) -> str:
        """The property's name as a sentence."""
        return " ".join(_SPELT.get(word, word) for word in self.name.split("_"))


def run_check(check: Check, student_object: object, rng: torch.Generator) -> Result:
    """Run one property; whatever the student's object raises becomes a sentence."""
    says = ""
    try:
        check(student_object, rng)
    except AssertionError as error:
        says = str(error) or "The property does not hold."
    except NotImplementedError:
        says = "The exercise is not solved yet."
    except (Exception, SystemExit) as error:
        says = f"It raised {type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
    return Result(check.__name__, check.points, says)


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
    if isinstance(function, FromOutside):
        function = object.__getattribute__(function, "_inner")
    with torch.enable_grad():
        gradient = _back(function, _across(list(args)), _across(kwargs), wrt)
    what = wrt if isinstance(wrt, str) else "the input"
    expect(gradient is not None, f"No gradient reaches {what}: it is cut off on the way. {_STAY_IN_THE_GRAPH}")
    return _across(gradient)


def _back(function: Callable, args: list, kwargs: dict, wrt: int | str) -> torch.Tensor | None:
    """The gradient, or None where none arrives."""
    if isinstance(wrt, str):
        start = dict(function.named_parameters())[wrt]
    else:
        start = args[wrt].requires_grad_()
        args[wrt] = start.clone()  # an answer may work in place, which torch forbids on the start itself
    try:
        got = function(*args, **kwargs)
    except RuntimeError as error:
        if "numpy()" in str(error):  # torch's own advice would be to detach
            return None
        raise
    results = got if isinstance(got, list | tuple) else [got]
    ends = [result.sum() for result in results if torch.is_tensor(result) and result.requires_grad]
    if not ends or not start.requires_grad:
        return None
    return torch.autograd.grad(sum(ends), start, allow_unused=True)[0]


class FromOutside:
    """A student's object as it looks from another process: calls, attributes, plain values, detached tensors.

    The audit runs every check through this, so that one which breaks the contract is found before a class is graded.
    """

    def __init__(self, inner: object):
        object.__setattr__(self, "_inner", inner)

    def __call__(self, *args, **kwargs):
        """Call the object with copies, and hand back a copy."""
        inner = object.__getattribute__(self, "_inner")
        return _across(inner(*map(_across, args), **{k: _across(v) for k, v in kwargs.items()}))

    def __getattr__(self, name: str):
        return _across(getattr(object.__getattribute__(self, "_inner"), name))


def _across(value: object) -> object:
    """What is left of a value once it has gone through a pipe."""
    if torch.is_tensor(value):
        return value.detach().clone()
    if isinstance(value, np.generic):
        return value.item()  # before plain values: numpy's float64 is a float
    if isinstance(value, dict):
        return {key: _across(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_across(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | torch.dtype | torch.Size):
        return value
    if isinstance(value, torch.Generator | torch.device | slice):
        return value
    return FromOutside(value)
