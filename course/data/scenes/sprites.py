"""What stands in the street, each painted once as a texture: people, signs, trees, lamps, hedges.

Light falls from the left; for light from the right the texture is mirrored.
"""

from functools import lru_cache

import numpy as np

from course.data.scenes.randomness import cloud_noise, uniforms
from course.data.scenes.texture import Color, Sketch, Texture

_SKINS = ((232, 190, 160), (168, 118, 86), (104, 70, 50))


@lru_cache(maxsize=1)
def people() -> list[Texture]:
    """Paint people: three poses in three skin colors. Tint 1 is the coat, tint 2 the trousers."""
    return [_person(pose, skin) for pose in range(3) for skin in _SKINS]


def _person(pose: int, skin: Color) -> Texture:
    pic = Sketch(128, 64)
    shade = 1.15 - 0.5 * pic.x
    spread = (0.10, 0.22, 0.05)[pose]
    for side, dim in ((-1, 1.0), (1, 0.82)):
        foot, hip = 0.5 + side * (spread + 0.04), 0.5 + side * 0.09
        leg = pic.trapezium(0.03, 0.50, (foot - 0.085, foot + 0.085), (hip - 0.115, hip + 0.115))
        pic.paint(leg, tint=2, shade=shade * dim)
        pic.paint(pic.box(foot - 0.10, foot + 0.12, 0.0, 0.045), (30, 28, 28))
        hand, reach = 0.5 + side * (0.30, 0.34, 0.27)[pose], 0.5 + side * 0.23
        arm = pic.trapezium(0.44, 0.80, (hand - 0.06, hand + 0.06), (reach - 0.08, reach + 0.08))
        pic.paint(arm, tint=1, shade=shade * 0.82)
        pic.paint(pic.ellipse(hand, 0.43, 0.06, 0.028), skin, shade=shade)
    coat = pic.trapezium(0.42 if pose != 2 else 0.30, 0.80, (0.29, 0.71), (0.24, 0.76))
    pic.paint(coat | pic.ellipse(0.5, 0.80, 0.26, 0.035), tint=1, shade=shade)
    if pose == 1:
        pic.paint(pic.box(0.30, 0.52, 0.53, 0.76), (64, 58, 52), shade=shade)  # a rucksack
    pic.paint(pic.box(0.43, 0.57, 0.80, 0.86), skin, shade=shade * 0.85)
    pic.paint(pic.ellipse(0.5, 0.91, 0.15, 0.083), skin, shade=shade)
    hair = (46, 32, 24) if pose != 1 else (120, 88, 48)
    pic.paint(pic.ellipse(0.5, 0.935, 0.16, 0.068) & (pic.y > 0.925), hair, shade=shade)
    return pic.finish()


@lru_cache(maxsize=1)
def signs() -> list[Texture]:
    """Paint a round, a triangular, a blue, a yellow and a stop sign, each on its pole (3.0 m by 0.75 m)."""
    return [_sign(kind) for kind in range(5)]


def _sign(kind: int) -> Texture:
    pic = Sketch(128, 32)
    pic.paint(pic.box(0.43, 0.57, 0.0, 0.95), (142, 146, 150), shade=1.25 - 0.6 * pic.x)
    y, rx, ry = 0.86, 0.48, 0.125
    if kind == 0:
        pic.paint(pic.ellipse(0.5, y, rx, ry), (200, 28, 34))
        pic.paint(pic.ellipse(0.5, y, rx * 0.72, ry * 0.72), (244, 244, 240))
        pic.paint(pic.box(0.36, 0.64, 0.83, 0.89), (30, 30, 34))
    elif kind == 1:
        pic.paint(pic.trapezium(0.75, 0.99, (0.0, 1.0), (0.48, 0.52)), (204, 32, 36))
        pic.paint(pic.trapezium(0.775, 0.935, (0.18, 0.82), (0.49, 0.51)), (246, 244, 236))
    elif kind == 2:
        pic.paint(pic.box(0.04, 0.96, 0.74, 0.97), (28, 84, 172))
        pic.paint(pic.trapezium(0.78, 0.93, (0.34, 0.66), (0.46, 0.54)), (244, 246, 250))
    elif kind == 3:
        diamond = np.abs(pic.x - 0.5) / 0.5 + np.abs(pic.y - y) / 0.13 < 1.0
        pic.paint(diamond, (246, 246, 240))
        pic.paint(np.abs(pic.x - 0.5) / 0.38 + np.abs(pic.y - y) / 0.10 < 1.0, (240, 186, 26))
    else:
        corners = np.abs(pic.x - 0.5) / 0.5 + np.abs(pic.y - y) / 0.13 < 1.42
        pic.paint(corners & pic.box(0.02, 0.98, 0.735, 0.985), (196, 24, 30))
        pic.paint(pic.box(0.16, 0.84, 0.845, 0.88), (246, 244, 240))
    return pic.finish()


