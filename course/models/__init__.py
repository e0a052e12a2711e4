"""The networks of the course, in the order in which the labs meet them.

`MODELS` says for each paper which class builds it, in which file, and which lab explains it. Nothing is imported
before it is asked for: `entry.load()` gives the class.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One network: the paper, its arXiv number (or where else it appeared), the class, its file and its lab."""

    paper: str
    arxiv: str
    cls: str
    file: str
    lab: str

    def load(self) -> Any:
        """Import the class and return it."""
        module, name = self.cls.rsplit(".", 1)
        return getattr(import_module(module), name)


def _entry(paper: str, arxiv: str, file: str, name: str, lab: str) -> Entry:
    module = file.removesuffix(".py").replace("/", ".")
    return Entry(paper, arxiv, f"course.models.{module}.{name}", f"course/models/{file}", lab)


MODELS: tuple[Entry, ...] = (
    _entry("SegNet", "1511.00561", "semantic/segnet.py", "SegNet", "lab04"),
    _entry("SegNet-Basic", "1511.00561", "semantic/segnet.py", "SegNetBasic", "lab04"),
    _entry("DeconvNet", "1505.04366", "semantic/deconvnet.py", "DeconvNet", "lab04"),
    _entry("VGG", "1409.1556", "backbones/vgg.py", "VGG", "lab05"),
    _entry("FCN-32s, 16s, 8s", "1411.4038", "semantic/fcn.py", "FCN", "lab05"),
    _entry("ResNet", "1512.03385", "backbones/resnet.py", "ResNet", "lab05"),
    _entry("FCN on ResNet", "1411.4038", "semantic/fcn_resnet.py", "FCNResNet", "lab05"),
    _entry("U-Net as drawn", "1505.04597", "semantic/unet.py", "ValidUNet", "lab07"),
    _entry("U-Net", "1505.04597", "semantic/unet.py", "UNet", "lab07"),
    _entry("HRNetV2", "1904.04514", "semantic/hrnet.py", "HRNet", "lab07"),
)
