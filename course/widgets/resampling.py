"""Lab 2: a kernel, a factor and a sample grid make taps, a spectrum and an image."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from course.data.photos import photo
from course.widgets.explorer import Explorer


def eye() -> Tensor:
    """An eye of Chelsea, scikit-image's cat, as 16 × 20 pixels: (3, 16, 20) float32 in [0, 1]."""
    return F.avg_pool2d(photo("cat")[:, 70:166, 100:220], 6)


def resampling_explorer() -> Explorer:
    """Kernel, factor and sample grid to choose; taps, spectrum and image to see."""
    return Explorer("resampling", {"image": eye()})
