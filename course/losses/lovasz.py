"""Lovász-Softmax: the mean IoU itself, made smooth.

1 - IoU of a class is a function of a set, the wrong pixels, and so is defined where every error is 0 or 1. Lovász'
extension defines it in between, in the one way that is convex and exact at the corners. Sort the errors |t - p| of a
class from the worst to the best; then each pixel contributes its error times what it adds to 1 - IoU when it joins the
set of the pixels before it.

What it adds, in closed form: let I be the number of pixels of the class that are not wrong yet, and U the size of the
union. A pixel of the class leaves the intersection, and 1 - I/U grows by 1/U. Any other pixel joins the union, which
was U - 1, and 1 - I/U grows by I/(U-1) - I/U = I / (U (U-1)). The paper's code takes the difference of neighboring
quotients instead; for a U of a million they differ in their last digits only, and in float32 such a gradient is off by
some 2 %.

Source: Berman et al., arXiv:1705.08790, section 3 and algorithm 1.
"""

import torch
from torch import Tensor

from course.losses.inputs import Pixels


def lovasz_softmax(logits: Tensor, target: Tensor, *, ignore_index: int | None = 255) -> Tensor:
    """Mean of the Lovász extension of 1 - IoU over the classes that occur in the target.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.

    Returns:
        Scalar, 0 to 1: of the whole batch, not the mean over its images. On certain predictions it is 1 - mean IoU. A
        class that does not occur in the target is left out of the mean. 0 with gradient 0 where all pixels are void.

    Raises:
        ValueError: shapes, types or devices do not fit, or a label is neither a class nor void.

    Example:
        >>> target = torch.tensor([[[0] * 10 + [1] * 20]])
        >>> prediction = torch.tensor([[[0] * 6 + [1] * 4 + [0] * 2 + [1] * 18]])  # IoU 1/2 and 3/4
        >>> certain = 1e4 * torch.nn.functional.one_hot(prediction, 2).movedim(-1, 1)
        >>> lovasz_softmax(certain, target).item()
        0.375

    Source: Berman et al., arXiv:1705.08790, equation 11.
    """
    pixels = Pixels(logits, target, ignore_index)
    pixels.check_labels()
    known = pixels.known.flatten().nonzero()[:, 0]
    labels = pixels.target.flatten()[known]
    p = pixels.logits.softmax(1).movedim(1, 0).flatten(1).index_select(1, known)  # (k, pixels)
    losses = [_lovasz(p[c], labels == c) for c in labels.unique().tolist()]
    return torch.stack(losses).mean() if losses else p.sum()  # no pixels: an empty sum, 0 with gradient 0


def _lovasz(p: Tensor, t: Tensor) -> Tensor:
    """The loss of one class, Σ error · what the pixel adds to 1 - IoU: p (pixels,) float, t (pixels,) bool."""
    errors, order = torch.where(t, 1 - p, p).sort(descending=True)
    return (errors * _jaccard_steps(t[order], errors.dtype)).sum()


def _jaccard_steps(t: Tensor, dtype: torch.dtype) -> Tensor:
    """How much each pixel adds to 1 - IoU when it joins the wrong ones; t (pixels,) bool, the worst first."""
    foreground = t.cumsum(0)  # in whole numbers, so that nothing is rounded before the division
    intersection = (foreground[-1] - foreground).to(dtype)
    union = (foreground[-1] + (~t).cumsum(0)).to(dtype)
    return torch.where(t, 1 / union, intersection / union / (union - 1).clamp(min=1))
