"""What every network does with its images: check them, normalize them, and bring scores back to their size."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course import IMAGENET_MEAN, IMAGENET_STD
from course.ops.arguments import Pair


def check_images(images: Tensor, channels: int = 3, least: Pair = 1) -> None:
    """Raise ValueError unless images are (n, channels, h, w) and large enough.

    Args:
        images: what a network is called with.
        channels: that it takes.
        least: the smallest (h, w) that it takes, or one number for both.

    Raises:
        ValueError: the shape is another; the message says which one to give.

    Example:
        >>> check_images(torch.zeros(1, 3, 20, 40), least=32)
        Traceback (most recent call last):
            ...
        ValueError: images are (1, 3, 20, 40); wanted (n, 3, h, w) of at least 32 × 32. Pad or resize them.
    """
    h, w = least if isinstance(least, tuple) else (least, least)
    size = f" of at least {h} × {w}" if max(h, w) > 1 else ""
    if images.ndim != 4:
        remedy = "Give images[None] for one alone."
    elif images.shape[1] != channels:
        remedy = "Give grey images with .expand(-1, 3, -1, -1)." if images.shape[1] < channels else "Drop the others."
    elif images.shape[2] < h or images.shape[3] < w:
        remedy = "Pad or resize them."
    else:
        return
    raise ValueError(f"images are {tuple(images.shape)}; wanted (n, {channels}, h, w){size}. {remedy}")


def resize_to(x: Tensor, size: Sequence[int]) -> Tensor:
    """Bilinear interpolation of (n, c, h, w) to (h, w), pixels as squares; the tensor itself where it has that size.

    Example:
        >>> resize_to(torch.tensor([[[[0.0, 1.0]]]]), (1, 4))
        tensor([[[[0.0000, 0.2500, 0.7500, 1.0000]]]])
    """
    return x if tuple(x.shape[2:]) == tuple(size) else F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class Normalized(nn.Module):
    """A network that takes images in [0, 1]: it subtracts a mean and divides by a deviation itself.

    Both are saved with the weights, so that a checkpoint is never fed otherwise than it was trained.

    Args:
        network: normalized images -> whatever it gives.
        mean, std: one number a channel. ImageNet's fit torchvision's weights; any will do for a network from scratch.

    Call with images (n, c, h, w) in [0, 1]; returns what the network does.

    Raises:
        ValueError: mean and std differ in length, a std is not above 0, or, in the call, images have other channels.
    """

    def __init__(self, network: nn.Module, mean: Sequence[float] = IMAGENET_MEAN, std: Sequence[float] = IMAGENET_STD):
        super().__init__()
        if len(mean) != len(std) or not all(value > 0 for value in std):
            raise ValueError(
                f"mean is {tuple(mean)} and std {tuple(std)}; wanted a number a channel in each, std above 0."
            )
        self.network = network
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))

    def normalize(self, images: Tensor) -> Tensor:
        """Images (n, c, h, w) in [0, 1] as the network inside takes them: (images - mean) / std."""
        check_images(images, len(self.mean))
        return (images - self.mean[:, None, None]) / self.std[:, None, None]

    def forward(self, images: Tensor) -> Tensor:
        """What the network gives for images in [0, 1]."""
        return self.network(self.normalize(images))
