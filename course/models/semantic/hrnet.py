"""HRNet: the fine features are kept from first to last, so nothing has to be recovered.

Streams of stride 4, 8, 16 and 32 run side by side, each in residual blocks of its own. After a few blocks an exchange
unit adds to every stream all others: finer ones through strided 3x3 convolutions, coarser ones through a 1x1
convolution and bilinear upsampling. The coarser streams join one after the other: stage 2 has two streams, stage 3
three, stage 4 four, each with twice the channels of the one above it.

HRNetV2's head for segmentation: all four streams upsampled to stride 4, side by side, one 1x1 convolution to mix them,
one to score. Here the logits are then upsampled to the image's size; the published code does so outside the network.

Layers are named as in the published code (github.com/HRNet/HRNet-Semantic-Segmentation, seg_hrnet.py), so that weights
from there fit without renaming.

Source: Sun et al., High-resolution representations for labeling pixels and regions, arXiv:1904.04514, section 3.
"""

from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.models.blocks import BasicBlock, Bottleneck, ConvNormAct, initialize
from course.models.images import check_images, resize_to
from course.ops.arguments import whole


class ExchangeUnit(nn.ModuleList):
    """The exchange unit: each stream becomes the ReLU of a sum over all streams, brought to its size and channels.

    Args:
        widths: channels of the streams, the finest first.

    Call with as many features (n, width, h, w), each about half the size of the one before; returns the same shapes.

    Source: Sun et al., arXiv:1904.04514, section 3.1, figure 2.
    """

    def __init__(self, widths: tuple[int, ...]):
        streams = range(len(widths))
        super().__init__(nn.ModuleList(_path(widths, j, i) for j in streams) for i in streams)

    def forward(self, streams: list[Tensor]) -> list[Tensor]:
        """The streams, each with all others added."""
        mixed = []
        for paths, here in zip(self, streams, strict=True):
            parts = (resize_to(path(x), here.shape[2:]) for path, x in zip(paths, streams, strict=True))
            mixed.append(F.relu(reduce(torch.add, parts)))  # sum() would begin with 0 and copy the first
        return mixed


class Streams(nn.Module):
    """Residual blocks in each stream, then an exchange unit.

    Args:
        widths: channels of the streams, the finest first.
        blocks: residual blocks in each stream.

    Call with a list of features, the finest first; returns the same shapes.
    """

    def __init__(self, widths: tuple[int, ...], blocks: int):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(BasicBlock(width, width) for _ in range(blocks))) for width in widths
        )
        self.fuse_layers = ExchangeUnit(widths)

    def forward(self, streams: list[Tensor]) -> list[Tensor]:
        """Each stream on its own, then all together."""
        return self.fuse_layers([branch(x) for branch, x in zip(self.branches, streams, strict=True)])


