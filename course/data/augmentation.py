"""Random light, scale, crop and reflection for a whole batch at once, on the device of the batch.

The counterpart of `course.data.transforms.training` for accelerators: a few operations for all images together, each
with its own draw. One difference: an image that shrinks is not filtered first, so it gets a little rougher.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from course import IMAGENET_MEAN, VOID
from course.ops.arguments import image_size


def augment(
    images: Tensor,
    labels: Tensor,
    size: tuple[int, int],
    *,
    scale: tuple[float, float] = (0.5, 2.0),
    flip: float = 0.5,
    color: float = 0.3,
    gamma: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Change each image of a batch at random, and its labels with it.

    All draws come from torch's generator on the CPU, so that the changes are the same on every device.

    Args:
        images: float (n, 3, h, w) in [0, 1].
        labels: int64 (n, h, w), void = 255.
        size: (h, w) of the crops.
        scale: (smallest, largest) factor of enlargement, log-uniform between them.
        flip: probability of a left-right reflection.
        color: strength of the changes in brightness, contrast and saturation, 0 to 1.
        gamma: how far from 1 an image's exponent may lie, as a factor: 2 for log-uniform between 1/2 and 2, as from
            noon to dusk; the red and the blue exponent differ from it by up to a tenth of that. 1 for none.

    Returns:
        images (n, 3, *size) in [0, 1] and labels (n, *size). Beyond the image they hold the mean color and void.

    Raises:
        ValueError: the shapes do not fit together, size is not (h, w), or not 0 < smallest <= largest.
    """
    if images.ndim != 4 or labels.shape != (len(images), *images.shape[2:]):
        raise ValueError(
            f"images are {tuple(images.shape)} and labels {tuple(labels.shape)}; wanted (n, 3, h, w) and (n, h, w)."
        )
    if not 0 < scale[0] <= scale[1]:
        raise ValueError(f"scale is {scale!r}; wanted (smallest, largest) with 0 < smallest <= largest.")
    if gamma < 1:
        raise ValueError(f"gamma is {gamma!r}; wanted at least 1. Give 1 for none, 2 for exponents from 1/2 to 2.")
    size = image_size(size)
    n, low, high = len(images), torch.tensor(scale[0]).log(), torch.tensor(scale[1]).log()
    factors = (low + (high - low) * torch.rand(n)).exp()
    mirrored = torch.where(torch.rand(n) < flip, -1.0, 1.0)
    grid = _grid(factors, mirrored, torch.rand(n, 2), images.shape[2:], size).to(images.device)
    images = _light(images, color, torch.rand(n, 3))
    if gamma > 1:
        images = images ** _exponents(n, gamma).to(images)
    mean = images.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    images = F.grid_sample(images - mean, grid, mode="bilinear", align_corners=False) + mean
    shifted = F.grid_sample((labels + 1)[:, None].to(images.dtype), grid, mode="nearest", align_corners=False)
    labels = shifted[:, 0].round().long() - 1  # -1 where the crop reaches beyond the image
    return images.clamp(0, 1), torch.where(labels < 0, VOID, labels)


def _grid(factors: Tensor, mirrored: Tensor, positions: Tensor, old: torch.Size, new: tuple[int, int]) -> Tensor:
    """Where each pixel of the crop lies in its image, from -1 to 1: (n, h, w, 2), x before y."""
    axes = []
    for axis, sign in ((1, mirrored), (0, torch.ones_like(mirrored))):  # x, then y
        extent = new[axis] / (old[axis] * factors)  # of the crop, as a share of the image
        center = (2 * positions[:, axis] - 1) * (1 - extent).abs()
        steps = (2 * torch.arange(new[axis]) + 1) / new[axis] - 1
        axes.append(center[:, None] + sign[:, None] * extent[:, None] * steps)
    x, y = axes
    return torch.stack((x[:, None, :].expand(-1, new[0], -1), y[:, :, None].expand(-1, -1, new[1])), dim=-1)


def _light(images: Tensor, strength: float, draws: Tensor) -> Tensor:
    """Change brightness, contrast and saturation of each image by its three draws in [0, 1)."""
    brightness, contrast, saturation = (1 + strength * (2 * draws - 1)).to(images.device).T[..., None, None, None]
    images = images * brightness
    images = contrast * images + (1 - contrast) * images.mean((1, 2, 3), keepdim=True)
    gray = images.mean(1, keepdim=True)
    return (saturation * images + (1 - saturation) * gray).clamp(0, 1)


def _exponents(n: int, gamma: float) -> Tensor:
    """One exponent for each channel of each image, (n, 3, 1, 1): a common one, and a tenth of its range apart."""
    common, apart = 2 * torch.rand(n, 1) - 1, 2 * torch.rand(n, 3) - 1
    return (gamma ** (common + 0.1 * apart))[..., None, None]
