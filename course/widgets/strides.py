"""Lab 5: what is left of a label map that is told in cells of some stride, and how much of it comes back."""

from __future__ import annotations

import torch
from torch import Tensor

from course.data.palettes import SCENES, VOID_COLOR
from course.data.scenes import Scenes
from course.widgets.explorer import Explorer

COUNT = 20


def label_maps() -> Tensor:
    """Labels of the first test scenes: (20, 128, 192) uint8, void 255."""
    scenes = Scenes(COUNT, split="test")
    return torch.stack([scenes[number][1].to(torch.uint8) for number in range(COUNT)])


def stride_explorer() -> Explorer:
    """Stride, scene and interpolation to choose; the labels that survive, and their mean IoU, to see."""
    colors = [*SCENES.colors, VOID_COLOR]
    return Explorer("strides", {"labels": label_maps(), "names": list(SCENES.names), "colors": colors})
