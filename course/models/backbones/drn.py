"""Dilated residual networks: classifiers that keep an eighth of the image's size, and how they lose their grid.

The last two groups of a ResNet's blocks keep stride 1 and are dilated by 2 and 4 instead. Where a map is dilated, a
single bright pixel comes out as a grid of points: gridding. The four designs differ in what they do about it.

- A: a ResNet, dilated, and nothing else.
- B: no max-pooling, which hands on bright single pixels, but residual blocks in its place; and more of them after the
  last group, of dilation 2 and 1, which filter the grid out. It is not here: C is the same and better.
- C: as B, without the shortcuts of the blocks at the end, which carry the grid past them.
- D: as C, with a plain convolution for each added block.

The layers have the names of the authors' code, so a state_dict of theirs fits, its `fc` left out. Counts are with
their classifier of 1000 classes. DRN-C-58 has two: the authors' code makes, and saves, a shortcut in layer7 that
nothing adds, 1,049,600 numbers of 41,591,608; it is left out here (40,542,008), and `load_classifier` skips it.

In DRN-A the first block of a dilated group has dilation 1, as the authors' code has it (torchvision's dilated ResNets
keep the rate before the group there, which sees farther: 427 pixels against 411).

Source: Yu, Koltun and Funkhouser, Dilated residual networks, arXiv:1705.09914; github.com/fyu/drn, drn.py.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from course.models.backbones.weights import load_encoder
from course.models.blocks import BasicBlock, Bottleneck, ConvNormAct, initialize
from course.models.images import check_images

CHANNELS = (16, 32, 64, 128, 256, 512, 512, 512)  # of layers 1 to 8, before the block's expansion
DILATIONS = (1, 1, 1, 1, 2, 4, 2, 1)


class PlainBlock(nn.Module):
    """A `BasicBlock` without its shortcut.

    Args:
        in_channels: of the first convolution.
        width: channels that come out.
        dilation: of both convolutions.

    Call with (n, in_channels, h, w); returns (n, width, h, w).
    """

    def __init__(self, in_channels: int, width: int, dilation: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Two convolutions, each with its norm and ReLU."""
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))


