"""Online hard example mining: average over the pixels that the network gets wrong, forget the rest.

A pixel is hard when its class has less than `threshold` of the probability. Late in training few pixels are, and the
mean over five of them would be noise; so at least `min_kept` stay, the worst of the batch.

Our one deviation: the paper mines boxes, by their loss; segmentation mines pixels, by the probability (as in the code
of HRNet, arXiv:1904.04514). Of pixels that tie at the last place, only as many as are wanted stay.

Source: Shrivastava et al., arXiv:1604.03540, section 4.
"""

import math

from torch import Tensor

from course.losses.inputs import checked, not_void, surprise


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
        ignore_index: the void label; None where there is none.
        threshold: pixels with p_t below it are hard, 0 to 1. At 1 all are that are not perfectly right.
        min_kept: how many pixels of the batch to keep at least, 1 or more; fewer only where fewer are not void.

    Returns:
        Scalar, at least 0. Pixels that were not kept get no gradient. 0 with gradient 0 where all pixels are void.

    Raises:
        ValueError: shapes, types or devices that do not fit, a label that is neither a class nor void, a threshold
            outside 0 to 1, or min_kept below 1.

    Source: Shrivastava et al., arXiv:1604.03540, section 4.
    """
    logits, target = checked(logits, target, ignore_index)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; it is a probability, give 0 to 1")
    if min_kept < 1:
        raise ValueError(f"min_kept is {min_kept}; keep 1 pixel or more, a sixteenth of the batch's is usual")
    losses = surprise(logits, target, ignore_index)[not_void(target, ignore_index)]
    hard = losses.detach() > (-math.log(threshold) if threshold else math.inf)
    enough = int(hard.sum()) >= min_kept
    kept = losses[hard] if enough else losses.topk(min(min_kept, len(losses)), sorted=False).values
    return kept.sum() / max(len(kept), 1)
