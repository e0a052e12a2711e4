import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.training import constant, cosine, poly

lengths = st.tuples(st.integers(2, 500), st.integers(0, 400)).filter(lambda pair: pair[1] < pair[0])
SCHEDULES = (poly, cosine)


@pytest.mark.parametrize("make", SCHEDULES)
@settings(deadline=None, max_examples=25)
@given(lengths)
def test_a_factor_rises_through_the_warm_up_to_one_and_then_never_rises(make, pair):
    steps, warmup = pair
    factors = [make(steps, warmup=warmup)(step) for step in range(steps + 5)]
    assert all(0 <= factor <= 1 for factor in factors)
    assert factors[max(0, warmup - 1)] == 1
    rise, fall = factors[:warmup], factors[warmup:]
    assert all(one < other for one, other in pairwise(rise))
    assert all(one >= other for one, other in pairwise(fall))
    assert factors[steps:] == [0] * 5


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 200))
def test_poly_is_torchs_polynomial_schedule(steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    peer = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=steps, power=0.9)
    ours = poly(steps)
    for step in range(steps):
        assert ours(step) == pytest.approx(peer.get_last_lr()[0], abs=1e-9)
        optimizer.step()
        peer.step()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 200), st.floats(0, 1))
def test_cosine_is_torchs_cosine_schedule(steps, floor):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    peer = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=floor)
    ours = cosine(steps, floor=floor)
    for step in range(steps):
        assert ours(step) == pytest.approx(peer.get_last_lr()[0], abs=1e-6)
        optimizer.step()
        peer.step()


def test_the_warm_up_is_a_straight_line():
    assert [constant(warmup=4)(step) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert [poly(100, warmup=2)(step) for step in range(2)] == [0.5, 1]
    assert cosine(3, warmup=1)(2) == pytest.approx((1 + math.cos(math.pi / 2)) / 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: poly(0), "steps is 0; wanted a whole number of at least 1"),
        (lambda: poly(2.5), r"steps is 2\.5"),
        (lambda: poly(5, power=0), "power is 0; wanted a number above 0"),
        (lambda: cosine(5, floor=2), "floor is 2; wanted a number from 0 to 1"),
        (lambda: cosine(5, warmup=5), "warmup is 5; wanted fewer than the 5 steps"),
        (lambda: constant(warmup=-1), "warmup is -1; wanted a whole number of at least 0"),
    ],
)
def test_arguments_outside_their_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
