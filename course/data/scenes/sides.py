"""The two sides of a street, and the houses and hedges along them, in meters."""

from dataclasses import dataclass

from course.data.scenes.texture import Color


@dataclass(frozen=True)
class Block:
    """A house, or a stretch of hedge (style −1): its street wall stands at x from z0 to z1."""

    x: float
    z0: float
    z1: float
    height: float
    style: int
    tints: tuple[Color, Color, Color]
    roof: float = 0.0


@dataclass(frozen=True)
class Side:
    """One side of the street: 'city' (houses at the pavement), 'garden' (hedge, houses behind) or 'park'."""

    kind: str
    sign: int
    pavement: float
    open_at_junction: bool
    blocks: tuple[Block, ...]