class HRNet(nn.Module):
    """HRNetV2 for segmentation; `hrnet_w48`, `hrnet_w18_small` and `hrnet_small` are ready-made.

    Args:
        num_classes: k.
        width: channels of the finest stream; the others have 2, 4 and 8 times as many.
        modules: how many times blocks and exchange follow each other in stages 2, 3 and 4.
        blocks: residual blocks of a stream before each exchange.
        bottlenecks: residual blocks of stage 1, which has one stream.
        bottleneck_width: channels of their 3x3 convolutions; four times as many come out.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w).

    Raises:
        ValueError: a number is below 1; in the call: images are not (n, 3, h, w).

    Source: Sun et al., arXiv:1904.04514, section 3.2.
    """

    def __init__(
        self,
        num_classes: int,
        width: int = 48,
        modules: tuple[int, int, int] = (1, 4, 3),
        blocks: int = 4,
        bottlenecks: int = 4,
        bottleneck_width: int = 64,
    ):
        super().__init__()
        whole(num_classes, "num_classes", 1)
        if min(width, *modules, blocks, bottlenecks, bottleneck_width) < 1 or len(modules) != 3:
            raise ValueError(
                f"width is {width}, modules {modules}, blocks {blocks}, bottlenecks {bottlenecks} and bottleneck_width "
                f"{bottleneck_width}; wanted at least 1 each, and three modules."
            )
        widths = tuple(width * 2**i for i in range(4))
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, 2, padding=1, bias=False), nn.BatchNorm2d(64)
        self.conv2, self.bn2 = nn.Conv2d(64, 64, 3, 2, padding=1, bias=False), nn.BatchNorm2d(64)
        wide = 4 * bottleneck_width
        in_channels = [64] + [wide] * (bottlenecks - 1)
        self.layer1 = nn.Sequential(*(Bottleneck(channels, bottleneck_width) for channels in in_channels))
        self.transition1 = nn.ModuleList([ConvNormAct(wide, widths[0]), _halve(wide, widths[1])])
        self.stage2 = _stage(widths[:2], modules[0], blocks)
        self.transition2 = _add_stream(widths[:3])
        self.stage3 = _stage(widths[:3], modules[1], blocks)
        self.transition3 = _add_stream(widths)
        self.stage4 = _stage(widths, modules[2], blocks)
        together = sum(widths)
        self.last_layer = nn.Sequential(
            nn.Conv2d(together, together, 1),
            nn.BatchNorm2d(together),
            nn.ReLU(inplace=True),
            nn.Conv2d(together, num_classes, 1),
        )
        initialize(self)

    def features(self, images: Tensor) -> list[Tensor]:
        """The four streams at the end: strides 4, 8, 16, 32, widths doubling, of images (n, 3, h, w)."""
        check_images(images)
        x = F.relu(self.bn1(self.conv1(images)))
        x = self.layer1(F.relu(self.bn2(self.conv2(x))))
        streams = self.stage2([begin(x) for begin in self.transition1])
        streams = self.stage3([*streams, self.transition2[-1](streams[-1])])
        return self.stage4([*streams, self.transition3[-1](streams[-1])])

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        streams = self.features(images)
        finest = streams[0].shape[2:]
        logits = self.last_layer(torch.cat([resize_to(x, finest) for x in streams], 1))
        return resize_to(logits, images.shape[2:])


def hrnet_w48(num_classes: int) -> HRNet:
    """HRNetV2-W48, the paper's large one: 65.8 M parameters for 19 classes."""
    return HRNet(num_classes)


def hrnet_w18_small(num_classes: int) -> HRNet:
    """HRNetV2-W18-Small-v2 of the published code: 3.9 M parameters for 19 classes."""
    return HRNet(num_classes, width=18, modules=(1, 3, 2), blocks=2, bottlenecks=2)


def hrnet_small(num_classes: int) -> HRNet:
    """Our own, for a laptop: the same four stages, one module each; 1.5 M parameters."""
    return HRNet(num_classes, width=16, modules=(1, 1, 1), blocks=2, bottlenecks=1, bottleneck_width=16)


def _stage(widths: tuple[int, ...], modules: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Streams(widths, blocks) for _ in range(modules)))


def _add_stream(widths: tuple[int, ...]) -> nn.ModuleList:
    """Between two stages: the streams stay as they are, and a last one begins from the coarsest."""
    return nn.ModuleList([*(nn.Identity() for _ in widths[:-1]), _halve(widths[-2], widths[-1])])


def _halve(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(ConvNormAct(in_channels, out_channels, stride=2))


def _path(widths: tuple[int, ...], source: int, goal: int) -> nn.Module:
    """From one stream to another: 1x1 from a coarser one, still to be upsampled; strided 3x3s from a finer one."""
    if source == goal:
        return nn.Identity()
    in_channels, out_channels = widths[source], widths[goal]
    if source > goal:
        return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))
    halvings = [ConvNormAct(in_channels, in_channels, stride=2) for _ in range(goal - source - 1)]
    last = nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, 2, padding=1, bias=False), nn.BatchNorm2d(out_channels)
    )
    return nn.Sequential(*halvings, last)  # no ReLU at the end: the sum has one