@lru_cache(maxsize=1)
def lamp() -> Texture:
    """Paint a street lamp (6.5 m by 1.6 m): pole, arm to the right, head. It has no class: void."""
    pic = Sketch(128, 64)
    pic.paint(pic.box(0.08, 0.145, 0.0, 0.97), (88, 94, 98), shade=1.3 - 3.0 * pic.x)
    pic.paint(pic.box(0.05, 0.175, 0.0, 0.10), (74, 80, 84))
    pic.paint(pic.box(0.10, 0.80, 0.955, 0.975), (88, 94, 98))
    pic.paint(pic.box(0.62, 0.98, 0.94, 0.975), (70, 74, 78))
    pic.paint(pic.box(0.64, 0.96, 0.925, 0.945), (255, 236, 190), shine=1.0)
    return pic.finish()


@lru_cache(maxsize=1)
def trees() -> list[Texture]:
    """Paint trees: three broad ones and a fir. Tint 1 is the foliage."""
    return [_broad_tree(1), _broad_tree(2), _broad_tree(3), _fir()]


def _broad_tree(key: int) -> Texture:
    pic = Sketch(128, 128)
    trunk = pic.trapezium(0.0, 0.55, (0.455, 0.545), (0.475, 0.53))
    bark = 1.25 - 5.0 * (pic.x - 0.44) + 0.3 * (cloud_noise(50 + key, 128, 16, 2) - 0.5)
    pic.paint(trunk, (92, 70, 52), shade=bark)
    pic.paint(pic.trapezium(0.34, 0.58, (0.49, 0.525), (0.64, 0.665)), (84, 64, 48))
    pic.paint(pic.trapezium(0.36, 0.58, (0.475, 0.505), (0.34, 0.36)), (100, 76, 56))
    leaf = cloud_noise(40 + key, 128, 12, 4)
    spots = uniforms(60 + key, 36).reshape(12, 3)
    blobs = [(0.5, 0.68, 0.27)] + [
        (0.5 + 0.52 * (a - 0.5), 0.66 + 0.40 * (b - 0.5), 0.14 + 0.07 * r) for a, b, r in spots.tolist()
    ]
    for x, y, radius in sorted(blobs, key=lambda blob: blob[1]):  # upper over lower ones: light comes from above
        dx, dy = (pic.x - x) / radius, (pic.y - y) / (radius * 0.92)
        blob = dx * dx + dy * dy + 1.5 * (leaf - 0.5) < 1.0
        light = 0.80 + 0.24 * (dy - dx) + 1.1 * (leaf - 0.5)
        pic.paint(blob, tint=1, shade=np.minimum(np.maximum(light, 0.32), 1.27))
    pic.erase((leaf < 0.31) & (pic.y > 0.46))  # holes through which the sky shows
    return pic.finish()


def _fir() -> Texture:
    pic = Sketch(128, 64)
    pic.paint(pic.box(0.44, 0.56, 0.0, 0.20), (80, 58, 44), shade=1.5 - pic.x)
    needles = cloud_noise(47, 128, 16, 3)[:, ::2]
    for step in range(6):
        low, half = 0.12 + 0.14 * step, 0.46 - 0.066 * step
        tier = pic.trapezium(low, min(low + 0.24, 1.0), (0.5 - half, 0.5 + half), (0.47, 0.53))
        ragged = tier & (np.abs(pic.x - 0.5) < half * (0.75 + 0.6 * needles))
        pic.paint(
            ragged, tint=1, shade=0.45 + 0.9 * (pic.y - low) / 0.24 * 0.6 - 0.45 * (pic.x - 0.5) + 0.7 * (needles - 0.4)
        )
    return pic.finish()


@lru_cache(maxsize=1)
def hedge() -> Texture:
    """Paint a hedge that repeats sideways (128 texels) and has an uneven upper edge. Tint 1 is the foliage."""
    pic = Sketch(64, 128)
    leaf = cloud_noise(70, 128, 16, 4)
    edge = 0.84 + 0.28 * (cloud_noise(71, 128, 8, 3)[5] - 0.5)[None, :]
    shade = 0.45 + 0.55 * pic.y + 1.3 * (leaf[:64] - 0.5)
    pic.paint(pic.y < edge, tint=1, shade=np.minimum(np.maximum(shade, 0.25), 1.27))
    return pic.finish()


@lru_cache(maxsize=1)
def bush() -> Texture:
    """Paint a low round bush. Tint 1 is the foliage."""
    pic = Sketch(64, 64)
    leaf = cloud_noise(72, 64, 8, 4)
    dx, dy = (pic.x - 0.5) / 0.46, (pic.y - 0.30) / 0.60
    shade = 0.72 + 0.30 * (dy - dx) + 1.3 * (leaf - 0.5)
    pic.paint(dx * dx + dy * dy + 1.2 * (leaf - 0.5) < 1.0, tint=1, shade=np.minimum(np.maximum(shade, 0.3), 1.27))
    return pic.finish()
