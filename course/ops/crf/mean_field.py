"""Mean field in a fully connected CRF: labels that agree with the network, and with pixels that look alike.

The energy of a labeling is the sum of the network's unary terms and, for each pair of pixels with different labels, a
penalty that is large where the two are near in position and color. Exact inference is out of reach. Mean field looks
for the independent distributions Q_i that come nearest, by repeating one step: every pixel hears from all others what
they believe, weighted by the kernels; adds that to its own logits; and takes the softmax.

Source: Krähenbühl and Koltun, arXiv:1210.5644, algorithm 1. The kernels are normalized symmetrically and a pixel hears
itself too, as in their code (and in pydensecrf); the paper's sum leaves j = i out.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course.ops.arguments import whole
from course.ops.crf.kernels import appearance_features, position_features
from course.ops.crf.lattice import Lattice

Filter = Callable[[Tensor], Tensor]


def mean_field_step(logits: Tensor, beliefs: Tensor, filters: Sequence[tuple[float, Filter]]) -> Tensor:
    """One step of mean field, for all points at once.

    With equal penalties for all pairs of different labels (Potts), a penalty for "not my label" is, up to a constant,
    a bonus for "my label"; the softmax does not see the constant.

    Args:
        logits: (p, k), the network's.
        beliefs: (p, k), the distributions Q so far.
        filters: (weight, kernel) pairs; a kernel maps (p, k) to (p, k).

    Returns:
        (p, k), the new distributions.

    Example:
        >>> logits, beliefs = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.25, 0.75]])
        >>> step = mean_field_step(logits, beliefs, [(2.0, lambda q: q)])
        >>> torch.equal(step, torch.tensor([[0.5, 1.5]]).softmax(1))
        True
    """
    messages = sum((weight * kernel(beliefs) for weight, kernel in filters), logits)
    return messages.softmax(1)


def dense_crf(
    logits: Tensor,
    images: Tensor,
    *,
    steps: int = 5,
    appearance: tuple[float, float, float] = (10.0, 80.0, 13 / 255),
    smoothness: tuple[float, float] = (3.0, 3.0),
    kernel: Callable[[Tensor], Filter] = Lattice,
) -> Tensor:
    """Sharpen a network's prediction by the picture's own edges.

    Args:
        logits: (n, k, h, w) float.
        images: (n, 3, h, w) float in [0, 1], on the same device.
        steps: how often the distributions are improved, at least 0.
        appearance: weight, standard deviation in pixels, and in color, where 1 is from black to white.
        smoothness: weight and standard deviation in pixels of the kernel that knows no colors.
        kernel: `Lattice`, or `Pairwise`, which is exact and takes small pictures alone.

    Returns:
        (n, k, h, w) probabilities, in the logits' dtype. Gradients reach the logits, not the images.

    Raises:
        ValueError: shapes that do not fit together, a deviation that is not above 0, a weight below 0.

    Example:
        >>> noisy = torch.tensor([2.0, 2.0, -1.0, 2.0, -2.0, -2.0]).view(1, 1, 1, 6)
        >>> image = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0, 1.0]).expand(1, 3, 1, 6)
        >>> dense_crf(torch.cat((noisy, -noisy), dim=1), image).argmax(1).tolist()
        [[[0, 0, 0, 0, 1, 1]]]

    Source: arXiv:1210.5644, section 3; the defaults are those of pydensecrf's example.
    """
    _check(logits, images, steps, appearance[0], smoothness[0])
    n, k, h, w = logits.shape
    near = (smoothness[0], kernel(position_features((h, w), smoothness[1]).to(logits)))
    results = []
    for image, scores in zip(images.detach().to(logits.dtype), logits.flatten(2).mT.contiguous(), strict=True):
        filters = [near, (appearance[0], kernel(appearance_features(image, *appearance[1:])))]
        beliefs = scores.softmax(1)
        for _ in range(steps):
            beliefs = mean_field_step(scores, beliefs, filters)
        results.append(beliefs.T.reshape(k, h, w))
    return torch.stack(results) if n else logits.clone()


def _check(logits: Tensor, images: Tensor, steps: int, *weights: float) -> None:
    whole(steps, "steps", 0)
    if logits.ndim != 4 or not logits.is_floating_point() or not logits.numel():
        raise ValueError(f"logits are {logits.dtype} {tuple(logits.shape)}; wanted floats (n, k, h, w).")
    wanted = (len(logits), 3, *logits.shape[2:])
    if tuple(images.shape) != wanted or not images.is_floating_point():
        raise ValueError(
            f"images are {images.dtype} {tuple(images.shape)}; wanted floats {wanted} in [0, 1], of the logits' size. "
            "Resize the logits to the images first."
        )
    if not min(weights) >= 0:
        raise ValueError(f"the weights are {weights}; wanted numbers of at least 0.")
