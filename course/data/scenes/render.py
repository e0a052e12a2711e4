"""From a plan to an image with its ground truth."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course.data.names import SCENES, SCENES_THINGS
from course.data.scenes.actors import Cast, draw_bonnet, draw_side, draw_thing
from course.data.scenes.canvas import Camera, Canvas
from course.data.scenes.ground import paint_far_end, paint_ground, paint_sky
from course.data.scenes.light import (
    DOMAINS,
    darken,
    develop,
    expose,
    fog,
    glow,
    ground_patch,
    haze,
    light_of,
)
from course.data.scenes.plan import Plan, make_plan
from course.data.scenes.randomness import Random
from course.ops.arguments import image_size, whole

CLASSES, THINGS = SCENES.names, SCENES_THINGS


@dataclass(frozen=True, eq=False)
class Scene:
    """An image and its ground truth.

    Attributes:
        image: (3, h, w) float32 in [0, 1], in steps of 1/255.
        semantic: (h, w) int64, class 0–8 or 255 for void.
        instance: (h, w) int64, 0 for none, else 1, 2, …, each number for one thing of the scene.
        panoptic: (h, w) int64, category · 1000 + instance (void is 255000).
        depth: (h, w) float32, in meters along the viewing axis, 1000 for the sky.
        domain: as given to `scene`.
        seed: as given to `scene`.
    """

    image: Tensor
    semantic: Tensor
    instance: Tensor
    panoptic: Tensor
    depth: Tensor
    domain: str
    seed: int


def scene(seed: int, size: tuple[int, int] = (128, 192), domain: str = "day") -> Scene:
    """Draw a street scene.

    Args:
        seed: a whole number of at least 0. It decides the street: all sizes and domains of a seed show the same one.
        size: (h, w) in pixels, each at least 32.
        domain: "day", "night" or "fog".

    Returns:
        A `Scene`; the same arguments give the same bytes on every machine.

    Raises:
        ValueError: seed, size or domain is not as above.
    """
    seed, size = checked_arguments(seed, size, domain)
    plan = make_plan(seed)
    h, w = size
    x, height, across, down = plan.eye
    canvas = Canvas((h, w), Camera(0.8 * w, across * w, down * h, x, height))
    light = light_of(plan, domain)
    gain = _lights_and_shadows(canvas, plan, domain)
    paint_sky(canvas, plan, domain == "night")
    paint_ground(canvas, plan, domain == "day" and plan.sky != 2, np.minimum(gain, np.float32(0.0)))
    paint_far_end(canvas, plan)
    cast = Cast()
    for side in plan.sides:
        draw_side(canvas, cast, side, light, domain == "night")
    for thing in plan.things:  # far ones first
        draw_thing(canvas, plan, cast, thing, light)
    draw_bonnet(canvas, plan)
    color = develop(canvas, np.array(cast.brightness, dtype=np.float32))
    return _collect(canvas, cast, _weather(canvas, plan, color, gain, domain, seed), domain, seed)


def _weather(canvas: Canvas, plan: Plan, color: np.ndarray, gain: np.ndarray, domain: str, seed: int) -> np.ndarray:
    rng = Random(seed * 4 + 1 + DOMAINS.index(domain))
    if domain == "day":
        haze(canvas, color, rng)
        return expose(color, rng, noise=3.0)
    if domain == "fog":
        fog(canvas, color, rng)
        return expose(color, rng, noise=2.5)
    darken(canvas, color, gain)
    _halos(canvas, color, plan)
    return expose(color, rng, noise=6.0)


def checked_arguments(seed: int, size: tuple[int, int], domain: str) -> tuple[int, tuple[int, int]]:
    """The seed and the size as ints; ValueError unless `scene` can draw them in this domain."""
    seed, size = whole(seed, "seed", 0), image_size(size, least=32)
    if domain not in DOMAINS:
        raise ValueError(f"domain is {domain!r}; wanted one of {', '.join(DOMAINS)}.")
    return seed, size


def _lights_and_shadows(canvas: Canvas, plan: Plan, domain: str) -> np.ndarray:
    """The gain (h, w) of the ground's brightness: shadows under things by day and in fog, lamp light by night."""
    gain = np.zeros((canvas.h, canvas.w), dtype=np.float32)
    night, sunny = domain == "night", domain == "day" and plan.sky != 2
    for thing in plan.things:
        length, wide = max(thing.length, 0.5), thing.width / 2
        if thing.kind == "lamp":
            if night:
                ground_patch(canvas, gain, thing.x, thing.z, 4.0, 6.0, 0.75)
            continue
        if night:
            continue
        if thing.kind == "car":
            ground_patch(canvas, gain, thing.x, thing.z + length / 2, wide + 0.45, length / 2 + 0.7, -0.62)
        elif thing.kind in ("person", "tree"):
            reach = thing.height * plan.sun_reach * 0.5 if sunny else 0.0
            ground_patch(canvas, gain, thing.x - plan.sun * reach, thing.z, wide + reach, 0.35 + 0.1 * wide, -0.40)
    return gain


def _halos(canvas: Canvas, color: np.ndarray, plan: Plan) -> None:
    for thing in plan.things:
        if thing.kind == "lamp":
            head = thing.x + (-0.48 if thing.mirror else 0.48)
            glow(canvas, color, head, 6.1, thing.z, 1.7, (190.0, 150.0, 90.0))
        elif thing.kind == "car" and thing.length:
            light = (120.0, 14.0, 10.0) if thing.away else (200.0, 190.0, 150.0)
            for aside in (-0.36, 0.36):
                x = thing.x + aside * thing.width
                glow(canvas, color, x, thing.height * 0.42, thing.z, 0.35 if thing.away else 0.8, light)


def _collect(canvas: Canvas, cast: Cast, pixels: np.ndarray, domain: str, seed: int) -> Scene:
    thing = np.array(cast.thing, dtype=np.int64)
    visible = np.zeros(cast.things + 1, dtype=bool)
    visible[thing[np.bincount(canvas.ids.reshape(-1), minlength=thing.size) > 0]] = True
    visible[0] = False
    number = (np.cumsum(visible, dtype=np.int64) * visible)[thing]  # only visible things get a number
    category = np.array(cast.category, dtype=np.int64)
    semantic, instance, panoptic = (table.take(canvas.ids) for table in (category, number, category * 1000 + number))
    image = torch.from_numpy(pixels).to(torch.float32) / 255.0
    truths = (torch.from_numpy(truth) for truth in (semantic, instance, panoptic, canvas.depth))
    return Scene(image, *truths, domain=domain, seed=seed)
