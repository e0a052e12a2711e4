"""The effective receptive field: how much each input pixel moves one output pixel.

The border of the theoretical field hardly counts, since few paths lead from there to the output and many from the
middle. So the effective field is a bump, narrower than the theory allows: it grows with the square root of the depth.

Source: Luo et al., Understanding the effective receptive field, arXiv:1701.04128.
"""

import math

import torch
from torch import Tensor

from course.ops.arguments import Pair, check_axes
from course.ops.receptive_field.maps import Network, map_of, pixel_of


def effective_field(network: Network, images: Tensor, pixel: Pair | None = None) -> Tensor:
    """The gradient of one output pixel with respect to the image: its absolute value, averaged.

    Args:
        network: in evaluation mode.
        images: (n, c, h, w) float; random ones show what the architecture allows, real ones what training made of it.
        pixel: (row, column) of the output pixel; the map's middle when not given.

    Returns:
        (h, w) float, at least 0: the mean over images and channels of |d output / d input|, where the output is the
        sum over the map's channels with random signs, so that they do not cancel the same way in each image.

    Raises:
        ValueError: images have other axes, the network gives something else than a map, or it has no such pixel.

    Example:
        >>> mean = torch.nn.AvgPool2d(3, stride=1, padding=1)
        >>> (9 * effective_field(mean, torch.ones(1, 1, 4, 5), (1, 1))).round().int().tolist()
        [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0]]

    Source: Luo et al., arXiv:1701.04128, section 3.1.
    """
    check_axes(images, "images", "(n, c, h, w)", pixels=True)
    images = images.detach().clone().requires_grad_()
    with torch.enable_grad():
        output = map_of(network, images)
        row, column = pixel_of(pixel, output)
        signs = torch.randn(output.shape[:2], generator=torch.Generator().manual_seed(0)).sign().to(output)
        (gradient,) = torch.autograd.grad((output[:, :, row, column] * signs).sum(), images)
    return gradient.abs().mean((0, 1))


def effective_size(field: Tensor, share: float = 0.95) -> float:
    """The side of a square of as many pixels as it takes of the strongest to make up a share of a field.

    Args:
        field: (h, w), at least 0, such as `effective_field` gives.
        share: of the field's sum, above 0, at most 1.

    Returns:
        Pixels; 0 for a field that is 0 everywhere.

    Raises:
        ValueError: a share outside its range.

    Example:
        >>> effective_size(torch.ones(6, 6), 1.0)
        6.0
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; wanted a number above 0, at most 1.")
    sums = field.flatten().double().sort(descending=True).values.cumsum(0)
    if sums[-1] == 0:
        return 0.0
    return math.sqrt(int((sums < share * sums[-1] * (1 - 1e-12)).sum()) + 1)
