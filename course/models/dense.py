"""Backbone and head: what a semantic network is made of, unless it has a decoder of its own.

A new network of this kind is its head: a module from the backbone's features to scores of any size. A second, auxiliary
head on a finer feature gives the middle of the network its own training signal; it is not used to predict.

Source: torchvision.models.segmentation, `_SimpleSegmentationModel`; Zhao et al., PSPNet, arXiv:1612.01105, section 3.3
(auxiliary head).
"""

from torch import Tensor, nn

from course.models.images import check_images, resize_to


class Dense(nn.Module):
    """Logits of the images' size from a backbone's features.

    Args:
        backbone: images (n, 3, h, w) -> features, the finest first; such as `resnet50()`.
        head: features -> scores (n, k, any h, any w). It is kept as `classifier`, as torchvision calls it.

    Call with normalized images (n, 3, h, w); returns logits (n, k, h, w).
    """

    def __init__(self, backbone: nn.Module, head: nn.Module):
        super().__init__()
        self.backbone, self.classifier = backbone, head

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        check_images(images)
        return resize_to(self.classifier(self.backbone(images)), images.shape[2:])


class DenseWithAuxiliary(Dense):
    """Backbone, head, and an auxiliary head for training.

    Args:
        backbone: images (n, 3, h, w) -> features, the finest first.
        head: features -> scores (n, k, any h, any w).
        auxiliary: the same; it is kept as `aux_classifier`, as torchvision calls it.

    Call with normalized images (n, 3, h, w); returns logits (n, k, h, w). To train with both heads, call
    `with_auxiliary`.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, auxiliary: nn.Module):
        super().__init__(backbone, head)
        self.aux_classifier = auxiliary

    def with_auxiliary(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The logits, and those of the auxiliary head, both (n, k, h, w).

        A usual training loss is loss(logits) + 0.4 * loss(auxiliary), as in PSPNet; torchvision takes 0.5.
        """
        check_images(images)
        features, size = self.backbone(images), images.shape[2:]
        return resize_to(self.classifier(features), size), resize_to(self.aux_classifier(features), size)
