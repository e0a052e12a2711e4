"""A picture continued beyond its borders by mirrors, as far as wanted.

The outermost pixels are the mirrors' axes and not repeated: d c b | a b c d | c b a. Between two mirrors the picture
comes again and again, so a margin may be larger than the picture.

Source: Ronneberger et al., U-Net, arXiv:1505.04597, section 2 (missing context is extrapolated by mirroring).
"""

import torch
from torch import Tensor

from course.ops.arguments import Pair, pair


def mirror(image: Tensor, margin: Pair) -> Tensor:
    """The picture with a mirrored margin.

    Args:
        image: (…, h, w) with at least one pixel, any dtype.
        margin: pixels on each side, at least 0, an int or a pair (h, w); it may be larger than the picture.

    Returns:
        (…, h + 2 margin, w + 2 margin). As `numpy.pad(mode="reflect")`, with gradients.

    Raises:
        ValueError: no pixels, or a margin below 0.

    Source: Ronneberger et al., arXiv:1505.04597, section 2.
    """
    check_picture(image)
    mh, mw = pair(margin, "margin", 0)
    h, w = image.shape[-2:]
    return mirrored_window(image, (-mh, h + mh), (-mw, w + mw))


def mirrored_window(image: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Rows and columns of the picture, mirrored wherever they lie outside it.

    Args:
        image: (…, h, w) with at least one pixel.
        rows: first row and the one after the last; any whole numbers.
        columns: likewise.

    Returns:
        (…, rows, columns). Only the pixels that are shown are copied; the whole mirrored picture is never made.
    """
    h, w = image.shape[-2:]
    y, x = _mirrored(*rows, h, image.device), _mirrored(*columns, w, image.device)
    return image[..., y[:, None], x]


def check_picture(image: Tensor, axes: int | None = None) -> None:
    """Raise ValueError unless image has a pixel, and that number of axes (None for two or more)."""
    wanted = {None: "(…, h, w)", 3: "(c, h, w)", 4: "(n, c, h, w)"}[axes]
    if image.ndim < 2 or (axes and image.ndim != axes) or 0 in image.shape[-2:] or (axes == 4 and not len(image)):
        raise ValueError(f"image is {tuple(image.shape)}; give {wanted} with at least one pixel")


def _mirrored(start: int, stop: int, length: int, device: torch.device) -> Tensor:
    """Which pixel of 0 … length - 1 each position shows: 0 1 2 1 0 1 2 … for length 3; a single pixel shows itself."""
    period = max(2 * (length - 1), 1)
    phase = torch.arange(start, stop, device=device) % period
    return torch.minimum(phase, period - phase) if length > 1 else torch.zeros_like(phase)
