"""Any classifier of torchvision as an encoder: MobileNetV3, EfficientNet, DenseNet, RegNet, MNASNet, …

torchvision traces the network into a graph; a dry run without numbers says how large each node's result is; of each
stride, the last node is the feature: what the network knows right before it halves its image again. (In networks
of inverted bottlenecks that is the widened map inside the next block.)

Source: torchvision.models.feature_extraction, whose `create_feature_extractor` cuts the graph.
"""

import copy

import torch
from torch import Tensor, nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from course.models.images import check_images

_STRIDES = (4, 8, 16, 32)
_SIZE = 256  # of the dry run: a power of two, so that no stride is the 7x7 before many classifiers' last layer


class TorchvisionEncoder(nn.Module):
    """A classifier's features at strides 4, 8, 16 and 32.

    Args:
        classifier: such as `torchvision.models.mobilenet_v3_large(weights="DEFAULT")`; its weights are used, not
            copied.

    Call with (n, 3, h, w); returns four features (n, c, h / s, w / s), rounded as the classifier does, for s in
    `strides` and c in `channels`; `nodes` names their places in the classifier's graph.

    Raises:
        ValueError: the network never has one of these strides, such as one that cuts its image into patches.
    """

    def __init__(self, classifier: nn.Module):
        super().__init__()
        self.strides = _STRIDES
        self.nodes, self.channels = _last_of_each_stride(classifier)
        self.body = create_feature_extractor(classifier, list(self.nodes), suppress_diff_warning=True)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The features, the finest first."""
        check_images(images)
        features = self.body(images)
        return tuple(features[node] for node in self.nodes)


def _last_of_each_stride(classifier: nn.Module) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names and channels of the last node at each stride."""
    last = {}
    for node, shape in _node_shapes(classifier).items():
        if len(shape) == 4 and shape[2] == shape[3]:
            last[_SIZE / shape[2]] = (node, shape[1])
    missing = [stride for stride in _STRIDES if stride not in last]
    if missing:
        raise ValueError(
            f"{type(classifier).__name__} has no features (n, c, h, w) at stride {', '.join(map(str, missing))}; "
            "wanted a convolutional network that halves its image five times, such as mobilenet_v3_large or resnet50."
        )
    nodes, channels = zip(*(last[stride] for stride in _STRIDES), strict=True)
    return nodes, channels


def _node_shapes(classifier: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shape of each node's result, in the order of computation; on meta tensors, which have shapes and no numbers.

    A node counts only if the network has it in training as well, so torchvision need not warn where the two differ.
    """
    train, evaluation = get_graph_node_names(classifier, suppress_diff_warning=True)
    nodes = [node for node in evaluation if node in set(train)]
    dry = create_feature_extractor(copy.deepcopy(classifier).to("meta").eval(), nodes, suppress_diff_warning=True)
    size = getattr(classifier, "image_size", _SIZE)  # a ViT asserts its own
    with torch.no_grad():
        results = dry(torch.empty(1, 3, size, size, device="meta"))
    return {node: tuple(results[node].shape) for node in nodes if isinstance(results[node], Tensor)}
