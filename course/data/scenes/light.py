"""Day, night and fog: what the light does to a finished street. None of it touches a label.

Fog follows Koschmieder's law, color·t + white·(1 − t) with t = exp(−z/d). The fourth power of a fraction stands in for
the exponential, because it has the same bits on every processor.
"""

from dataclasses import dataclass

import numpy as np

from course.data.scenes.canvas import Canvas
from course.data.scenes.plan import Plan
from course.data.scenes.randomness import Random, grain

DOMAINS = ("day", "night", "fog")


@dataclass(frozen=True)
class Light:
    """Brightness of upright surfaces that face left, right and the camera."""

    left: float
    right: float
    front: float


def light_of(plan: Plan, domain: str) -> Light:
    """The brightness of each direction: only the sun makes a difference between them."""
    if domain != "day" or plan.sky == 2:  # under an overcast sky all sides are equal
        return Light(0.9, 0.9, 0.88)
    bright, dim = 1.08, 0.68
    return Light(bright if plan.sun < 0 else dim, bright if plan.sun > 0 else dim, plan.sun_front)


def ground_patch(canvas: Canvas, gain: np.ndarray, x: float, z: float, rx: float, rz: float, strength: float) -> None:
    """Brighten (or, below 0, darken) a soft ellipse on the ground, in the map of gains (h, w)."""
    cam = canvas.camera
    near, far = max(z - rz, 1.0), z + rz
    i0 = max(0, int(cam.v0 + cam.focal * cam.height / far))
    i1 = min(canvas.h, int(cam.v0 + cam.focal * cam.height / near) + 2)
    j0 = max(0, int(cam.u0 + cam.focal * min((x - rx - cam.x) / near, (x - rx - cam.x) / far)))
    j1 = min(canvas.w, int(cam.u0 + cam.focal * max((x + rx - cam.x) / near, (x + rx - cam.x) / far)) + 2)
    if i0 >= i1 or j0 >= j1:
        return
    rise = canvas.rise[i0:i1, None]
    distance = np.float32(cam.height) / np.maximum(rise, np.float32(1e-3))
    dx = (canvas.swing[j0:j1] * distance + np.float32(cam.x - x)) * np.float32(1.0 / rx)
    dz = (distance - np.float32(z)) * np.float32(1.0 / rz)
    bump = np.maximum((np.float32(1.0) - dz * dz) - dx * dx, np.float32(0.0))
    gain[i0:i1, j0:j1] += bump * (np.float32(2.0) - bump) * np.float32(strength)


def glow(
    canvas: Canvas,
    color: np.ndarray,
    x: float,
    y: float,
    z: float,
    radius: float,
    light: tuple[float, float, float],
) -> None:
    """Add the halo of a lamp at a point in the world, radius in meters, unless something nearer hides the lamp."""
    cam = canvas.camera
    u, v = cam.u0 + cam.focal * (x - cam.x) / z, cam.v0 + cam.focal * (cam.height - y) / z
    i, j = int(v), int(u)
    if not (0 <= i < canvas.h and 0 <= j < canvas.w) or u < 0 or v < 0 or canvas.depth[i, j] < z - 0.3:
        return
    reach = cam.focal * radius / z + 0.02 * canvas.w
    i0, i1 = max(0, int(v - reach)), min(canvas.h, int(v + reach) + 2)
    j0, j1 = max(0, int(u - reach)), min(canvas.w, int(u + reach) + 2)
    dy = (np.arange(i0, i1) + 0.5 - v).astype(np.float32)[:, None] * np.float32(1.0 / reach)
    dx = (np.arange(j0, j1) + 0.5 - u).astype(np.float32)[None, :] * np.float32(1.0 / reach)
    square = dx * dx + dy * dy
    halo = np.maximum(np.float32(1.0) - square, np.float32(0.0)) / (np.float32(1.0) + np.float32(14.0) * square)
    for channel, strength in zip(color, light, strict=True):
        channel[i0:i1, j0:j1] += halo * np.float32(strength)


def develop(canvas: Canvas, brightness: np.ndarray) -> np.ndarray:
    """Turn the canvas into float32 (3, h, w) colors in 0–255, each surface with its own brightness (by identity)."""
    color = np.empty((3, canvas.h, canvas.w), dtype=np.float32)
    light = brightness.take(canvas.ids)
    for channel in range(3):
        np.multiply(canvas.channels[..., channel], light, out=color[channel])
    return color


def darken(canvas: Canvas, color: np.ndarray, gain: np.ndarray) -> None:
    """Take away the daylight: what is left is bluish dusk, what shines by itself, lamps, and our own headlights."""
    cone = np.maximum(np.float32(1.0) - canvas.swing * canvas.swing * np.float32(4.0), np.float32(0.0))
    beam = np.float32(1.0) / (np.float32(1.0) + canvas.depth * np.float32(1 / 14.0))
    lamps = gain + beam * beam * cone * np.float32(0.85)
    shine = canvas.channels[..., 3] * np.float32(1 / 255)
    rest = np.float32(1.0) - shine
    for channel, dusk, warm in zip(color, (0.20, 0.22, 0.30), (1.0, 0.9, 0.72), strict=True):
        channel *= (lamps * np.float32(warm) + np.float32(dusk)) * rest + shine


def fog(canvas: Canvas, color: np.ndarray, rng: Random) -> None:
    """Let colors pale, and fade into white with distance."""
    white, reach = rng.between(196.0, 222.0), rng.between(18.0, 42.0)
    clear = np.float32(1.0) / (np.float32(1.0) + canvas.depth * np.float32(0.25 / reach))
    clear = clear * clear
    clear = clear * clear
    gray = (color[0] + color[1] + color[2]) * (clear * np.float32(0.1))
    color *= clear * np.float32(0.7)
    color += gray + (np.float32(1.0) - clear) * np.float32(white)


def haze(canvas: Canvas, color: np.ndarray, rng: Random) -> None:
    """Lay a thin bluish veil over what is far away, and choose warm, neutral or cool light."""
    veil = canvas.depth * np.float32(1 / 900.0)
    veil *= canvas.depth < np.float32(900.0)
    rest = np.float32(1.0) - veil
    veil *= np.float32(205.0)
    for channel, balance in zip(
        color, rng.choose(((1.0, 1.0, 1.0), (1.05, 1.0, 0.94), (0.96, 1.0, 1.05))), strict=True
    ):
        channel *= rest * np.float32(balance)
        channel += veil


def expose(color: np.ndarray, rng: Random, noise: float) -> np.ndarray:
    """Scale by the exposure, add the sensor's noise, round to uint8 (3, h, w)."""
    speckle = _window(rng.integer(0, 511), rng.integer(0, 511), *color.shape[1:]) * np.float32(noise)
    speckle += np.float32(0.5)
    color *= np.float32(rng.between(0.92, 1.08))
    color += speckle
    np.maximum(color, np.float32(0.0), out=color)
    np.minimum(color, np.float32(255.0), out=color)
    return color.astype(np.uint8)


def _window(row: int, column: int, h: int, w: int) -> np.ndarray:
    field = grain(21)
    if row + h <= 512 and column + w <= 512:
        return field[row : row + h, column : column + w]
    return field[(row + np.arange(h)[:, None]) % 512, (column + np.arange(w)) % 512]
