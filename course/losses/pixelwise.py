"""Cross-entropy: how surprised the network is by each pixel's class, averaged over the pixels that have one.

The mean is a weighted one: Σ w(x) · -log p_t(x) / Σ w(x), where w(x) is the weight of the pixel's class times that of
the pixel. So doubling every weight changes nothing, and a learning rate found with one set of weights serves the next.
(U-Net's paper writes the plain sum; the quotient differs from it by a factor that is the same at each pixel.)

Source: Long et al., arXiv:1411.4038, section 3; Ronneberger et al., arXiv:1505.04597, section 3 (pixel weights).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from course.losses.inputs import check_labels, checked, negative_log_likelihood, not_void


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    *,
    ignore_index: int | None = 255,
    class_weights: Tensor | None = None,
    pixel_weights: Tensor | None = None,
) -> Tensor:
    """Weighted mean of -log p_t over the pixels that are not void.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), classes 0 … k-1 or void.
        ignore_index: the void label; None where there is none.
        class_weights: (k,), at least 0; None for 1 each.
        pixel_weights: (n, h, w), at least 0, such as `border_weights` gives; None for 1 each.

    Returns:
        Scalar, at least 0. `F.cross_entropy` gives the same, except that where all weights are 0 (or all pixels void)
        this is 0 with gradient 0 instead of NaN.

    Raises:
        ValueError: shapes, types or devices that do not fit, a label that is neither a class nor void, weights
            below 0.

    Source: Long et al., arXiv:1411.4038, section 3; Ronneberger et al., arXiv:1505.04597, equation 1.
    """
    logits, target = checked(logits, target, ignore_index)
    classes = _checked_weights(class_weights, "class_weights", logits.shape[1:2], logits)
    pixels = _checked_weights(pixel_weights, "pixel_weights", target.shape, logits)
    log_p = F.log_softmax(logits, 1)
    if pixels is not None:
        check_labels(target, logits.shape[1], ignore_index)
        losses = negative_log_likelihood(log_p, target, classes, ignore_index, "none")
        total = _total_weight(target, classes, pixels, ignore_index)
        return (losses * pixels).sum() / torch.where(total > 0, total, 1)
    mean = _plain_mean(log_p, target, classes, ignore_index)
    if bool(mean.isnan()) and _total_weight(target, classes, None, ignore_index) == 0:
        return negative_log_likelihood(log_p, target, classes, ignore_index, "sum")  # 0, with gradient 0
    return mean


def _plain_mean(log_p: Tensor, target: Tensor, weights: Tensor | None, ignore_index: int | None) -> Tensor:
    """torch's own mean. On the CPU torch checks the labels as it goes, which spares a pass over the target."""
    if target.device.type != "cpu":
        check_labels(target, log_p.shape[1], ignore_index)
    try:
        return negative_log_likelihood(log_p, target, weights, ignore_index, "mean")
    except IndexError:
        check_labels(target, log_p.shape[1], ignore_index)
        raise


def _total_weight(
    target: Tensor, class_weights: Tensor | None, pixel_weights: Tensor | None, ignore_index: int | None
) -> Tensor:
    """Σ w(x) over the pixels that are not void."""
    weights = not_void(target, ignore_index).to(torch.float32 if pixel_weights is None else pixel_weights.dtype)
    if class_weights is not None:
        weights = weights * class_weights[torch.where(weights > 0, target, 0)]
    return (weights if pixel_weights is None else weights * pixel_weights).sum()


def _checked_weights(weights: Tensor | None, name: str, shape: torch.Size, logits: Tensor) -> Tensor | None:
    """The weights in the logits' type and on their device."""
    if weights is None:
        return None
    if weights.shape != shape:
        raise ValueError(f"{name} has shape {tuple(weights.shape)}, it must be {tuple(shape)}: one weight each")
    if not bool((weights >= 0).all()):
        raise ValueError(f"{name} holds {weights.min().item()}; weights must be at least 0, and not NaN")
    return weights.to(logits)
