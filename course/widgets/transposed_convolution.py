"""Lab 3: kernel size, stride and padding make the matrix of a transposed convolution, and its overlaps."""

from __future__ import annotations

from course.widgets.explorer import Explorer


def transposed_explorer() -> Explorer:
    """Kernel size, stride and padding to choose; matrix and overlaps to see."""
    return Explorer("transposed_convolution")
