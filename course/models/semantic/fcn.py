"""FCN: a classifier applied at every position, with skip connections from finer features (FCN-32s, 16s, 8s).

VGG's dense layers become convolutions (`dense_to_conv`), so that the network gives class scores at each of its
stride-32 positions. FCN-32s upsamples these scores 32 times at once. FCN-16s upsamples them by 2, adds scores made from
pool4 (stride 16) and upsamples the sum; FCN-8s does so once more with pool3. Upsampling is transposed convolution that
starts as bilinear interpolation.

fc6 has 7x7 taps and no padding, which costs 6 pixels; the paper makes up for them by 100 zeros around the image, and
crops what is too much. Where to crop follows from where pixel 0 of each map lies; `forward` keeps it in `lead`. With
the paper's padding that gives its code's offsets: pool4 5, pool3 9, the image 19, 27 or 31.

Our deviation: `padding=1` with `fc_padding=3` is offered too. It keeps every map in place and is about five times
less work on small images.

Source: Long, Shelhamer and Darrell, arXiv:1411.4038, sections 3.1 to 4.3, and the net.py files of its code.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from course.models.backbones.vgg import VGG
from course.ops.arguments import whole
from course.ops.convolution import bilinear_weight


class FCN(nn.Module):
    """FCN on VGG16.

    Args:
        num_classes: k, at least 1.
        stride: of the finest map that scores are made from: 32, 16 or 8.
        width: channels of VGG's first stage, 64 in the paper.
        fc_channels: of fc6 and fc7, 4096 in the paper; None for 64 times `width`.
        batch_norm: put batch normalization into VGG, without which small networks hardly train from scratch.
        learn_upsampling: let the bilinear filters change; the paper's code keeps them all fixed.
        padding: zeros around the image at the first convolution; 100 in the paper.
        fc_padding: zeros around the map at fc6; 0 in the paper.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w). The scoring layers start at zero,
    as in the paper: the first prediction is a tie, and a skip connection begins by changing nothing.

    Raises:
        ValueError: stride is not 32, 16 or 8, num_classes is below 1, or the paddings leave no room to crop.
    """

    def __init__(
        self,
        num_classes: int = 21,
        stride: int = 8,
        width: int = 64,
        fc_channels: int | None = None,
        batch_norm: bool = False,
        learn_upsampling: bool = False,
        padding: int = 100,
        fc_padding: int = 0,
    ):
        super().__init__()
        _check(num_classes, stride, padding, fc_padding)
        self.stride, self.padding, self.fc_padding = stride, padding, fc_padding
        self.encoder = VGG((2, 2, 3, 3, 3), batch_norm, width, padding, ceil_mode=True)
        fc_channels = fc_channels or 64 * width
        self.fc6 = nn.Conv2d(self.encoder.channels[-1], fc_channels, 7, padding=fc_padding)
        self.fc7 = nn.Conv2d(fc_channels, fc_channels, 1)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.5)
        self.score = nn.Conv2d(fc_channels, num_classes, 1)
        skips = {32: (), 16: (3,), 8: (3, 2)}[stride]  # pool4, then pool3
        self.skip_scores = nn.ModuleList(nn.Conv2d(self.encoder.channels[i], num_classes, 1) for i in skips)
        self.upsample_2x = nn.ModuleList(_bilinear(num_classes, 2, learn_upsampling) for _ in skips)
        self.upsample = _bilinear(num_classes, stride, learn_upsampling)
        for layer in (self.score, *self.skip_scores):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        _, _, pool3, pool4, pool5 = self.encoder(images)
        x = self.dropout(self.relu(self.fc6(pool5)))
        x = self.score(self.dropout(self.relu(self.fc7(x))))
        lead = 3 - self.fc_padding  # pixels of the pooled map that lie before x's pixel 0: fc6 is centered on tap 3
        for skip, score, upsample in zip((pool4, pool3), self.skip_scores, self.upsample_2x, strict=False):
            x, lead = _fuse(upsample(x), score(skip), 2 * lead - 1)  # 4 taps begin one fine pixel early
        x = self.upsample(x)
        return _crop(x, _image_offset(self.stride, lead, self.padding), images.shape[2:])

    def load_classifier(self, state_dict: Mapping[str, Tensor]) -> None:
        """Start from torchvision's trained VGG16 (or VGG16 with batch normalization), its dense layers included.

        Args:
            state_dict: of `torchvision.models.vgg16()`; its last layer, the thousand classes, is left out.

        Raises:
            ValueError: the weights are another network's; names one that differs.
        """
        dense = {self.fc6: "classifier.0", self.fc7: "classifier.3"}
        for conv, name in dense.items():
            weight, bias = state_dict.get(f"{name}.weight"), state_dict.get(f"{name}.bias")
            if weight is None or bias is None or weight.numel() != conv.weight.numel():
                raise ValueError(f"{name} is missing or of another size; wanted the whole state_dict of vgg16().")
        self.encoder.load_classifier(state_dict)
        with torch.no_grad():
            for conv, name in dense.items():
                conv.weight.copy_(state_dict[f"{name}.weight"].view_as(conv.weight))
                conv.bias.copy_(state_dict[f"{name}.bias"])


def fcn32s(num_classes: int = 21, width: int = 64) -> FCN:
    """FCN-32s as in the paper: no skip connection."""
    return FCN(num_classes, 32, width)


def fcn16s(num_classes: int = 21, width: int = 64) -> FCN:
    """FCN-16s as in the paper: with pool4."""
    return FCN(num_classes, 16, width)


def fcn8s(num_classes: int = 21, width: int = 64) -> FCN:
    """FCN-8s as in the paper: with pool4 and pool3."""
    return FCN(num_classes, 8, width)


def fcn32s_small(num_classes: int) -> FCN:
    """Our own FCN-32s for a laptop, with batch normalization; 1.9 M parameters."""
    return _small(num_classes, 32)


def fcn16s_small(num_classes: int) -> FCN:
    """Our own FCN-16s for a laptop, with batch normalization; 1.6 M parameters."""
    return _small(num_classes, 16)


def fcn8s_small(num_classes: int) -> FCN:
    """Our own FCN-8s for a laptop, with batch normalization; 1.6 M parameters."""
    return _small(num_classes, 8)


def dense_to_conv(dense: nn.Linear, size: tuple[int, int]) -> nn.Conv2d:
    """The convolution that does to each window what a dense layer does to one flattened map.

    Args:
        dense: from c * h * w numbers to any number of outputs.
        size: (h, w) of the map that was flattened; (1, 1) for a dense layer behind another.

    Returns:
        A convolution from c channels with h x w taps, holding copies of the weights. On a map of exactly `size` it
        gives the dense layer's outputs as (n, outputs, 1, 1); on a larger one, those of each window.

    Raises:
        ValueError: size does not divide the dense layer's inputs.

    Source: Long et al., arXiv:1411.4038, section 3.1.
    """
    h, w = size
    if h < 1 or w < 1 or dense.in_features % (h * w):
        raise ValueError(
            f"size is {size}; wanted one that divides the dense layer's {dense.in_features} inputs. Give the (h, w) of "
            "the map that was flattened."
        )
    channels = dense.in_features // (h * w)
    conv = nn.Conv2d(channels, dense.out_features, (h, w), bias=dense.bias is not None).to(dense.weight)
    with torch.no_grad():
        conv.weight.copy_(dense.weight.view_as(conv.weight))  # both count channels first, then rows, then columns
        if dense.bias is not None:
            conv.bias.copy_(dense.bias)
    return conv


def _small(num_classes: int, stride: int) -> FCN:
    return FCN(
        num_classes,
        stride,
        width=16,
        fc_channels=96,
        batch_norm=True,
        learn_upsampling=True,
        padding=1,
        fc_padding=3,
    )


def _fuse(deep: Tensor, skip: Tensor, lead: int) -> tuple[Tensor, int]:
    """Add two score maps of one stride, where `lead` pixels of the skip lie before the deep map's pixel 0."""
    if lead < 0:  # the deep map begins outside of the skip
        return _crop(deep, -lead, skip.shape[2:]) + skip, 0
    return deep + _crop(skip, lead, deep.shape[2:]), lead


