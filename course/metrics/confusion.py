"""The confusion matrix: C[i, j] is the number of pixels of target class i that were predicted as class j.

The idea is to number the pairs: pixel by pixel, target·k + prediction is one whole number per pair, and `bincount`
counts them. Two things make it fast and safe at once. The index is built in the narrowest integer type that holds it,
and it has rows for *every* number between 0 and void, not only for the k classes: void falls into a row that is never
read, and a wrong label falls into a row that must be empty.
"""

import copy
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
from course.ops.arguments import as_int, void_label, whole

# bincount and aminmax support these on every device; the rest (bool, uint16, …) is widened first
_NATIVE = {torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}


def confusion_matrix(target: Tensor, prediction: Tensor, num_classes: int, *, ignore_index: int | None = 255) -> Tensor:
    """Count the pixels of every (target, prediction) pair of classes.

    Args:
        target: labels of any shape, any integer type or bool: 0 … k-1, or `ignore_index`.
        prediction: labels of the same shape, on the same device, any integer type or bool: 0 … k-1 at *every* pixel. A
            network has no class for void, so a predicted void is refused, even where the target is void.
        num_classes: k, at least 1.
        ignore_index: the label of void, -256 to 255 and not a class; None where there is none. Pixels whose target is
            void are not counted, whatever is predicted there.

    Returns:
        `(k, k)` int64 on the input's device, rows = target, columns = prediction.

    Raises:
        ValueError: shapes, devices or types do not fit, or a label is neither a class nor void.

    Example:
        >>> target = torch.tensor([0] * 10 + [1] * 20 + [255])
        >>> prediction = torch.tensor([0] * 6 + [1] * 4 + [0] * 2 + [1] * 18 + [0])
        >>> confusion_matrix(target, prediction, num_classes=2).tolist()
        [[6, 4], [2, 18]]

    Source: Long et al., arXiv:1411.4038, section 5 (n_ij). `bincount` of the fused index is its usual form.
    """
    num_classes, ignore_index = _checked_classes(num_classes, ignore_index)
    _check_maps(target, prediction)
    if target.numel() == 0:
        return torch.zeros(num_classes, num_classes, dtype=torch.int64, device=target.device)
    void = num_classes - 1 if ignore_index is None else ignore_index
    low, high = min(0, void), max(num_classes - 1, void)
    if not (_within(prediction, 0, num_classes - 1) and _within(target, low, high)):
        _refuse(target, prediction, num_classes, ignore_index)
    rows = _count_pairs(target, prediction, low, high, num_classes)
    counts = rows[-low : num_classes - low]
    known = counts.sum() if ignore_index is None else counts.sum() + rows[void - low].sum()
    if known != target.numel():
        _refuse(target, prediction, num_classes, ignore_index)
    return counts.clone()  # a copy, so that the other rows are freed


def _count_pairs(target: Tensor, prediction: Tensor, low: int, high: int, num_classes: int) -> Tensor:
    """Histogram of the pairs, `(high - low + 1, num_classes)`: one row for each number from low to high."""
    rows = high - low + 1
    narrow = torch.int16 if rows * num_classes < 2**15 else torch.int32 if rows * num_classes < 2**31 else torch.int64
    index = torch.add(prediction.reshape(-1).to(narrow), target.reshape(-1).to(narrow), alpha=num_classes)
    if low:
        index -= low * num_classes
    return torch.bincount(index, minlength=rows * num_classes).reshape(rows, num_classes)


def _within(labels: Tensor, low: int, high: int) -> bool:
    smallest, largest = torch.aminmax(labels if labels.dtype in _NATIVE else labels.to(torch.int64))
    return low <= int(smallest) and int(largest) <= high


