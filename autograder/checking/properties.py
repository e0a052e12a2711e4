"""What every exercise is asked, whatever it computes: manners, numbers in float64, a gradient.

A lab says once how an exercise is called and what must come out (a `Case`); the properties follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from autograder.checking.draws import layouts, tensors_in
from autograder.checking.expect import expect, expect_close, expect_tensor
from autograder.checking.gradients import expect_every_parameter_learns, gradient_of
from autograder.checking.outside import FromOutside, across, inner_of, kept_bytes, raised, side_of
from autograder.checking.score import worth

_OUT_OF_ORDER = "Use .reshape where you have .view. Where a function of torch insists, call .contiguous() first."
_FEW_DIGITS = "Something on the way is float32, or a small number is added."


@dataclass(frozen=True)
class Case:
    """One call of a student's object: what to call, with what, and an independent function of the same arguments."""

    call: Callable
    args: Sequence
    want: Callable


class MakeCase(Protocol):
    """Draws a case; `training` sets the mode of a module and means nothing to a function."""

    def __call__(self, student_object: object, rng: torch.Generator, dtype: torch.dtype, training: bool) -> Case:
        """The case."""


def shared(
    exercise: str,
    make: MakeCase,
    *,
    manners: float = 1,
    float64: float = 1,
    gradient: float = 1,
    wrt: int | Sequence[int] = 0,
    tol: float = 1e-4,
    gradient_says: str = "The gradient that comes back to the input is not right.",
) -> None:
    """Register the properties that all exercises share; one with 0 points is left out.

    Args:
        exercise: its name.
        make: draws a call of the student's object with inputs of a dtype.
        manners, float64, gradient: points of `it_has_good_manners`, `float64_is_computed_in_float64` and
            `the_gradient_is_right`.
        wrt: what the gradient is taken with respect to: the place of an argument, or of several. A module's
            parameters must all get one in any case.
        tol: of numbers in float32; those in float64 must agree a hundred thousand times as closely.
        gradient_says: the sentence of a gradient that is not right, such as the formula that it should follow.
    """
    if float64:

        @worth(float64, exercise, module=make.__module__)
        def float64_is_computed_in_float64(student_object, rng):
            case = make(student_object, rng, torch.float64, True)
            for got, want in _pairs(_in_float64(case), case.want(*case.args)):
                expect_tensor(got, "Given float64, it must compute in float64.", dtype=want.dtype)
                expect_close(got, want, "Given float64, the result is not right.", tol=tol)
                expect_close(got, want, f"Given float64, it must compute in float64. {_FEW_DIGITS}", tol=tol * 1e-5)

    if gradient:

        @worth(gradient, exercise, module=make.__module__)
        def the_gradient_is_right(student_object, rng):
            case = make(student_object, rng, torch.float32, True)
            places = (wrt,) if isinstance(wrt, int) else wrt
            for place in places:
                which = f" That of argument {place + 1} is not right." if len(places) > 1 else ""
                want = gradient_of(case.want, *case.args, wrt=place)
                for got, wanted in _pairs(gradient_of(case.call, *case.args, wrt=place), want):
                    expect_close(got, wanted, gradient_says + which, tol=tol)
            if _is_module(case.call):
                expect_every_parameter_learns(case.call, *case.args)

    if manners:

        @worth(manners, exercise, last=True, module=make.__module__)
        def it_has_good_manners(student_object, rng):
            case, other = (make(student_object, rng, torch.float32, True) for _ in range(2))
            _depends_on_its_arguments_alone(case, other, tol)
            changed = side_of(student_object).changed if isinstance(student_object, FromOutside) else []
            says = "it must be after the call what it was before; work on a copy, or with operations that return one."
            expect(not changed, f"{' and '.join(changed)} changed in place: {says}")
            _takes_any_layout(case, tol)
            if _is_module(case.call):
                _is_right_in_both_modes_or_in_none(student_object, make, rng, tol)
            kept = _kept_bytes(case)
            expect(kept == 0, f"Each call keeps {kept // 3} bytes of tensors in memory that nobody asked for.")


def _is_module(thing: Callable) -> bool:
    return getattr(thing, "training", None) is not None


def _in_float64(case: Case) -> object:
    try:
        return case.call(*case.args)
    except NotImplementedError:
        raise
    except (RuntimeError, TypeError) as error:
        says = "Given float64, it must compute in float64: make other tensors in the input's dtype, as by .to(x.dtype)."
        raise AssertionError(f"{says} {raised(error)}") from None


