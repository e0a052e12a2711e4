"""What all losses of (logits, target) share: the checks, and -log p of each pixel's class."""

import torch
import torch.nn.functional as F
from torch import Tensor

_NO_VOID = -(2**31)  # for torch, which always wants a number to ignore; as a label it is refused


def checked(logits: Tensor, target: Tensor, ignore_index: int | None) -> tuple[Tensor, Tensor]:
    """The logits in at least float32 and the target in int64, if both fit together (labels: see `check_labels`).

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w), whole numbers of any type, on the same device.
        ignore_index: the void label, no class; None where there is none.

    Raises:
        ValueError: a type, shape, device or void label that does not fit.
    """
    if logits.ndim != 4 or not logits.is_floating_point() or logits.shape[1] < 2:
        raise ValueError(
            f"logits must be floats (n, k, h, w) with 2 classes or more, got {logits.dtype} {tuple(logits.shape)}; "
            "turn the one logit x of a yes-no network into two with torch.cat([torch.zeros_like(x), x], 1)"
        )
    n, k, h, w = logits.shape
    if target.is_floating_point() or target.is_complex() or target.dtype == torch.bool:
        raise ValueError(f"target must hold whole numbers, got {target.dtype}; cast label maps with .long()")
    if target.shape != (n, h, w):
        raise ValueError(
            f"target is {tuple(target.shape)}, for logits {tuple(logits.shape)} it must be {(n, h, w)}; "
            "resize the logits to the target, never the labels by averaging"
        )
    if target.device != logits.device:
        raise ValueError(f"logits are on {logits.device}, target on {target.device}; move one with .to(device)")
    if ignore_index is not None and 0 <= ignore_index < k:
        raise ValueError(
            f"ignore_index {ignore_index} is one of the {k} classes, whose pixels would vanish; "
            "mark void with a number that is no class, such as -1, or pass None"
        )
    # int64, because in uint8 a void label of -1 would be the same as 255
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits, target.long()


def check_labels(target: Tensor, classes: int, ignore_index: int | None) -> None:
    """Raise ValueError unless each label is a class or void.

    On a GPU a label outside would otherwise kill the process's whole context, far from the line that is wrong.
    """
    outside = (target < 0) | (target >= classes)
    if ignore_index is not None:
        outside &= target != ignore_index
    if bool(outside.any()):
        void = "" if ignore_index is None else f" or void {ignore_index}"
        raise ValueError(
            f"target holds {target[outside][0].item()}, the first of {int(outside.sum())} pixels that are not a class "
            f"0…{classes - 1}{void}; map it to one first"
        )


def not_void(target: Tensor, ignore_index: int | None) -> Tensor:
    """True where the target has a class, of the target's shape."""
    return torch.ones_like(target, dtype=torch.bool) if ignore_index is None else target != ignore_index


def surprise(logits: Tensor, target: Tensor, ignore_index: int | None) -> Tensor:
    """-log p of each pixel's class under softmax over k: (n, h, w), 0 at void pixels. Labels are checked.

    log_softmax subtracts the largest logit first, so no exponential overflows and no logarithm meets 0.
    """
    check_labels(target, logits.shape[1], ignore_index)
    return negative_log_likelihood(F.log_softmax(logits, 1), target, None, ignore_index, "none")


def negative_log_likelihood(
    log_p: Tensor, target: Tensor, weights: Tensor | None, ignore_index: int | None, reduction: str
) -> Tensor:
    """torch's gather of -weight * log_p at the target's class; void contributes 0. Labels are not checked."""
    void = _NO_VOID if ignore_index is None else ignore_index
    return F.nll_loss(log_p, target, weights, ignore_index=void, reduction=reduction)
