"""VGG: 3x3 convolutions and nothing else, halved five times by pooling.

The features are those after each pooling, at strides 2, 4, 8, 16 and 32. `stage(i, x)` runs the
convolutions between two poolings, for networks such as SegNet that do the pooling themselves.

The layers are numbered as in torchvision (`features.0`, `features.2`, …), so a state_dict of torchvision's VGG fits
as it is, its classifier left out: `load_classifier`.

Source: Simonyan and Zisserman, arXiv:1409.1556, table 1 (A, B, D and E).
"""

from collections.abc import Mapping
from itertools import islice

from torch import Tensor, nn

from course.models.backbones.weights import load_encoder
from course.models.blocks import initialise

# Convolutions of each stage; the channels are 1, 2, 4, 8, 8 times the width.
_DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


class VGG(nn.Module):
    """The convolutional part of VGG, as an encoder.

    Args:
        depths: convolutions of each of the stages, which a pooling follows.
        batch_norm: put batch normalisation after each convolution.
        width: channels of the first stage, 64 in the paper; the others have 2, 4, 8 and 8 times as many.
        padding: zeros around the image at the first convolution; 1 keeps the size.
        ceil_mode: let pooling windows hang over the edge, so that h pixels become ceil(h / 2) and none is dropped;
            as in Caffe. torchvision's VGG has floor(h / 2).

    Call with (n, 3, h, w), h and w at least 2 to the number of stages unless ceil_mode; returns one feature
    (n, c, h / s, w / s) a stage, for s in `strides` and c in `channels`.

    Raises:
        ValueError: no stages, a stage without convolutions, or a width below 1; images that are too small.
    """

    def __init__(
        self,
        depths: tuple[int, ...],
        batch_norm: bool = False,
        width: int = 64,
        padding: int = 1,
        ceil_mode: bool = False,
    ):
        super().__init__()
        if not depths or min(depths) < 1 or width < 1:
            raise ValueError(f"depths is {depths} and width {width}; give at least one convolution a stage and width 1")
        self.strides = tuple(2**i for i in range(1, len(depths) + 1))
        self.channels = tuple(width * min(2**i, 8) for i in range(len(depths)))
        self.features, self._ends = _layers(depths, self.channels, batch_norm, ceil_mode)
        self.features[0].padding = (padding, padding)
        self._least = 1 if ceil_mode else max(1, self.strides[-1] - 2 * (padding - 1))
        initialise(self)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The features after each pooling, at strides 2, 4, 8, 16 and 32."""
        self.check(images)
        x, features = images, []
        for number, layer in enumerate(self.features, start=1):
            x = layer(x)
            if number in self._ends:
                features.append(x)
        return tuple(features)

    def stage(self, index: int, x: Tensor) -> Tensor:
        """The convolutions of one stage, counted from 0, without the pooling that follows them."""
        for layer in islice(self.features, [0, *self._ends][index], self._ends[index] - 1):
            x = layer(x)
        return x

    def check(self, images: Tensor) -> None:
        """Raise ValueError for images that are not (n, 3, h, w) or too small to pool."""
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images have shape {tuple(images.shape)}; give (n, 3, h, w), images[None] for one alone")
        if min(images.shape[2:]) < self._least:
            raise ValueError(
                f"images are {images.shape[2]} x {images.shape[3]}, which {len(self._ends)} poolings leave nothing of; "
                f"give at least {self._least} x {self._least}"
            )

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the convolutions of torchvision's VGG of this depth; its `classifier.*` is left out.

        Raises:
            ValueError: the weights of another network, with the names that differ.
        """
        load_encoder(self, state_dict, without=("classifier.",))


def vgg11(batch_norm: bool = False, width: int = 64) -> VGG:
    """VGG-11: stages of 1, 1, 2, 2, 2 convolutions (configuration A)."""
    return VGG(_DEPTHS[11], batch_norm, width)


def vgg13(batch_norm: bool = False, width: int = 64) -> VGG:
    """VGG-13: stages of 2, 2, 2, 2, 2 convolutions (configuration B)."""
    return VGG(_DEPTHS[13], batch_norm, width)


def vgg16(batch_norm: bool = False, width: int = 64) -> VGG:
    """VGG-16: stages of 2, 2, 3, 3, 3 convolutions (configuration D)."""
    return VGG(_DEPTHS[16], batch_norm, width)


def vgg19(batch_norm: bool = False, width: int = 64) -> VGG:
    """VGG-19: stages of 2, 2, 4, 4, 4 convolutions (configuration E)."""
    return VGG(_DEPTHS[19], batch_norm, width)


def _layers(
    depths: tuple[int, ...], channels: tuple[int, ...], batch_norm: bool, ceil_mode: bool
) -> tuple[nn.Sequential, list[int]]:
    """All layers in one row, as torchvision numbers them, and where the next stage begins after each pooling."""
    layers, ends, inside = [], [], 3
    for depth, outside in zip(depths, channels, strict=True):
        for _ in range(depth):
            layers.append(nn.Conv2d(inside, outside, 3, padding=1))
            layers += [nn.BatchNorm2d(outside)] if batch_norm else []
            layers.append(nn.ReLU(inplace=True))
            inside = outside
        layers.append(nn.MaxPool2d(2, ceil_mode=ceil_mode))
        ends.append(len(layers))
    return nn.Sequential(*layers), ends
