"""FCN on a dilated ResNet, as torchvision ships it: a small head at stride 8, enlarged bilinearly.

Without pooling to stride 32 there is less to recover, so there are no skips. A second, auxiliary head on the third
stage gives the middle of the network its own training signal; it is not used to predict.

The layers have torchvision's names: `model.load_state_dict(torchvision_weights("fcn_resnet50"))`.

Source: Long et al., arXiv:1411.4038; Zhao et al., PSPNet, arXiv:1612.01105, section 3.3 (auxiliary head);
torchvision.models.segmentation.fcn.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from course.models.backbones.resnet import ResNet, resnet50, resnet101


class FCNResNet(nn.Module):
    """A ResNet and a head of two convolutions.

    Args:
        backbone: from `resnet50(output_stride=8)` and the like.
        classes: k, at least 1.

    Call with images (n, 3, h, w) of any size; returns logits (n, k, h, w). For training with both heads, call
    `with_auxiliary`.

    Raises:
        ValueError: fewer than one class.
    """

    def __init__(self, backbone: ResNet, classes: int = 21):
        super().__init__()
        if classes < 1:
            raise ValueError(f"classes is {classes}; give at least 1")
        *_, middle, last = backbone.channels
        self.backbone = backbone
        self.classifier = _head(last, classes)
        self.aux_classifier = _head(middle, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        return _enlarge(self.classifier(self.backbone(images)[-1]), images)

    def with_auxiliary(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The logits, and those of the auxiliary head, both (n, k, h, w).

        A usual training loss is loss(logits) + 0.5 * loss(auxiliary).
        """
        *_, middle, last = self.backbone(images)
        return _enlarge(self.classifier(last), images), _enlarge(self.aux_classifier(middle), images)


def fcn_resnet50(classes: int = 21, output_stride: int = 8, width: int = 64) -> FCNResNet:
    """FCN on ResNet-50; torchvision's with the values as they are."""
    return FCNResNet(resnet50(output_stride, width), classes)


def fcn_resnet101(classes: int = 21, output_stride: int = 8, width: int = 64) -> FCNResNet:
    """FCN on ResNet-101; torchvision's with the values as they are."""
    return FCNResNet(resnet101(output_stride, width), classes)


def _head(inside: int, classes: int) -> nn.Sequential:
    middle = inside // 4
    return nn.Sequential(
        nn.Conv2d(inside, middle, 3, padding=1, bias=False),
        nn.BatchNorm2d(middle),
        nn.ReLU(inplace=True),
        nn.Dropout(0.1),
        nn.Conv2d(middle, classes, 1),
    )


def _enlarge(scores: Tensor, images: Tensor) -> Tensor:
    return F.interpolate(scores, size=images.shape[2:], mode="bilinear", align_corners=False)
