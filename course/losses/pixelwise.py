"""Cross-entropy: how surprised the network is by each pixel's class, averaged over the pixels that have one.

The mean is weighted: Σ w(x) · -log p_t(x) / Σ w(x), where w(x) is the weight of the pixel's class times that of the
pixel. So doubling every weight changes nothing, and a learning rate found with one set of weights serves the next.
(U-Net's paper writes the plain sum; the mean differs from it by one factor for all pixels.)

Source: Long et al., arXiv:1411.4038, section 3; Ronneberger et al., arXiv:1505.04597, section 3 (pixel weights).
"""

import torch
from torch import Tensor

from course.losses.inputs import Pixels


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
        ignore_index: the label of void; None where there is none.
        class_weights: (k,), at least 0; None for 1 each.
        pixel_weights: (n, h, w), at least 0, such as `border_weights` gives; None for 1 each.

    Returns:
        Scalar, at least 0. `F.cross_entropy` gives the same, except that where all weights are 0 (or all pixels void)
        this is 0 with gradient 0 instead of NaN.

    Raises:
        ValueError: shapes, types or devices do not fit, a label is neither a class nor void, or a weight is below 0.

    Example:
        >>> logits = torch.tensor([[0.5, 0.8], [0.5, 0.2]]).log().view(1, 2, 1, 2)
        >>> target = torch.tensor([[[0, 1]]])  # p_t is 0.5 and 0.2
        >>> round(cross_entropy(logits, target).item(), 4)  # (-log 0.5 - log 0.2) / 2
        1.1513
        >>> round(cross_entropy(logits, target, class_weights=torch.tensor([3.0, 1.0])).item(), 4)
        0.9222

    Source: Long et al., arXiv:1411.4038, section 3; Ronneberger et al., arXiv:1505.04597, equation 1.
    """
    pixels = Pixels(logits, target, ignore_index)
    class_weights = _checked_weights(class_weights, "class_weights", logits.shape[1:2], pixels.logits)
    pixel_weights = _checked_weights(pixel_weights, "pixel_weights", target.shape, pixels.logits)
    if pixel_weights is not None:
        pixels.check_labels()
        losses = pixels.negative_log_likelihood(class_weights)
        total = _total_weight(pixels, class_weights, pixel_weights)
        return (losses * pixel_weights).sum() / torch.where(total > 0, total, 1)
    mean = _mean(pixels, class_weights)
    if bool(mean.isnan()) and _total_weight(pixels, class_weights, None) == 0:
        return pixels.negative_log_likelihood(class_weights, "sum")  # 0, with gradient 0
    return mean


def _mean(pixels: Pixels, class_weights: Tensor | None) -> Tensor:
    """torch's own mean. On the CPU torch checks the labels on its way, which saves a pass over the target."""
    if pixels.target.device.type != "cpu":
        pixels.check_labels()
    try:
        return pixels.negative_log_likelihood(class_weights, "mean")
    except IndexError:
        pixels.check_labels()
        raise


def _total_weight(pixels: Pixels, class_weights: Tensor | None, pixel_weights: Tensor | None) -> Tensor:
    """Σ w(x) over the pixels that are not void."""
    weights = pixels.known.to(torch.float32 if pixel_weights is None else pixel_weights.dtype)
    if class_weights is not None:
        weights = weights * class_weights[torch.where(pixels.known, pixels.target, 0)]
    return (weights if pixel_weights is None else weights * pixel_weights).sum()


def _checked_weights(weights: Tensor | None, name: str, shape: torch.Size, logits: Tensor) -> Tensor | None:
    """The weights in the logits' type and on their device."""
    if weights is None:
        return None
    if weights.shape != shape:
        raise ValueError(f"{name} has shape {tuple(weights.shape)}; wanted {tuple(shape)}, one weight each.")
    if not bool((weights >= 0).all()):
        raise ValueError(f"the smallest of {name} is {weights.min().item()}; wanted at least 0, and not NaN.")
    return weights.to(logits)
