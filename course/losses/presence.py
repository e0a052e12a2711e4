"""Semantic-encoding loss: which classes does the image hold at all?

A yes or no for each class, by binary cross-entropy. It has no sizes: a sign of ten pixels counts as much as the sky.

Source: Zhang et al., arXiv:1803.08904, section 3.2.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course.losses.inputs import Pixels


def semantic_encoding_loss(presence: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """Mean of the binary cross-entropies over images and classes.

    Args:
        presence: (n, k) float, a logit for each image and class: above 0 for "the image holds it"; k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.

    Returns:
        Scalar, at least 0. An image of nothing but void is left out of the mean; 0 with gradient 0 where all are.

    Raises:
        ValueError: shapes, types or devices do not fit, or a label is neither a class nor void.

    Example:
        >>> target = torch.tensor([[[0, 0, 2]]])  # holds classes 0 and 2
        >>> round(semantic_encoding_loss(torch.zeros(1, 3), target).item(), 4)  # undecided: log 2
        0.6931
        >>> round(semantic_encoding_loss(torch.tensor([[9.0, -9.0, 9.0]]), target).item(), 4)
        0.0001

    Source: Zhang et al., arXiv:1803.08904, section 3.2.
    """
    if presence.ndim != 2:
        raise ValueError(
            f"presence has shape {tuple(presence.shape)}; wanted (n, k), one logit for each image and class. Take the "
            "second of what EncNet's with_presence gives."
        )
    presence = presence.float() if presence.dtype in (torch.float16, torch.bfloat16) else presence
    size = target.shape[1:] if target.ndim == 3 else (1, 1)
    pixels = Pixels(presence[..., None, None].expand(-1, -1, *size), target, ignore_index)
    pixels.check_labels()
    losses = F.binary_cross_entropy_with_logits(presence, _held(pixels), reduction="none")
    counts = pixels.known.flatten(1).any(1)
    return torch.where(counts[:, None], losses, 0).sum() / (counts.sum() * pixels.num_classes).clamp(min=1)


def _held(pixels: Pixels) -> Tensor:
    """1 where an image holds a class, else 0: (n, k), of the type of the logits."""
    n, k = pixels.target.shape[0], pixels.num_classes
    labels = torch.where(pixels.known, pixels.target, k).flatten(1)
    return pixels.logits.new_zeros(n, k + 1).scatter_(1, labels, 1.0)[:, :k]
