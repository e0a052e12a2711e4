"""Cars, people, signs, trees and lamps along a street: how many, where, how large, in which colors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.data.scenes.randomness import Random
from course.data.scenes.sides import Side
from course.data.scenes.texture import Color, Tints

Interval = tuple[float, float]  # from and to, in meters

_PAINTS = (
    (196, 36, 38),
    (36, 76, 150),
    (232, 232, 230),
    (40, 42, 46),
    (140, 144, 150),
    (92, 120, 88),
    (222, 180, 60),
    (30, 96, 110),
)
_CLOTHES = (
    (180, 44, 48), (42, 66, 120), (224, 222, 214), (46, 46, 50), (120, 124, 130), (212, 164, 52), (74, 110, 74),
    (136, 84, 128),
)  # fmt: skip
_TROUSERS = ((44, 54, 84), (36, 36, 40), (112, 98, 80), (84, 86, 92), (150, 146, 138))
_BODIES = {
    "saloon": (1.80, 1.45, 4.5),
    "hatchback": (1.72, 1.50, 3.8),
    "van": (1.95, 2.10, 5.0),
}  # width, height, length


@dataclass(frozen=True)
class Thing:
    """Something that stands on the street; x and z are the middle of its near foot, in meters.

    `kind` is 'car', 'person', 'sign', 'tree', 'bush' or 'lamp'; `variant` picks the texture; `length` is a car's extent
    along the street, 0 for a car seen from its side; `away` says that a car shows its rear.
    """

    kind: str
    variant: int | str
    x: float
    z: float
    width: float
    height: float
    tints: Tints = ((0, 0, 0), (0, 0, 0))
    mirror: bool = False
    length: float = 0.0
    away: bool = True


def parked_and_driving_cars(rng: Random, half: float, junction: Interval, walls: Sequence[Color]) -> list[Thing]:
    """Place cars in both lanes, at both kerbs where the road is wide, and sometimes across the junction."""
    cars = []
    wide = half > 3.9
    rows = [(half * 0.42, True, 0.85, 12.0, 42.0), (-half * 0.42, False, 0.95, 9.0, 26.0)]
    if wide:
        rows += [(half - 1.0, True, 0.8, 5.0, 9.0), (1.0 - half, False, 0.8, 5.0, 9.0)]
    for x, away, filled, first, spacing in rows:
        z = first + rng.between(0.0, spacing)
        while z < 75.0 and len(cars) < 12:
            if rng.chance(filled) and not junction[0] - 5.0 < z < junction[1]:
                cars.append(_car(rng, x + rng.between(-0.15, 0.15), z, away, walls))
            filled *= 0.85
            z += 6.0 + rng.between(0.0, spacing)
    if junction[0] < 40.0 and rng.chance(0.5):
        car = _car(rng, rng.between(-half * 2, half * 2), (junction[0] + junction[1]) / 2, True, walls)
        cars.append(Thing("car", car.variant, car.x, car.z, car.length, car.height, car.tints, rng.chance(0.5)))
    return cars


def _car(rng: Random, x: float, z: float, away: bool, walls: Sequence[Color]) -> Thing:
    body = rng.choose(("saloon", "hatchback", "hatchback", "van"))
    width, height, length = _BODIES[body]
    paint = rng.choose(walls) if rng.chance(0.35) else rng.choose(_PAINTS)  # some have the colors of the houses
    return Thing("car", body, x, z, width, height, (paint, paint), length=length, away=away)


def pedestrians(rng: Random, half: float, sides: Sequence[Side], zebra: float) -> list[Thing]:
    """Place people on the pavements, sometimes in pairs, and on the road at a crossing."""
    people = []
    for _ in range(rng.integer(2, 7)):
        side = rng.choose(sides)
        x = side.sign * (half + rng.between(0.35, side.pavement - 0.35))
        z = 5.0 + 45.0 * rng.unit() * rng.unit()
        people.append(_person(rng, x, z))
        if rng.chance(0.3):
            people.append(_person(rng, x + 0.6 * side.sign, z + 0.3))
    for _ in range(rng.integer(1, 3) if zebra < 40.0 else rng.integer(0, 1)):
        z = zebra + rng.between(0.3, 2.7) if zebra < 40.0 else rng.between(9.0, 30.0)
        people.append(_person(rng, rng.between(-half, half), z))
    return people


def _person(rng: Random, x: float, z: float) -> Thing:
    height = rng.between(1.55, 1.92) if rng.chance(0.85) else rng.between(1.05, 1.4)
    coat = rng.integer(0, len(_CLOTHES) - 1)
    tints = (_CLOTHES[coat], _TROUSERS[(coat + rng.integer(0, 1)) % len(_TROUSERS)])
    return Thing("person", rng.integer(0, 8), x, z, height * 0.44, height, tints, mirror=rng.chance(0.5))


def street_signs(rng: Random, half: float, sides: Sequence[Side]) -> list[Thing]:
    """Place two to five signs near the kerbs."""
    signs = []
    for _ in range(rng.integer(2, 5)):
        side = rng.choose(sides)
        height = rng.between(2.5, 3.1)
        z = 6.0 + 34.0 * rng.unit() * rng.unit()
        signs.append(
            Thing("sign", rng.integer(0, 4), side.sign * (half + rng.between(0.3, 0.6)), z, height * 0.27, height)
        )
    return signs


def street_trees(rng: Random, half: float, sides: Sequence[Side], leaves: Color) -> list[Thing]:
    """Place trees: in the city a row along the kerb or none, behind a hedge or in a park scattered ones with bushes."""
    trees = []
    for side in sides:
        if side.kind == "city":
            if rng.chance(0.55):
                z, step = rng.between(7.0, 18.0), rng.between(8.0, 16.0)
                while z < 70.0:
                    trees.append(_tree(rng, side.sign * (half + 0.9), z, leaves, rng.between(4.0, 6.0)))
                    z += step
            continue
        for _ in range(rng.integer(2, 5) if side.kind == "garden" else rng.integer(5, 9)):
            x = side.sign * (half + side.pavement + 1.2 + rng.between(0.0, 4.0 if side.kind == "garden" else 16.0))
            trees.append(_tree(rng, x, rng.between(8.0, 60.0), leaves, rng.between(4.0, 8.5)))
        for _ in range(rng.integer(1, 5)):
            size = rng.between(0.8, 1.8)
            x = side.sign * (half + side.pavement + rng.between(0.9, 2.5))
            trees.append(Thing("bush", 0, x, rng.between(7.0, 40.0), size * 1.3, size, (leaves, leaves)))
    return trees


def _tree(rng: Random, x: float, z: float, leaves: Color, height: float) -> Thing:
    gain, lean = rng.choose(((80, 0), (100, 0), (115, 12), (95, -10)))
    green = (leaves[0] * gain // 100 + lean, leaves[1] * gain // 100, leaves[2] * gain // 100 - lean)
    variant = rng.choose((0, 0, 1, 1, 2, 2, 3))
    width = height * (0.46 if variant == 3 else rng.between(0.75, 1.0))
    return Thing("tree", variant, x, z, width, height, (green, green))


def lamps(rng: Random, half: float, junction: Interval) -> list[Thing]:
    """Place a row of street lamps on one side, with their arms over the road."""
    sign = rng.choose((-1, 1))
    step, z = rng.between(16.0, 26.0), rng.between(8.0, 16.0)
    row = []
    while z < 80.0:
        if not junction[0] < z < junction[1]:
            row.append(Thing("lamp", 0, sign * (half + 0.35) - sign * 0.62, z, 1.6, 6.5, mirror=sign > 0))
        z += step
    return row
