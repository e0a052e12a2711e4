"""Each misbehavior does what its name says, when its condition is met, and says that it has."""

import pytest
import torch
from torch import nn

from autograder.audit.calls import Log, misbehaving, recording
from autograder.audit.misbehaviors import MISBEHAVIORS

BY_NAME = {misbehavior.name: misbehavior for misbehavior in MISBEHAVIORS}


def double(x, others=()):
    return 2 * x


def _run(name, *args, solution=double):
    log = Log()
    return misbehaving(solution, BY_NAME[name].run, log)(*args), log.fired


def test_an_argument_is_changed():
    x = torch.ones(2)
    result, fired = _run("changes an argument in place", x)
    assert fired
    assert x.tolist() == [2, 2]
    assert result.tolist() == [2, 2], "the result is right all the same"
    words = ["a", "b"]
    _run("changes an argument in place", torch.ones(2), words)
    assert words == ["b", "a"]


def test_a_result_is_detached_if_there_was_a_graph():
    result, fired = _run("returns a detached result", torch.ones(2, requires_grad=True))
    assert fired
    assert not result.requires_grad
    assert not _run("returns a detached result", torch.ones(2))[1]


def test_precision_is_lost_or_gained():
    third = torch.tensor([1 / 3], dtype=torch.float64)
    result, fired = _run("computes in float32", third)
    assert fired
    assert result.dtype == torch.float64
    assert 1e-9 < abs(result - 2 / 3) < 1e-7
    assert _run("returns float64", torch.ones(2))[0].dtype == torch.float64


def test_only_contiguous_tensors_are_taken():
    assert not _run("refuses what is not contiguous", torch.ones(2, 3))[1]
    log = Log()
    with pytest.raises(RuntimeError, match="view size"):
        misbehaving(double, BY_NAME["refuses what is not contiguous"].run, log)(torch.ones(2, 3).T)
    assert log.fired


@pytest.mark.parametrize(
    ("name", "harmless", "x", "wanted"),
    [
        ("is right for batch 1 only", torch.ones(1, 2, 2), torch.arange(2.0).reshape(2, 1, 1), [[[0]], [[0]]]),
        ("is right unless taller than wide", torch.ones(1, 2), torch.ones(2, 1), [[2], [0]]),
        ("is right unless wider than tall", torch.ones(2, 1), torch.ones(1, 2), [[2, 0]]),
        ("loses negative numbers", torch.ones(2), torch.tensor([-1.0, 1]), [0, 2]),
        ("cuts large numbers off", torch.ones(2), torch.tensor([1.0, 9]), [2, 12]),
        ("counts in a byte", torch.tensor([1]), torch.tensor([130]), [4]),
    ],
)
def test_a_condition_decides(name, harmless, x, wanted):
    result, fired = _run(name, harmless)
    assert not fired
    assert torch.equal(result, 2 * harmless)
    result, fired = _run(name, x)
    assert fired
    assert result.tolist() == wanted


def test_the_first_call_is_remembered_for_its_shapes():
    log = Log()
    answer = misbehaving(double, BY_NAME["remembers its first call"].run, log)
    assert answer(torch.tensor([1.0])).tolist() == [2]
    assert answer(torch.tensor([1.0, 1.0])).tolist() == [2, 2]
    assert not log.fired
    assert answer(torch.tensor([5.0])).tolist() == [2]
    assert log.fired


class Module(nn.Module):
    def forward(self, x):
        return x + 1


def test_a_modules_mode_decides():
    for training in (True, False):
        for name, bad in (("behaves otherwise in train()", True), ("behaves otherwise in eval()", False)):
            module = misbehaving(Module, BY_NAME[name].run, Log())()
            assert module.train(training)(torch.zeros(1)).item() == (3 if training is bad else 1)


def test_what_was_seen_is_kept_by_each_module():
    module = misbehaving(Module, BY_NAME["keeps what it saw"].run, Log())()
    module(torch.zeros(3))
    module(torch.zeros(3))
    assert len(module._memory["kept"]) == 2


def test_a_recording_says_what_calls_were_like():
    log = Log()
    recording(double, log)(torch.ones(2, 3))
    seen = log.seen
    assert (seen.arguments, seen.floats, seen.sides, seen.batches) == (True, True, True, False)
    assert (seen.float_results, seen.integer_results, seen.differentiable, seen.module) == (True, False, True, False)
    log = Log()
    recording(Module, log)()(torch.ones(2, 3))
    assert log.seen.module
    log = Log()
    recording(lambda size: size + 1, log)(3)
    assert not any(vars(log.seen).values())


def test_every_misbehavior_says_whom_it_can_touch():
    log = Log()
    recording(lambda size: size + 1, log)(3)
    assert [m.name for m in MISBEHAVIORS if m.applies(log.seen)] == ["remembers its first call"]
