"""Label maps in the colors of their classes; the classes themselves are in `course.data.names`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course import VOID
from course.data.names import CAMVID, MEMBRANES, SCENES, VOC, VOID_COLOR, Palette, palette_for

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["CAMVID", "MEMBRANES", "SCENES", "VOC", "VOID", "VOID_COLOR", "Palette", "colorise", "palette_for"]


def colorise(labels: np.ndarray | Tensor, palette: Palette) -> np.ndarray:
    """Paint a label map in the colors of its classes.

    Args:
        labels: integers (h, w), array or tensor; 0 to k - 1, or 255 for void, which comes out nearly white.
        palette: k names and colors.

    Returns:
        uint8 array (h, w, 3).

    Raises:
        ValueError: `labels` is not a map of whole numbers, or holds one that is neither a class nor void.
    """
    if hasattr(labels, "detach"):
        labels = labels.detach().cpu().numpy()
    labels = np.asarray(labels)
    if labels.ndim != 2 or not (np.issubdtype(labels.dtype, np.integer) or labels.dtype == bool):
        raise ValueError(
            f"labels are {labels.dtype} of shape {labels.shape}; wanted whole numbers (h, w). Take one map of a "
            "batch, and the argmax of scores."
        )
    labels = labels.astype(np.int64)
    strangers = np.unique(labels[((labels < 0) | (labels >= len(palette))) & (labels != VOID)])
    if strangers.size:
        raise ValueError(
            f"labels hold {strangers[:5].tolist()}; wanted 0 to {len(palette) - 1}, or {VOID} for void. Map other "
            "numbers to void first, or take the palette of the data set."
        )
    table = np.full((256, 3), VOID_COLOR, dtype=np.uint8)
    table[: len(palette)] = palette.colors
    return table[labels]
