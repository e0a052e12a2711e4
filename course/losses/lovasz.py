"""Lovász-Softmax: the mean IoU itself, made smooth.

1 - IoU of a class is a function of a set, the pixels that are wrong: it is defined where every error is 0 or 1. Lovász'
extension defines it in between, in the way that is convex and exact at the corners. Sort the errors |t - p| of a class
from the worst to the best; pixel i then counts with its error times what it adds to 1 - IoU when it joins the pixels
before it in the set of wrong ones.

What it adds, in closed form. Let G be the pixels of the class, I those of them that are not wrong yet, U the union.
A pixel of the class leaves the intersection: 1 - I/U grows by 1/U. Any other pixel joins the union, which was U - 1:
it grows by I/(U-1) - I/U = I / (U (U-1)). The paper's code takes the difference of neighbouring quotients instead.
When U is a million these differ in their last digits only: in float32 such a gradient is off by some 2 %.

Source: Berman et al., arXiv:1705.08790, section 3 and algorithm 1.
"""

import torch
from torch import Tensor

from course.losses.inputs import check_labels, checked, not_void


def lovasz_softmax(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """Mean over the classes that the target holds of the Lovász extension of 1 - IoU.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the void label; None where there is none.

    Returns:
        Scalar, 0 to 1: of the whole batch, not the mean of its pictures. On predictions that are sure it is
        1 - mean IoU. A class that the target does not hold is left out of the mean. 0 with gradient 0 where all pixels
        are void.

    Raises:
        ValueError: shapes, types or devices that do not fit, or a label that is neither a class nor void.

    Source: Berman et al., arXiv:1705.08790, equation 11.
    """
    logits, target = checked(logits, target, ignore_index)
    check_labels(target, logits.shape[1], ignore_index)
    known = not_void(target, ignore_index).flatten().nonzero()[:, 0]
    labels = target.flatten()[known]
    p = logits.softmax(1).movedim(1, 0).flatten(1).index_select(1, known)  # (k, pixels)
    losses = [_lovasz(p[c], labels == c) for c in labels.unique().tolist()]
    return torch.stack(losses).mean() if losses else p.sum()  # no pixels: a sum over nothing, 0 with gradient 0


def _lovasz(p: Tensor, t: Tensor) -> Tensor:
    """Σ error * what its pixel adds to 1 - IoU, for one class: p (pixels,) float, t (pixels,) bool."""
    errors, order = torch.where(t, 1 - p, p).sort(descending=True)
    return (errors * _jaccard_steps(t[order], errors.dtype)).sum()


def _jaccard_steps(t: Tensor, dtype: torch.dtype) -> Tensor:
    """How much each pixel adds to 1 - IoU when it joins the wrong ones; t (pixels,) bool, the worst first."""
    foreground = t.cumsum(0)  # whole numbers, so that nothing is rounded before the quotients
    intersection = (foreground[-1] - foreground).to(dtype)
    union = (foreground[-1] + (~t).cumsum(0)).to(dtype)
    return torch.where(t, 1 / union, intersection / union / (union - 1).clamp(min=1))
