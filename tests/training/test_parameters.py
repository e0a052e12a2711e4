import pytest
import torch
from torch import nn

from course.training import freeze, parameter_groups, unfreeze
from course.training.parameters import training_mode


def test_frozen_parts_do_not_learn_until_they_are_unfrozen():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    freeze(model[0])
    assert [p.requires_grad for p in model.parameters()] == [False, False, True, True]
    unfreeze(model[0])
    assert all(p.requires_grad for p in model.parameters())


def test_normalization_stays_in_evaluation_mode_only_where_its_weights_are_frozen():
    model = nn.Sequential(nn.BatchNorm2d(2), nn.Dropout(), nn.BatchNorm2d(2), nn.BatchNorm2d(2, affine=False))
    freeze(model[0])
    model.eval()
    training_mode(model)
    assert [layer.training for layer in model] == [False, True, True, True]


def test_each_group_learns_at_its_own_rate_and_frozen_parameters_are_left_out():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].bias.requires_grad_(False)
    groups = parameter_groups((model[0], 0.1), (model[1], 0.01))
    optimizer = torch.optim.SGD(groups, lr=1.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 2]
    before = [p.detach().clone() for p in model.parameters()]
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    steps = [(a - b).max().item() for a, b in zip(before, model.parameters(), strict=True)]
    assert steps == pytest.approx([0.1, 0, 0.01, 0.01], abs=1e-6)


def test_a_parameter_in_two_groups_is_refused_by_name():
    model = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="weight is in the groups 0 and 1; wanted each parameter in one"):
        parameter_groups((model, 0.1), (model[0], 0.01))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: parameter_groups((nn.Linear(1, 1), 0)), "learning rate of group 0 is 0; wanted above 0"),
        (lambda: parameter_groups((nn.ReLU(), 1)), "group 0 has no parameter that learns"),
        (lambda: freeze(), "modules is empty; wanted at least one"),
        (lambda: freeze(nn.ReLU()), "a ReLU without parameters; wanted a part of a model"),
        (lambda: unfreeze("encoder"), "a str without parameters"),
    ],
)
def test_what_cannot_be_frozen_or_grouped_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