class ConfusionMatrix:
    """A confusion matrix that grows batch by batch, and can be merged with others.

    The scores of a data set come from the sum of the counts, never from the mean of the images' scores. The counts live
    on the CPU, and the object can be pickled.

    Args:
        num_classes: k, at least 1.
        ignore_index: the label of void, see `confusion_matrix`.
        names: k different class names, for `per_class`; "0", "1", … if left out.

    Example:
        >>> confusion = ConfusionMatrix(2, names=["sky", "road"])
        >>> confusion.update(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]))
        >>> confusion.update(torch.tensor([0, 1, 255]), torch.tensor([0, 1, 1]))
        >>> confusion.matrix.tolist()
        [[2, 1], [0, 2]]
    """

    def __init__(self, num_classes: int, *, ignore_index: int | None = 255, names: Sequence[str] | None = None):
        num_classes, ignore_index = _checked_classes(num_classes, ignore_index)
        self.num_classes, self.ignore_index = num_classes, ignore_index
        self.names = tuple(map(str, range(num_classes))) if names is None else tuple(names)
        if len(set(self.names)) != num_classes or len(self.names) != num_classes:
            raise ValueError(f"names is {list(self.names)}; wanted {num_classes} different ones, one for each class.")
        self.reset()

    def __repr__(self) -> str:
        pixels = int(self._matrix.sum())
        return f"ConfusionMatrix({self.num_classes}, ignore_index={self.ignore_index}, pixels={pixels})"

    @property
    def matrix(self) -> Tensor:
        """A copy of the counts: `(k, k)` int64 on the CPU, rows = target, columns = prediction."""
        return self._matrix.clone()

    def reset(self) -> None:
        """Forget all counts."""
        self._matrix = torch.zeros(self.num_classes, self.num_classes, dtype=torch.int64)

    def update(self, target: Tensor, prediction: Tensor) -> None:
        """Add label maps, see `confusion_matrix`. Maps that are refused leave the counts as they were."""
        self._matrix += confusion_matrix(target, prediction, self.num_classes, ignore_index=self.ignore_index).cpu()

    def update_logits(self, target: Tensor, logits: Tensor) -> None:
        """Add the class with the highest score at each pixel: target `(n, h, w)`, logits `(n, k, h, w)`.

        Of equal scores the lowest class wins. NaN among the scores is a ValueError.
        """
        if logits.ndim < 2 or logits.shape[1] != self.num_classes or not logits.is_floating_point():
            raise ValueError(
                f"logits are {logits.dtype} of shape {tuple(logits.shape)}; wanted floating point "
                f"(n, {self.num_classes}, h, w). Give label maps to update()."
            )
        highest, prediction = logits.max(dim=1)
        if count := int(highest.isnan().sum()):
            raise ValueError(f"logits are NaN at {count} pixels; wanted numbers. Find where the network diverged.")
        self.update(target, prediction)

    def update_outputs(self, targets: Tensor, outputs: Tensor) -> None:
        """What `course.training.evaluate` calls: a semantic network's outputs are logits, see `update_logits`."""
        self.update_logits(targets, outputs)

    def merge(self, other: "ConfusionMatrix") -> None:
        """Add another's counts to this one; ValueError unless classes, void and names are the same."""
        mine, its = ((m.num_classes, m.ignore_index, m.names) for m in (self, other))
        if mine != its:
            raise ValueError(f"(num_classes, ignore_index, names) is {its}; wanted {mine}. Build both matrices alike.")
        self._matrix += other._matrix

    def __add__(self, other: "ConfusionMatrix") -> "ConfusionMatrix":
        if not isinstance(other, ConfusionMatrix):
            return NotImplemented
        total = copy.deepcopy(self)
        total.merge(other)
        return total

    def all_reduce(self) -> "ConfusionMatrix":
        """The sum over all processes of the default torch.distributed group, as a new object on each of them.

        This object keeps its own counts, so calling twice does not count twice. Without a group the sum is a copy.
        """
        total = copy.deepcopy(self)
        if dist.is_available() and dist.is_initialized():
            counts = total._matrix.to("cuda" if dist.get_backend() == "nccl" else "cpu")
            dist.all_reduce(counts)
            total._matrix = counts.cpu()
        return total

    def state_dict(self) -> dict:
        """What `load_state_dict` takes: plain types and one tensor, safe for `torch.save`."""
        return {
            "num_classes": self.num_classes,
            "ignore_index": self.ignore_index,
            "names": list(self.names),
            "matrix": self.matrix,
        }

    def load_state_dict(self, state: dict) -> None:
        """Replace the counts by those of a `state_dict`; ValueError unless classes, void and names are the same."""
        other = ConfusionMatrix(state["num_classes"], ignore_index=state["ignore_index"], names=state["names"])
        if tuple(state["matrix"].shape) != (other.num_classes, other.num_classes):
            shape, k = tuple(state["matrix"].shape), other.num_classes
            raise ValueError(f"the matrix of the state has shape {shape}; wanted {(k, k)}. Take the whole state.")
        other._matrix = state["matrix"].to("cpu", torch.int64, copy=True)
        self.reset()
        self.merge(other)

    def summary(self) -> dict[str, float]:
        """The scores that are one number each; NaN while nothing has been counted."""
        scores = (overall_accuracy, mean_class_accuracy, mean_iou, frequency_weighted_iou)
        return {score.__name__: score(self._matrix).item() for score in scores}

    def per_class(self) -> dict[str, dict[str, float]]:
        """For each class name its iou, class_accuracy, precision and f1; NaN where absent, as in `scores`."""
        columns = {score.__name__: score(self._matrix).tolist() for score in (iou, class_accuracy, precision, f1)}
        return {name: {key: column[i] for key, column in columns.items()} for i, name in enumerate(self.names)}


