"""THE table of networks: one line each, in the order of the labs. Everything else is read from it.

A plain name is the small form that trains on a laptop, and ships trained or will; the others have the sizes of their
papers, or are meant for a GPU. The commands, the checkpoints, the tests and the benchmarks go by these names. Nothing
is imported before it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the names, and must stay quick
    from torch import nn

    from course.models.images import Normalized


@dataclass(frozen=True)
class Network:
    """A network: its name, who builds it, the paper, its arXiv number, the lab that explains it, whether it ships.

    constructor: "semantic.unet:unet_small" is `unet_small(num_classes)` in course/models/semantic/unet.py.
    """

    name: str
    constructor: str
    paper: str
    arxiv: str
    lab: str
    ships: bool = False

    def build(self, num_classes: int) -> nn.Module:
        """The bare network with random weights: normalized images (n, 3, h, w) -> logits (n, k, h, w)."""
        file, function = self.constructor.split(":")
        return getattr(import_module(f"course.models.{file}"), function)(num_classes)


NETWORKS = (
    Network("segnet", "semantic.segnet:segnet_small", "SegNet", "1511.00561", "lab04", ships=True),
    Network("segnet-full", "semantic.segnet:segnet_full", "SegNet", "1511.00561", "lab04"),
    Network("segnet-basic", "semantic.segnet:segnet_basic", "SegNet-Basic", "1511.00561", "lab04"),
    Network("deconvnet", "semantic.deconvnet:deconvnet_small", "DeconvNet", "1505.04366", "lab04", ships=True),
    Network("deconvnet-full", "semantic.deconvnet:deconvnet_full", "DeconvNet", "1505.04366", "lab04"),
    Network("fcn32s", "semantic.fcn:fcn32s_small", "FCN-32s", "1411.4038", "lab05", ships=True),
    Network("fcn32s-full", "semantic.fcn:fcn32s", "FCN-32s", "1411.4038", "lab05"),
    Network("fcn16s", "semantic.fcn:fcn16s_small", "FCN-16s", "1411.4038", "lab05", ships=True),
    Network("fcn16s-full", "semantic.fcn:fcn16s", "FCN-16s", "1411.4038", "lab05"),
    Network("fcn8s", "semantic.fcn:fcn8s_small", "FCN-8s", "1411.4038", "lab05", ships=True),
    Network("fcn8s-full", "semantic.fcn:fcn8s", "FCN-8s", "1411.4038", "lab05"),
    Network("fcn-resnet50", "semantic.fcn_resnet:fcn_resnet50", "FCN on ResNet-50", "1411.4038", "lab05"),
    Network("unet", "semantic.unet:unet_small", "U-Net", "1505.04597", "lab07", ships=True),
    Network("unet-deep", "semantic.unet:unet_deep", "U-Net", "1505.04597", "lab07"),
    Network("unet-full", "semantic.unet:unet_full", "U-Net", "1505.04597", "lab07"),
    Network("hrnet", "semantic.hrnet:hrnet_small", "HRNetV2", "1904.04514", "lab07", ships=True),
    Network("hrnet-w18-small", "semantic.hrnet:hrnet_w18_small", "HRNetV2", "1904.04514", "lab07"),
    Network("hrnet-w48", "semantic.hrnet:hrnet_w48", "HRNetV2", "1904.04514", "lab07"),
    Network("context", "semantic.context:context_small", "Context module", "1511.07122", "lab08"),
    Network("context-basic", "semantic.context:context_basic_vgg16", "Context module", "1511.07122", "lab08"),
    Network("context-large", "semantic.context:context_large_vgg16", "Context module", "1511.07122", "lab08"),
    Network("parsenet", "semantic.parsenet:parsenet_small", "ParseNet", "1506.04579", "lab09"),
    Network("parsenet-vgg16", "semantic.parsenet:parsenet_vgg16", "ParseNet", "1506.04579", "lab09"),
    Network("parsenet-late-vgg16", "semantic.parsenet:parsenet_late_vgg16", "ParseNet", "1506.04579", "lab09"),
    Network("pspnet", "semantic.pspnet:pspnet_small", "PSPNet", "1612.01105", "lab09"),
    Network("pspnet-resnet50", "semantic.pspnet:pspnet_resnet50", "PSPNet", "1612.01105", "lab09"),
    Network("deeplabv1", "semantic.deeplab:deeplabv1_small", "DeepLab v1", "1412.7062", "lab09"),
    Network("deeplabv1-vgg16", "semantic.deeplab:deeplabv1_vgg16", "DeepLab v1", "1412.7062", "lab09"),
    Network("deeplabv2", "semantic.deeplab:deeplabv2_small", "DeepLab v2", "1606.00915", "lab09"),
    Network("deeplabv2-vgg16", "semantic.deeplab:deeplabv2_vgg16", "DeepLab v2", "1606.00915", "lab09"),
    Network("deeplabv2-resnet101", "semantic.deeplab:deeplabv2_resnet101", "DeepLab v2", "1606.00915", "lab09"),
    Network("deeplabv3", "semantic.deeplabv3:deeplabv3_small", "DeepLabV3", "1706.05587", "lab09"),
    Network("deeplabv3-resnet50", "semantic.deeplabv3:deeplabv3_resnet50", "DeepLabV3", "1706.05587", "lab09"),
    Network("deeplabv3-cascaded", "semantic.deeplabv3:deeplabv3_cascaded", "DeepLabV3", "1706.05587", "lab09"),
    Network("deeplabv3plus", "semantic.deeplabv3plus:deeplabv3plus_small", "DeepLabV3+", "1802.02611", "lab09"),
    Network(
        "deeplabv3plus-resnet50", "semantic.deeplabv3plus:deeplabv3plus_resnet50", "DeepLabV3+", "1802.02611", "lab09"
    ),
    Network("encnet", "semantic.encnet:encnet_small", "EncNet", "1803.08904", "lab09"),
    Network("encnet-resnet50", "semantic.encnet:encnet_resnet50", "EncNet", "1803.08904", "lab09"),
)
NAMES = tuple(network.name for network in NETWORKS)
SHIPPED = tuple(network.name for network in NETWORKS if network.ships)


def find_network(name: str) -> Network:
    """The line of the table.

    Raises:
        ValueError: the table has no such name; the message lists those there are.
    """
    for network in NETWORKS:
        if network.name == name:
            return network
    raise ValueError(f"network is {name!r}; wanted one of {', '.join(NAMES)}.")


def build(name: str, num_classes: int) -> Normalized:
    """A network with random weights that takes images in [0, 1].

    Args:
        name: of the table.
        num_classes: k.

    Returns:
        Normalized: images (n, 3, h, w) in [0, 1] -> logits (n, k, h, w); `.network` is the bare one.

    Raises:
        ValueError: the table has no such name.
    """
    from course.models.images import Normalized

    return Normalized(find_network(name).build(num_classes))


def count_parameters(model: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
