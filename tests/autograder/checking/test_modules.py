"""A module is filled by the shapes of its layers, whatever these are called."""

import pytest
import torch
from torch import nn

from autograder.checking.draws import seeded
from autograder.checking.modules import fill, learned
from autograder.checking.outside import FromOutside


class Block(nn.Module):
    def __init__(self, bias=True):
        super().__init__()
        self.one = nn.Conv2d(2, 3, 3, bias=bias)
        self.rest = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1))


WEIGHTS = [(3, 2, 3, 3), (3, 3, 1, 1), (3, 3, 1, 1)]


def test_every_number_is_drawn_and_layers_of_one_shape_are_alike():
    block = Block()
    made = fill(FromOutside(block), seeded("a"), WEIGHTS, norms=[3], biases=3)
    assert torch.equal(block.rest[1].weight, block.rest[2].weight)
    assert torch.equal(block.one.weight, made.weights[3, 2, 3, 3])
    assert torch.equal(block.rest[1].bias, made.biases[3, 3, 1, 1])
    scale, shift, mean, variance = made.norms[3]
    norm = block.rest[0]
    for mine, theirs in zip((norm.weight, norm.bias, norm.running_mean, norm.running_var), made.norms[3], strict=True):
        assert torch.equal(mine, theirs)
    assert variance.min() > 0
    assert min(scale.std(), shift.std(), mean.std()) > 0


def test_a_layer_without_a_bias_is_noted_and_float64_is_taken():
    block = Block(bias=False).double()
    made = fill(FromOutside(block), seeded("a"), WEIGHTS, norms=[3], dtype=torch.float64)
    assert made.biases[3, 2, 3, 3] is None
    assert block.one.weight.dtype == made.weights[3, 2, 3, 3].dtype == torch.float64


@pytest.mark.parametrize(
    ("module", "options", "says"),
    [
        (nn.Conv2d(2, 3, 3), {}, r"Its weights have the shapes \[\(3, 2, 3, 3\)\], wanted"),
        (Block(), {"biases": 3}, r"running statistics of normalizations over \[3\] channels, wanted \[\]"),
        (nn.Sequential(*Block().children(), nn.LayerNorm(4)), {"norms": [3]}, r"also holds 2\.bias and 2\.weight"),
        (Block(bias=False), {"norms": [3], "biases": 3}, "2 of its convolutions have a bias, wanted 3"),
    ],
)
def test_other_layers_than_wanted_are_named(module, options, says):
    with pytest.raises(AssertionError, match=says):
        fill(FromOutside(module), seeded("a"), WEIGHTS, **options)


def test_a_norm_without_scale_and_shift_is_refused():
    module = nn.Sequential(nn.BatchNorm2d(3, affine=False))
    with pytest.raises(AssertionError, match="no scale and shift"):
        fill(FromOutside(module), seeded("a"), [], norms=[3])


def test_neither_running_statistics_nor_frozen_layers_are_learned():
    block = Block()
    assert learned(FromOutside(block)) == 3 * 2 * 9 + 3 + 2 * (3 * 3 + 3) + 2 * 3
    block.rest[1].requires_grad_(False)
    assert learned(FromOutside(block)) == 3 * 2 * 9 + 3 + (3 * 3 + 3) + 2 * 3
