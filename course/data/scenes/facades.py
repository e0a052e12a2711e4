"""House fronts, painted once: four bays wide, a ground floor and above it three storeys that repeat upwards.

A storey is 3.2 m high and a bay 3.2 m wide, 64 texels each. Tint 1 is the wall, tint 2 the doors, awnings and shutters.
"""

from functools import lru_cache

import numpy as np

from course.data.scenes.randomness import cloud_noise, uniforms
from course.data.scenes.texture import Sketch, Texture

STOREY = 3.2  # meters
TEXELS_PER_METRE = 64 / STOREY
STYLES = 5
_PANES = (  # left, right, bottom and top of a window, in shares of its bay and storey
    (0.25, 0.75, 0.28, 0.80),
    (0.30, 0.70, 0.16, 0.84),
    (0.04, 0.96, 0.30, 0.82),
    (0.18, 0.44, 0.25, 0.78),
    (0.33, 0.67, 0.25, 0.80),
)


@lru_cache(maxsize=2)
def facades(night: bool) -> list[Texture]:
    """Paint the five styles; at night about half of the windows are lit."""
    return [_facade(style, night) for style in range(STYLES)]


def _facade(style: int, night: bool) -> Texture:
    pic = Sketch(256, 256)
    grime = cloud_noise(80 + style, 256, 8, 5)
    shade = 0.98 + 0.35 * (grime - 0.5)
    row = np.arange(256)[:, None]
    column = np.arange(256)[None, :]
    if style in (0, 3):  # courses of bricks or stone
        course = (row // 6) % 2 * 6
        joint = (row % 6 == 0) | ((column + course) % 12 == 0)
        shade = shade * np.where(joint, 0.84, 1.0)
    pic.paint(pic.box(0, 1, 0, 1), tint=1, shade=shade)
    lit = uniforms(90 + style, 16) < (0.55 if night else 0.0)
    for place in range(16):
        bay, floor = place % 4, place // 4
        if floor:
            _window(pic, style, bay / 4, floor / 4, bool(lit[place]), place)
        else:
            _ground_floor(pic, style, bay, bool(lit[place]) or (night and bay % 2 == 0))
    ledge = ((row % 64) < 3) & (row >= 64)
    pic.paint(ledge & pic.box(0, 1, 0, 1), tint=1, shade=0.72)
    return pic.finish(repeat=64)


def _window(pic: Sketch, style: int, x: float, y: float, lit: bool, place: int) -> None:
    x0, x1, y0, y1 = _PANES[style]
    for left, right in ((x0, x1),) if style != 3 else ((x0, x1), (x0 + 0.38, x1 + 0.38)):
        box = (x + left / 4, x + right / 4, y + y0 / 4, y + y1 / 4)
        rim = 0.010
        pic.paint(
            pic.box(box[0] - rim, box[1] + rim, box[2] - rim, box[3] + rim),
            (226, 224, 216) if style != 2 else (96, 100, 104),
        )
        pane = pic.box(*box)
        up = (pic.y - box[2]) / (box[3] - box[2])
        if lit:
            pic.paint(pane, (255, 206, 118) if place % 3 else (250, 226, 170), shade=0.72 + 0.28 * up, shine=0.85)
        else:
            pic.paint(pane, (66, 84, 104), shade=0.62 + 0.75 * up + 0.12 * ((place * 7) % 5 - 2))
        if style == 1 and place % 3 == 0:
            pic.paint(pane & (up > 0.55), (214, 206, 190), shine=0.5 if lit else 0.0)  # a blind
        middle = (box[0] + box[1]) / 2
        pic.paint(pane & (np.abs(pic.x - middle) < 0.004), (216, 214, 208) if style != 2 else (80, 84, 88))
        pic.paint(pic.box(box[0] - 0.014, box[1] + 0.014, box[2] - 0.022, box[2] - 0.008), (184, 180, 172))
        if style == 4:
            for edge in (box[0] - 0.038, box[1] + 0.010):
                pic.paint(
                    pic.box(edge, edge + 0.028, box[2], box[3]), tint=2, shade=0.9 + 0.2 * ((pic.y * 128) % 1 > 0.5)
                )


def _ground_floor(pic: Sketch, style: int, bay: int, lit: bool) -> None:
    x = bay / 4
    if (bay + style) % 4 == 1:
        pic.paint(pic.box(x + 0.080, x + 0.170, 0.0, 0.185), (206, 202, 194))
        pic.paint(pic.box(x + 0.090, x + 0.160, 0.0, 0.150), tint=2, shade=0.8)
        pic.paint(pic.box(x + 0.095, x + 0.155, 0.155, 0.180), (92, 104, 112), shine=0.5 if lit else 0.0)
    elif style in (0, 2, 4):
        pic.paint(pic.box(x + 0.014, x + 0.236, 0.025, 0.180), (58, 56, 54))
        glass = (255, 222, 150) if lit else (74, 90, 104)
        pic.paint(
            pic.box(x + 0.022, x + 0.228, 0.040, 0.172), glass, shade=0.75 + 1.6 * pic.y, shine=0.75 if lit else 0.0
        )
        if style != 2:
            stripe = 1.0 - 0.30 * ((pic.x * 64) % 2 >= 1)
            pic.paint(pic.box(x + 0.006, x + 0.244, 0.170, 0.212), tint=2, shade=stripe)
    else:
        _window(pic, style, x, 0.0, lit, bay)


@lru_cache(maxsize=1)
def roof() -> Texture:
    """Paint rows of tiles that repeat in both directions. Tint 1 is their color."""
    pic = Sketch(64, 64)
    row, column = np.arange(64)[:, None], np.arange(64)[None, :]
    tile = (row % 8 < 2) | ((column + (row // 8) % 2 * 4) % 8 == 0)
    pic.paint(pic.box(0, 1, 0, 1), tint=1, shade=np.where(tile, 0.72, 0.95) + 0.3 * (cloud_noise(85, 64, 8, 2) - 0.5))
    return pic.finish(repeat=0)
