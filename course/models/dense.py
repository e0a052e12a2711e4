"""Backbone and head: what a semantic network is made of, unless it has a decoder of its own.

A new network of this kind is its head: a module from the backbone's features to scores of any size.

Source: torchvision.models.segmentation, `_SimpleSegmentationModel`.
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
