"""Textures: small images stretched over walls and upright boards, with smaller copies for distant ones.

A texel has seven numbers: a color of its own (r, g, b), how much it shines (e), how much of the object's two tints it
takes (t1, t2), and its opacity (a). So one texture serves cars of every color. Colors are premultiplied by a, so that
averaging four texels into one keeps edges right (Porter and Duff 1984; Williams 1983). Row 0 is the bottom.
"""

from functools import lru_cache

import numpy as np

R, G, B, E, T1, T2, A = range(7)

Color = tuple[int, int, int]  # r, g, b in 0–255
Tints = tuple[Color, Color]


class Sketch:
    """A texture being painted, layer over layer, in coordinates x, y from 0 to 1 (y upwards).

    Args:
        height, width: texels; multiples of 16.
    """

    def __init__(self, height: int, width: int):
        self.texels = np.zeros((height, width, 8))
        self.y = ((np.arange(height) + 0.5) / height)[:, None]
        self.x = ((np.arange(width) + 0.5) / width)[None, :]

    def box(self, x0: float, x1: float, y0: float, y1: float) -> np.ndarray:
        """Mark a rectangle."""
        return (self.x >= x0) & (self.x < x1) & (self.y >= y0) & (self.y < y1)

    def ellipse(self, x: float, y: float, rx: float, ry: float) -> np.ndarray:
        """Mark an ellipse."""
        dx, dy = (self.x - x) / rx, (self.y - y) / ry
        return dx * dx + dy * dy < 1.0

    def trapezium(self, y0: float, y1: float, low: tuple[float, float], high: tuple[float, float]) -> np.ndarray:
        """Mark the region between y0 and y1 whose sides run from `low` (left, right) at y0 to `high` at y1."""
        part = (self.y - y0) / (y1 - y0)
        left = low[0] + (high[0] - low[0]) * part
        right = low[1] + (high[1] - low[1]) * part
        return (self.y >= y0) & (self.y < y1) & (self.x >= left) & (self.x < right)

    def paint(
        self,
        mask: np.ndarray,
        color: Color = (0, 0, 0),
        shade: float | np.ndarray = 1.0,
        tint: int | None = None,
        shine: float = 0.0,
    ) -> None:
        """Cover the mask with a color, or with tint 1 or 2, times a shade; shine (0–1) lights it at night."""
        mask = np.broadcast_to(mask, self.texels.shape[:2])
        shade = np.broadcast_to(np.asarray(shade, dtype=np.float64), mask.shape)[mask]
        layer = np.zeros((shade.size, 8))
        if tint is None:
            layer[:, :3] = shade[:, None] * np.asarray(color, dtype=np.float64)
        else:
            layer[:, (T1, T2)[tint - 1]] = (
                shade * 200.0
            )  # 200 is the tint itself; up to 255 there is room for highlights
        layer[:, E] = shine * 255.0
        layer[:, A] = 255.0
        self.texels[mask] = layer

    def erase(self, mask: np.ndarray) -> None:
        """Make the mask transparent again."""
        self.texels[np.broadcast_to(mask, self.texels.shape[:2])] = 0.0

    def finish(self, repeat: int = 0) -> "Texture":
        """Freeze the painting into a texture."""
        return Texture(self.texels, repeat)


class Texture:
    """A frozen texture with its levels, each half the size of the one before, laid end to end.

    Args:
        texels: (height, width, 8) in 0–255.
        repeat: the rows from this one on are repeated upwards; 0 for a texture that is used once.
    """

    def __init__(self, texels: np.ndarray, repeat: int = 0):
        level = np.minimum(np.maximum(texels + 0.5, 0.0), 255.0).astype(np.int64)
        self.height, self.width = level.shape[:2]
        self.repeat = repeat
        flat, offsets, place = [], [], 0
        while level.shape[0] >= 4 and level.shape[1] >= 4:
            flat.append(level.astype(np.uint8).reshape(-1, 8))
            offsets.append(place)
            place += len(flat[-1])
            level = (level[0::2, 0::2] + level[1::2, 0::2] + level[0::2, 1::2] + level[1::2, 1::2] + 2) >> 2
        self.offsets = np.array(offsets, dtype=np.int64)
        self.texels = np.concatenate(flat)
        self.alpha = (
            None if (self.texels[:, A] == 255).all() else self.texels[:, A].astype(np.float32) / np.float32(255.0)
        )

    @lru_cache(maxsize=1024)  # noqa: B019 - textures live as long as the process
    def dyed(self, tints: Tints) -> np.ndarray:
        """Apply the two tints. Return one word a texel, the bytes r, g, b, e, so that one gather fetches all four."""
        mix = self.texels.astype(np.int32)
        color = mix[:, :4].copy()
        for channel, tint in zip((T1, T2), tints, strict=True):
            color[:, :3] += (mix[:, channel, None] * np.array(tint, dtype=np.int32) + 100) // 200
        return np.minimum(color, 255).astype(np.uint8).view(np.uint32)[:, 0]
