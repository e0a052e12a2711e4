"""Lab 4: a small image is max-pooled and unpooled in three ways; only switches remember where."""

from __future__ import annotations

import torch
from torch import Tensor

from course.widgets.explorer import Explorer


def digits() -> Tensor:
    """21 images of random digits: (21, 8, 8) uint8, 1 to 9."""
    return torch.randint(1, 10, (21, 8, 8), generator=torch.Generator().manual_seed(4), dtype=torch.uint8)


def unpooling_explorer() -> Explorer:
    """The kind of unpooling, the size and the digits to choose; the way down and up again to see."""
    return Explorer("unpooling", {"digits": digits()})