def _image_offset(stride: int, lead: int, padding: int) -> int:
    """Row and column, in the upsampled scores, of the image's pixel 0."""
    return padding - 1 + stride // 2 - stride * lead


def _crop(x: Tensor, offset: int, size: tuple[int, int]) -> Tensor:
    h, w = size
    return x[..., offset : offset + h, offset : offset + w]


def _bilinear(channels: int, factor: int, learn: bool) -> nn.ConvTranspose2d:
    layer = nn.ConvTranspose2d(channels, channels, 2 * factor, stride=factor, bias=False)
    with torch.no_grad():
        layer.weight.copy_(bilinear_weight(channels, factor))
    return layer.requires_grad_(learn)


def _check(num_classes: int, stride: int, padding: int, fc_padding: int) -> None:
    whole(num_classes, "num_classes", 1)
    if stride not in (32, 16, 8):
        raise ValueError(f"stride is {stride}; wanted 32, 16 or 8.")
    if fc_padding not in (0, 3) or padding < (97 if fc_padding == 0 else 1):
        raise ValueError(
            f"padding is {padding} and fc_padding {fc_padding}; wanted at least 97 and 0 (with less, a small image "
            "leaves too little for 7x7 taps), or at least 1 and 3. Give 100 and 0 as in the paper, or 1 and 3."
        )
