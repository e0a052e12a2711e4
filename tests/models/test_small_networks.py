"""The small forms that wait for their checkpoint: size of the weights, any image, gradients, export, modes."""

import pytest
import torch
from torch.nn import functional as F

from course.models.networks import NETWORKS
from course.models.zoo import LARGEST

SMALL = [network for network in NETWORKS if network.lab in ("lab08", "lab09") and "-" not in network.name]


@pytest.fixture(params=SMALL, ids=lambda network: network.name)
def small(request):
    torch.manual_seed(0)
    return request.param.build(9)


def test_its_weights_fit_the_budget_in_float16(small):
    assert 0 < sum(2 * value.numel() for value in small.state_dict().values()) <= LARGEST


@pytest.mark.parametrize("size", [(128, 192), (97, 131), (60, 61)])
def test_it_takes_odd_sizes(small, size):
    with torch.no_grad():
        assert small.eval()(torch.rand(1, 3, *size)).shape == (1, 9, *size)


def test_gradients_reach_every_parameter(small):
    images, labels = torch.rand(2, 3, 97, 131), torch.randint(9, (2, 97, 131))
    logits, *presence = small.with_presence(images) if hasattr(small, "with_presence") else [small(images)]
    loss = F.cross_entropy(logits, labels) + sum(scores.square().mean() for scores in presence)
    loss.backward()
    assert [name for name, p in small.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_its_modes_differ_in_statistics_and_dropout_alone(small):
    small.train()
    for layer in small.modules():
        if isinstance(layer, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d | torch.nn.Dropout):
            layer.eval()
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        assert torch.equal(small(images), small.eval()(images))


def test_it_exports_with_any_batch(small):
    small.eval()
    dynamic = ({0: torch.export.Dim("n", min=1, max=64)},)
    program = torch.export.export(small, (torch.rand(2, 3, 64, 96),), dynamic_shapes=dynamic)
    images = torch.rand(3, 3, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(images), small(images))
