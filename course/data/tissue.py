"""Tissue under an electron microscope: cells that touch, with a thin membrane between them; real, or drawn.

Both come in one form, grey images and numbered cells, so that a notebook runs with either.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from skimage.measure import label
from torch import Tensor

from course.data.readers import Membranes
from course.ops.arguments import whole


def real_tissue(count: int, root: str | Path | None = None) -> tuple[Tensor, Tensor]:
    """The first images of the ISBI 2012 membranes, at half their size.

    Args:
        count: how many, 1 to 30.
        root: as for `Membranes`.

    Returns:
        images: (count, 1, 256, 256) float32 in [0, 1].
        cells: (count, 256, 256) int64, 0 for membrane and 1, 2, … for the regions that it encloses. A pixel is membrane
            if any of the four that it stands for was, so that no membrane breaks.

    Raises:
        FileNotFoundError: the data is not there; the message says how to get it.
        ValueError: there are not that many images.
    """
    pairs = Membranes(root)
    if whole(count, "count", 1) > len(pairs):
        raise ValueError(f"count is {count}; wanted 1 to {len(pairs)}, the images that there are.")
    images, cells = [], []
    for i in range(count):
        image, interior = (torch.as_tensor(part) for part in pairs[i])
        images.append(F.avg_pool2d(image.as_subclass(Tensor)[:1], 2))
        membrane = F.max_pool2d((interior.as_subclass(Tensor) == 0).float()[None], 2)[0] > 0
        cells.append(torch.from_numpy(label(~membrane.numpy(), connectivity=1)).long())
    return torch.stack(images), torch.stack(cells)


def drawn_tissue(count: int, seed: int = 0, size: int = 256) -> tuple[Tensor, Tensor]:
    """Cells around random points, dark walls between them that fade in places, dark bodies within, and grain.

    Args:
        count: how many, at least 1.
        seed: of the first image; those of the others follow it.
        size: pixels on a side, at least 32.

    Returns:
        images: (count, 1, size, size) float32 in [0, 1].
        cells: (count, size, size) int64, 0 for membrane and 1, 2, … for cells.

    Raises:
        ValueError: count is below 1, or size is below 32.
    """
    count, size = whole(count, "count", 1), whole(size, "size", 32)
    drawn = [_draw(torch.Generator().manual_seed(seed + i), size) for i in range(count)]
    return torch.stack([image for image, _ in drawn]), torch.stack([cells for _, cells in drawn])


def _draw(generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
    grid = torch.arange(float(size))
    pixels = torch.cartesian_prod(grid, grid)
    points = size * torch.rand(max(4, size * size // 900), 2, generator=generator)
    near = torch.cdist(pixels, points).topk(2, largest=False)
    (first, second), (one, other) = near.values.T, near.indices.T
    apart = (points[one] - points[other]).norm(dim=1)
    to_wall = ((second**2 - first**2) / (2 * apart)).view(size, size)  # distance to the line halfway between the two
    wall = to_wall < 1.5
    cells = (one.view(size, size) + 1).masked_fill(wall, 0)
    strength = 0.5 * _smooth(torch.rand(size, size, generator=generator), 15)
    bodies = 0.3 * (_smooth(torch.rand(size, size, generator=generator), 7) > 0.68) * ~wall
    grain = 0.12 * torch.randn(size, size, generator=generator)
    image = 0.7 - strength * torch.exp(-((to_wall / 1.5) ** 2)) - bodies + grain
    blurred = F.avg_pool2d(F.pad(image[None], (1, 1, 1, 1), mode="replicate"), 3, 1)
    return blurred.clamp(0, 1), cells


def _smooth(noise: Tensor, side: int) -> Tensor:
    """Noise blurred by a box with this side, and stretched to 0 … 1."""
    half = side // 2
    blurred = F.avg_pool2d(F.pad(noise[None], (half,) * 4, mode="reflect"), side, 1)[0]
    return (blurred - blurred.min()) / (blurred.max() - blurred.min())
