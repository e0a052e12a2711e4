"""Synthetic street scenes with exact semantic, instance, panoptic and depth ground truth."""

from course.data.scenes.actors import VOID
from course.data.scenes.dataset import SPLITS, Scenes
from course.data.scenes.light import DOMAINS
from course.data.scenes.render import CLASSES, THINGS, Scene, scene

__all__ = ["CLASSES", "DOMAINS", "SPLITS", "THINGS", "VOID", "Scene", "Scenes", "scene"]
