"""U-Net's weight map: the thin gaps between cells that touch count most.

w(x) = w_c(x) + w0 exp(-(d1(x) + d2(x))² / 2σ²), where d1 is the distance to the nearest cell and d2 that to the second
nearest. Where both are small, the background between two cells is a few pixels wide; without the weight, a network that
closes the gap hardly pays for it.

We read the paper, by its figure 3d, so that only background gets the second term; a pixel of a cell has w_c alone.

Source: Ronneberger et al., arXiv:1505.04597, section 3, equation 2.
"""

import math

import torch
from torch import Tensor

from course.ops.distances import two_nearest_instances


def border_weights(
    instances: Tensor,
    *,
    w0: float = 10.0,
    sigma: float = 5.0,
    class_weights: tuple[float, float] = (1.0, 1.0),
    ignore_index: int | None = None,
) -> Tensor:
    """w_c + w0 exp(-(d1 + d2)² / 2σ²), for `cross_entropy(…, pixel_weights=…)`.

    Args:
        instances: (h, w) or (n, h, w) whole numbers: 0 is background, each number above 0 one instance.
        w0: height of the border term, at least 0; the paper takes 10.
        sigma: σ in pixels, above 0: how wide a gap still counts; the paper takes about 5.
        class_weights: w_c of background and of instances, to balance their frequencies.
        ignore_index: the number that marks void, or None. It is not 255 by default: that may well be an instance.

    Returns:
        float32 of the same shape. Void pixels belong to no instance and weigh 0. With fewer than two instances in an
        image the border term is 0. Distances are exact, from center to center of pixels, so in a gap of one pixel
        d1 + d2 = 2.

    Raises:
        ValueError: instances are not whole numbers (h, w) or (n, h, w), w0 is below 0, or σ is not above 0.

    Example:
        >>> weights = border_weights(torch.tensor([[1, 0, 2]]))
        >>> [round(weight, 3) for weight in weights[0].tolist()]  # 1 + 10 exp(-2² / 50) in the gap
        [1.0, 10.231, 1.0]

    Source: Ronneberger et al., arXiv:1505.04597, equation 2.
    """
    if not (w0 >= 0 and 0 < sigma < math.inf):
        raise ValueError(f"w0 is {w0} and sigma {sigma}; wanted w0 of at least 0, and sigma above 0 pixels.")
    void = torch.zeros_like(instances, dtype=torch.bool) if ignore_index is None else instances == ignore_index
    cells = instances.masked_fill(void, 0)
    # Beyond 9 σ the term is below w0 / 10¹⁷ and taken as 0; a search that ends there takes a fraction of the time.
    nearest, second = two_nearest_instances(cells, reach=9 * sigma)
    border = w0 * torch.exp(-(nearest + second).square() / (2 * sigma**2))
    background, foreground = class_weights
    return torch.where(cells > 0, foreground, background + border).masked_fill(void, 0)
