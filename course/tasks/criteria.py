"""The losses of semantic segmentation by name, and sums of them: what `course train --loss` takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the names, and must stay quick
    from torch import Tensor

    from course.training.objective import Loss

LOSSES = {  # name -> function of course.losses
    "cross-entropy": "cross_entropy",
    "focal": "focal_loss",
    "dice": "dice_loss",
    "lovasz": "lovasz_softmax",
    "ohem": "ohem",
}


def find_loss(text: str) -> Loss:
    """A loss by its name, or a weighted sum of several.

    Args:
        text: such as "cross-entropy" or "cross-entropy+0.5*lovasz".

    Returns:
        (logits, target) -> a scalar; of a sum its terms by name, each with its weight.

    Raises:
        ValueError: a name is not in `LOSSES`, comes twice, or the text is not a sum.
    """
    from course import losses

    weights: dict[str, float] = {}
    for term in text.split("+"):
        parts = re.fullmatch(r"\s*(?:(\d+\.?\d*|\.\d+)\s*\*)?\s*([a-z-]+)\s*", term)
        if parts is None or parts[2] not in LOSSES or parts[2] in weights:
            raise ValueError(
                f"loss is {text!r}; wanted one of {', '.join(LOSSES)}, or a sum such as cross-entropy+0.5*dice."
            )
        weights[parts[2]] = float(parts[1] or 1)
    functions = {name: getattr(losses, LOSSES[name]) for name in weights}
    if list(weights.values()) == [1.0]:
        return next(iter(functions.values()))

    def total(logits: Tensor, target: Tensor) -> dict[str, Tensor]:
        return {name: weights[name] * function(logits, target) for name, function in functions.items()}

    return total
