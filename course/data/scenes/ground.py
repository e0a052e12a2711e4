"""The sky, the ground with its markings, and the far end of the street: what lies behind the houses."""

import numpy as np

from course.data.scenes.canvas import FAR, Canvas
from course.data.scenes.plan import Plan
from course.data.scenes.randomness import cloud_noise, uniforms

SKY, BUILDING, ROAD, PAVEMENT, VEGETATION = range(5)

# colors of zenith, horizon and clouds; how much of the sky the clouds cover
_SKIES = (
    ((62, 122, 204), (186, 214, 238), (250, 250, 250), 0.50),
    ((84, 148, 220), (204, 224, 240), (246, 246, 248), 0.40),
    ((150, 164, 180), (206, 212, 218), (226, 228, 230), 0.30),
    ((96, 116, 168), (244, 196, 150), (250, 206, 172), 0.46),
    ((110, 160, 206), (226, 230, 224), (238, 238, 240), 0.58),
)
_NIGHT = ((10, 14, 34), (44, 46, 66), (58, 56, 70), 0.5)


def paint_sky(canvas: Canvas, plan: Plan, night: bool) -> None:
    """Fill the rows above the horizon with a gradient and clouds on a plane overhead."""
    rows = min(canvas.h, max(1, int(canvas.camera.v0) + 2))
    zenith, horizon, cloud, cover = (
        np.array(part, dtype=np.float32) for part in (_NIGHT if night else _SKIES[plan.sky])
    )
    up = np.maximum(-canvas.rise[:rows, None], 0.0)
    part = np.minimum(up * 2.2, 1.0).astype(np.float32)
    part = part * (2.0 - part)
    distance = 1.0 / (up + 0.10)
    across = (canvas.swing * distance * 26.0 + 4096.0 + plan.skyline % 256).astype(np.int64) & 255
    along = (distance * 40.0 + plan.skyline % 251).astype(np.int64) & 255
    noise = cloud_noise(7, 256, 5, 5).reshape(-1).take(along * 256 + across)
    veil = np.minimum(np.maximum((noise - cover) * 5.0, 0.0), 1.0) * np.minimum(up * 9.0 + 0.15, 1.0).astype(np.float32)
    base = horizon + (zenith - horizon) * part[..., None]
    color = base + (cloud * (np.float32(1.06) - np.float32(0.28) * noise)[..., None] - base) * veil[..., None]
    sky = canvas.channels[:rows]
    sky[..., :3] = np.minimum(color, np.float32(255.0)).astype(np.uint8)
    if night:
        stars = uniforms(plan.skyline, 40).reshape(20, 2) * (min(rows, int(rows * 0.8) + 1), canvas.w)
        at = stars.astype(np.int64)
        sky[at[:, 0], at[:, 1], :3] = 170
    sky[..., 3] = 255 if night else 0  # the night sky shines by itself


def paint_ground(canvas: Canvas, plan: Plan, sunny: bool, shadow: np.ndarray) -> None:
    """Fill the rows below the horizon: road with its markings, pavement with its slabs, grass.

    `shadow` (h, w) is what things take away from the brightness of the ground, as numbers below 0.
    """
    i0 = max(0, int(np.searchsorted(canvas.rise, 1e-6)))
    if i0 >= canvas.h:
        return
    z = np.minimum(np.float32(canvas.camera.height) / canvas.rise[i0:, None], np.float32(FAR / 2))
    x = np.float32(canvas.camera.x) + canvas.swing * z
    out = np.abs(x) - np.float32(plan.half)
    ids = np.full(x.shape, ROAD)
    for side in plan.sides:
        beyond = (out >= 0.0) & (x * side.sign > 0.0)
        if side.open_at_junction:
            beyond &= (z < plan.junction[0]) | (z >= plan.junction[1])
        ids[beyond] = PAVEMENT
        if side.kind != "city":
            ids[beyond & (out >= side.pavement)] = VEGETATION
    near = (1.0 / (1.0 + z * 0.06)).astype(np.float32)
    shade = _roughness(x, z, near, ids) * np.maximum(1.0 + shadow[i0:], np.float32(0.3))
    if sunny:
        shade *= _house_shadows(plan, x, z)
    color = _GROUNDS.copy()
    color[VEGETATION, :3] = np.array(plan.leaves, dtype=np.float32) * 0.9 + 8.0
    pixels = color.take(ids, axis=0)
    _slabs(pixels, ids, out, z, near)
    _markings(pixels, ids, plan, canvas, x, z)
    pixels *= shade[..., None]
    np.minimum(pixels, np.float32(255.0), out=pixels)
    canvas.channels[i0:] = pixels.astype(np.uint8)
    canvas.ids[i0:] = ids
    canvas.depth[i0:] = z


_GROUNDS = np.array(((0, 0, 0, 0), (0, 0, 0, 0), (98, 98, 102, 0), (164, 156, 148, 0), (0, 0, 0, 0)), dtype=np.float32)
_HALF = np.float32(0.5)


