"""EncNet: what the image holds as a whole says which channels of each pixel's feature matter.

- Encoding layer: a codebook of K vectors. Each pixel's feature is compared with all of them; for each codeword the
  differences of the pixels near it are summed. So the image becomes K vectors, in whatever order its pixels lie.
- Channel attention: from the mean of these vectors a dense layer predicts a factor between 0 and 1 per channel.
- Presence: another one predicts which classes the image holds. `course.losses.semantic_encoding_loss` trains it; a
  small object counts there as much as a large one.

On `use_deep_stem(resnet50(8), 32)` it has mmsegmentation's parameters and layers. As there, and in the authors' code,
the K vectors are averaged, where the paper adds them; and features times attention are added to the features before a
ReLU, where the paper has the product alone. Left out: the auxiliary head of both codes, and their option to mix in the
second and third stage; the paper's second presence loss, on the third stage. mmsegmentation's smoothing factors have
the opposite sign.

Source: Zhang et al., Context encoding for semantic segmentation, arXiv:1803.08904.
"""

import torch
from torch import Tensor, nn

from course.models.backbones.resnet import ResNet, resnet50
from course.models.blocks import ConvNormAct
from course.models.dense import Dense
from course.models.images import check_images, resize_to
from course.models.semantic.fcn_resnet import resnet_small
from course.models.semantic.pspnet import use_deep_stem
from course.ops.arguments import whole


class Encoding(nn.Module):
    """Encoding layer: the differences of all pixels from each codeword, weighted by how near they are, and summed.

    e_k = Σ_i a_ik (x_i - d_k), where a_ik is the softmax over k of -s_k ‖x_i - d_k‖².

    Args:
        channels: c.
        num_codes: K.

    Call with (n, c, h, w); returns (n, K, c).

    Source: Zhang et al., arXiv:1803.08904, section 3.1; Zhang, Xue and Dana, Deep TEN, arXiv:1612.02844.
    """

    def __init__(self, channels: int, num_codes: int):
        super().__init__()
        bound = (num_codes * channels) ** -0.5
        self.codewords = nn.Parameter(torch.empty(num_codes, channels).uniform_(-bound, bound))
        self.smoothing = nn.Parameter(torch.rand(num_codes))

    def forward(self, x: Tensor) -> Tensor:
        """One vector a codeword."""
        pixels = x.flatten(2).transpose(1, 2)  # (n, pixels, c)
        near = (-self.smoothing * self.squared_distances(pixels)).softmax(2)
        # Σ a (x - d) = Σ a x - d Σ a, without a difference for each pixel and codeword
        return near.transpose(1, 2) @ pixels - near.sum(1)[..., None] * self.codewords

    def squared_distances(self, pixels: Tensor) -> Tensor:
        """‖x - d‖² for each pixel and codeword, (n, pixels, K), from (n, pixels, c)."""
        mixed = pixels @ self.codewords.T
        return pixels.square().sum(2, keepdim=True) - 2 * mixed + self.codewords.square().sum(1)


class ContextEncoding(nn.Module):
    """Encoding, and the channel attention and the presence of classes that follow from it.

    Args:
        channels: c.
        num_classes: k.
        num_codes: K, 32 in the paper.

    Call with (n, c, h, w); returns the features, each channel weighted, (n, c, h, w), and a logit for the presence of
    each class, (n, k).
    """

    def __init__(self, channels: int, num_classes: int, num_codes: int = 32):
        super().__init__()
        self.project = ConvNormAct(channels, channels, 1)
        self.encode = Encoding(channels, num_codes)
        self.norm = nn.BatchNorm1d(num_codes)
        self.attention = nn.Linear(channels, channels)
        self.presence = nn.Linear(channels, num_classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Weighted features and presence."""
        encoded = self.norm(self.encode(self.project(x))).relu().mean(1)
        attention = self.attention(encoded).sigmoid()[..., None, None]
        return (x + x * attention).relu(), self.presence(encoded)


class EncHead(nn.Module):
    """A 3x3 convolution on the last feature, context encoding, scores.

    Args:
        in_channels: of the last feature.
        num_classes: k.
        channels: behind the convolution, 512 in the paper's code.
        num_codes: K, 32 in the paper.

    Call with a tuple of features; returns scores (n, k, h, w) of the last one's size. `with_presence` gives both.
    """

    def __init__(self, in_channels: int, num_classes: int, channels: int = 512, num_codes: int = 32):
        super().__init__()
        self.reduce = ConvNormAct(in_channels, channels)
        self.context = ContextEncoding(channels, num_classes, num_codes)
        self.dropout = nn.Dropout(0.1)
        self.score = nn.Conv2d(channels, num_classes, 1)

    def forward(self, features: tuple[Tensor, ...]) -> Tensor:
        """Scores of the last feature's size."""
        return self.with_presence(features)[0]

    def with_presence(self, features: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """The scores, and a logit for the presence of each class, (n, k)."""
        x, presence = self.context(self.reduce(features[-1]))
        return self.score(self.dropout(x)), presence


class EncNet(Dense):
    """EncNet on a ResNet.

    Args:
        backbone: from `resnet50(output_stride=8)` and the like.
        num_classes: k, at least 1.
        channels: behind the head's 3x3 convolution.
        num_codes: K of the codebook.

    Call with normalized images (n, 3, h, w) of any size; returns logits (n, k, h, w). To train with the presence of
    classes, call `with_presence`.

    Raises:
        ValueError: num_classes, channels or num_codes is below 1.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21, channels: int = 512, num_codes: int = 32):
        for value, name in ((num_classes, "num_classes"), (channels, "channels"), (num_codes, "num_codes")):
            whole(value, name, 1)
        super().__init__(backbone, EncHead(backbone.channels[-1], num_classes, channels, num_codes))

    def with_presence(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The logits (n, k, h, w), and a logit for the presence of each class in each image, (n, k).

        The paper's loss is cross_entropy(logits, target) + 0.2 * semantic_encoding_loss(presence, target).
        """
        check_images(images)
        scores, presence = self.classifier.with_presence(self.backbone(images))
        return resize_to(scores, images.shape[2:]), presence


def encnet_small(num_classes: int) -> EncNet:
    """Our own, for a laptop: a small ResNet, 64 channels and 16 codewords; 0.5 M parameters."""
    return EncNet(resnet_small(8), num_classes, 64, 16)


def encnet_resnet50(num_classes: int = 21, output_stride: int = 8) -> EncNet:
    """EncNet on ResNet-50 with a deep stem; mmsegmentation's with the values as they are."""
    return EncNet(use_deep_stem(resnet50(output_stride), 32), num_classes)
