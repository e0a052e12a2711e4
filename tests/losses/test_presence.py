"""The semantic-encoding loss held against torch's binary cross-entropy on presence written out."""

import pytest
import torch
from torch.nn import functional as F

from course.losses import semantic_encoding_loss

VOID = 255


def draw(n=3, k=5):
    torch.manual_seed(0)
    presence = torch.randn(n, k, dtype=torch.float64, requires_grad=True)
    target = torch.randint(0, 3, (n, 6, 7))  # classes 3 and 4 are in no image, but for one pixel
    target[1, 2, 3] = 4
    target[0, :, :2] = VOID
    return presence, target


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.int64])
def test_it_is_the_binary_cross_entropy_of_what_each_image_holds(dtype):
    presence, target = draw()
    held = torch.tensor([[label in image.unique() for label in range(5)] for image in target]).double()
    assert held.sum() == 10
    expected = F.binary_cross_entropy_with_logits(presence, held)
    loss = semantic_encoding_loss(presence, target.to(dtype))
    torch.testing.assert_close(loss, expected)
    found, wanted = (torch.autograd.grad(value, presence)[0] for value in (loss, expected))
    torch.testing.assert_close(found, wanted)


def test_an_image_of_void_alone_is_left_out_and_all_void_gives_zero():
    presence, target = draw()
    target[2] = VOID
    torch.testing.assert_close(
        semantic_encoding_loss(presence, target), semantic_encoding_loss(presence[:2], target[:2])
    )
    loss = semantic_encoding_loss(presence, torch.full_like(target, VOID))
    loss.backward()
    assert loss.item() == 0
    assert presence.grad.eq(0).all()
    assert semantic_encoding_loss(presence[:0], target[:0]).item() == 0


def test_huge_and_half_precision_logits_give_finite_losses():
    target = torch.tensor([[[0, 1]]])
    assert semantic_encoding_loss(torch.tensor([[1e4, -1e4, 1e4]]), target).item() == pytest.approx(2e4 / 3)
    half = semantic_encoding_loss(torch.tensor([[1.0, -1.0, 0.5]]).half(), target)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, semantic_encoding_loss(torch.tensor([[1.0, -1.0, 0.5]]), target))


@pytest.mark.parametrize(
    ("presence", "target", "message"),
    [
        (torch.zeros(1, 3, 2, 2), torch.zeros(1, 2, 2).long(), r"presence has shape \(1, 3, 2, 2\); wanted \(n, k\)"),
        (torch.zeros(1, 3), torch.zeros(2, 2).long(), r"target has shape \(2, 2\)"),
        (torch.zeros(2, 3), torch.zeros(1, 2, 2).long(), r"target has shape \(1, 2, 2\); wanted \(2, 2, 2\)"),
        (
            torch.zeros(1, 3),
            torch.full((1, 2, 2), 3),
            r"target is 3 at \(0, 0, 0\), the first of 4 such pixels; wanted",
        ),
        (torch.zeros(1, 3), torch.zeros(1, 2, 2), r"target is torch\.float32; wanted whole numbers"),
    ],
)
def test_what_does_not_fit_is_refused(presence, target, message):
    with pytest.raises(ValueError, match=message):
        semantic_encoding_loss(presence, target)
