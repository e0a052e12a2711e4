"""Lab 7: an image goes through a U-Net tile by tile; with too small a margin the seams show."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data.photos import photo
from course.models.semantic.unet import ValidUNet, lost_pixels
from course.ops.mirroring import mirror
from course.ops.tiling import tile, untile
from course.widgets.explorer import Explorer

SIDE = 96  # pixels of the image, each way
NEEDED = lost_pixels(2) // 2  # pixels that the network loses on a side
SIZES = (24, 32, 48, 64)  # of a tile: multiples of 4, so that pooling windows lie alike in all tiles
MARGINS = range(0, NEEDED + 1, 4)


def network() -> nn.Module:
    """A U-Net without padding, two poolings, with fixed random weights from a generator of its own."""
    unet = ValidUNet(1, 1, (4, 6, 8)).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(4)
    for value in unet.parameters():
        fan_in = value[0].numel() if value.ndim > 1 else 1
        scale = (2 / fan_in) ** 0.5 if value.ndim > 1 else 0.0
        value.copy_(scale * torch.randn(value.shape, generator=generator, dtype=value.dtype))
    return unet


def picture() -> Tensor:
    """The photograph: (1, 96, 96) float32 in [0, 1], gray."""
    return photo("camera", size=(SIDE, SIDE))[:1]


@cache
def differences() -> Tensor:
    """How far the output tile by tile is from the output in one piece.

    Returns:
        (sizes, margins, 96, 96) float64, in standard deviations of the output.
    """
    unet, image = network(), picture().double()
    whole = unet(mirror(image[None], NEEDED))[0, 0]
    rows = []
    for size in SIZES:
        pieces = [F.pad(tile(image, size, margin), (NEEDED - margin,) * 4) for margin in MARGINS]
        rows.append(torch.stack([untile(unet(given), (SIDE, SIDE))[0] for given in pieces]))
    return (torch.stack(rows) - whole).abs() / whole.std()


def tiling_explorer() -> Explorer:
    """Tile size, margin and position to choose; what the network gets for a tile, and the seams, to see."""
    found = differences()
    data = {
        "image": (255 * picture()[0]).round().to(torch.uint8),
        "errors": (255 * found.clamp(max=1)).round().to(torch.uint8),
        "worst": found.amax((2, 3)),
    }
    return Explorer("tiling", data)
