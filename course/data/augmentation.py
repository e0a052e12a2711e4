"""Random light, scale, crop and mirror image for a whole batch at once, on the device that the batch is on.

The counterpart of `course.data.transforms.training` for accelerators: a few operations for all pictures together, each
with its own draw. One difference: a picture that shrinks is not filtered first, so it gets a little rougher.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from course import IMAGENET_MEAN, VOID


def augment(
    images: Tensor,
    labels: Tensor,
    size: tuple[int, int],
    *,
    scale: tuple[float, float] = (0.5, 2.0),
    flip: float = 0.5,
    colour: float = 0.3,
) -> tuple[Tensor, Tensor]:
    """Change each picture of a batch at random, and its label with it.

    All draws come from torch's generator on the CPU, so that every device sees the same changes.

    Args:
        images: float (n, 3, h, w) in [0, 1].
        labels: int64 (n, h, w), void = 255.
        size: (h, w) of the crops.
        scale: (smallest, largest) factor of enlargement, log-uniform between them.
        flip: probability of the mirror image.
        colour: strength of the changes of brightness, contrast and saturation, 0 to 1.

    Returns:
        images (n, 3, *size) in [0, 1], with the mean colour outside the picture, and labels (n, *size), void there.

    Raises:
        ValueError: shapes that do not belong together, or a scale that is not 0 < smallest <= largest.
    """
    if images.ndim != 4 or labels.shape != (len(images), *images.shape[2:]):
        raise ValueError(
            f"images {tuple(images.shape)} and labels {tuple(labels.shape)}; wanted (n, 3, h, w), (n, h, w)."
        )
    if not 0 < scale[0] <= scale[1]:
        raise ValueError(f"scale is {scale!r}; wanted (smallest, largest) with 0 < smallest <= largest.")
    n, low, high = len(images), torch.tensor(scale[0]).log(), torch.tensor(scale[1]).log()
    factors = (low + (high - low) * torch.rand(n)).exp()
    mirrored = torch.where(torch.rand(n) < flip, -1.0, 1.0)
    grid = _grid(factors, mirrored, torch.rand(n, 2), images.shape[2:], size).to(images.device)
    images = _light(images, colour, torch.rand(n, 3))
    mean = images.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    images = F.grid_sample(images - mean, grid, mode="bilinear", align_corners=False) + mean
    shifted = F.grid_sample((labels + 1)[:, None].to(images.dtype), grid, mode="nearest", align_corners=False)
    labels = shifted[:, 0].round().long() - 1  # -1 where the crop reaches past the picture
    return images.clamp(0, 1), torch.where(labels < 0, VOID, labels)


def _grid(factors, mirrored, places, old, new):
    """Where each pixel of the crop lies in its picture, from -1 to 1: (n, h, w, 2), x before y."""
    axes = []
    for axis, sign in ((1, mirrored), (0, torch.ones_like(mirrored))):  # x, then y
        extent = new[axis] / (old[axis] * factors)  # of the crop, as a share of the picture
        centre = (2 * places[:, axis] - 1) * (1 - extent).abs()
        steps = (2 * torch.arange(new[axis]) + 1) / new[axis] - 1
        axes.append(centre[:, None] + sign[:, None] * extent[:, None] * steps)
    x, y = axes
    return torch.stack((x[:, None, :].expand(-1, new[0], -1), y[:, :, None].expand(-1, -1, new[1])), dim=-1)


def _light(images, strength, draws):
    brightness, contrast, saturation = (1 + strength * (2 * draws - 1)).to(images.device).T[..., None, None, None]
    images = images * brightness
    images = contrast * images + (1 - contrast) * images.mean((1, 2, 3), keepdim=True)
    grey = images.mean(1, keepdim=True)
    return (saturation * images + (1 - saturation) * grey).clamp(0, 1)
