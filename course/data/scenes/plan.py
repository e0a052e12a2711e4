"""What is in a scene, in meters, drawn from its seed: the same street for every size of the image and every domain.

x runs to the right from the middle of the road, z away from the camera. Traffic keeps to the right.
"""

from dataclasses import dataclass

from course.data.scenes.facades import STOREY, STYLES
from course.data.scenes.randomness import Random
from course.data.scenes.sides import Block, Side
from course.data.scenes.texture import Color
from course.data.scenes.traffic import (
    Interval,
    Thing,
    lamps,
    parked_and_driving_cars,
    pedestrians,
    street_signs,
    street_trees,
)

WALLS = (
    (178, 92, 72), (196, 150, 104), (206, 196, 176), (150, 150, 152), (214, 176, 118), (142, 108, 92),
    (168, 184, 190), (190, 128, 112), (120, 130, 142), (226, 220, 208),
)  # fmt: skip
_DOORS = ((120, 40, 40), (40, 72, 112), (44, 88, 66), (104, 74, 48), (170, 60, 46), (60, 60, 66))
_ROOFS = ((150, 78, 60), (96, 92, 96), (120, 84, 70))
_LEAVES = ((86, 128, 54), (70, 112, 58), (104, 136, 62), (92, 116, 48), (150, 122, 48), (172, 96, 46))
REACH = 110.0  # meters: the street has houses up to here


@dataclass(frozen=True)
class Plan:
    """A street with everything in it."""

    half: float  # half the width of the road
    junction: Interval
    zebra: float
    lines: int
    leaves: Color
    sides: tuple[Side, Side]
    things: tuple[Thing, ...]
    sun: int  # −1 from the left, 1 from the right
    sun_reach: float  # meters of shadow per meter of height
    sun_front: float
    sky: int
    skyline: int
    bonnet: bool
    eye: tuple[float, float, float, float]  # x and height in meters, principal point in shares of the width and height


def make_plan(seed: int) -> Plan:
    """Draw a street from a seed."""
    rng = Random(seed)
    half = rng.between(3.1, 5.2)
    start = rng.between(14.0, 45.0) if rng.chance(0.6) else 500.0
    junction = (start, start + rng.between(6.0, 8.0))
    zebra = junction[0] - 4.5 if rng.chance(0.5) else rng.between(8.0, 30.0) if rng.chance(0.4) else 500.0
    leaves = rng.choose(_LEAVES)
    sides = tuple(_side(rng, sign, half, junction, leaves) for sign in (-1, 1))
    eye = (
        half * rng.between(0.30, 0.5),
        rng.between(1.35, 1.75),
        rng.between(0.40, 0.60),
        rng.between(0.40, 0.50),
    )
    things: list[Thing] = []
    things += parked_and_driving_cars(rng, half, junction, WALLS)
    things += pedestrians(rng, half, sides, zebra)
    things += street_signs(rng, half, sides)
    things += street_trees(rng, half, sides, leaves)
    things += lamps(rng, half, junction)
    return Plan(
        half=half, junction=junction, zebra=zebra, lines=rng.integer(0, 2), leaves=leaves, sides=sides,
        things=tuple(sorted(things, key=lambda thing: -thing.z)),
        sun=rng.choose((-1, 1)), sun_reach=rng.between(0.25, 0.9),
        sun_front=rng.between(0.78, 1.06), sky=rng.integer(0, 4), skyline=rng.integer(0, 1 << 20),
        bonnet=rng.chance(0.3), eye=eye,
    )  # fmt: skip


def _side(rng: Random, sign: int, half: float, junction: Interval, leaves: Color) -> Side:
    kind = rng.choose(("city", "city", "city", "garden", "garden", "park"))
    pavement = rng.between(1.8, 3.4)
    crossing = rng.chance(0.75)
    blocks: list[Block] = []
    edge = half + pavement
    if kind == "city":
        blocks += _houses(rng, sign, edge, junction, crossing, gap=0.15)
    else:
        blocks += _hedges(rng, sign, edge, junction, crossing, leaves, gappy=kind == "park")
    if kind == "garden":
        blocks += _houses(rng, sign, edge + rng.between(3.0, 6.0), junction, crossing, gap=0.7, low=True)
    return Side(kind, sign, pavement, crossing, tuple(blocks))


def _houses(
    rng: Random, sign: int, edge: float, junction: Interval, crossing: bool, gap: float, low: bool = False
) -> list[Block]:
    houses = []
    z = rng.between(-6.0, 0.0)
    while z < REACH:
        length = (
            STOREY * rng.integer(2, 5) * (1.0 + max(z, 0.0) / 80.0)
        )  # distant houses are longer, so that fewer are drawn
        storeys = rng.integer(1, 2) if low else rng.integer(2, 6)
        style = rng.choose((1, 3, 4)) if low else rng.integer(0, STYLES - 1)
        paint = 2 * rng.integer(0, 4) + style % 2  # few pairs of style and color, since each is dyed once and kept
        tints = (WALLS[paint], _DOORS[(paint + style) % len(_DOORS)], rng.choose(_ROOFS))
        roof = rng.between(1.2, 2.2) if low or rng.chance(0.4) else 0.0
        for z0, z1 in _around(z, z + length, junction, crossing):
            houses.append(Block(sign * edge, z0, z1, STOREY * storeys, style, tints, roof))
        z += length + (rng.between(1.0, 5.0) if rng.chance(gap) else 0.0)
    return houses


def _hedges(
    rng: Random, sign: int, edge: float, junction: Interval, crossing: bool, leaves: Color, gappy: bool
) -> list[Block]:
    hedges = []
    z = -2.0
    height = rng.between(0.8, 1.7)
    while z < REACH:
        length = rng.between(6.0, 22.0)
        for z0, z1 in _around(z, z + length, junction, crossing):
            hedges.append(Block(sign * (edge + 0.2), z0, z1, height, -1, (leaves, leaves, leaves)))
        z += length + rng.between(1.0, 12.0 if gappy else 2.5)
    return hedges


def _around(z0: float, z1: float, junction: Interval, crossing: bool) -> list[Interval]:
    """Cut the junction out of a stretch."""
    if not crossing or z1 <= junction[0] or z0 >= junction[1]:
        return [(z0, z1)]
    parts = [(z0, junction[0]), (junction[1], z1)]
    return [part for part in parts if part[1] - part[0] > 1.5]
