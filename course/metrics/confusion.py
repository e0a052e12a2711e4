"""The confusion matrix: C[i, j] = number of pixels of target class i that were predicted as class j.

Idea: number the pairs. Pixel by pixel, target·k + prediction is one whole number per pair, and `bincount` counts them.
Two things make it fast and safe at once. The index is built in the narrowest integer type that holds it, and it has
rows for *every* number between 0 and void, not only for the k classes: void falls into a row that nobody reads, and a
wrong label falls into a row that must be empty.
"""

from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor

from course.metrics.scores import (
    class_accuracy,
    f1,
    frequency_weighted_iou,
    iou,
    mean_class_accuracy,
    mean_iou,
    overall_accuracy,
    precision,
)

# bincount and aminmax know these on every device; the rest (bool, uint16, …) is widened first
_NATIVE = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}


def confusion_matrix(target: Tensor, prediction: Tensor, classes: int, *, ignore_index: int | None = 255) -> Tensor:
    """Count the pixels of every (target, prediction) pair of classes.

    Args:
        target: labels of any shape, any integer type or bool: 0 … k-1, or `ignore_index`.
        prediction: labels of the same shape, on the same device, any integer type or bool: 0 … k-1 at *every* pixel. A
            network has no class void, so a predicted void is refused, also where the target is void.
        classes: k, at least 1.
        ignore_index: the void label, between -256 and 255 and not a class; None where there is none. Pixels whose
            target is void are not counted, whatever was predicted there.

    Returns:
        `(k, k)` int64 on the input's device, rows = target, columns = prediction.

    Raises:
        ValueError: shapes, devices or types do not fit, or a label is neither a class nor void.

    Source: Long et al., arXiv:1411.4038, section 5 (n_ij). `bincount` of the fused index is its usual form.
    """
    _check_classes(classes, ignore_index)
    _check_maps(target, prediction, classes)
    if target.numel() == 0:
        return torch.zeros(classes, classes, dtype=torch.int64, device=target.device)
    void = classes - 1 if ignore_index is None else ignore_index
    low, high = min(0, void), max(classes - 1, void)
    if not (_within(prediction, 0, classes - 1) and _within(target, low, high)):
        _refuse(target, prediction, classes, ignore_index)
    rows = _count_pairs(target, prediction, low, high, classes)
    counts = rows[-low : classes - low]
    known = counts.sum() if ignore_index is None else counts.sum() + rows[void - low].sum()
    if known != target.numel():
        _refuse(target, prediction, classes, ignore_index)
    return counts.clone()  # a copy, so that the other rows are freed


def _count_pairs(target: Tensor, prediction: Tensor, low: int, high: int, classes: int) -> Tensor:
    """Histogram of the pairs, `(high - low + 1, classes)`: one row for each number from low to high."""
    rows = high - low + 1
    narrow = torch.int16 if rows * classes < 2**15 else torch.int32 if rows * classes < 2**31 else torch.int64
    index = torch.add(prediction.reshape(-1).to(narrow), target.reshape(-1).to(narrow), alpha=classes)
    if low:
        index -= low * classes
    return torch.bincount(index, minlength=rows * classes).reshape(rows, classes)


def _within(labels: Tensor, low: int, high: int) -> bool:
    smallest, largest = torch.aminmax(labels if labels.dtype in _NATIVE else labels.to(torch.int64))
    return low <= int(smallest) and int(largest) <= high


