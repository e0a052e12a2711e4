"""The losses by name, and sums of them."""

import pytest
import torch

from course.losses import cross_entropy, dice_loss
from course.tasks.criteria import LOSSES, find_loss


@pytest.fixture
def scored():
    torch.manual_seed(0)
    return torch.randn(1, 3, 4, 4, requires_grad=True), torch.randint(0, 3, (1, 4, 4))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_a_gradient(name, scored):
    logits, target = scored
    find_loss(name)(logits, target).backward()
    assert logits.grad.abs().sum() > 0


def test_a_sum_gives_its_terms_by_name_with_their_weights(scored):
    terms = find_loss("cross-entropy + 0.5*dice")(*scored)
    assert list(terms) == ["cross-entropy", "dice"]
    assert torch.equal(terms["cross-entropy"], cross_entropy(*scored))
    assert torch.equal(terms["dice"], 0.5 * dice_loss(*scored))


def test_one_loss_with_a_weight_is_a_term_too(scored):
    assert find_loss("2*dice")(*scored)["dice"] == 2 * dice_loss(*scored)


@pytest.mark.parametrize("text", ["l2", "", "dice+", "dice+dice", "-1*dice", "dice*2", "cross-entropy,dice"])
def test_what_is_not_a_loss_is_answered_with_those_there_are(text):
    with pytest.raises(ValueError, match=r"; wanted one of cross-entropy, focal, dice, lovasz, ohem, or a sum such as"):
        find_loss(text)
