"""Losses: what a network is told about its scores, pixel by pixel or class by class.

`(logits (n, k, h, w), target (n, h, w), *, ignore_index=255, …) -> scalar` is the form of all but the last two.
Void pixels have no part in any of them: neither in the value nor in the gradient. Where no pixel is left (all void, or
an empty batch), the loss is 0 and so is its gradient, so that one bad batch does not turn the weights into NaN.
Half-precision logits are computed in float32.

- `cross_entropy`: the mean over pixels; class weights, pixel weights.
- `focal`: less weight for pixels that are right already.
- `hard_examples`: `ohem`, the mean over the worst pixels alone.
- `dice` and `lovasz`: overlap per class, so that a thin class counts as much as the sky.
- `borders`: `border_weights`, U-Net's map of where two cells nearly touch, for cross_entropy's pixel weights.
- `regression`: `smooth_l1`, for numbers instead of classes.
"""

from course.losses.borders import border_weights
from course.losses.cross_entropy import cross_entropy
from course.losses.dice import dice, dice_per_class
from course.losses.distances import two_nearest_instances
from course.losses.focal import focal
from course.losses.hard_examples import ohem
from course.losses.lovasz import lovasz_softmax
from course.losses.regression import smooth_l1

__all__ = [
    "border_weights",
    "cross_entropy",
    "dice",
    "dice_per_class",
    "focal",
    "lovasz_softmax",
    "ohem",
    "smooth_l1",
    "two_nearest_instances",
]
