"""What a dense CRF compares pixels by, and the exact kernel, for pictures small enough for a matrix of all pairs."""

import torch
from torch import Tensor

from course.ops.arguments import image_size

MOST_POINTS = 2**14  # 1 GiB of float32


def position_features(size: tuple[int, int], std: float) -> Tensor:
    """Where each pixel is, (h · w, 2) float64 as x and y, in units of `std` pixels.

    Args:
        size: (h, w) in pixels.
        std: standard deviation of the kernel in pixels, above 0.

    Raises:
        ValueError: size is not two whole numbers, or std is not above 0.

    Example:
        >>> position_features((1, 3), 2.0).tolist()
        [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]]
    """
    h, w = image_size(size)
    _above_0(std, "std")
    y, x = torch.meshgrid(*(torch.arange(length, dtype=torch.float64) for length in (h, w)), indexing="ij")
    return torch.stack((x, y), dim=-1).flatten(0, 1) / std


def appearance_features(image: Tensor, position_std: float, color_std: float) -> Tensor:
    """Where each pixel is and what color it has, (h · w, 5) as x, y, red, green and blue, in units of the deviations.

    Args:
        image: (3, h, w) float in [0, 1].
        position_std: standard deviation in pixels, above 0.
        color_std: standard deviation of the color, above 0, where 1 is from black to white.

    Raises:
        ValueError: image has other axes, or a deviation is not above 0.

    Example:
        >>> appearance_features(torch.ones(3, 1, 2), 2.0, 0.25).tolist()
        [[0.0, 0.0, 4.0, 4.0, 4.0], [0.5, 0.0, 4.0, 4.0, 4.0]]
    """
    if image.ndim != 3 or not image.is_floating_point():
        raise ValueError(f"image is {image.dtype} {tuple(image.shape)}; wanted floats (3, h, w) in [0, 1].")
    _above_0(color_std, "color_std")
    positions = position_features(tuple(image.shape[1:]), position_std).to(image)
    return torch.cat((positions, image.flatten(1).T / color_std), dim=1)


class Pairwise:
    """The kernel exp(−|f_i − f_j|²/2) of all pairs, exact; a point counts for itself too.

    It is normalized symmetrically: with N = 1 / (K 1), the result is N^½ K N^½ v.

    Args:
        features: (p, d) float, p at most 16384: a vector for each point, in units of the standard deviation.

    Raises:
        ValueError: features has other axes or too many points.

    Example:
        >>> pairwise = Pairwise(torch.tensor([[0.0], [0.0], [50.0]]))
        >>> [round(value, 3) for value in pairwise(torch.tensor([[1.0], [3.0], [7.0]])).flatten().tolist()]
        [2.0, 2.0, 7.0]
    """

    def __init__(self, features: Tensor):
        if features.ndim != 2 or not 0 < len(features) <= MOST_POINTS:
            raise ValueError(
                f"features are {tuple(features.shape)}; wanted (points, d), at most {MOST_POINTS} points for a matrix "
                "of all pairs. Give Lattice for more."
            )
        kernel = torch.exp(-(torch.cdist(features, features, compute_mode="donot_use_mm_for_euclid_dist") ** 2) / 2)
        root = kernel.sum(1, keepdim=True).rsqrt()
        self.kernel = root * kernel * root.T

    def __call__(self, values: Tensor) -> Tensor:
        """Filter values (p, c), of the features' dtype."""
        return self.kernel @ values


def _above_0(std: float, name: str) -> None:
    if not std > 0:
        raise ValueError(f"{name} is {std!r}; wanted a number above 0.")
