"""The networks by name: in the small form that trains on a laptop, and in the size of their papers.

`course train`, `course evaluate` and the checkpoints that ship (`course.models.zoo`) go by these names. Nothing is
imported before it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the names, and must stay quick
    from torch import nn

SMALL = ("fcn32s", "fcn16s", "fcn8s", "segnet", "deconvnet", "unet", "hrnet")
FULL = (
    "fcn32s-full",
    "fcn16s-full",
    "fcn8s-full",
    "fcn-resnet50",
    "segnet-full",
    "segnet-basic",
    "deconvnet-full",
    "unet-full",
    "hrnet-w18-small",
    "hrnet-w48",
)
NETWORKS = SMALL + FULL


def build(name: str, classes: int) -> nn.Module:
    """A network with random weights.

    Args:
        name: one of `SMALL`, which have at most 2 million parameters, or of `FULL`.
        classes: k.

    Returns:
        nn.Module: images (n, 3, h, w) around 0 -> logits (n, k, h, w).

    Raises:
        ValueError: another name; the message lists those there are.
    """
    if name not in NETWORKS:
        raise ValueError(f"There is no network called {name!r}. Choose one of: {', '.join(NETWORKS)}.")
    match name.split("-"):
        case ["fcn", _]:
            from course.models.semantic.fcn_resnet import fcn_resnet50

            return fcn_resnet50(classes)
        case ["fcn32s" | "fcn16s" | "fcn8s" as family, *full]:
            from course.models.semantic.fcn import FCN

            small = {"width": 16, "dense": 96, "batch_norm": True, "padding": 1, "fc_padding": 3}
            options = {} if full else small | {"learn_upsampling": True}
            return FCN(classes, int(family[3:-1]), **options)
        case ["segnet", *full]:
            from course.models.semantic.segnet import SegNet, SegNetBasic

            return SegNetBasic(classes) if full == ["basic"] else SegNet(classes, width=64 if full else 16)
        case ["deconvnet", *full]:
            from course.models.semantic.deconvnet import DeconvNet

            return DeconvNet(classes) if full else DeconvNet(classes, width=16, bottleneck=2, dense=128)
        case ["unet", *full]:
            from course.models.semantic.unet import WIDTHS, UNet

            return UNet(classes, widths=WIDTHS if full else (16, 32, 64, 96, 128))
        case ["hrnet", *full]:
            from course.models.semantic.hrnet import hrnet_small, hrnet_w18_small, hrnet_w48

            return {(): hrnet_small, ("w18", "small"): hrnet_w18_small, ("w48",): hrnet_w48}[tuple(full)](classes)
    raise AssertionError(name)


def parameters_of(model: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
