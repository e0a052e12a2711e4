"""The errors that PyTorch really raises get the sentence that was written for them."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.page.known_errors import explained

X, D = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4, dtype=torch.float64)


def leaf():
    weight = torch.rand(2, requires_grad=True)
    weight += 1


def changed_in_place():
    y = torch.rand(2, requires_grad=True).exp()
    y[0] = 1
    y.sum().backward()


def backward_twice():
    y = torch.rand(2, requires_grad=True).exp().sum()
    y.backward()
    y.backward()


def unpack_too_many():
    n, c, h, w = torch.rand(2, 3).shape
    return n, c, h, w


class Forgetful(nn.Module):
    def __init__(self):
        self.conv = nn.Conv2d(1, 1, 1)


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (lambda: F.conv2d(D, torch.rand(3, 3, 3, 3)), "Two dtypes meet"),
        (lambda: nn.Linear(4, 2)(D), "Two dtypes meet"),
        (lambda: torch.rand(2, 2) @ torch.rand(2, 2).double(), "Two dtypes meet"),
        (lambda: torch.rand(2, 2) @ torch.rand(2).double(), "Two dtypes meet"),
        (lambda: torch.zeros(3).scatter_add_(0, torch.tensor([0]), torch.rand(1).double()), "Two dtypes meet"),
        (lambda: torch.zeros(3).index_add_(0, torch.tensor([0]), torch.rand(1).double()), "Two dtypes meet"),
        (lambda: torch.allclose(X, D), "Two dtypes meet"),
        (lambda: torch.zeros(768).reshape(3, 3), r"holds 768 numbers, and the shape \(3, 3\)"),
        (lambda: torch.zeros(3, 4).T.view(12), "use `reshape`"),
        (lambda: torch.zeros(3)[torch.tensor([255])], "255 is void"),
        (lambda: torch.zeros(1, 3).gather(1, torch.tensor([[255]])), "255 is void"),
        (lambda: F.nll_loss(torch.rand(1, 3, 2, 2), torch.full((1, 2, 2), 255)), "255 is void"),
        (lambda: F.one_hot(torch.tensor([7]), 3), "as large as the number of classes or larger"),
        (lambda: torch.zeros(3)[5], "Axis 0 has 3 places"),
        (lambda: [1][5], "list is shorter"),
        (lambda: torch.rand(2, 3) @ torch.rand(2, 3), "as many columns as B has rows"),
        (lambda: torch.rand(2, 3, 4) @ torch.rand(2, 3, 4), "as many columns as B has rows"),
        (lambda: torch.rand(2, 3) @ torch.rand(2), "as many columns as B has rows"),
        (lambda: torch.rand(2, 3) + torch.rand(2, 4), "from the last axis on"),
        (lambda: torch.rand(2, 3).expand(2, 4), "from the last axis on"),
        (lambda: torch.stack([]), "its loop never ran"),
        (lambda: torch.cat([]), "its loop never ran"),
        (lambda: torch.stack([torch.rand(2), torch.rand(3)]), "`stack` joins tensors of one shape"),
        (lambda: torch.cat([torch.rand(2, 3), torch.rand(3, 4)]), "along the axis that it joins"),
        (lambda: torch.bincount(torch.tensor([[1]])), "one row of whole numbers"),
        (lambda: torch.bincount(torch.rand(2)), r"`\.long\(\)` first"),
        (leaf, "must not be changed in place"),
        (changed_in_place, "backward still needs a tensor"),
        (backward_twice, "run the forward again"),
        (lambda: torch.rand(2).sum().backward(), "does not depend on anything that requires grad"),
        (lambda: torch.rand(2, requires_grad=True).exp().backward(), "take the sum or the mean first"),
        (lambda: bool(torch.rand(2) > 0), r"use `\.all\(\)`"),
        (lambda: torch.tensor([1, 2]).mean(), r"`\.float\(\)` first"),
        (lambda: torch.tensor([1, 2]).softmax(0), r"`\.float\(\)` first"),
        (lambda: torch.rand(2).item(), "index one of them"),
        (lambda: torch.tensor([torch.rand(2)]), "index one of them"),
        (lambda: F.conv2d(X, torch.rand(3, 4, 3, 3)), "kernel reads 4 channels .+ the image has 3"),
        (lambda: F.conv2d(X, torch.rand(3, 3, 7, 7)), "pad it first"),
        (lambda: torch.rand(2, 1).add_(torch.rand(2, 2)), "keeps its shape"),
        (unpack_too_many, "than names on the left"),
        (lambda: torch.rand(2).sum(1), "fewer axes"),
        (lambda: torch.zeros(3)[torch.tensor([1.0])], "Indices are whole numbers"),
        (lambda: torch.zeros(3)[1.5], "Indices are whole numbers"),
        (lambda: torch.where(torch.rand(2), 1, 0), "chooses by a comparison"),
        (lambda: torch.rand(3)[::-1], r"`\.flip\(0\)`"),
        (lambda: None.shape, "without `return`"),
        (lambda: torch.allclose([1.0], torch.ones(1)), "A list came where a tensor should be"),
        (lambda: [1].shape, "A list came where a tensor should be"),
        (lambda: torch.ones(1, requires_grad=True).numpy(), "passes through NumPy"),
        (lambda: (0.5).backward(), "A plain number came"),
        (Forgetful, "comes first in `__init__`"),
        (lambda: 1 / 0, "denominator can be 0"),
        (lambda: torch.tensor(1) // torch.tensor(0), "denominator can be 0"),
    ],
)
def test_an_error_of_torch_is_explained(fails, words):
    with pytest.raises(Exception) as caught:
        fails()
    assert re.search(words, explained(str(caught.value))), f"{caught.value}: {explained(str(caught.value))!r}"


def test_an_unknown_error_is_not_explained():
    assert explained("no such thing") == ""