# Manners are not numbers: an answer whose numbers are wrong loses nothing here, so each is held against itself.


def _depends_on_its_arguments_alone(case: Case, other: Case, tol: float) -> None:
    first, second = (_tensors(case.call(*args)) for args in (case.args, other.args))
    wanted, others = (_tensors(case.want(*args)) for args in (case.args, other.args))
    if not _alike(wanted, others, tol):
        says = "It returns the same numbers for other arguments: something is remembered from the first call."
        expect(not _alike(first, second, 0), says)
    given_floats = any(tensor.is_floating_point() for tensor in tensors_in(case.args))
    for got, want in zip(first, wanted, strict=False):
        if given_floats and want.dtype == torch.float32 and got.is_floating_point():  # a plain number is a float64
            expect_tensor(got, f"Given {want.dtype}, it must return the same dtype.", dtype=want.dtype)
    says = "Called once more with the same arguments, it must return the same."
    for got, want in _pairs(case.call(*case.args), first):
        expect_close(got, want, says, tol=tol)


def _takes_any_layout(case: Case, tol: float) -> None:
    own = case.call(*case.args)
    for place, argument in enumerate(case.args):
        for name, laid_out in layouts(argument).items():
            args = [*case.args[:place], laid_out, *case.args[place + 1 :]]
            says = f"A tensor that lies in memory as {name} must give the same."
            try:
                result = case.call(*args)
            except RuntimeError as error:
                why = _OUT_OF_ORDER if "view" in str(error) else raised(error)
                raise AssertionError(f"{says} {why}") from None
            for got, wanted in _pairs(result, own):
                expect_close(got, wanted, says, tol=tol)


def _is_right_in_both_modes_or_in_none(
    student_object: object, make: MakeCase, rng: torch.Generator, tol: float
) -> None:
    right = {}
    for training in (True, False):
        case = make(student_object, rng, torch.float32, training)
        right[training] = _alike(_tensors(case.call(*case.args)), _tensors(case.want(*case.args)), tol)
    for training, mode, another in ((True, "train", "eval"), (False, "eval", "train")):
        says = f"In .{mode}() mode the result is not right, though it is in .{another}() mode."
        expect(right[training] or not right[not training], says)


def _alike(first: list[Tensor], second: list[Tensor], tol: float) -> bool:
    if [t.shape for t in first] != [t.shape for t in second]:
        return False
    pairs = zip(first, second, strict=True)
    return all(torch.allclose(a.double(), b.double(), rtol=tol, atol=tol, equal_nan=True) for a, b in pairs)


def _kept_bytes(case: Case) -> int:
    try:
        return kept_bytes(_on_its_own_side(case, learning=True))
    except RuntimeError as error:
        if "numpy()" not in str(error):  # numpy takes no part in gradients, which is a fault of another property
            raise
        return kept_bytes(_on_its_own_side(case, learning=False))


def _on_its_own_side(case: Case, learning: bool) -> Callable[[], object]:
    """The call without the copies that cross; learning with gradients on, so that a kept graph shows."""
    call, args = inner_of(case.call), list(across(list(case.args)))
    floats = [a for a in args if torch.is_tensor(a) and a.is_floating_point()]
    for tensor in floats if learning else []:
        tensor.requires_grad_()

    def once() -> None:
        call(*[a.clone() if torch.is_tensor(a) else across(a) for a in args])

    return once


def _pairs(got: object, want: object) -> list[tuple[Tensor, Tensor]]:
    got, want = _tensors(got), _tensors(want)
    expect(len(got) == len(want), f"It returned {len(got)} tensors, wanted {len(want)}.")
    return list(zip(got, want, strict=True))


def _tensors(result: object) -> list[Tensor]:
    """All tensors of a result, plain numbers among them, in order (of a dict, of its keys); a module stands for its
    numbers."""
    if torch.is_tensor(result):
        return [result]
    if isinstance(result, list | tuple):
        return [tensor for item in result for tensor in _tensors(item)]
    if isinstance(result, dict):
        return [tensor for key in sorted(result) for tensor in _tensors(result[key])]
    if isinstance(result, bool | int | float):
        return [torch.tensor(result, dtype=torch.float64)]
    if hasattr(result, "state_dict"):
        return list(result.state_dict().values())
    raise AssertionError(f"It returned {'None' if result is None else f'a {type(inner_of(result)).__name__}'}.")
