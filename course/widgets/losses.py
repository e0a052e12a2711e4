"""Lab 6: how strong the gradient of one pixel is, and which pixels of a street have most of it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from course.data.palettes import SCENES, VOID
from course.data.scenes import scene
from course.widgets.explorer import Explorer

THIN = [SCENES.names.index("person"), SCENES.names.index("sign")]


def street() -> tuple[Tensor, Tensor, Tensor]:
    """A street, its labels, and the logits of an imagined network: sure inside large things, unsure at borders.

    Returns:
        image (3, 96, 128) in [0, 1], labels (96, 128) int64 with void 255, logits (9, 96, 128) float32.
    """
    drawn = scene(157, size=(96, 128))
    known = drawn.semantic != VOID
    one_hot = F.one_hot(drawn.semantic.where(known, 0), len(SCENES)).movedim(2, 0) * known
    shares = F.avg_pool2d(one_hot[None].float(), 9, stride=1, padding=4, count_include_pad=False)[0]
    return drawn.image, drawn.semantic, 2 * (shares + 0.02).log()


def loss_explorer() -> Explorer:
    """The kind of loss, how strong it is and the logit of one pixel to choose; loss, gradient and street to see."""
    image, labels, logits = street()
    own = labels.where(labels != VOID, 0)
    data = {
        "p": logits.softmax(0).gather(0, own[None])[0],
        "labels": labels.to(torch.uint8),
        "gray": (255 * image.mean(0)).to(torch.uint8),
        "thin": THIN,
    }
    return Explorer("losses", data)