def _checked_classes(num_classes: int, ignore_index: int | None) -> tuple[int, int | None]:
    num_classes = whole(num_classes, "num_classes", 1)
    if ignore_index is not None and as_int(ignore_index) not in range(-256, 256):
        raise ValueError(f"ignore_index is {ignore_index!r}; wanted a whole number from -256 to 255, or None. Give -1.")
    return num_classes, void_label(ignore_index, num_classes)


def _check_maps(target: Tensor, prediction: Tensor) -> None:
    for name, labels in (("target", target), ("prediction", prediction)):
        if not isinstance(labels, Tensor):
            raise ValueError(f"{name} is a {type(labels).__name__}; wanted a tensor. Convert it with torch.as_tensor.")
        if labels.is_floating_point() or labels.is_complex():
            raise ValueError(
                f"{name} is {labels.dtype} of shape {tuple(labels.shape)}; wanted whole numbers. Take argmax(dim=1) of "
                "scores, or cast label maps with .long()."
            )
    if target.shape != prediction.shape:
        raise ValueError(
            f"prediction has shape {tuple(prediction.shape)}; wanted the target's {tuple(target.shape)}. Resize the "
            "scores to the target before argmax(dim=1), and never resize labels by averaging."
        )
    if target.device != prediction.device:
        raise ValueError(f"prediction is on {prediction.device}; wanted {target.device} like the target: use .to().")


def _refuse(target: Tensor, prediction: Tensor, num_classes: int, ignore_index: int | None) -> None:
    """Raise for the first wrong label; called only when there is one, so it may be slow."""
    void = "" if ignore_index is None else f" or void {ignore_index}"
    for name, labels, allowed, advice in (
        ("prediction", prediction, "", "Predict a class at every pixel: void belongs to targets alone."),
        ("target", target, void, f"Map it to a class{void} first."),
    ):
        wide = labels.to(torch.int64)
        wrong = (wide < 0) | (wide >= num_classes)
        if allowed:
            wrong &= wide != ignore_index
        if bool(wrong.any()):
            first = tuple(wrong.nonzero()[0].tolist())
            raise ValueError(
                f"{name} is {labels[first].item()} at {first}, the first of {int(wrong.sum())} such pixels; wanted a "
                f"class 0…{num_classes - 1}{allowed}. {advice}"
            )
    raise AssertionError("a wrong label was counted, and none was found")
