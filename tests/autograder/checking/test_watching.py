"""What an exercise forbids is seen when it runs, however it is spelled; what it allows is not."""

import importlib
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.checking.gradients import gradient_of
from autograder.checking.outside import FromOutside, Side
from autograder.checking.watching import Watch
from course.ops import resampling

HANDED_OVER = resampling.triangle()
X, KERNEL, TURNED = torch.randn(1, 2, 8, 8), torch.randn(3, 2, 3, 3), torch.randn(2, 3, 3, 3)
TRANSPOSED = (
    "F.conv_transpose2d nn.ConvTranspose2d torch.conv_transpose2d F.fold torch.nn.grad torch.autograd torch.func"
)


def _used(forbid, call):
    watch = Watch(forbid)
    FromOutside(call, Side(guard=watch))()
    return watch.used


def _through_the_gradient():
    z = torch.zeros(1, 3, 10, 10, requires_grad=True)
    F.conv2d(z, TURNED).backward(torch.ones(1, 2, 8, 8))
    return z.grad


@pytest.mark.parametrize(
    ("forbid", "call"),
    [
        ("F.conv2d nn.Conv2d", lambda: torch.convolution(X, KERNEL, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)),
        ("F.conv2d", lambda: torch.ops.aten.conv2d(X, KERNEL)),
        (
            "F.conv2d",
            lambda: torch.ops.aten.convolution.default(X, KERNEL, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        ),
        ("F.conv2d", lambda: F.__dict__["conv2d"](X, KERNEL)),
        ("F.conv2d", lambda: getattr(F, "conv" + str(2) + "d")(X, KERNEL)),
        ("F.conv2d", lambda: torch._C._VariableFunctions.conv2d(X, KERNEL)),
        ("F.conv2d", lambda: F.conv3d(X[:, :, None], KERNEL[:, :, None])),
        ("F.conv2d", lambda: nn.LazyConv2d(2, 3)(X)),
        ("F.conv2d", lambda: torch.jit.script(nn.Conv2d(2, 3, 3))(X)),
        (TRANSPOSED, lambda: nn.LazyConvTranspose2d(2, 3)(X)),
        (TRANSPOSED, lambda: torch.convolution(X, TURNED, None, [1, 1], [0, 0], [1, 1], True, [0, 0], 1)),
        (TRANSPOSED, _through_the_gradient),
        ("F.max_pool2d nn.MaxPool2d", lambda: nn.modules.pooling.MaxPool2d(2)(X)),
        ("F.max_pool2d", lambda: torch._C._nn.max_pool2d_with_indices(X, 2)),
        ("F.max_unpool2d", lambda: torch._C._nn.max_unpool2d(*F.max_pool2d(X, 2, return_indices=True), (8, 8))),
        ("F.interpolate", lambda: torch._C._nn.upsample_bilinear2d(X, (16, 16), False, None)),
        (".unfold F.unfold", lambda: X.unfold(2, 2, 1)),
        (".unfold F.unfold", lambda: torch._C._nn.im2col(X, (2, 2), (1, 1), (0, 0), (1, 1))),
        (".as_strided", lambda: torch.as_strided(X, (2, 2), (1, 1))),
        ("F.one_hot", lambda: torch._C._nn.one_hot(torch.tensor([1, 2]))),
        ("torch.logsumexp F.log_softmax", lambda: X.logcumsumexp(1)),
        ("torch.logsumexp F.log_softmax", lambda: nn.LogSoftmax(1)(X)),
        ("F.cross_entropy", lambda: nn.CrossEntropyLoss()(X, torch.zeros(1, 8, 8).long())),
        ("torch.sinc", lambda: X.sinc()),
        ("np.histogram2d", lambda: np.histogram2d([1.0, 2], [1.0, 2])),
        ("numpy.lib.stride_tricks", lambda: np.lib.stride_tricks.sliding_window_view(np.ones((3, 3)), 2, 1)),
        ("scipy.signal", lambda: importlib.import_module("scipy.signal").upfirdn([1.0], [1.0, 2], 2)),
        ("scipy.signal", lambda: sys.modules["scipy.signal"].upfirdn([1.0], [1.0, 2], 2)),
        ("course.ops", lambda: importlib.import_module("course.ops.unpooling").nearest_unpool(X)),
        ("course.ops", lambda: resampling.triangle()(X)),
        ("torchvision", lambda: importlib.import_module("torchvision.ops").box_area(torch.ones(1, 4))),
    ],
)
def test_every_way_to_what_is_forbidden_is_seen(forbid, call):
    assert _used(forbid, call)


@pytest.mark.parametrize(
    ("forbid", "call"),
    [
        (TRANSPOSED, lambda: F.conv2d(X, KERNEL)),
        ("F.conv2d", lambda: F.conv_transpose2d(X, TURNED)),
        ("F.conv2d F.max_pool2d .unfold F.fold", lambda: (X[..., ::2].amax(1), X.reshape(2, -1).sum(), X.flatten(2))),
        ("course.ops", lambda: HANDED_OVER(X)),
        ("course.ops torch.autograd", lambda: torch.no_grad()(lambda: 2 * X)()),
        ("F.log_softmax torch.logsumexp", lambda: X.softmax(1).log()),
        ("np.histogram2d scipy.signal", lambda: np.bincount([1, 2])),
        ("", lambda: F.conv2d(X, KERNEL)),
    ],
)
def test_what_is_allowed_is_not_seen(forbid, call):
    assert _used(forbid, call) == []


def helper(x):
    return 2 * x


def test_one_of_the_labs_own_functions_can_be_forbidden():
    assert _used("helper", lambda: helper(X)) == ["helper"]
    assert _used("other", lambda: helper(X)) == []


def test_a_gradient_check_does_not_blame_the_student_for_its_own_way_back():
    watch = Watch(TRANSPOSED)
    gradient_of(FromOutside(lambda x: F.conv2d(x, KERNEL), Side(guard=watch)), X)
    assert watch.used == []


def test_nothing_is_watched_outside_of_calls():
    watch, before = Watch("F.conv2d"), sys.getprofile()
    with watch, watch:
        assert sys.getprofile() is not before
    assert sys.getprofile() is before
    F.conv2d(X, KERNEL)
    assert watch.used == []


def test_the_watch_ends_when_the_students_code_raises():
    watch, before = Watch("F.conv2d"), sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        FromOutside(lambda: 1 / 0, Side(guard=watch))()
    assert sys.getprofile() is before
