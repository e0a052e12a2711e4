"""Smooth L1: a parabola where the error is small, a straight line where it is large.

The parabola lets the gradient fade as the error does; the line keeps one absurd target from drowning all the others.

Source: Girshick, Fast R-CNN, arXiv:1504.08083, section 2.3.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def smooth_l1(prediction: Tensor, target: Tensor, *, beta: float = 1.0, valid: Tensor | None = None) -> Tensor:
    """Mean of 0.5 d² / β where |d| < β, |d| - 0.5 β elsewhere, with d = prediction - target.

    Args:
        prediction: float, any shape: box offsets (r, 4), depths (n, 1, h, w), …
        target: numbers of the same shape, on the same device, in the same unit.
        beta: β, where the parabola ends, in that unit, at least 0; at 0 there is none and the loss is |d|.
        valid: bool, of the same shape: which numbers count; None for all. Numbers have no label for void. What stands
            in the target elsewhere, also NaN, has no part in the value nor in the gradient.

    Returns:
        Scalar, at least 0. `F.smooth_l1_loss` gives the same; over no numbers this is 0 with gradient 0 instead of NaN.

    Raises:
        ValueError: shapes, types or devices that differ, or β below 0.

    Source: Girshick, arXiv:1504.08083, equation 3 (β = 1).
    """
    _check(prediction, target, beta, valid)
    prediction = prediction.float() if prediction.dtype in (torch.float16, torch.bfloat16) else prediction
    target = target.to(prediction.dtype)
    if valid is not None:
        prediction, target = prediction[valid], target[valid]
    # torch's kernel is one pass over memory; the formula written out in tensors takes ten.
    return F.smooth_l1_loss(prediction, target, beta=beta, reduction="sum") / max(prediction.numel(), 1)


def _check(prediction: Tensor, target: Tensor, beta: float, valid: Tensor | None) -> None:
    if not prediction.is_floating_point():
        raise ValueError(f"prediction must be floating point, got {prediction.dtype}; cast it with .float()")
    if target.shape != prediction.shape or target.device != prediction.device:
        raise ValueError(
            f"prediction is {tuple(prediction.shape)} on {prediction.device}, target {tuple(target.shape)} on "
            f"{target.device}; they must be alike, nothing is broadcast"
        )
    if not beta >= 0:
        raise ValueError(f"beta is {beta}; it must be at least 0, where 0 gives the plain absolute error")
    if valid is not None and (valid.dtype != torch.bool or valid.shape != target.shape):
        raise ValueError(
            f"valid is {valid.dtype} {tuple(valid.shape)}; give bool of the target's shape {tuple(target.shape)}"
        )
