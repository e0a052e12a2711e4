"""VGG: 3x3 convolutions and nothing else, halved five times by pooling.

The features are those after each pooling, at strides 2, 4, 8, 16 and 32. `stages()` are the convolutions between
two poolings, for networks such as SegNet that do the pooling themselves.

The layers are numbered as in torchvision (`features.0`, `features.2`, …), so a state_dict of torchvision's VGG fits
as it is, its classifier left out: `load_classifier`.

Source: Simonyan and Zisserman, arXiv:1409.1556, table 1 (A, B, D and E).
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice

from torch import Tensor, nn

from course.models.backbones.weights import load_encoder
from course.models.blocks import initialize
from course.models.images import check_images

# Convolutions of each stage; the channels are 1, 2, 4, 8, 8 times the width.
_DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


class VGG(nn.Module):
    """The convolutional part of VGG, as an encoder.

    Args:
        depths: convolutions of each of the stages, which a pooling follows.
        batch_norm: put batch normalization after each convolution.
        width: channels of the first stage, 64 in the paper; the others have 2, 4, 8 and 8 times as many.
        padding: zeros around the image at the first convolution; 1 keeps the size.
        ceil_mode: let pooling windows hang over the edge, so that h pixels become ceil(h / 2) and none is dropped;
            as in Caffe. torchvision's VGG has floor(h / 2).

    Call with (n, 3, h, w), h and w at least 2 to the number of stages unless ceil_mode; returns one feature
    (n, c, h / s, w / s) a stage, for s in `strides` and c in `channels`. `least` is the smallest h and w.

    Raises:
        ValueError: there is no stage, or one without convolutions, or width is below 1; in the call: images are too
            small.
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
            raise ValueError(f"depths is {depths} and width {width}; wanted stages, each of them and width at least 1.")
        self.strides = tuple(2**i for i in range(1, len(depths) + 1))
        self.channels = tuple(width * min(2**i, 8) for i in range(len(depths)))
        self.features, self._ends = _layers(depths, self.channels, batch_norm, ceil_mode)
        self.features[0].padding = (padding, padding)
        self.least = 1 if ceil_mode else max(1, self.strides[-1] - 2 * (padding - 1))
        initialize(self)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The features after each pooling, at strides 2, 4, 8, 16 and 32."""
        check_images(images, least=self.least)
        x, features = images, []
        for number, layer in enumerate(self.features, start=1):
            x = layer(x)
            if number in self._ends:
                features.append(x)
        return tuple(features)

    def stages(self) -> list[Callable[[Tensor], Tensor]]:
        """The convolutions of each stage as a function of its input, without the pooling that follows them."""
        return [partial(self._stage, index) for index in range(len(self._ends))]

    def _stage(self, index: int, x: Tensor) -> Tensor:
        for layer in islice(self.features, [0, *self._ends][index], self._ends[index] - 1):
            x = layer(x)
        return x

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the convolutions of torchvision's VGG of this depth; its `classifier.*` is left out.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        load_encoder(self, state_dict, without=("classifier.",))


def keep_stride_8(vgg: VGG, pool: nn.Module | None = None) -> VGG:
    """Keep stride 8 from the third pooling on, in place: the last two give up theirs, the fifth stage is dilated by 2.

    The weights stay, and so does what each convolution of the fifth stage sees, but for the poolings themselves. A
    convolution behind the last pooling is to be dilated by 4.

    Args:
        vgg: of five stages.
        pool: what stands in place of the last two poolings and keeps the size; None for nothing.

    Returns:
        The encoder, with strides 2, 4, 8, 8 and 8.

    Raises:
        ValueError: there are more or fewer than five stages.

    Source: Yu and Koltun, arXiv:1511.07122, section 4 (no pooling); Chen et al., arXiv:1412.7062, section 3.1 (3x3).
    """
    if len(vgg._ends) != 5:
        raise ValueError(f"the VGG has {len(vgg._ends)} stages; wanted five, as vgg16() has.")
    fourth, fifth = vgg._ends[3:]
    for end in (fourth, fifth):
        vgg.features[end - 1] = pool or nn.Identity()
    for layer in vgg.features[fourth:fifth]:
        if isinstance(layer, nn.Conv2d):
            layer.dilation = layer.padding = (2, 2)
    vgg.strides = (2, 4, 8, 8, 8)
    vgg.least = min(vgg.least, 8)
    return vgg


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
    layers, ends, in_channels = [], [], 3
    for depth, out_channels in zip(depths, channels, strict=True):
        for _ in range(depth):
            layers.append(nn.Conv2d(in_channels, out_channels, 3, padding=1))
            layers += [nn.BatchNorm2d(out_channels)] if batch_norm else []
            layers.append(nn.ReLU(inplace=True))
            in_channels = out_channels
        layers.append(nn.MaxPool2d(2, ceil_mode=ceil_mode))
        ends.append(len(layers))
    return nn.Sequential(*layers), ends
