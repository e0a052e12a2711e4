"""Online hard example mining: average over the pixels that the network gets wrong, and ignore the rest.

A pixel is hard if its class has a probability below `threshold`. Late in training few pixels are hard, and the mean
over five of them would be noise; so at least `min_kept` are kept, the worst of the batch.

Our one deviation: the paper mines boxes, by their loss; segmentation mines pixels, by their probability (as the code of
HRNet does, arXiv:1904.04514). Of pixels that tie for the last place, only as many as needed are kept.

Source: Shrivastava et al., arXiv:1604.03540, section 4.
"""

import math

from torch import Tensor

from course.losses.inputs import Pixels
from course.ops.arguments import whole


def ohem(
    logits: Tensor,
    target: Tensor,
    *,
    ignore_index: int | None = 255,
    threshold: float = 0.7,
    min_kept: int = 100_000,
) -> Tensor:
    """Mean of -log p_t over the hard pixels of the batch.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the label of void; None where there is none.
        threshold: pixels with p_t below it are hard, 0 to 1. At 1 all pixels are that are not perfectly right.
        min_kept: how many pixels of the batch to keep at least, 1 or more; fewer only where fewer are not void.

    Returns:
        Scalar, at least 0. Pixels that were not kept get no gradient. 0 with gradient 0 where all pixels are void.

    Raises:
        ValueError: shapes, types or devices do not fit, a label is neither a class nor void, the threshold is not in 0
            to 1, or min_kept is below 1.

    Example:
        >>> import torch
        >>> logits = torch.tensor([[0.9, 0.6], [0.1, 0.4]]).log().view(1, 2, 1, 2)  # p_t is 0.9 and 0.6
        >>> round(ohem(logits, torch.zeros(1, 1, 2).long(), min_kept=1).item(), 4)  # -log 0.6
        0.5108

    Source: Shrivastava et al., arXiv:1604.03540, section 4.
    """
    pixels = Pixels(logits, target, ignore_index)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; wanted a probability, 0 to 1.")
    min_kept = whole(min_kept, "min_kept", 1, "A sixteenth of the batch's pixels is usual.")
    pixels.check_labels()
    losses = pixels.negative_log_likelihood()[pixels.known]
    hard = losses.detach() > (-math.log(threshold) if threshold else math.inf)
    enough = int(hard.sum()) >= min_kept
    kept = losses[hard] if enough else losses.topk(min(min_kept, len(losses)), sorted=False).values
    return kept.sum() / max(len(kept), 1)
