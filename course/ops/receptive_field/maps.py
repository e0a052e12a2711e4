"""One map out of a network, checked once for all that measure receptive fields."""

from collections.abc import Callable

from torch import Tensor

from course.ops.arguments import Pair, pair

Network = Callable[[Tensor], Tensor]  # images (n, c, h, w) -> a map (n, k, oh, ow)


def map_of(network: Network, images: Tensor) -> Tensor:
    """What a network gives for images, if it is a map.

    Args:
        network: in evaluation mode.
        images: (n, c, h, w) float.

    Raises:
        ValueError: the network gives something else.

    Example:
        >>> import torch
        >>> map_of(torch.nn.AvgPool2d(2), torch.ones(1, 3, 4, 6)).shape
        torch.Size([1, 3, 2, 3])
    """
    result = network(images)
    if not isinstance(result, Tensor) or result.ndim != 4:
        what = f"has shape {tuple(result.shape)}" if isinstance(result, Tensor) else f"is a {type(result).__name__}"
        raise ValueError(
            f"the network's result {what}; wanted one map (n, k, h, w). Choose it: lambda images: network(images)[-1]."
        )
    return result


def pixel_of(pixel: Pair | None, output: Tensor) -> tuple[int, int]:
    """Row and column of a pixel of a map, its middle when not given.

    Args:
        pixel: (row, column), one number for both, or None.
        output: (n, k, oh, ow).

    Raises:
        ValueError: the map has no such pixel.

    Example:
        >>> import torch
        >>> pixel_of(None, torch.ones(1, 1, 5, 8))
        (2, 4)
    """
    oh, ow = output.shape[2:]
    row, column = (oh // 2, ow // 2) if pixel is None else pair(pixel, "pixel", 0)
    if row >= oh or column >= ow:
        raise ValueError(f"pixel is {(row, column)}; wanted one of the map's {oh} x {ow}.")
    return row, column
