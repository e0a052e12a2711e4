"""Smooth L1: a parabola where the error is small, a straight line where it is large.

On the parabola the gradient fades with the error; the line keeps one absurd target from outweighing all the others.

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
        beta: β, where the parabola ends, in that unit, at least 0; for 0 there is no parabola, and the loss is |d|.
        valid: bool, of the same shape: which numbers count; None for all. (Numbers have no label for void.) The others,
            whatever the target holds there, NaN included, are excluded from the value and from the gradient.

    Returns:
        Scalar, at least 0. `F.smooth_l1_loss` gives the same; over no numbers this is 0 with gradient 0 instead of NaN.

    Raises:
        ValueError: shapes, types or devices differ, or β is below 0.

    Example:
        >>> smooth_l1(torch.tensor([0.5, 2.0]), torch.zeros(2)).item()  # (0.5 · 0.5² + 2 - 0.5) / 2
        0.8125

    Source: Girshick, arXiv:1504.08083, equation 3 (β = 1).
    """
    _check(prediction, target, beta, valid)
    prediction = prediction.float() if prediction.dtype in (torch.float16, torch.bfloat16) else prediction
    target = target.to(prediction.dtype)
    if valid is not None:
        prediction, target = prediction[valid], target[valid]
    # torch's kernel makes one pass over memory; the formula written out in tensors makes ten.
    return F.smooth_l1_loss(prediction, target, beta=beta, reduction="sum") / max(prediction.numel(), 1)


def _check(prediction: Tensor, target: Tensor, beta: float, valid: Tensor | None) -> None:
    if not prediction.is_floating_point():
        raise ValueError(f"prediction is {prediction.dtype}; wanted floating point. Cast it with .float().")
    if target.shape != prediction.shape or target.device != prediction.device:
        raise ValueError(
            f"target has shape {tuple(target.shape)} on {target.device}; wanted the prediction's "
            f"{tuple(prediction.shape)} on {prediction.device}. Nothing is broadcast."
        )
    if not beta >= 0:
        raise ValueError(f"beta is {beta}; wanted at least 0. 0 gives the plain absolute error.")
    if valid is not None and (valid.dtype != torch.bool or valid.shape != target.shape):
        raise ValueError(
            f"valid is {valid.dtype} of shape {tuple(valid.shape)}; wanted bool of the target's {tuple(target.shape)}."
        )
