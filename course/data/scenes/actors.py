"""The houses, hedges, cars, people, signs, trees and lamps of a plan, drawn on the canvas, and their identities."""

import numpy as np

from course import VOID
from course.data.scenes import facades, sprites
from course.data.scenes.canvas import Canvas, Look
from course.data.scenes.cars import cars
from course.data.scenes.ground import BUILDING, VEGETATION
from course.data.scenes.light import Light
from course.data.scenes.plan import Plan
from course.data.scenes.sides import Block, Side
from course.data.scenes.texture import Texture
from course.data.scenes.traffic import Thing

_CATEGORY = {"bush": VEGETATION, "car": 5, "person": 6, "sign": 7, "tree": 8, "lamp": VOID}
_VOID_ID = 5  # identities on the canvas: 0–4 are the classes that the ground paints, from 6 on those of `Cast`


class Cast:
    """What the identities on the canvas stand for: the category, thing number and brightness of each."""

    def __init__(self) -> None:
        self.category = [0, 1, 2, 3, 4, VOID]
        self.thing = [0] * 6
        self.brightness = [1.0] * 6
        self.things = 0

    def stuff(self, category: int, brightness: float) -> int:
        """Add a surface of a stuff class; return its identity."""
        return self._add(category, 0, brightness)

    def new_thing(self, category: int, *brightness: float) -> list[int]:
        """Add a thing; return an identity for each direction in which it faces."""
        self.things += 1
        return [self._add(category, self.things, each) for each in brightness]

    def _add(self, category: int, thing: int, brightness: float) -> int:
        self.category.append(category)
        self.thing.append(thing)
        self.brightness.append(brightness)
        return len(self.category) - 1


def draw_side(canvas: Canvas, cast: Cast, side: Side, light: Light, night: bool) -> None:
    """Draw the houses and hedges of one side of the street, far ones first."""
    wall = light.right if side.sign < 0 else light.left
    house = cast.stuff(BUILDING, wall), cast.stuff(BUILDING, light.front * 0.92)
    hedge = cast.stuff(VEGETATION, wall), cast.stuff(VEGETATION, light.front * 0.9)
    nearer = (*side.blocks[:1], *side.blocks[:-1])
    for block, neighbor in zip(reversed(side.blocks), reversed(nearer), strict=True):
        joined = neighbor is not block and neighbor.x == block.x and neighbor.z1 >= block.z0 - 0.01
        hidden = joined and neighbor.height + neighbor.roof >= block.height + block.roof
        deep = 0.0 if hidden else 1.0 if block.style < 0 else 9.0
        if block.style < 0:
            scale = (64 / block.height, 30.0)
            _box(canvas, sprites.hedge(), hedge, block, deep, block.height, scale, Look(block.tints[:2]))
            continue
        scale = (facades.TEXELS_PER_METRE,) * 2
        if block.roof:
            tiles = Look((block.tints[2], block.tints[2]), base=block.height)
            _box(canvas, facades.roof(), house, block, deep, block.roof, scale, tiles)
        front = facades.facades(night)[block.style]
        _box(canvas, front, house, block, deep, block.height, scale, Look(block.tints[:2]))


def _box(
    canvas: Canvas,
    texture: Texture,
    idents: tuple[int, int],
    block: Block,
    deep: float,
    height: float,
    scale: tuple[float, float],
    look: Look,
) -> None:
    """Draw the street wall of a block and, unless it is hidden (deep = 0), the end wall that faces the camera."""
    canvas.wall(texture, idents[0], block.x, (block.z0, block.z1), height, scale, look)
    if deep and block.z0 > 1.0:
        ends = sorted((block.x, block.x + (deep if block.x > 0 else -deep)))
        canvas.face(texture, idents[1], ends, block.z0, height, scale, look)


def draw_thing(canvas: Canvas, plan: Plan, cast: Cast, thing: Thing, light: Light) -> None:
    """Draw one thing, under an identity of its own."""
    if thing.kind == "car":
        _car(canvas, cast, thing, light)
        return
    if thing.kind == "lamp":
        canvas.board(sprites.lamp(), _VOID_ID, thing.x, thing.z, thing.width, thing.height, Look(mirror=thing.mirror))
        return
    if thing.kind == "bush":
        texture, ident = sprites.bush(), cast.stuff(VEGETATION, light.front)
    else:
        texture = {"person": sprites.people, "sign": sprites.signs, "tree": sprites.trees}[thing.kind]()[thing.variant]
        (ident,) = cast.new_thing(_CATEGORY[thing.kind], light.front)
    mirror = thing.mirror if thing.kind == "person" else plan.sun > 0 and thing.kind != "sign"
    canvas.board(texture, ident, thing.x, thing.z, thing.width, thing.height, Look(thing.tints, mirror=mirror))


def _car(canvas: Canvas, cast: Cast, car: Thing, light: Light) -> None:
    body = cars()[car.variant]
    inner = -1 if car.x > canvas.camera.x else 1
    end, flank = cast.new_thing(_CATEGORY["car"], light.front, light.left if inner < 0 else light.right)
    if not car.length:
        canvas.board(body.whole_side, end, car.x, car.z, car.width, car.height, Look(car.tints, mirror=car.mirror))
        return
    look = Look(car.tints, mirror=not car.away)
    share = body.cabin if car.away else (1.0 - body.cabin[1], 1.0 - body.cabin[0])
    cabin = (car.z + share[0] * car.length, car.z + share[1] * car.length)
    tall = car.height * (1.0 - body.waist) / 0.6  # the cabin's textures continue below the edge of the body
    above = Look(car.tints, base=car.height - tall, mirror=not car.away)
    if car.z < 35.0:  # farther away the flank is thinner than a pixel
        scale = (64 / tall, 128 / (cabin[1] - cabin[0]))
        canvas.wall(body.cabin_side, flank, car.x + inner * car.width * 0.43, cabin, tall, scale, above)
        scale = (64 / (car.height * body.waist), 128 / car.length)
        ends = (car.z, car.z + car.length)
        canvas.wall(body.side, flank, car.x + inner * car.width * 0.49, ends, car.height * body.waist, scale, look)
    canvas.board(body.cabin_end, end, car.x, cabin[0], car.width * 0.92, tall, Look(car.tints, base=car.height - tall))
    near = body.rear if car.away else body.front
    canvas.board(near, end, car.x, car.z, car.width, car.height * body.waist, Look(car.tints))


def draw_bonnet(canvas: Canvas, plan: Plan) -> None:
    """Show the car that carries the camera, in some scenes: an arch at the lower edge, void in the labels."""
    if not plan.bonnet:
        return
    rows = ((np.arange(canvas.h) + 0.5) / canvas.h)[:, None]
    across = ((np.arange(canvas.w) + 0.5) / canvas.w - 0.5)[None]
    top = 0.93 + 0.30 * across * across
    mask = rows >= top
    shine = 60.0 + 900.0 * np.maximum(0.03 - np.abs(rows - top - 0.03), 0.0)
    color = shine[..., None] * np.array((0.92, 0.96, 1.05, 0.0))
    canvas.channels[mask] = color[mask].astype(np.uint8)
    canvas.ids[mask] = _VOID_ID
    canvas.depth[mask] = 1.0
