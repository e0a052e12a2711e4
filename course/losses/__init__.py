"""Losses: how wrong a network's scores are, pixel by pixel or class by class.

All but those of `borders`, `presence` and `regression` have the form
`(logits (n, k, h, w), target (n, h, w), *, ignore_index=255, …) -> scalar`. Void pixels are excluded from the value and
from the gradient. Where no pixel is left (all void, or an empty batch), the loss is 0 and so is its gradient, so that
one bad batch does not turn the weights into NaN. Half-precision logits are computed in float32.

- `pixelwise`: `cross_entropy`, the mean over pixels, with class weights and pixel weights.
- `focal`: `focal_loss`, which gives less weight to pixels that are already right.
- `hard_examples`: `ohem`, the mean over the worst pixels alone.
- `dice`, `lovasz`: `dice_loss` and `lovasz_softmax`, overlap per class, so that a thin class counts as much as the sky.
- `borders`: `border_weights`, U-Net's map of where two cells nearly touch, for cross_entropy's pixel weights.
- `presence`: `semantic_encoding_loss`, which classes an image holds at all, from one logit for each.
- `regression`: `smooth_l1`, for quantities instead of classes.
- `inputs`: what the losses of (logits, target) share.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "borders": "border_weights",
        "pixelwise": "cross_entropy",
        "dice": "dice_loss dice_per_class",
        "focal": "focal_loss",
        "hard_examples": "ohem",
        "lovasz": "lovasz_softmax",
        "presence": "semantic_encoding_loss",
        "regression": "smooth_l1",
    },
)
