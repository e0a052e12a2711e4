"""Comparisons for checks: each fails with a sentence that says what came and what was wanted."""

from __future__ import annotations

from collections.abc import Callable

import torch

from autograder.checking.outside import FromOutside, inner_of, raised


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
    if got.is_complex() and not want.is_complex():
        raise AssertionError(f"{says} The result has dtype {got.dtype}, wanted real numbers.")
    wide = torch.complex128 if want.is_complex() else torch.float64
    got, want = got.detach().to("cpu", wide), want.detach().to("cpu", wide)
    if not torch.allclose(got, want, rtol=tol, atol=tol, equal_nan=True):
        raise AssertionError(f"{says} {worst_place(got, want, tol)}")


def worst_place(got: torch.Tensor, want: torch.Tensor, tol: float) -> str:
    """Where two tensors of one shape differ most, what came there and what was wanted, and how many differ at all."""
    same = (got == want) | (got.isnan() & want.isnan())  # inf − inf and NaN − NaN are not differences
    gap = (got - want).abs().nan_to_num(torch.inf, torch.inf).masked_fill(same, 0)
    place = [int(i) for i in torch.unravel_index(gap.argmax(), gap.shape)]
    differing = int((~torch.isclose(got, want, rtol=tol, atol=tol, equal_nan=True)).sum())
    where = f"At {place} it" if place else "It"
    count = f"; {differing} of {want.numel()} numbers differ" if want.numel() > 1 else ""
    came, wanted = got[tuple(place)].item() + 0.0, want[tuple(place)].item() + 0.0  # without the sign of -0
    digits = 4 if f"{came:.4g}" != f"{wanted:.4g}" else 12
    return f"{where} returned {came:.{digits}g}, wanted {wanted:.{digits}g}{count}."


def expect_equal(got: object, want: object, says: str) -> None:
    """Fail unless `got` is the same plain value, or a tensor with exactly the same numbers, as `want`."""
    if torch.is_tensor(want):
        expect_close(got, want, says, tol=0.0)
    elif torch.is_tensor(got) and got.ndim == 0 and isinstance(want, int | float | bool):
        expect(got.item() == want, f"{says} It returned {got.item()}, wanted {want}.")
    elif torch.is_tensor(got) or got != want:
        what = _kind(got) if torch.is_tensor(got) or isinstance(got, FromOutside) else repr(got)
        raise AssertionError(f"{says} It returned {what}, wanted {want!r}.")


def expect_number(got: object, want: float, says: str, *, tol: float = 1e-5) -> None:
    """Fail unless `got` is nearly the number `want` (NaN equals NaN): a plain one, or a tensor that holds one."""
    if torch.is_tensor(got) and got.numel() == 1:
        got = got.item()
    if not isinstance(got, int | float):
        raise AssertionError(f"{says} It returned {_kind(got)}, wanted a number.")
    expect_close(torch.tensor(float(got)).double(), torch.tensor(float(want)).double(), says, tol=tol)


def expect_parts(got: object, count: int, says: str) -> list | tuple:
    """The things that were returned together; fail unless there are `count` of them."""
    if not isinstance(got, list | tuple):
        raise AssertionError(f"{says} It returned {_kind(got)}.")
    expect(len(got) == count, f"{says} It returned {len(got)} things, wanted {count}.")
    return got


def result_of(call: Callable[[], object], says: str) -> object:
    """What a call returns; what it raises is told after the sentence that explains it."""
    try:
        return call()
    except (NotImplementedError, AssertionError):
        raise
    except Exception as error:
        raise AssertionError(f"{says} {raised(error)}") from None


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
    value = inner_of(value)
    name = type(value).__name__
    return "None" if value is None else f"an {name}" if name[0] in "aeiou" else f"a {name}"
