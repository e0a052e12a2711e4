"""Strides replaced by dilation in a trained network: larger features, the same weights, the same numbers.

A layer whose input has become denser by a factor must spread its taps by that factor to meet the same pixels as before;
a layer that made its map coarser than wanted gives up its stride. That is all: the dilated network's features at every
second pixel (every fourth …) are the features of the network as it was. What has one tap, a norm or a ReLU does not
notice. The layer that gives up its stride still has the old input, so its own dilation stays: torchvision's rule for
the first block of a dilated stage.

Source: Yu et al., arXiv:1705.09914, section 2; Chen et al., arXiv:1606.00915, section 3.1 ("atrous algorithm").
"""

import copy
import math

import torch
from torch import nn

from course.ops.arguments import pair
from course.ops.receptive_field.theoretical import without_numbers

_SIZE = 512  # of the image on which strides are read: so large that no padding hides them


def dilate(network: nn.Module, output_stride: int, *, in_channels: int = 3) -> nn.Module:
    """A copy of a network whose maps get no coarser than an output stride.

    Args:
        network: an encoder or a classifier, whose layers are modules that run once; it is not changed.
        output_stride: input pixels per pixel of the coarsest map, a stride that the network has.
        in_channels: of its images.

    Returns:
        A copy with the same weights. Its features before the global pooling, at every second pixel for each stride
        given up, equal the network's, where that pads its convolutions. `strides`, if it has them, are brought up to
        date.

    Raises:
        ValueError: the network has no such stride, or it cannot be dilated: average pooling or transposed convolution
            behind the stride, a layer that runs at two strides, strides that are not modules.

    Example:
        >>> net = nn.Sequential(nn.Conv2d(3, 4, 3, 2, padding=1), nn.Conv2d(4, 4, 3, 2, padding=1), nn.Conv2d(4, 4, 3))
        >>> [(layer.stride[0], layer.dilation[0]) for layer in dilate(net, 2)]
        [(2, 1), (1, 1), (1, 2)]

    Source: Chen et al., arXiv:1606.00915, section 3.1; torchvision's `replace_stride_with_dilation`.
    """
    strides = _strides(network, in_channels)
    there = sorted({stride for _, stride in strides.values()})
    if output_stride not in there:
        raise ValueError(
            f"output_stride is {output_stride}; wanted a stride that the network has: {', '.join(map(str, there))}."
        )
    dilated = copy.deepcopy(network)
    modules = dict(dilated.named_modules())
    for name, (before, after) in strides.items():
        _spread(name, modules[name], before, after, output_stride)
    for module in modules.values():
        if isinstance(getattr(module, "strides", None), tuple):
            module.strides = tuple(min(stride, output_stride) for stride in module.strides)
    left = max(stride for _, stride in _strides(dilated, in_channels).values())
    if left > output_stride:
        raise ValueError(
            f"the network still has stride {left}; wanted {output_stride}. It has strides that are no layers of its "
            "own, such as F.max_pool2d or bins of a pyramid; make them modules, or give the encoder alone."
        )
    return dilated


def _strides(network: nn.Module, in_channels: int) -> dict[str, tuple[int, int]]:
    """Stride of the map before and after each layer that reads windows, by its name; read on an image without numbers.

    Raises:
        ValueError: the network cannot run so, or a layer runs at two strides.
    """
    dry, found = without_numbers(network).eval().float(), {}

    def note(name: str, before: torch.Tensor, after: torch.Tensor) -> None:
        # Padding that is left out makes maps a little smaller: the nearest power of two is meant.
        sizes = tuple(2 ** round(math.log2(_SIZE / x.shape[-1])) for x in (before, after))
        if found.setdefault(name, sizes) != sizes:
            raise ValueError(
                f"{name} runs at strides {found[name][0]} and {sizes[0]}; wanted a layer for each. Give the encoder."
            )

    for name, module in dry.named_modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.MaxPool2d | nn.AvgPool2d):
            module.register_forward_hook(lambda _module, args, out, name=name: note(name, args[0], out))
    try:
        with torch.no_grad():
            dry(torch.empty(1, in_channels, _SIZE, _SIZE, device="meta"))
    except (NotImplementedError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"{type(network).__name__} cannot run on a {_SIZE} x {_SIZE} image without numbers; wanted an encoder or a "
            f"classifier of images with {in_channels} channels. torch says: {str(error).splitlines()[0]}"
        ) from error
    # Behind a global pooling there is one pixel, at a stride that means nothing.
    return {name: sizes for name, sizes in found.items() if max(sizes) < _SIZE}


def _spread(name: str, layer: nn.Module, before: int, after: int, output_stride: int) -> None:
    """Give a layer the dilation that its denser input needs, and the stride that is left of its own."""
    kind, factor = type(layer).__name__, before // min(before, output_stride)
    if factor == 1 and after <= output_stride:
        return
    if isinstance(layer, nn.ConvTranspose2d) or (isinstance(layer, nn.AvgPool2d) and factor > 1):
        raise ValueError(
            f"{name} ({kind}) is at stride {before}; wanted convolutions and maximum poolings behind stride "
            f"{output_stride}, since others cannot be dilated. Give a larger output_stride, or the encoder alone."
        )
    if pair(layer.stride, "stride", 1) != (after // before,) * 2:
        raise ValueError(
            f"{name} has stride {layer.stride} where the map goes from stride {before} to {after}; wanted strides that "
            "are powers of two, the same along both axes. Give an output_stride before it."
        )
    layer.stride = (min(after, output_stride) // min(before, output_stride),) * 2
    if factor > 1:
        layer.dilation = tuple(factor * value for value in pair(layer.dilation, "dilation", 1))
    if factor > 1 and not isinstance(layer.padding, str):
        layer.padding = tuple(factor * value for value in pair(layer.padding, "padding", 0))
