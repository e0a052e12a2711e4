"""Cars, each of two boxes painted from behind, from the front and from the side. Light falls from the left."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course.data.scenes.texture import Sketch, Texture

_GLASS, _TIRE, _HUB = (38, 50, 62), (24, 24, 26), (150, 152, 156)


@dataclass(frozen=True)
class Body:
    """A car as two boxes, the cabin on the body, and its textures. Lengths are shares of the car's."""

    waist: float  # height of the body
    cabin: tuple[float, float]  # the cabin's two ends, counted from the rear
    rear: Texture
    front: Texture
    side: Texture
    cabin_end: Texture
    cabin_side: Texture
    whole_side: Texture


@lru_cache(maxsize=1)
def cars() -> dict[str, Body]:
    """Paint the bodies. Tint 1 is the color of the car."""
    shapes = {"saloon": (0.64, (0.16, 0.74)), "hatchback": (0.60, (0.02, 0.68)), "van": (0.52, (0.01, 0.84))}
    bodies = {}
    for name, (waist, cabin) in shapes.items():
        side, top = _body_side(), _cabin_side(name == "van")
        whole = Sketch(64, 128)
        rows, columns = int(64 * waist), (int(128 * cabin[0]), int(128 * cabin[1]))
        upper = np.arange(rows - 8, 64) - (rows - 8)
        pick = 24 + upper * 40 // upper.size
        across = (np.arange(columns[0], columns[1]) - columns[0]) * 128 // (columns[1] - columns[0])
        whole.texels[rows - 8 : 64, columns[0] : columns[1]] = top.texels[pick][:, across]
        lower = side.texels[np.arange(rows) * 64 // rows]
        whole.texels[:rows] = np.where(lower[..., 6:7] > 0, lower, whole.texels[:rows])
        parts = (_body_end(True), _body_end(False), side, _cabin_end(), top, whole)
        bodies[name] = Body(waist, cabin, *(part.finish() for part in parts))
    return bodies


def _body_end(rear: bool) -> Sketch:
    pic = Sketch(32, 64)
    pic.paint(pic.box(0.06, 0.24, 0.0, 0.45) | pic.box(0.76, 0.94, 0.0, 0.45), _TIRE)
    shade = 1.02 - 0.30 * pic.x + 0.22 * (pic.y - 0.5)
    pic.paint(pic.box(0.01, 0.99, 0.26, 0.94) | pic.box(0.04, 0.96, 0.94, 1.0), tint=1, shade=shade)
    pic.paint(pic.box(0.01, 0.99, 0.24, 0.40), (54, 54, 58), shade=1.2 - 0.4 * pic.x)
    for x in (0.03, 0.79):
        pic.paint(
            pic.box(x, x + 0.18, 0.64, 0.88), (208, 28, 24) if rear else (250, 246, 222), shine=0.9 if rear else 1.0
        )
    if rear:
        pic.paint(pic.box(0.35, 0.65, 0.46, 0.60), (238, 236, 214))
    else:
        pic.paint(pic.box(0.27, 0.73, 0.64, 0.86), (34, 35, 38))
        pic.paint(pic.box(0.37, 0.63, 0.28, 0.38), (238, 236, 214))
    return pic


def _cabin_end() -> Sketch:
    """The lower 0.4 are the bonnet or the boot, seen from above, in front of the window."""
    pic = Sketch(64, 64)
    pic.paint(pic.box(0.0, 1.0, 0.0, 0.42), tint=1, shade=1.22 - 0.25 * pic.x)
    pic.paint(pic.trapezium(0.40, 1.0, (0.0, 1.0), (0.05, 0.95)), tint=1, shade=1.12 - 0.30 * pic.x)
    glass = pic.trapezium(0.44, 0.91, (0.06, 0.94), (0.10, 0.90))
    pic.paint(glass, _GLASS, shade=0.65 + 1.5 * (pic.y - 0.3) * (1.25 - pic.x))
    pic.paint(glass & (pic.ellipse(0.30, 0.56, 0.09, 0.14) | pic.ellipse(0.70, 0.56, 0.09, 0.14)), (28, 34, 42))
    pic.paint(glass & (np.abs(pic.x - 0.5 * pic.y - 0.42) < 0.035), (128, 148, 164))  # a reflection of the sky
    return pic


def _body_side() -> Sketch:
    pic = Sketch(64, 128)
    shade = 0.74 + 0.36 * pic.y
    pic.paint(pic.box(0.0, 1.0, 0.26, 0.94) | pic.box(0.02, 0.98, 0.94, 1.0), tint=1, shade=shade)
    pic.paint(pic.box(0.0, 1.0, 0.24, 0.33), (54, 54, 58))
    for x in (0.30, 0.56):
        pic.paint(pic.box(x - 0.005, x + 0.005, 0.33, 1.0), (40, 40, 44))
        pic.paint(pic.box(x + 0.02, x + 0.07, 0.78, 0.83), (60, 60, 64))
    pic.paint(pic.box(0.0, 0.03, 0.64, 0.88), (205, 30, 26), shine=0.9)
    pic.paint(pic.box(0.97, 1.0, 0.64, 0.88), (250, 246, 222), shine=1.0)
    for x in (0.19, 0.81):
        pic.paint(pic.ellipse(x, 0.30, 0.095, 0.38) & (pic.y > 0.24), (28, 28, 30))
        pic.paint(pic.ellipse(x, 0.29, 0.080, 0.29), _TIRE)
        pic.paint(pic.ellipse(x, 0.29, 0.045, 0.16), _HUB, shade=0.7 + pic.y)
    return pic


def _cabin_side(boxy: bool) -> Sketch:
    """The lower 0.4 are hidden by the body."""
    pic = Sketch(64, 128)
    low, high = ((0.0, 1.0), (0.01, 0.995)) if boxy else ((0.0, 1.0), (0.02, 0.985))
    pic.paint(pic.box(0.0, 1.0, 0.0, 0.40) | pic.trapezium(0.40, 1.0, low, high), tint=1, shade=0.75 + 0.35 * pic.y)
    glass = pic.trapezium(0.45, 0.91, (low[0] + 0.05, low[1] - 0.07), (high[0] + 0.02, high[1] - 0.03))
    pic.paint(glass, _GLASS, shade=0.6 + 0.9 * pic.y)
    pic.paint(glass & (np.abs(pic.x - 0.5) < 0.018), tint=1, shade=0.8)
    return pic
