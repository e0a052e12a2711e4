"""Lab 8: what an output pixel sees behind a stack of dilated layers, and over how many paths."""

from __future__ import annotations

from course.widgets.explorer import Explorer


def receptive_field_explorer() -> Explorer:
    """The stack, how many of its layers and the first one's stride to choose; field, gaps and paths to see."""
    return Explorer("receptive_fields")
