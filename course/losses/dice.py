"""Soft Dice: overlap between a class's probabilities and its pixels, whatever its size.

For a class with probabilities p and target t (1 at its pixels, else 0), 1 - 2 Σ p t / (Σ p² + Σ t²). Both sums run over
all pixels of the batch that are not void, so a class that fills a hundredth of the picture weighs as much as the sky.
On predictions that are sure (p is 0 or 1) it is 1 - F1 of the class.

Source: Milletarì et al., arXiv:1606.04797, section 3.
"""

import torch
from torch import Tensor

from course.losses.inputs import check_labels, checked, not_void


def dice_loss(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """Mean of 1 - 2 Σ p t / (Σ p² + Σ t²) over the classes that the target holds.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the void label; None where there is none.

    Returns:
        Scalar, 0 to 1. A class that the batch's target does not hold is left out of the mean; its probability still
        counts against the classes that are there. 0 with gradient 0 where all pixels are void.

    Raises:
        ValueError: shapes, types or devices that do not fit, or a label that is neither a class nor void.

    Source: Milletarì et al., arXiv:1606.04797, section 3.
    """
    losses, present = _overlap_losses(logits, target, ignore_index)
    return torch.where(present, losses, 0).sum() / present.sum().clamp(min=1)


def dice_per_class(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """1 - 2 Σ p t / (Σ p² + Σ t²) for each class, p the softmax of the logits, sums over the batch.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the void label; None where there is none.

    Returns:
        (k,), 0 to 1; NaN for a class that the target does not hold, from which no gradient comes.

    Raises:
        ValueError: shapes, types or devices that do not fit, or a label that is neither a class nor void.

    Source: Milletarì et al., arXiv:1606.04797, section 3.
    """
    losses, present = _overlap_losses(logits, target, ignore_index)
    return torch.where(present, losses, torch.nan)


def _overlap_losses(logits: Tensor, target: Tensor, ignore_index: int | None) -> tuple[Tensor, Tensor]:
    """The loss of each class, (k,), and whether the target holds it, (k,) bool; where not, the loss means nothing."""
    (logits, target), k = checked(logits, target, ignore_index), logits.shape[1]
    check_labels(target, k, ignore_index)
    t = target[:, None] == torch.arange(k, device=target.device)[:, None, None]  # (n, k, h, w), void in no class
    p = logits.softmax(1)
    p = torch.where(not_void(target, ignore_index)[:, None], p, 0)
    pixels = t.sum((0, 2, 3))
    shared = torch.where(t, p, 0).sum((0, 2, 3))
    size = p.square().sum((0, 2, 3)) + pixels
    return 1 - 2 * shared / torch.where(pixels > 0, size, 1), pixels > 0
