"""The image under construction: a pinhole camera, a depth buffer, and upright surfaces drawn into them.

The camera looks along +z from (x, height) above a flat ground; a point (x, y, z) lands on column
u0 + f (x − x_cam) / z and row v0 + f (height − y) / z. Every drawn surface is upright, so each column of the image sees
it at one distance.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from course.data.scenes.texture import Texture, Tints

FAR = 1000.0  # meters: the sky's distance


@dataclass(frozen=True)
class Camera:
    """The camera: focal length and principal point in pixels, x and height in meters."""

    focal: float
    u0: float
    v0: float
    x: float
    height: float


@dataclass(frozen=True)
class Look:
    """How a surface looks: its two tints, its foot above the ground in meters, mirrored or not."""

    tints: Tints = ((0, 0, 0), (0, 0, 0))
    base: float = 0.0
    mirror: bool = False


class Canvas:
    """Color, identity and depth of each pixel, nearest surface first.

    Args:
        size: (h, w) in pixels.
        camera: from where the scene is seen.
    """

    def __init__(self, size: tuple[int, int], camera: Camera):
        self.h, self.w = size
        self.camera = camera
        self.pixels = np.zeros((self.h, self.w), dtype=np.uint32)  # the bytes r, g, b and how much it shines
        self.depth = np.full((self.h, self.w), FAR, dtype=np.float32)
        self.ids = np.zeros((self.h, self.w), dtype=np.int64)
        rise = (np.arange(self.h) + 0.5 - camera.v0) / camera.focal
        swing = (np.arange(self.w) + 0.5 - camera.u0) / camera.focal
        self.rise = rise.astype(np.float32)  # drop of a ray per meter, one per row
        self.swing = swing.astype(np.float32)  # its sideways run, one per column

    @property
    def channels(self) -> np.ndarray:
        """The pixels as (h, w, 4) bytes r, g, b, e: a view that can be written to."""
        return self.pixels.view(np.uint8).reshape(self.h, self.w, 4)

    def columns(self, u_from: float, u_to: float) -> tuple[int, int]:
        """The first of the columns whose centers lie in [u_from, u_to), and the one after the last."""
        return max(0, math.ceil(u_from - 0.5)), min(self.w, math.ceil(u_to - 0.5))

    def board(self, texture: Texture, ident: int, x: float, z: float, width: float, height: float, look: Look) -> None:
        """Draw a texture once, upright and facing the camera, centered on x at distance z (meters)."""
        cam = self.camera
        left = cam.u0 + cam.focal * (x - width / 2 - cam.x) / z
        span = cam.focal * width / z
        j0, j1 = self.columns(left, left + span)
        if j0 >= j1:
            return
        s = ((np.arange(j0, j1) + 0.5 - left) * (texture.width / span)).astype(np.int64)
        s = np.minimum(s, texture.width - 1)
        if look.mirror:
            s = texture.width - 1 - s
        scale = texture.height / height
        self._strip(texture, ident, (j0, j1), (z, z), np.full((1, 1), z, dtype=np.float32), s, height, scale, look)

    def face(
        self,
        texture: Texture,
        ident: int,
        x: tuple[float, float],
        z: float,
        height: float,
        scale: tuple[float, float],
        look: Look,
    ) -> None:
        """Draw a repeated texture on a wall that faces the camera, from x[0] to x[1] at distance z."""
        cam = self.camera
        left, right = (cam.u0 + cam.focal * (edge - cam.x) / z for edge in x)
        j0, j1 = self.columns(left, right)
        if j0 >= j1:
            return
        s = (((np.arange(j0, j1) + 0.5 - left) * (scale[1] * z / cam.focal)).astype(np.int64)) % texture.width
        self._strip(texture, ident, (j0, j1), (z, z), np.full((1, 1), z, dtype=np.float32), s, height, scale[0], look)

    def wall(
        self,
        texture: Texture,
        ident: int,
        x: float,
        z: tuple[float, float],
        height: float,
        scale: tuple[float, float],
        look: Look,
    ) -> None:
        """Draw a repeated texture on a wall that runs away from the camera at x, from z[0] to z[1]."""
        cam = self.camera
        aside = x - cam.x
        near, far = max(z[0], 0.4), z[1]
        ends = sorted((cam.u0 + cam.focal * aside / near, cam.u0 + cam.focal * aside / far))
        j0, j1 = self.columns(*ends)
        if j0 >= j1 or abs(aside) < 0.05:
            return
        distance = np.minimum(np.maximum(np.float32(aside) / self.swing[j0:j1], np.float32(near)), np.float32(far))
        s = ((distance - np.float32(z[0])) * np.float32(scale[1])).astype(np.int64) % texture.width
        if look.mirror:
            s = texture.width - 1 - s
        self._strip(texture, ident, (j0, j1), (near, far), distance[None], s, height, scale[0], look)

    def _strip(
        self,
        texture: Texture,
        ident: int,
        cols: tuple[int, int],
        span: tuple[float, float],
        z: np.ndarray,
        s: np.ndarray,
        height: float,
        scale: float,
        look: Look,
    ) -> None:
        """Draw columns cols[0]:cols[1] of a surface: z (1, n) or (1, 1) float32 meters, s (n,) texture columns."""
        cam, base = self.camera, look.base
        top = min((cam.height - base - height) / edge for edge in span) * cam.focal + cam.v0
        bottom = max((cam.height - base) / edge for edge in span) * cam.focal + cam.v0
        i0, i1 = max(0, math.ceil(top - 0.5)), min(self.h, math.ceil(bottom - 0.5))
        if i0 >= i1:
            return
        y = (cam.height - base) - self.rise[i0:i1, None] * z  # (m, n), or (m, 1) where z is one number
        depth = self.depth[i0:i1, cols[0] : cols[1]]
        there = z < depth
        if z.size > 1:
            there &= (y >= 0.0) & (y < height)
        t = np.maximum(y * scale, 0.0).astype(np.int64)
        if texture.repeat:
            over = t >= texture.height
            while over.any():
                t -= (texture.height - texture.repeat) * over
                over = t >= texture.height
        else:
            t = np.minimum(t, texture.height - 1)
        level = _level(z * np.float32(scale / cam.focal), len(texture.offsets) - 1)
        index = (t >> level) * (texture.width >> level) + (texture.offsets[level] + (s[None] >> level))
        pixels = self.pixels[i0:i1, cols[0] : cols[1]]
        words = texture.dyed(look.tints).take(index)
        if texture.alpha is None:
            np.copyto(pixels, words, where=there)
        else:
            there = _blend(pixels, words, texture.alpha.take(index) * there)
        np.copyto(depth, z, where=there)
        np.copyto(self.ids[i0:i1, cols[0] : cols[1]], ident, where=there)


def _blend(pixels: np.ndarray, words: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay premultiplied words over pixels; return where the new surface owns the pixel."""
    under = pixels.copy().view(np.uint8).reshape(*pixels.shape, 4)
    over = words.view(np.uint8).reshape(*words.shape, 4)
    mixed = under * (np.float32(1.0) - alpha)[..., None]
    mixed += over
    mixed += np.float32(0.5)
    mixed = np.minimum(mixed, np.float32(255.0), out=mixed).astype(np.uint8)
    np.copyto(pixels, mixed.view(np.uint32)[..., 0], where=alpha > 0)
    return alpha >= 0.45  # a little less than half, so that thin poles keep their pixels


_STEPS = [1.6, 3.2, 6.4, 12.8, 25.6]  # texels a pixel from which on the next smaller copy is used


def _level(pitch: np.ndarray, last: int) -> int | np.ndarray:
    if pitch.size == 1:
        return min(bisect_right(_STEPS, pitch.item()), last)
    return np.searchsorted(_STEPS[:last], pitch, side="right")
