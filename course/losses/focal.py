"""Focal loss: -α (1 - p_t)^γ log p_t. What is already right (p_t near 1) hardly counts.

With γ = 2 a pixel at p_t = 0.9 counts a hundredth of what it does in cross-entropy, and one at 0.5 a quarter. Nine in
ten pixels of a street are easy; in cross-entropy they outweigh the few hard ones. α then balances the classes: since γ
already holds down the easy, frequent class, the best α for the rare class is lower than its frequency alone suggests.

Our one deviation: p is the softmax over k classes, where the paper has a sigmoid for each. For two classes with logits
(0, x) the two agree.

Source: Lin et al., arXiv:1708.02002, section 3.
"""

import torch
from torch import Tensor

from course.losses.inputs import Pixels


def focal_loss(
    logits: Tensor,
    target: Tensor,
    *,
    ignore_index: int | None = 255,
    gamma: float = 2.0,
    alpha: Tensor | None = None,
) -> Tensor:
    """Mean of -α (1 - p_t)^γ log p_t over the pixels that are not void.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.
        gamma: γ, at least 0; 0 gives cross-entropy.
        alpha: α of each class, (k,), at least 0; None for 1 each. The paper's α = 0.25 is [0.75, 0.25] here.

    Returns:
        Scalar, at least 0. The sum is divided by the number of pixels, not by the sum of their α. 0 with gradient 0
        where all pixels are void.

    Raises:
        ValueError: shapes, types or devices do not fit, a label is neither a class nor void, or γ or α is below 0.

    Example:
        >>> logits = torch.tensor([0.9, 0.1]).log().view(1, 2, 1, 1)
        >>> round(focal_loss(logits, torch.tensor([[[0]]])).item(), 6)  # -(1 - 0.9)² log 0.9
        0.001054

    Source: Lin et al., arXiv:1708.02002, equation 5.
    """
    pixels = Pixels(logits, target, ignore_index)
    if not gamma >= 0:
        raise ValueError(f"gamma is {gamma}; wanted at least 0. The paper takes 2.")
    pixels.check_labels()
    cross_entropies = pixels.negative_log_likelihood()
    wrong = -torch.expm1(-cross_entropies)  # 1 - p_t, without the rounding of 1 - exp(…) where p_t is nearly 1
    smallest = torch.finfo(wrong.dtype).tiny  # at 0 the slope of wrong^γ is infinite for γ below 1
    losses = wrong.clamp(min=smallest).pow(gamma) * cross_entropies
    if alpha is not None:
        losses = losses * _checked_alpha(alpha, pixels.logits)[torch.where(pixels.known, pixels.target, 0)]
    return losses.sum() / pixels.known.sum().clamp(min=1)


def _checked_alpha(alpha: Tensor, logits: Tensor) -> Tensor:
    if alpha.shape != logits.shape[1:2] or not bool((alpha >= 0).all()):
        raise ValueError(f"alpha is {alpha.tolist()}; wanted {logits.shape[1]} numbers of at least 0, one a class.")
    return alpha.to(logits)
