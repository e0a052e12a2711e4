"""Scores near boundaries. Most pixels of a picture lie inside large regions, where every network is right; how sharp a
prediction is shows only in a narrow band, the trimap, along the boundaries of the target.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course.metrics.confusion import ConfusionMatrix
from course.metrics.scores import mean_iou
from course.ops.arguments import whole
from course.ops.distances import two_nearest_instances


def boundary_distance(labels: Tensor, reach: float = math.inf) -> Tensor:
    """How far each pixel is from the nearest pixel of another label.

    Void is a label like any other: VOC draws its boundaries in void. The picture's edge is not a boundary.

    Args:
        labels: (h, w) or (n, h, w) whole numbers.
        reach: the search ends at this distance, in pixels.

    Returns:
        float32 of the same shape: pixels, from center to center, at least 1; infinity beyond reach.

    Example:
        >>> boundary_distance(torch.tensor([[0, 0, 0, 7, 7]])).tolist()
        [[3.0, 2.0, 1.0, 1.0, 2.0]]
    """
    if labels.numel() == 0:
        return labels.new_zeros(labels.shape, dtype=torch.float32)
    instances = labels.long() - labels.long().min() + 1  # every pixel is in one, so the second nearest is another's
    return two_nearest_instances(instances, reach=reach)[1]


class TrimapIoU:
    """Mean IoU of the pixels within 1, 2, 4, … pixels of a boundary of the target, streaming and mergeable.

    For each width one `ConfusionMatrix`, in which a target beyond the band is void. Predictions there do not count, so
    a false positive far from every boundary is not seen: read it beside the mean IoU of all pixels.

    Args:
        num_classes: k, at least 1.
        widths: of the bands, whole pixels from 1 on, each once: all pixels at most so far from another label.
        ignore_index: the label of void, see `confusion_matrix`.
        names: k different class names.

    Raises:
        ValueError: widths or one of the others does not fit.

    Example:
        >>> trimap = TrimapIoU(2, widths=[1, 3])
        >>> trimap.update(torch.tensor([[0, 0, 0, 0, 1, 1]]), torch.tensor([[0, 0, 0, 1, 1, 1]]))
        >>> trimap.summary()
        {'trimap_1': 0.25, 'trimap_3': 0.6666666666666666}

    Source: Kohli, Ladický and Torr, Robust higher order potentials, IJCV 2009, section 5 (the trimap); Krähenbühl and
    Koltun, arXiv:1210.5644, section 6 (as used here).
    """

    def __init__(
        self,
        num_classes: int,
        *,
        widths: Sequence[int] = (1, 2, 4, 8, 16),
        ignore_index: int = 255,
        names: Sequence[str] | None = None,
    ):
        if ignore_index is None:
            raise ValueError("ignore_index is None; wanted a whole number: what lies beyond the band is made void.")
        self.widths = tuple(whole(width, "widths", 1) for width in widths)
        if not self.widths or len(set(self.widths)) != len(self.widths):
            raise ValueError(f"widths is {list(widths)}; wanted at least one whole number of pixels, each once.")
        self.bands = [ConfusionMatrix(num_classes, ignore_index=ignore_index, names=names) for _ in self.widths]
        self.ignore_index = ignore_index

    def __repr__(self) -> str:
        return f"TrimapIoU({self.bands[0].num_classes}, widths={list(self.widths)}, ignore_index={self.ignore_index})"

    def reset(self) -> None:
        """Forget all counts."""
        for band in self.bands:
            band.reset()

    def update(self, target: Tensor, prediction: Tensor) -> None:
        """Add label maps (h, w) or (n, h, w), see `confusion_matrix`."""
        self._update(target, prediction, ConfusionMatrix.update)

    def update_outputs(self, targets: Tensor, outputs: Tensor) -> None:
        """Add the class with the highest score at each pixel: targets (n, h, w), logits (n, k, h, w)."""
        self._update(targets, outputs, ConfusionMatrix.update_outputs)

    def _update(self, target: Tensor, prediction: Tensor, update: Callable[..., None]) -> None:
        counted = copy.deepcopy(self.bands)  # a pair that is refused leaves all bands as they were
        distance = boundary_distance(target, max(self.widths))
        for width, band in zip(self.widths, counted, strict=True):
            update(band, target.masked_fill(distance > width, self.ignore_index), prediction)
        self.bands = counted

    def merge(self, other: TrimapIoU) -> None:
        """Add another's counts to this one; ValueError unless widths, classes, void and names are the same."""
        if self.widths != other.widths:
            raise ValueError(f"widths are {other.widths}; wanted {self.widths}. Build both metrics alike.")
        for mine, its in zip(self.bands, other.bands, strict=True):
            mine.merge(its)

    def __add__(self, other: TrimapIoU) -> TrimapIoU:
        if not isinstance(other, TrimapIoU):
            return NotImplemented
        total = copy.deepcopy(self)
        total.merge(other)
        return total

    def all_reduce(self) -> TrimapIoU:
        """The sum over all processes, as a new object on each of them, see `ConfusionMatrix.all_reduce`."""
        total = copy.deepcopy(self)
        total.bands = [band.all_reduce() for band in self.bands]
        return total

    def state_dict(self) -> dict:
        """What `load_state_dict` takes: plain types and tensors, safe for `torch.save`."""
        return {"widths": list(self.widths), "bands": [band.state_dict() for band in self.bands]}

    def load_state_dict(self, state: dict) -> None:
        """Replace the counts by those of a `state_dict`; ValueError unless all else is the same."""
        if tuple(state["widths"]) != self.widths:
            raise ValueError(f"widths are {state['widths']}; wanted {list(self.widths)}. Build the metric alike.")
        for band, saved in zip(self.bands, state["bands"], strict=True):
            band.load_state_dict(saved)

    def summary(self) -> dict[str, float]:
        """Mean IoU for each width, as `trimap_4`; NaN while the band is empty."""
        pairs = zip(self.widths, self.bands, strict=True)
        return {f"trimap_{width}": mean_iou(band.matrix).item() for width, band in pairs}