class DRNA(nn.Module):
    """DRN-A without its classifier, as an encoder.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        depths: blocks of each of the four groups.
        width: channels of the first group before the block's expansion, 64 in the paper.

    Call with (n, 3, h, w) of any size; returns the features of the four groups (n, c, ceil(h / s), ceil(w / s)), for s
    in `strides` (4, 8, 8, 8) and c in `channels`.

    Source: Yu et al., arXiv:1705.09914, section 2.
    """

    def __init__(self, block: type[BasicBlock] | type[Bottleneck], depths: tuple[int, int, int, int], width: int = 64):
        super().__init__()
        self.strides = (4, 8, 8, 8)
        self.channels = tuple(block.expansion * width * m for m in (1, 2, 4, 8))
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _group(block, width, width, depths[0])
        self.layer2 = _group(block, self.channels[0], 2 * width, depths[1], stride=2)
        self.layer3 = _group(block, self.channels[1], 4 * width, depths[2], dilations=(1, 2))
        self.layer4 = _group(block, self.channels[2], 8 * width, depths[3], dilations=(1, 4))
        initialize(self)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The features of the four groups."""
        check_images(images)
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        c2 = self.layer1(x)
        c3 = self.layer2(c2)
        c4 = self.layer3(c3)
        return c2, c3, c4, self.layer4(c4)

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the authors' weights, or torchvision's of a ResNet of this depth; `fc.*` is left out.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        load_encoder(self, state_dict, without=("fc.",))


class DRN(nn.Module):
    """DRN-C or D without its classifier, as an encoder; the constructors below say which.

    Args:
        block: `BasicBlock` or `Bottleneck`, of layers 3 to 6.
        depths: blocks of layers 3 to 6.
        plain: the added layers 1, 2, 7 and 8 are single convolutions (D) instead of blocks of two (C).
        width: channels of layer 1, 16 in the paper; the others have 2, 4, 8, 16, 32, 32 and 32 times as many.

    Call with (n, 3, h, w) of any size; returns the features at the end of layers 2, 3, 4, 5, 6 and 8
    (n, c, ceil(h / s), ceil(w / s)), for s in `strides` (2, 4, 8, 8, 8, 8) and c in `channels`.

    Source: Yu et al., arXiv:1705.09914, section 4.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: tuple[int, int, int, int],
        plain: bool,
        width: int = 16,
    ):
        super().__init__()
        widths = tuple(channels * width // 16 for channels in CHANNELS)
        wide = tuple(block.expansion * channels for channels in widths[2:6])
        self.plain = plain
        self.strides, self.channels = (2, 4, 8, 8, 8, 8), (widths[1], *wide, widths[7])
        first = nn.Conv2d(3, width, 7, padding=3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        if plain:
            self.layer0 = nn.Sequential(*first)
            self.layer1, self.layer2 = ConvNormAct(width, width), ConvNormAct(width, widths[1], stride=2)
        else:
            self.conv1, self.bn1, self.relu = first
            self.layer1, self.layer2 = _group(BasicBlock, width, width, 1), _group(BasicBlock, width, widths[1], 1, 2)
        in_channels = (widths[1], *wide)
        self.layer3 = _group(block, in_channels[0], widths[2], depths[0], stride=2)
        self.layer4 = _group(block, in_channels[1], widths[3], depths[1], stride=2)
        self.layer5 = _group(block, in_channels[2], widths[4], depths[2], dilations=(2, 2))
        self.layer6 = _group(block, in_channels[3], widths[5], depths[3], dilations=(4, 4))
        for name, channels, dilation in (("layer7", wide[3], 2), ("layer8", widths[6], 1)):
            single = ConvNormAct(channels, widths[7], dilation=dilation)
            self.add_module(name, single if plain else nn.Sequential(PlainBlock(channels, widths[7], dilation)))
        initialize(self)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The features at the end of layers 2, 3, 4, 5, 6 and 8."""
        check_images(images)
        x = self.layer0(images) if self.plain else self.relu(self.bn1(self.conv1(images)))
        c2 = self.layer2(self.layer1(x))
        c3 = self.layer3(c2)
        c4 = self.layer4(c3)
        c5 = self.layer5(c4)
        c6 = self.layer6(c5)
        return c2, c3, c4, c5, c6, self.layer8(self.layer7(c6))

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the authors' weights; `fc.*` is left out, and DRN-C-58's shortcut that nothing adds.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        load_encoder(self, state_dict, without=("fc.", "layer7.0.downsample."))


def drn_a_18(width: int = 64) -> DRNA:
    """DRN-A-18: 2, 2, 2, 2 basic blocks."""
    return DRNA(BasicBlock, (2, 2, 2, 2), width)


def drn_a_34(width: int = 64) -> DRNA:
    """DRN-A-34: 3, 4, 6, 3 basic blocks."""
    return DRNA(BasicBlock, (3, 4, 6, 3), width)


def drn_a_50(width: int = 64) -> DRNA:
    """DRN-A-50: 3, 4, 6, 3 bottleneck blocks; 25,557,032 parameters."""
    return DRNA(Bottleneck, (3, 4, 6, 3), width)


def drn_c_26(width: int = 16) -> DRN:
    """DRN-C-26: 2, 2, 2, 2 basic blocks; 21,126,584 parameters."""
    return DRN(BasicBlock, (2, 2, 2, 2), plain=False, width=width)


def drn_c_42(width: int = 16) -> DRN:
    """DRN-C-42: 3, 4, 6, 3 basic blocks; 31,234,744 parameters."""
    return DRN(BasicBlock, (3, 4, 6, 3), plain=False, width=width)


def drn_c_58(width: int = 16) -> DRN:
    """DRN-C-58: 3, 4, 6, 3 bottleneck blocks; 40,542,008 parameters that are used, 41,591,608 in the authors' code."""
    return DRN(Bottleneck, (3, 4, 6, 3), plain=False, width=width)


def drn_d_22(width: int = 16) -> DRN:
    """DRN-D-22: 2, 2, 2, 2 basic blocks; 16,393,752 parameters."""
    return DRN(BasicBlock, (2, 2, 2, 2), plain=True, width=width)


def drn_d_38(width: int = 16) -> DRN:
    """DRN-D-38: 3, 4, 6, 3 basic blocks; 26,501,912 parameters."""
    return DRN(BasicBlock, (3, 4, 6, 3), plain=True, width=width)


def drn_d_54(width: int = 16) -> DRN:
    """DRN-D-54: 3, 4, 6, 3 bottleneck blocks; 35,809,176 parameters."""
    return DRN(Bottleneck, (3, 4, 6, 3), plain=True, width=width)


def drn_d_105(width: int = 16) -> DRN:
    """DRN-D-105: 3, 4, 23, 3 bottleneck blocks; 54,801,304 parameters."""
    return DRN(Bottleneck, (3, 4, 23, 3), plain=True, width=width)


def _group(
    block: type[BasicBlock] | type[Bottleneck],
    in_channels: int,
    width: int,
    depth: int,
    stride: int = 1,
    dilations: tuple[int, int] = (1, 1),
) -> nn.Sequential:
    """Blocks of one width: the first has the stride and the first dilation, all others the second."""
    first, rest = dilations
    blocks = [block(in_channels, width, stride, (first, first))]
    blocks += [block(block.expansion * width, width, 1, (rest, rest)) for _ in range(1, depth)]
    return nn.Sequential(*blocks)
