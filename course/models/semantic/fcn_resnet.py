"""FCN on a dilated ResNet, as torchvision ships it: a small head at stride 8, upsampled bilinearly.

Without pooling to stride 32 there is less to recover, so there are no skips. An auxiliary head stands on the third
stage.

The layers have torchvision's names: `model.load_state_dict(torchvision_weights("fcn_resnet50"))`.

Source: Long et al., arXiv:1411.4038; Zhao et al., PSPNet, arXiv:1612.01105, section 3.3 (auxiliary head);
torchvision.models.segmentation.fcn.
"""

from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet50, resnet101
from course.models.blocks import BasicBlock
from course.models.dense import DenseWithAuxiliary
from course.ops.arguments import whole


class FCNHead(nn.Sequential):
    """Two convolutions on one of the backbone's features.

    Args:
        in_channels: of that feature.
        num_classes: k, at least 1.
        feature: which one, counted from the last: -1 or -2.

    Call with a tuple of features; returns scores (n, k, h, w) of that feature's size.
    """

    def __init__(self, in_channels: int, num_classes: int, feature: int = -1):
        super().__init__(
            nn.Conv2d(in_channels, in_channels // 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(in_channels // 4),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(in_channels // 4, num_classes, 1),
        )
        self.feature = feature

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of that feature's size."""
        return super().forward(features[self.feature])


class FCNResNet(DenseWithAuxiliary):
    """A ResNet, a head, and an auxiliary head for training.

    Args:
        backbone: from `resnet50(output_stride=8)` and the like.
        num_classes: k, at least 1.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w). To train with both heads, call
    `with_auxiliary`.

    Raises:
        ValueError: num_classes is below 1.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21):
        whole(num_classes, "num_classes", 1)
        *_, middle, last = backbone.channels
        super().__init__(backbone, FCNHead(last, num_classes), FCNHead(middle, num_classes, feature=-2))


def fcn_resnet50(num_classes: int = 21, output_stride: int = 8, width: int = 64) -> FCNResNet:
    """FCN on ResNet-50; torchvision's with the values as they are."""
    return FCNResNet(resnet50(output_stride, width), num_classes)


def fcn_resnet101(num_classes: int = 21, output_stride: int = 8, width: int = 64) -> FCNResNet:
    """FCN on ResNet-101; torchvision's with the values as they are."""
    return FCNResNet(resnet101(output_stride, width), num_classes)


def resnet_small(output_stride: int = 8) -> ResNet:
    """Our own backbone, for the small forms of the networks on a ResNet: 0.4 M parameters."""
    return ResNet(BasicBlock, (1, 1, 2, 1), 16, output_stride)
