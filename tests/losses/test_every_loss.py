"""What holds for every loss of (logits, target): void, empty batches, huge and half-precision logits, refusals."""

import numpy as np
import pytest
import torch

from course.losses import cross_entropy, dice_loss, focal_loss, lovasz_softmax, ohem

VOID = 255
ALL = [cross_entropy, focal_loss, ohem, dice_loss, lovasz_softmax]
every_loss = pytest.mark.parametrize("loss", ALL, ids=lambda f: f.__name__)


def draw(n=2, k=4, h=5, w=7, seed=0, void=0.2, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(n, k, h, w, generator=generator, dtype=dtype)
    target = torch.randint(0, k, (n, h, w), generator=generator)
    return logits, torch.where(torch.rand(n, h, w, generator=generator) < void, VOID, target)


@every_loss
def test_gradients_are_those_of_finite_differences(loss):
    logits, target = draw(n=1, h=3, w=4)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits.requires_grad_())


@every_loss
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (0, 3, 4, 5)])
def test_with_no_pixel_left_the_loss_is_zero_and_so_is_its_gradient(loss, shape):
    logits = torch.randn(shape, requires_grad=True)
    value = loss(logits, torch.full((shape[0], 4, 5), VOID))
    value.backward()
    assert value.item() == 0
    assert logits.grad.shape == shape
    assert not logits.grad.any()


@every_loss
def test_void_pixels_are_excluded_from_value_and_gradient(loss):
    logits, target = draw()
    other = torch.where((target == VOID)[:, None], torch.randn(2, 4, 5, 7, dtype=torch.float64), logits)
    logits.requires_grad_()
    value = loss(logits, target)
    value.backward()
    torch.testing.assert_close(loss(other, target), value)
    assert not logits.grad.movedim(1, -1)[target == VOID].any()
    assert logits.grad.movedim(1, -1)[target != VOID].any()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_logits_of_ten_thousand_give_numbers(loss, dtype):
    _, target = draw()
    logits = (1e4 * torch.sign(torch.randn(2, 4, 5, 7))).to(dtype).requires_grad_()
    value = loss(logits, target)
    value.backward()
    assert value.isfinite()
    assert logits.grad.isfinite().all()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(loss, dtype):
    logits, target = draw(dtype=torch.float32)
    half = logits.to(dtype).requires_grad_()
    value = loss(half, target)
    assert value.dtype == torch.float32
    assert value == loss(half.detach().float(), target)
    value.backward()
    assert half.grad.dtype == dtype


@every_loss
def test_targets_may_be_uint8_whose_255_is_not_minus_one(loss):
    logits, target = draw()
    assert loss(logits, target.to(torch.uint8)) == loss(logits, target)
    with pytest.raises(ValueError, match=r"target is 255 at \("):  # and not -1, which uint8 would make of it
        loss(logits, target.to(torch.uint8), ignore_index=-1)


@every_loss
def test_a_network_that_diverged_shows(loss):
    logits, target = draw(void=0)
    logits[0, 0, 0, 0] = torch.nan
    assert loss(logits, target).isnan()


X, Y = torch.zeros(2, 3, 4, 5), torch.zeros(2, 4, 5, dtype=torch.int64)


@every_loss
@pytest.mark.parametrize(
    ("logits", "target", "message"),
    [
        (
            X[0],
            Y,
            r"logits are torch\.float32 of shape \(3, 4, 5\); wanted floating point \(n, k, h, w\) with 2 classes or",
        ),
        (X[:, :1], Y, "Turn the one logit x of a yes-no network into two"),
        (X, Y[:, :2], r"target has shape \(2, 2, 5\); wanted \(2, 4, 5\), as logits have \(2, 3, 4, 5\)"),
        (X, Y.float(), r"target is torch\.float32; wanted whole numbers"),
        (X, Y + 3, r"target is 3 at \(0, 0, 0\), the first of 40 such pixels; wanted a class 0…2 or void 255\. Map"),
        (X, Y - 1, r"target is -1 at \(0, 0, 0\), the first of 40 such pixels"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(loss, logits, target, message):
    with pytest.raises(ValueError, match=message):
        loss(logits, target)


@every_loss
def test_a_void_label_that_is_a_class_is_refused(loss):
    with pytest.raises(ValueError, match="ignore_index is 2; wanted none of the 3 classes"):
        loss(X, Y, ignore_index=2)
    with pytest.raises(ValueError, match=r"target is 255 at .*, the first of 40 such pixels; wanted a class 0…2\. Map"):
        loss(X, Y + 255, ignore_index=None)
    with pytest.raises(ValueError, match=r"ignore_index is 1\.5; wanted a whole number, or None"):
        loss(X, Y, ignore_index=1.5)


@every_loss
def test_the_label_of_void_may_be_one_of_numpys_integers(loss):
    logits, target = draw()
    assert loss(logits, target, ignore_index=np.int64(VOID)) == loss(logits, target)
