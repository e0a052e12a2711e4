"""Building blocks that several networks share: convolution with its norm, separable convolution, pooling with a
convolution, residual blocks.

A convolution that batch normalization follows has no bias: the norm's shift does the same. Padding is chosen
so that stride 1 keeps the size, at any dilation.

`ConvNormAct` numbers its layers 0, 1, 2 and the residual blocks name theirs as torchvision does, so that torchvision's
weights fit without renaming.

Source: Ioffe and Szegedy, arXiv:1502.03167 (batch normalization); Sifre, PhD thesis 2014, and Chollet,
arXiv:1610.02357 (separable convolution); Zhao et al., arXiv:1612.01105 (pooling into bins); He et al.,
arXiv:1512.03385 (residual blocks) and 1502.01852 (initialization).
"""

from torch import Tensor, nn

from course.models.images import resize_to


class ConvNormAct(nn.Sequential):
    """Convolution, batch normalization, ReLU; stride 1 keeps the size.

    Args:
        in_channels, out_channels: of the convolution.
        kernel_size: taps along each axis; odd.
        stride: input pixels from one output pixel to the next.
        dilation: input pixels from one tap to the next.
        groups: sets of channels that do not see each other; divides in_channels and out_channels.

    Call with (n, in_channels, h, w); returns (n, out_channels, ceil(h / stride), ceil(w / stride)).

    Raises:
        ValueError: kernel_size is even, so that no padding centers it.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
    ):
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size is {kernel_size}; wanted an odd number, so that both sides get one padding.")
        padding = dilation * (kernel_size // 2)
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class SeparableConv(nn.Sequential):
    """A filter per channel, then a mix of the channels at each pixel; a norm and a ReLU after both.

    With k x k taps it costs about 1 / out_channels + 1 / k^2 of the full convolution's multiplications.

    Args:
        in_channels, out_channels: of the whole.
        kernel_size: taps of the filter along each axis; odd.
        stride: input pixels from one output pixel to the next.
        dilation: input pixels from one tap to the next.

    Call with (n, in_channels, h, w); returns (n, out_channels, ceil(h / stride), ceil(w / stride)).

    Raises:
        ValueError: kernel_size is even.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1, dilation: int = 1):
        super().__init__(
            ConvNormAct(in_channels, in_channels, kernel_size, stride, dilation, groups=in_channels),
            ConvNormAct(in_channels, out_channels, kernel_size=1),
        )


class PooledConv(nn.Sequential):
    """Means over the parts of a map, a 1x1 convolution with norm and ReLU on them, brought back to the map's size.

    With one bin it is the image pooling of DeepLabV3: each pixel is told what the whole map is like. PSPNet has several
    of them side by side. Where a size is not a multiple of the bins, neighboring parts share pixels.

    Args:
        in_channels, out_channels: of the convolution.
        bins: parts along each axis, at least 1.

    Call with (n, in_channels, h, w), h and w at least `bins`; returns (n, out_channels, h, w).

    Raises:
        ValueError: in the call: a side has fewer pixels than bins; or, in training mode, one image leaves one number a
            channel, whose deviation is 0.
    """

    def __init__(self, in_channels: int, out_channels: int, bins: int = 1):
        super().__init__(nn.AdaptiveAvgPool2d(bins), *ConvNormAct(in_channels, out_channels, 1))
        self.bins = bins

    def forward(self, x: Tensor) -> Tensor:
        """The pooled features at every pixel."""
        n, _, h, w = x.shape
        if h < self.bins or w < self.bins:
            raise ValueError(
                f"the features are {h} × {w}; wanted at least {self.bins} × {self.bins} for as many bins. Give larger "
                "images, a smaller output_stride, or coarser bins."
            )
        if self[2].training and n * self.bins == 1:
            raise ValueError(
                "the batch is one image, of which image pooling leaves one number a channel; wanted two or more for "
                "batch normalization in training mode. Give at least two images, leave out an epoch's last batch if it "
                "is smaller (drop_last=True), or call .eval()."
            )
        pooled = super().forward(x)
        return pooled.expand(-1, -1, h, w) if self.bins == 1 else resize_to(pooled, (h, w))


class BasicBlock(nn.Module):
    """The residual block of ResNet-18 and 34: two 3x3 convolutions, and a shortcut past them.

    Args:
        in_channels: of the first convolution.
        width: channels that come out.
        stride: of the first convolution.
        dilations: of the first and the second convolution.

    Call with (n, in_channels, h, w); returns (n, width, ceil(h / stride), ceil(w / stride)).
    """

    expansion = 1  # channels that come out, per channel of the width

    def __init__(self, in_channels: int, width: int, stride: int = 1, dilations: tuple[int, int] = (1, 1)):
        super().__init__()
        first, second = dilations
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride, padding=first, dilation=first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=second, dilation=second, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """The block's own change of x, added to x."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """The residual block of ResNet-50 and deeper: 1x1 to few channels, 3x3 on these, 1x1 to four times as many.

    The stride is in the 3x3 convolution, as in torchvision; the paper has it in the first 1x1.

    Args:
        in_channels: of the first convolution.
        width: channels of the 3x3 convolution; four times as many come out.
        stride: of the 3x3 convolution.
        dilations: the first is the 3x3 convolution's; the second, which `BasicBlock` has, is not used.

    Call with (n, in_channels, h, w); returns (n, 4 * width, ceil(h / stride), ceil(w / stride)).
    """

    expansion = 4

    def __init__(self, in_channels: int, width: int, stride: int = 1, dilations: tuple[int, int] = (1, 1)):
        super().__init__()
        out_channels, dilation = self.expansion * width, dilations[0]
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=dilation, dilation=dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """The block's own change of x, added to x."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def initialize(module: nn.Module) -> None:
    """Draw convolutions from He's normal distribution (fan out); norms start as the identity, biases at 0.

    Args:
        module: its convolutions, transposed ones too, and batch norms are set in place.

    Source: He et al., arXiv:1502.01852, section 2.2.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """The shortcut past a residual block: nothing where the shapes agree, else a 1x1 convolution and its norm."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))
