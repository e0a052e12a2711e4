"""An image extended beyond its borders by mirroring, by any margin.

The outermost pixels are the axes of the mirrors and are not repeated: d c b | a b c d | c b a. Between two mirrors the
image repeats without end, so a margin may be larger than the image.

Source: Ronneberger et al., U-Net, arXiv:1505.04597, section 2 (missing context is extrapolated by mirroring).
"""

import torch
from torch import Tensor

from course.ops.arguments import Pair, check_axes, pair


def mirror(image: Tensor, margin: Pair) -> Tensor:
    """The image with a mirrored margin.

    Args:
        image: (..., h, w) with at least one pixel, any dtype.
        margin: pixels on each side, at least 0, an int or a pair (h, w); it may be larger than the image.

    Returns:
        (..., h + 2 margin, w + 2 margin), as `numpy.pad(mode="reflect")` gives it, with gradients.

    Raises:
        ValueError: image has no pixels, or the margin is below 0.

    Example:
        >>> mirror(torch.tensor([[1, 2, 3]]), (0, 3)).tolist()
        [[2, 3, 2, 1, 2, 3, 2, 1, 2]]

    Source: Ronneberger et al., arXiv:1505.04597, section 2.
    """
    check_axes(image, "image", "(..., h, w)", pixels=True)
    mh, mw = pair(margin, "margin", 0)
    h, w = image.shape[-2:]
    return mirrored_window(image, (-mh, h + mh), (-mw, w + mw))


def mirrored_window(image: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """A window of the mirrored image, wherever it lies.

    Args:
        image: (..., h, w) with at least one pixel.
        rows: first row and the one after the last; any whole numbers, counted from the image's top.
        columns: likewise, from its left.

    Returns:
        (..., rows, columns). Only these pixels are copied; the whole mirrored image is never made.

    Example:
        >>> mirrored_window(torch.tensor([[1, 2, 3], [4, 5, 6]]), rows=(-1, 1), columns=(1, 5)).tolist()
        [[5, 6, 5, 4], [2, 3, 2, 1]]
    """
    h, w = image.shape[-2:]
    y, x = _mirrored(*rows, h, image.device), _mirrored(*columns, w, image.device)
    return image[..., y[:, None], x]


def _mirrored(start: int, stop: int, length: int, device: torch.device) -> Tensor:
    """Which pixel of 0 … length - 1 stands at each position: 0 1 2 1 0 1 2 … for length 3."""
    period = max(2 * (length - 1), 1)
    phase = torch.arange(start, stop, device=device) % period
    return torch.minimum(phase, period - phase) if length > 1 else torch.zeros_like(phase)
