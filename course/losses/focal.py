"""Focal loss: -α (1 - p_t)^γ log p_t. What is right already (p_t near 1) hardly counts.

With γ = 2, a pixel at p_t = 0.9 counts a hundredth of what it does in cross-entropy, one at 0.5 a quarter. Nine in ten
pixels of a street are easy; together they would still outweigh the few hard ones. α then shares the rest out between
the classes: the easy, frequent class was held down by γ, so the best α for the rare one is lower than its frequency
alone would say.

Our one deviation: p is the softmax over k classes, where the paper has a sigmoid for each. For two classes with logits
(0, x) both are the same.

Source: Lin et al., arXiv:1708.02002, section 3.
"""

import torch
from torch import Tensor

from course.losses.inputs import checked, not_void, surprise


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
        ignore_index: the void label; None where there is none.
        gamma: γ, at least 0; 0 gives cross-entropy.
        alpha: α of each class, (k,), at least 0; None for 1 each. The paper's α = 0.25 is [0.75, 0.25] here.

    Returns:
        Scalar, at least 0. The sum is divided by the number of pixels, not by the sum of their α. 0 with gradient 0
        where all pixels are void.

    Raises:
        ValueError: shapes, types or devices that do not fit, a label that is neither a class nor void, γ or α below 0.

    Source: Lin et al., arXiv:1708.02002, equation 5.
    """
    logits, target = checked(logits, target, ignore_index)
    if not gamma >= 0:
        raise ValueError(f"gamma is {gamma}; it must be at least 0, the paper takes 2")
    cross_entropies = surprise(logits, target, ignore_index)
    wrong = -torch.expm1(-cross_entropies)  # 1 - p_t, without the rounding of 1 - exp(…) where p_t is nearly 1
    smallest = torch.finfo(wrong.dtype).tiny  # at 0 the slope of wrong^γ is infinite for γ below 1
    losses = wrong.clamp(min=smallest).pow(gamma) * cross_entropies
    valid = not_void(target, ignore_index)
    if alpha is not None:
        losses = losses * _checked_alpha(alpha, logits)[torch.where(valid, target, 0)]
    return losses.sum() / valid.sum().clamp(min=1)


def _checked_alpha(alpha: Tensor, logits: Tensor) -> Tensor:
    if alpha.shape != logits.shape[1:2] or not bool((alpha >= 0).all()):
        raise ValueError(f"alpha is {alpha.tolist()}; give one of at least 0 for each of {logits.shape[1]} classes")
    return alpha.to(logits)
