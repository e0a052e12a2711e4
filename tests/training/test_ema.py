import pytest
import torch
from torch import nn

from course.training import EMA


def test_the_mean_is_the_weighted_sum_of_all_weights_there_were():
    model = nn.Linear(3, 2).double()
    history = [model.weight.detach().clone()]
    ema = EMA(model, 0.8)
    for _ in range(60):  # from update 37 on the decay is 0.8
        with torch.no_grad():
            model.weight.copy_(torch.randn(2, 3))
        history.append(model.weight.detach().clone())
        ema.update(model)
    decays = [min(0.8, t / (t + 9)) for t in range(1, 61)]
    expected = torch.zeros(2, 3, dtype=torch.float64)
    for t, weight in enumerate(history):
        share = 1.0 if t == 0 else 1 - decays[t - 1]
        for later in decays[t:]:
            share *= later
        expected += share * weight
    torch.testing.assert_close(ema.state_dict()["weight"], expected)


def test_weights_that_stay_are_their_own_mean():
    model = nn.Linear(3, 2)
    ema = EMA(model, 0.9)
    for _ in range(5):
        ema.update(model)
    torch.testing.assert_close(ema.state_dict(), dict(model.state_dict()))


def test_float_buffers_are_averaged_and_counters_copied():
    model = nn.BatchNorm1d(2)
    ema = EMA(model, 0.0)
    model(torch.randn(4, 2))
    ema.update(model)
    torch.testing.assert_close(ema.state_dict()["running_mean"], model.running_mean)
    assert ema.state_dict()["num_batches_tracked"] == 1


def test_applied_gives_the_mean_inside_and_the_own_weights_after_even_when_it_fails():
    model = nn.Linear(2, 2)
    ema, mean = EMA(model), model.weight.detach().clone()
    with torch.no_grad():
        model.weight.add_(1)
    own = model.weight.detach().clone()

    def fail():
        with ema.applied(model):
            assert torch.equal(model.weight, mean)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert torch.equal(model.weight, own)


@pytest.mark.parametrize("decay", [-0.1, 1, float("nan")])
def test_a_decay_outside_its_range_is_refused(decay):
    with pytest.raises(ValueError, match=r"decay is .*; wanted at least 0 and below 1"):
        EMA(nn.Linear(1, 1), decay)


def test_another_models_mean_is_refused():
    with pytest.raises(ValueError, match="differ in bias; wanted the names of one model"):
        EMA(nn.Linear(1, 1)).load_state_dict({"weight": torch.zeros(1, 1)}, 3)
