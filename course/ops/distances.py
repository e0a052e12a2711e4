"""How far each pixel is from the nearest instance and from the second nearest: exact Euclidean distances.

There is no gradient, but torch makes it run on the device of the labels, for a whole batch at once. The nearest pixels
are found one axis after the other (Felzenszwalb and Huttenlocher, Distance transforms of sampled functions, 2012):
first, in each column, the nearest two instances up or down; then, along each row, the best two that the columns offer,
at squared distance dx² + dy². Two *different* instances are kept at each step. That is enough: a third instance in a
column is farther than both, seen from any pixel of the row.
"""

import math

import torch
from torch import Tensor

_FAR = 2**30  # more than any squared distance within an image; int32 holds twice as much


def two_nearest_instances(instances: Tensor, *, reach: float = math.inf) -> tuple[Tensor, Tensor]:
    """Distances to the nearest and to the second nearest instance.

    Args:
        instances: (h, w) or (n, h, w) whole numbers. Each number above 0 is an instance; 0 and below are background.
        reach: the search ends at this distance, in pixels; a small one saves time.

    Returns:
        Two float32 tensors of the same shape, in pixels: from the pixel's center to the nearest center of a pixel of
        the instance, 0 within it. Infinity where there is no (second) instance within reach.

    Raises:
        ValueError: instances has other axes or does not hold whole numbers, or reach is below 0.

    Example:
        >>> nearest, second = two_nearest_instances(torch.tensor([[1, 0, 0, 0, 2]]))
        >>> nearest.tolist(), second.tolist()
        ([[0.0, 1.0, 2.0, 1.0, 0.0]], [[4.0, 3.0, 2.0, 3.0, 4.0]])

    Source: Felzenszwalb and Huttenlocher, 2012, section 2 (the same separation into axes).
    """
    if instances.ndim not in (2, 3) or instances.is_floating_point() or instances.dtype == torch.bool:
        raise ValueError(
            f"instances are {instances.dtype} of shape {tuple(instances.shape)}; wanted whole numbers (h, w) or "
            "(n, h, w). Number the parts of a binary map first, with skimage.measure.label."
        )
    if not reach >= 0:
        raise ValueError(f"reach is {reach}; wanted at least 0 pixels.")
    ids = instances.long().clamp(min=0)
    candidates = [(torch.where(ids > 0, 0, _FAR).int(), ids)]
    for axis in (-2, -1):
        first, first_id, second, second_id = _nearest_two(candidates, axis, reach)
        candidates = [(first, first_id), (second, second_id)]
    return _distance(first, reach), _distance(second, reach)


def _nearest_two(candidates: list[tuple[Tensor, Tensor]], axis: int, reach: float) -> list[Tensor]:
    """The best two along an axis of (squared distance, id) candidates: first, its id, second, its id."""
    distance, ids = candidates[0]
    best = [
        torch.full_like(distance, _FAR),
        torch.zeros_like(ids),
        torch.full_like(distance, _FAR),
        torch.zeros_like(ids),
    ]
    length = distance.shape[axis]
    for offset in range(int(min(reach, length - 1)) + 1):
        if distance.numel() == 0 or offset**2 > int(best[2].max()):
            break  # what is still to come is farther than what every pixel has
        rest = length - offset
        for here, there in {(0, offset), (offset, 0)}:
            into = [b.narrow(axis, here, rest) for b in best]
            for distance, ids in candidates:
                _merge(into, distance.narrow(axis, there, rest) + offset**2, ids.narrow(axis, there, rest))
    return best


def _merge(best: list[Tensor], distance: Tensor, ids: Tensor) -> None:
    """Let one more candidate per pixel become first or second, in place; the two stay different instances."""
    first, first_id, second, second_id = best
    wins, other = distance < first, ids != first_id
    moves_down = wins & other  # the first becomes the second
    comes_second = ~wins & other & (distance < second)
    second.copy_(torch.where(moves_down, first, torch.where(comes_second, distance, second)))
    second_id.copy_(torch.where(moves_down, first_id, torch.where(comes_second, ids, second_id)))
    first.copy_(torch.where(wins, distance, first))
    first_id.copy_(torch.where(wins, ids, first_id))


def _distance(squared: Tensor, reach: float) -> Tensor:
    distance = squared.float().sqrt()
    return torch.where((squared < _FAR) & (distance <= reach), distance, math.inf)
