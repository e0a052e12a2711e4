"""DeepLab v1 and v2: a large field of view by dilation, then several fields side by side.

- v1: VGG16 at stride 8, whose last two poolings keep the size and whose fifth stage is dilated by 2. Its first dense
  layer becomes a 3x3 convolution with dilation 12, of 1024 channels: a seventh of the parameters of 7x7 taps and 4096
  channels, the same field of view (paper, table 2: 20.5 M).
- v2: atrous spatial pyramid pooling (ASPP). Branches with the dilations 6, 12, 18 and 24 score each pixel, and the
  scores are added. On VGG16 a branch is three convolutions as in v1; on ResNet-101 it is one.

Both sharpen their result by a dense CRF, which is not part of the network, and train it in parts that are left out
here: v2's three image scales, and the loss on labels of an eighth of the size.

Our deviations: with poolings of 3 pixels and stride 2, h pixels become ceil(h / 2); Caffe makes one more of an even
number, so the papers take sizes such as 321. v1's code also averages 3x3 pixels before fc6; its text does not.

Source: Chen et al., arXiv:1412.7062, section 3.1 and table 2 (v1); arXiv:1606.00915, section 3.1 and figure 7 (v2).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet101
from course.models.backbones.vgg import VGG, keep_stride_8
from course.models.dense import Dense
from course.models.semantic.deeplabv3 import check_rates
from course.ops.arguments import whole

_RATES = {8: (6, 12, 18, 24), 16: (3, 6, 9, 12)}  # v2's, by output stride


def deeplab_vgg(depths: tuple[int, ...] = (2, 2, 3, 3, 3), batch_norm: bool = False, width: int = 64) -> VGG:
    """A VGG at stride 8 as DeepLab has it: all poolings over 3x3 pixels, the last two at stride 1.

    Args:
        depths, batch_norm, width: as `VGG` takes them; five stages.

    Returns:
        The encoder; it takes images of any size. `load_classifier` takes torchvision's weights.
    """
    vgg = keep_stride_8(VGG(depths, batch_norm, width, ceil_mode=True), nn.MaxPool2d(3, stride=1, padding=1))
    for number, layer in enumerate(vgg.features):
        if isinstance(layer, nn.MaxPool2d) and layer.stride == 2:
            vgg.features[number] = nn.MaxPool2d(3, stride=2, padding=1)
    return vgg


class LargeField(nn.Sequential):
    """VGG's dense layers with a large field of view: a dilated 3x3 convolution, two of 1x1, and scores.

    Args:
        in_channels: of the feature.
        num_classes: k.
        rate: dilation of the first.
        fc_channels: of the first two, 1024 in the paper.

    Call with (n, in_channels, h, w); returns scores (n, k, h, w).

    Source: Chen et al., arXiv:1412.7062, table 2, DeepLab-LargeFOV.
    """

    def __init__(self, in_channels: int, num_classes: int, rate: int = 12, fc_channels: int = 1024):
        super().__init__(
            nn.Conv2d(in_channels, fc_channels, 3, padding=rate, dilation=rate),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Conv2d(fc_channels, fc_channels, 1),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Conv2d(fc_channels, num_classes, 1),
        )


class SummedASPP(nn.Module):
    """Branches of several dilations on the last feature, whose scores are added.

    Args:
        in_channels: of the last feature.
        num_classes: k.
        rates: dilation of each branch.
        fc_channels: of a branch's first two convolutions, 1024 in the paper; None for branches of one, as on ResNet.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size.

    Source: Chen et al., arXiv:1606.00915, section 3.1 and figure 7b.
    """

    def __init__(self, in_channels: int, num_classes: int, rates: Sequence[int], fc_channels: int | None = None):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(in_channels, num_classes, 3, padding=rate, dilation=rate)
            if fc_channels is None
            else LargeField(in_channels, num_classes, rate, fc_channels)
            for rate in rates
        )

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return sum(branch(features[-1]) for branch in self.branches)


class DeepLabV1(Dense):
    """DeepLab v1 on a VGG.

    Args:
        backbone: from `deeplab_vgg()`.
        num_classes: k, at least 1.
        rate: dilation of the large field's first convolution, in pixels of stride 8.
        fc_channels: of the large field, 1024 in the paper.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes, rate or fc_channels is below 1.
    """

    def __init__(self, backbone: VGG, num_classes: int = 21, rate: int = 12, fc_channels: int = 1024):
        for value, name in ((num_classes, "num_classes"), (rate, "rate"), (fc_channels, "fc_channels")):
            whole(value, name, 1)
        super().__init__(backbone, SummedASPP(backbone.channels[-1], num_classes, (rate,), fc_channels))


class DeepLabV2(Dense):
    """DeepLab v2 on a VGG or a ResNet.

    Args:
        backbone: from `deeplab_vgg()`, or from `resnet101(output_stride=8)` and the like.
        num_classes: k, at least 1.
        rates: of ASPP; None for the paper's at the backbone's output stride.
        fc_channels: of a branch's first two convolutions; None for branches of one.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w).

    Raises:
        ValueError: num_classes is below 1, the output stride is not 8 or 16, or the rates belong to another one.
    """

    def __init__(
        self,
        backbone: VGG | ResNet,
        num_classes: int = 21,
        rates: Sequence[int] | None = None,
        fc_channels: int | None = None,
    ):
        whole(num_classes, "num_classes", 1)
        output_stride = backbone.strides[-1]
        if output_stride not in _RATES:
            raise ValueError(f"the backbone's output stride is {output_stride}; wanted 8, or 16. Give output_stride=8.")
        rates = check_rates(_RATES[output_stride] if rates is None else rates, output_stride, _RATES)
        super().__init__(backbone, SummedASPP(backbone.channels[-1], num_classes, rates, fc_channels))


def deeplabv1_small(num_classes: int) -> DeepLabV1:
    """Our own v1 for a laptop, with batch normalization and a third of the rate; 0.4 M parameters."""
    return DeepLabV1(_vgg_small(), num_classes, rate=4, fc_channels=96)


def deeplabv1_vgg16(num_classes: int = 21) -> DeepLabV1:
    """DeepLab-LargeFOV on VGG16: 20.5 M parameters."""
    return DeepLabV1(deeplab_vgg(), num_classes)


def deeplabv2_small(num_classes: int) -> DeepLabV2:
    """Our own v2 for a laptop: v1's with four branches, and a third of the rates; 0.6 M parameters."""
    return DeepLabV2(_vgg_small(), num_classes, (2, 4, 6, 8), fc_channels=64)


def deeplabv2_vgg16(num_classes: int = 21) -> DeepLabV2:
    """DeepLab v2 on VGG16: 37.9 M parameters."""
    return DeepLabV2(deeplab_vgg(), num_classes, fc_channels=1024)


def deeplabv2_resnet101(num_classes: int = 21, output_stride: int = 8) -> DeepLabV2:
    """DeepLab v2 on ResNet-101: 44.0 M parameters."""
    return DeepLabV2(resnet101(output_stride), num_classes)


def _vgg_small() -> VGG:
    return deeplab_vgg((2, 2, 2, 2, 2), batch_norm=True, width=12)