def _roughness(x: np.ndarray, z: np.ndarray, near: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Vary the brightness: fine grain close by, wide patches everywhere, more of both on grass."""
    right, along = x + np.float32(512.0), z  # above 0, so that truncation rounds down
    fine = _tile(right * np.float32(22.0)) + (_tile(along * np.float32(22.0)) << 8)
    wide = _tile(right * np.float32(3.0)) + (_tile(along * np.float32(1.5)) << 8)
    grain = cloud_noise(11, 256, 64, 2).reshape(-1).take(fine) - _HALF
    patch = cloud_noise(12, 256, 16, 3).reshape(-1).take(wide) - _HALF
    strength = _STRENGTHS.take(ids)
    return np.float32(1.0) + strength * (grain * near + patch * np.float32(0.8))


def _tile(position: np.ndarray) -> np.ndarray:
    return position.astype(np.int64) & 255


_STRENGTHS = np.array((0.0, 0.0, 0.42, 0.42, 1.3), dtype=np.float32)  # by class


def _house_shadows(plan: Plan, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Darken the ground where the houses on the sun's side cast their shadow."""
    side = plan.sides[0 if plan.sun < 0 else 1]
    reach = np.full(z.shape, -100.0, dtype=np.float32)
    for block in side.blocks:
        if block.style >= 0:
            reach[(z >= block.z0) & (z < block.z1)] = (block.height + block.roof) * plan.sun_reach - abs(block.x)
    edge = (x * np.float32(-side.sign) - reach) * np.float32(4.0)  # soft over half a meter
    return np.float32(0.79) + np.float32(0.21) * np.minimum(np.maximum(edge, np.float32(-1.0)), np.float32(1.0))


def _slabs(pixels: np.ndarray, ids: np.ndarray, out: np.ndarray, z: np.ndarray, near: np.ndarray) -> None:
    """Darken the joints between the slabs of the pavement, and brighten the kerb."""
    across, along = out * np.float32(1.4), z * np.float32(1.4)
    joint = (across - np.floor(across) < np.float32(0.07)) | (along - np.floor(along) < np.float32(0.10))
    pavement = ids == PAVEMENT
    gain = np.float32(1.0) - (joint & pavement) * (np.float32(0.26) * near)
    gain += (pavement & (out < np.float32(0.22))) * np.float32(0.22)  # the kerb
    pixels *= gain[..., None]


def _markings(pixels: np.ndarray, ids: np.ndarray, plan: Plan, canvas: Canvas, x: np.ndarray, z: np.ndarray) -> None:
    """Blend in white lines by the share of a pixel that they cover, so that distant ones fade instead of flickering."""
    pitch = z * np.float32(1.0 / canvas.camera.focal)  # meters a pixel
    clear = (z < plan.junction[0]) | (z >= plan.junction[1])
    sixth = z * np.float32(1 / 6)
    dash = clear & (sixth - np.floor(sixth) < _HALF)
    lines = [(0.0, dash)] if plan.lines != 1 else [(-0.14, clear), (0.14, clear)]
    if plan.lines != 2:
        lines += [(-plan.half + 0.3, clear), (plan.half - 0.3, clear)]
    cover = np.zeros(x.shape, dtype=np.float32)
    for middle, where in lines:
        share = (np.float32(0.07) - np.abs(x - np.float32(middle))) / pitch + _HALF
        full = np.minimum(np.float32(0.14) / pitch, np.float32(1.0)) * where
        cover = np.maximum(cover, np.minimum(share, full))
    rows = np.flatnonzero(((z >= plan.zebra) & (z < plan.zebra + 3.0))[:, 0])
    if rows.size:
        stripe = x[rows] * np.float32(1 / 1.1)
        cover[rows] = (stripe - np.floor(stripe) < _HALF) & (np.abs(x[rows]) < np.float32(plan.half - 0.25))
    cover *= np.float32(0.8) * (ids == ROAD)
    pixels[..., :3] += (np.float32(232.0) - pixels[..., :3]) * cover[..., None]


def paint_far_end(canvas: Canvas, plan: Plan) -> None:
    """Close the street, 160 m away, with houses and a line of trees of uneven height."""
    distance = 160.0
    pitch = canvas.camera.focal / distance  # pixels a meter
    foot = canvas.camera.v0 + pitch * canvas.camera.height
    i0, i1 = max(0, int(foot - 22.0 * pitch)), min(canvas.h, int(foot) + 1)
    rows = np.arange(i0, i1)[:, None] + 0.5
    bumps = cloud_noise(13, 256, 24, 4)[plan.skyline % 256]
    along = canvas.swing * np.float32(distance) + np.float32(2048.0 + plan.skyline % 1000)
    trees = 4.0 + 12.0 * bumps[(along * np.float32(0.9)).astype(np.int64) & 255]
    steps = uniforms(plan.skyline + 1, 64)[(along * np.float32(1 / 14)).astype(np.int64) & 63]
    houses = np.where(steps > 0.45, 10.0 + 16.0 * (steps - 0.45), 0.0)
    leaf = np.float32(0.65) + np.float32(0.5) * bumps[(along * np.float32(3.0)).astype(np.int64) & 255]
    for ident, height, color in ((BUILDING, houses, (142, 138, 140)), (VEGETATION, trees, plan.leaves)):
        mask = (rows >= foot - pitch * height) & (rows < foot)
        shade = leaf if ident == VEGETATION else np.ones(canvas.w, dtype=np.float32)
        paint = (shade[:, None] * np.array((*color, 0), dtype=np.float32)).astype(np.uint8).view(np.uint32)[:, 0]
        np.copyto(canvas.pixels[i0:i1], paint, where=mask)
        np.copyto(canvas.ids[i0:i1], ident, where=mask)
        np.copyto(canvas.depth[i0:i1], np.float32(distance), where=mask)
