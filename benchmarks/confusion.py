"""The course's confusion matrix beside torchmetrics', scikit-learn's and a bare bincount."""

import torch
from rich.console import Console
from sklearn.metrics import confusion_matrix as sklearn_matrix
from torchmetrics.classification import MulticlassConfusionMatrix
from torchmetrics.functional.classification import multiclass_confusion_matrix

from benchmarks.timing import race, table
from course import VOID
from course.metrics import ConfusionMatrix, confusion_matrix

OURS = "course: confusion_matrix"


def street_like(shape: tuple, classes: int, dtype: torch.dtype, tile: int = 32) -> tuple:
    """Target of flat patches with a tenth void, and a prediction that is right on about 85 of 100 pixels."""
    generator = torch.Generator().manual_seed(0)
    n, h, w = shape
    patches = torch.randint(0, classes, (n, -(-h // tile), -(-w // tile)), generator=generator)
    target = patches.repeat_interleave(tile, 1).repeat_interleave(tile, 2)[:, :h, :w]
    noise = torch.randint(0, classes, shape, generator=generator)
    prediction = torch.where(torch.rand(shape, generator=generator) < 0.84, target, noise)
    target = torch.where(torch.rand(shape, generator=generator) < 0.1, VOID, target)
    return target.to(dtype).contiguous(), prediction.to(dtype).contiguous()


def contenders(target: torch.Tensor, prediction: torch.Tensor, classes: int) -> dict:
    fused = (torch.where(target == VOID, classes, target.long()) * classes + prediction).flatten()
    ours, theirs = ConfusionMatrix(classes), MulticlassConfusionMatrix(classes, ignore_index=VOID)

    def streaming():
        ours.reset()
        ours.update(target, prediction)
        return ours.matrix

    def torchmetrics_class():
        theirs.reset()
        theirs.update(prediction, target)
        return theirs.compute()

    def torchmetrics_function(validate):
        return multiclass_confusion_matrix(prediction, target, classes, ignore_index=VOID, validate_args=validate)

    def sklearn():
        return torch.from_numpy(sklearn_matrix(target.flatten().numpy(), prediction.flatten().numpy(), labels=labels))

    def bincount():
        return torch.bincount(fused, minlength=(classes + 1) * classes).reshape(classes + 1, classes)[:classes]

    labels = range(classes)
    return {
        OURS: lambda: confusion_matrix(target, prediction, classes),
        "course: ConfusionMatrix": streaming,
        "torchmetrics: function": lambda: torchmetrics_function(True),
        "torchmetrics: function, unchecked": lambda: torchmetrics_function(False),
        "torchmetrics: class": torchmetrics_class,
        "scikit-learn": sklearn,
        "bare bincount, index given": bincount,
    }


def agree(runs: dict) -> None:
    expected = runs[OURS]()
    for name, run in runs.items():
        if not torch.equal(run(), expected):
            raise SystemExit(f"{name} counts differently from {OURS}: the times would compare different things")


def main() -> None:
    console = Console()
    threads = f"{torch.get_num_threads()} threads"
    for shape, classes, dtype in (((1, 1024, 2048), 19, torch.int64), ((8, 360, 480), 11, torch.uint8)):
        runs = contenders(*street_like(shape, classes, dtype), classes)
        agree(runs)
        times = race(runs, rounds=15, seconds=10)
        console.print(table(f"{shape} {str(dtype)[6:]}, {classes} classes, 10 % void, {threads}", times, OURS))


if __name__ == "__main__":
    main()
