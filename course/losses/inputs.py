"""What all losses of (logits, target) share: the checks, which pixels count, and -log p of each pixel's class."""

from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from course.ops.arguments import void_label

_NO_VOID = -(2**31)  # torch always wants a label to ignore; as a label this one is refused


class Pixels:
    """The pixels of a batch: their logits, their labels, and which of them are known, that is not void.

    Shapes, types and devices are checked here. The labels are read by `check_labels` alone, since that costs a pass
    over the target; call it before anything is gathered by label.

    Args:
        logits: (n, k, h, w) float, k at least 2.
        target: (n, h, w) whole numbers of any type, on the same device.
        ignore_index: the label of void, which is not a class; None where there is none.

    Attributes:
        logits: (n, k, h, w), float32 or float64.
        target: (n, h, w) int64.
        num_classes: k.

    Raises:
        ValueError: a type, a shape, a device or the label of void does not fit.

    Example:
        >>> pixels = Pixels(torch.zeros(1, 3, 1, 2), torch.tensor([[[2, 255]]]), ignore_index=255)
        >>> pixels.num_classes, pixels.known.tolist()
        (3, [[[True, False]]])
    """

    def __init__(self, logits: Tensor, target: Tensor, ignore_index: int | None):
        _check_logits(logits)
        _check_target(target, logits)
        self.num_classes = logits.shape[1]
        self.ignore_index = void_label(ignore_index, self.num_classes)
        self.logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        self.target = target.long()  # in uint8 a void label of -1 would be the same as 255

    @cached_property
    def known(self) -> Tensor:
        """(n, h, w) bool: True where the target is not void."""
        if self.ignore_index is None:
            return torch.ones_like(self.target, dtype=torch.bool)
        return self.target != self.ignore_index

    def check_labels(self) -> None:
        """Raise ValueError unless each label is a class or void.

        On a GPU a wrong label would otherwise kill the whole process's context, far from the line at fault.
        """
        target, k = self.target, self.num_classes
        wrong = (target < 0) | (target >= k)
        if self.ignore_index is not None:
            wrong &= target != self.ignore_index
        if bool(wrong.any()):
            first = tuple(wrong.nonzero()[0].tolist())
            void = "" if self.ignore_index is None else f" or void {self.ignore_index}"
            raise ValueError(
                f"target is {target[first].item()} at {first}, the first of {int(wrong.sum())} such pixels; wanted a "
                f"class 0…{k - 1}{void}. Map it to one first."
            )

    def negative_log_likelihood(self, class_weights: Tensor | None = None, reduction: str = "none") -> Tensor:
        """-log p of each pixel's class under softmax over k, times the weight of the class; 0 at void pixels.

        log_softmax subtracts the largest logit first, so no exponential overflows and no logarithm meets 0.

        Args:
            class_weights: (k,) of the type of logits, or None for 1 each.
            reduction: "none" for (n, h, w), "sum" or "mean" for torch's.
        """
        void = _NO_VOID if self.ignore_index is None else self.ignore_index
        log_p = F.log_softmax(self.logits, 1)
        return F.nll_loss(log_p, self.target, class_weights, ignore_index=void, reduction=reduction)


def _check_logits(logits: Tensor) -> None:
    if logits.ndim != 4 or not logits.is_floating_point() or logits.shape[1] < 2:
        raise ValueError(
            f"logits are {logits.dtype} of shape {tuple(logits.shape)}; wanted floating point (n, k, h, w) with 2 "
            "classes or more. Turn the one logit x of a yes-no network into two, with torch.cat([torch.zeros_like(x), "
            "x], 1)."
        )


def _check_target(target: Tensor, logits: Tensor) -> None:
    n, _, h, w = logits.shape
    if target.is_floating_point() or target.is_complex() or target.dtype == torch.bool:
        raise ValueError(f"target is {target.dtype}; wanted whole numbers. Cast label maps with .long().")
    if target.shape != (n, h, w):
        raise ValueError(
            f"target has shape {tuple(target.shape)}; wanted {(n, h, w)}, as logits have {tuple(logits.shape)}. Resize "
            "the logits to the target, never the labels by averaging."
        )
    if target.device != logits.device:
        raise ValueError(
            f"target is on {target.device}; wanted the logits' {logits.device}. Move one with .to(device)."
        )
