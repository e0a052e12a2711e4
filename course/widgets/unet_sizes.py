"""Lab 7: an image's size on its way through a U-Net without padding, level by level."""

from __future__ import annotations

from course.widgets.explorer import Explorer


def unet_explorer() -> Explorer:
    """The image's size and the number of poolings to choose; the sizes along the U to see."""
    return Explorer("unet_sizes")
