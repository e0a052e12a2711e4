"""Synthetic street scenes with exact semantic, instance, panoptic and depth ground truth."""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {"dataset": "SPLITS Scenes", "light": "DOMAINS", "render": "CLASSES THINGS Scene scene"},
)
