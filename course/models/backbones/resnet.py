"""ResNet, and how to keep its features large: strides replaced by dilation.

The last stages can give up their stride: the convolutions behind it are spread out by the same factor instead, see
the same pixels as before, and their weights need no change. With output stride 8 the features are sixteen times as
many as with 32.

The layers have torchvision's names, so a state_dict of torchvision's ResNet fits as it is, its `fc` left out:
`load_classifier`. Dilated basic blocks, which torchvision does not have, put the new dilation behind the stride that
was there, so that the dilated network's features at every second pixel are the strided network's.

Source: He et al., arXiv:1512.03385; Yu et al., Dilated residual networks, arXiv:1705.09914, section 2.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from course.models.backbones.weights import load_encoder
from course.models.blocks import BasicBlock, Bottleneck, initialize
from course.models.images import check_images


class ResNet(nn.Module):
    """A ResNet without its classifier, as an encoder.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        depths: blocks of each of the four stages.
        width: channels of the first stage before the block's expansion, 64 in the paper; they double at each stage.
        output_stride: image pixels per pixel of the last feature: 32, or 16 or 8 with dilation in its place.

    Call with (n, 3, h, w) of any size; returns the features of the four stages (n, c, ceil(h / s), ceil(w / s)),
    for s in `strides` (4, 8, 16, 32 at most) and c in `channels`.

    Raises:
        ValueError: output_stride is not 32, 16 or 8, width is below 1, or depths are not four.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: tuple[int, int, int, int],
        width: int = 64,
        output_stride: int = 32,
    ):
        super().__init__()
        if output_stride not in (32, 16, 8):
            raise ValueError(f"output_stride is {output_stride}; wanted 32, 16 or 8.")
        if len(depths) != 4 or min(depths) < 1 or width < 1:
            raise ValueError(f"depths is {depths} and width {width}; wanted four depths, each and width at least 1.")
        self.strides = tuple(min(s, output_stride) for s in (4, 8, 16, 32))
        self.channels = tuple(block.expansion * width * m for m in (1, 2, 4, 8))
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(block, width, width, depths[0], 1, (1, 1))
        self.layer2 = _stage(block, self.channels[0], 2 * width, depths[1], 2, (1, 1))
        # 4, 8, 16, 32 are the strides without dilation; what a stage lacks of its own is the dilation at its end.
        middle, last = 16 // self.strides[2], 32 // self.strides[3]
        self.layer3 = _stage(block, self.channels[1], 4 * width, depths[2], 2 // middle, (1, middle))
        self.layer4 = _stage(block, self.channels[2], 8 * width, depths[3], 2 * middle // last, (middle, last))
        initialize(self)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The features of the four stages."""
        check_images(images)
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        c2 = self.layer1(x)
        c3 = self.layer2(c2)
        c4 = self.layer3(c3)
        c5 = self.layer4(c4)
        return c2, c3, c4, c5

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the convolutions of torchvision's ResNet of this depth; its `fc.*` is left out.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        load_encoder(self, state_dict, without=("fc.",))


def resnet18(output_stride: int = 32, width: int = 64) -> ResNet:
    """ResNet-18: 2, 2, 2, 2 basic blocks."""
    return ResNet(BasicBlock, (2, 2, 2, 2), width, output_stride)


def resnet34(output_stride: int = 32, width: int = 64) -> ResNet:
    """ResNet-34: 3, 4, 6, 3 basic blocks."""
    return ResNet(BasicBlock, (3, 4, 6, 3), width, output_stride)


def resnet50(output_stride: int = 32, width: int = 64) -> ResNet:
    """ResNet-50: 3, 4, 6, 3 bottleneck blocks."""
    return ResNet(Bottleneck, (3, 4, 6, 3), width, output_stride)


def resnet101(output_stride: int = 32, width: int = 64) -> ResNet:
    """ResNet-101: 3, 4, 23, 3 bottleneck blocks."""
    return ResNet(Bottleneck, (3, 4, 23, 3), width, output_stride)


def _stage(
    block: type[BasicBlock] | type[Bottleneck],
    in_channels: int,
    width: int,
    depth: int,
    stride: int,
    dilations: tuple[int, int],
) -> nn.Sequential:
    """Blocks of one width. The first has the stride; where that is left out, the old dilation holds in front of it."""
    _, new = dilations
    blocks = [block(in_channels, width, stride, dilations)]
    blocks += [block(block.expansion * width, width, 1, (new, new)) for _ in range(1, depth)]
    return nn.Sequential(*blocks)
