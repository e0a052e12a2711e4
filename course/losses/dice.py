"""Soft Dice: overlap between a class's probabilities and its pixels, whatever its size.

For a class with probabilities p and target t (1 at its pixels, else 0) it is 1 - 2 Σ p t / (Σ p² + Σ t²). The sums run
over all pixels of the batch that are not void, so a class that fills a hundredth of the image weighs as much as the
sky. On certain predictions (p is 0 or 1) it is 1 - F1 of the class.

Source: Milletarì et al., arXiv:1606.04797, section 3.
"""

import torch
from torch import Tensor

from course.losses.inputs import Pixels


def dice_loss(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """Mean of 1 - 2 Σ p t / (Σ p² + Σ t²) over the classes that occur in the target.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.

    Returns:
        Scalar, 0 to 1. A class that does not occur in the batch's target is left out of the mean; its probability still
        counts against the classes that do. 0 with gradient 0 where all pixels are void.

    Raises:
        ValueError: shapes, types or devices do not fit, or a label is neither a class nor void.

    Example:
        >>> undecided, target = torch.zeros(1, 2, 1, 2), torch.tensor([[[0, 1]]])  # p = 0.5 everywhere
        >>> round(dice_loss(undecided, target).item(), 4)  # 1 - 2 · 0.5 / (0.5 + 1) for both classes
        0.3333

    Source: Milletarì et al., arXiv:1606.04797, section 3.
    """
    losses, present = _overlap_losses(Pixels(logits, target, ignore_index))
    return torch.where(present, losses, 0).sum() / present.sum().clamp(min=1)


def dice_per_class(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """1 - 2 Σ p t / (Σ p² + Σ t²) for each class; p is the softmax of the logits, the sums run over the batch.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.

    Returns:
        (k,), 0 to 1; NaN, without a gradient, for a class that does not occur in the target.

    Raises:
        ValueError: shapes, types or devices do not fit, or a label is neither a class nor void.

    Example:
        >>> undecided, target = torch.zeros(1, 2, 1, 2), torch.tensor([[[0, 0]]])
        >>> [round(loss, 4) for loss in dice_per_class(undecided, target).tolist()]
        [0.2, nan]

    Source: Milletarì et al., arXiv:1606.04797, section 3.
    """
    losses, present = _overlap_losses(Pixels(logits, target, ignore_index))
    return torch.where(present, losses, torch.nan)


def _overlap_losses(pixels: Pixels) -> tuple[Tensor, Tensor]:
    """The loss of each class, (k,), and whether it occurs in the target, (k,) bool; if not, its loss means nothing."""
    pixels.check_labels()
    target, classes = pixels.target, torch.arange(pixels.num_classes, device=pixels.target.device)
    t = target[:, None] == classes[:, None, None]  # (n, k, h, w); void is in no class
    p = torch.where(pixels.known[:, None], pixels.logits.softmax(1), 0)
    count = t.sum((0, 2, 3))
    shared = torch.where(t, p, 0).sum((0, 2, 3))
    size = p.square().sum((0, 2, 3)) + count
    return 1 - 2 * shared / torch.where(count > 0, size, 1), count > 0