class Confusion:
    """A confusion matrix that grows batch by batch, and can be merged with others.

    Scores of a data set come from the sum of the counts, never from the mean of the pictures' scores. The counts live
    on the CPU, and the object can be pickled.

    Args:
        classes: k, at least 1.
        ignore_index: the void label, see `confusion_matrix`.
        names: k different class names, for `per_class`; "0", "1", … if left out.
    """

    def __init__(self, classes: int, *, ignore_index: int | None = 255, names: Sequence[str] | None = None):
        _check_classes(classes, ignore_index)
        self.classes, self.ignore_index = classes, ignore_index
        self.names = tuple(map(str, range(classes))) if names is None else tuple(names)
        if len(set(self.names)) != classes or len(self.names) != classes:
            raise ValueError(f"names must be {classes} different names, one per class, got {list(self.names)}")
        self.reset()

    def __repr__(self) -> str:
        return f"Confusion(classes={self.classes}, ignore_index={self.ignore_index}, pixels={int(self._matrix.sum())})"

    @property
    def matrix(self) -> Tensor:
        """A copy of the counts: `(k, k)` int64 on the CPU, rows = target, columns = prediction."""
        return self._matrix.clone()

    def reset(self) -> None:
        """Forget all counts."""
        self._matrix = torch.zeros(self.classes, self.classes, dtype=torch.int64)

    def update(self, target: Tensor, prediction: Tensor) -> None:
        """Add label maps, see `confusion_matrix`. Maps that are refused leave the counts as they were."""
        self._matrix += confusion_matrix(target, prediction, self.classes, ignore_index=self.ignore_index).cpu()

    def update_logits(self, target: Tensor, logits: Tensor) -> None:
        """Add the class of highest score at each pixel: target `(n, h, w)`, logits `(n, k, h, w)`.

        Of equal scores the lowest class wins. NaN has no highest score: ValueError.
        """
        if logits.ndim < 2 or logits.shape[1] != self.classes or not logits.is_floating_point():
            raise ValueError(
                f"logits must be floats (n, {self.classes}, h, w), got {tuple(logits.shape)} {logits.dtype}; "
                "label maps go to update()"
            )
        highest, prediction = logits.max(dim=1)
        if bool(highest.isnan().any()):
            raise ValueError(f"logits hold NaN at {int(highest.isnan().sum())} pixels; find where the network diverged")
        self.update(target, prediction)

    def merge(self, other: "Confusion") -> None:
        """Add another's counts to this one; ValueError unless classes, void and names are the same."""
        mine, its = (self.classes, self.ignore_index, self.names), (other.classes, other.ignore_index, other.names)
        if mine != its:
            raise ValueError(f"cannot merge (classes, ignore_index, names) {its} into {mine}; build both alike")
        self._matrix += other._matrix

    def __add__(self, other: "Confusion") -> "Confusion":
        if not isinstance(other, Confusion):
            return NotImplemented
        total = Confusion(self.classes, ignore_index=self.ignore_index, names=self.names)
        total.merge(self)
        total.merge(other)
        return total

    def all_reduce(self) -> "Confusion":
        """Sum over all processes of the default torch.distributed group, as a new object on each.

        This one keeps its own counts, so calling twice does not count twice. Without a group it is a copy.
        """
        total = Confusion(self.classes, ignore_index=self.ignore_index, names=self.names)
        total.merge(self)
        if dist.is_available() and dist.is_initialized():
            device = torch.device("cuda") if dist.get_backend() == "nccl" else torch.device("cpu")
            counts = total._matrix.to(device)
            dist.all_reduce(counts)
            total._matrix = counts.cpu()
        return total

    def state_dict(self) -> dict:
        """What `load_state_dict` needs, in plain types and one tensor, safe for `torch.save`."""
        return {
            "classes": self.classes,
            "ignore_index": self.ignore_index,
            "names": list(self.names),
            "matrix": self.matrix,
        }

    def load_state_dict(self, state: dict) -> None:
        """Take over the counts of a `state_dict`; ValueError unless classes, void and names are the same."""
        other = Confusion(state["classes"], ignore_index=state["ignore_index"], names=state["names"])
        if tuple(state["matrix"].shape) != (other.classes, other.classes):
            raise ValueError(f"state's matrix is {tuple(state['matrix'].shape)}, its classes are {other.classes}")
        other._matrix = state["matrix"].to("cpu", torch.int64, copy=True)
        self.reset()
        self.merge(other)

    def summary(self) -> dict[str, float]:
        """The scores that are one number each; NaN while nothing is counted."""
        scores = (overall_accuracy, mean_class_accuracy, mean_iou, frequency_weighted_iou)
        return {score.__name__: score(self._matrix).item() for score in scores}

    def per_class(self) -> dict[str, dict[str, float]]:
        """For each class name its iou, class_accuracy, precision and f1; NaN where absent, as in `scores`."""
        columns = {score.__name__: score(self._matrix).tolist() for score in (iou, class_accuracy, precision, f1)}
        return {name: {key: column[i] for key, column in columns.items()} for i, name in enumerate(self.names)}


def _check_classes(classes: int, ignore_index: int | None) -> None:
    if not isinstance(classes, int) or isinstance(classes, bool) or classes < 1:
        raise ValueError(f"classes must be a whole number, at least 1, got {classes!r}")
    if ignore_index is None:
        return
    if not isinstance(ignore_index, int) or isinstance(ignore_index, bool) or not -256 <= ignore_index <= 255:
        raise ValueError(f"ignore_index must be a whole number from -256 to 255 or None, got {ignore_index!r}; use -1")
    if 0 <= ignore_index < classes:
        raise ValueError(
            f"ignore_index {ignore_index} is one of the {classes} classes, whose pixels would vanish; "
            "mark void with a number that is no class, such as -1, or pass None"
        )


def _check_maps(target: Tensor, prediction: Tensor, classes: int) -> None:
    for name, labels in (("target", target), ("prediction", prediction)):
        if not isinstance(labels, Tensor):
            raise ValueError(f"{name} must be a tensor, got {type(labels).__name__}; wrap it in torch.as_tensor")
        if labels.is_floating_point() or labels.is_complex():
            raise ValueError(
                f"{name} must hold integer labels, got {labels.dtype} {tuple(labels.shape)}; "
                "take argmax(dim=1) of scores, or cast label maps with .long()"
            )
    if target.shape != prediction.shape:
        raise ValueError(
            f"target {tuple(target.shape)} and prediction {tuple(prediction.shape)} differ in shape; "
            "resize the scores to the target before argmax(dim=1), and never resize labels by averaging"
        )
    if target.device != prediction.device:
        raise ValueError(f"target is on {target.device}, prediction on {prediction.device}; move one with .to(device)")


def _refuse(target: Tensor, prediction: Tensor, classes: int, ignore_index: int | None) -> None:
    """Raise for the first label that is outside; only reached when there is one, so it may be slow."""
    void = "" if ignore_index is None else f" or void {ignore_index}"
    for name, labels, allowed, advice in (
        ("prediction", prediction, "", "predict a class at every pixel: void belongs to targets alone"),
        ("target", target, void, f"map it to a class{void} first"),
    ):
        wide = labels.to(torch.int64)
        outside = (wide < 0) | (wide >= classes)
        if allowed:
            outside &= wide != ignore_index
        if bool(outside.any()):
            first = tuple(outside.nonzero()[0].tolist())
            raise ValueError(
                f"{name} holds {labels[first].item()} at {first}, the first of {int(outside.sum())} pixels "
                f"that are not a class 0…{classes - 1}{allowed}; {advice}"
            )
    raise AssertionError("a label was counted outside but none was found")
