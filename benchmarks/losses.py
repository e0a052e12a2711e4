"""The course's losses beside torch's and torchvision's, value and gradient."""

import torch
import torch.nn.functional as F
from rich.console import Console
from torchvision.ops import sigmoid_focal_loss

from benchmarks.timing import race, table
from course import VOID
from course.losses import cross_entropy, dice_loss, focal_loss, lovasz_softmax, ohem, smooth_l1


def scores(shape: tuple, seed: int = 0) -> tuple:
    """Logits (n, k, h, w) and a target with a tenth void."""
    generator = torch.Generator().manual_seed(seed)
    n, k, h, w = shape
    logits = torch.randn(shape, generator=generator).requires_grad_()
    target = torch.randint(0, k, (n, h, w), generator=generator)
    return logits, torch.where(torch.rand(n, h, w, generator=generator) < 0.1, VOID, target)


def step(inputs: torch.Tensor, loss):
    """A function that computes the loss and its gradient and returns both."""

    def run():
        inputs.grad = None
        value = loss()
        value.backward()
        return value.detach(), inputs.grad

    return run


def agree(runs: dict) -> None:
    (first, expected), *others = [(name, run()) for name, run in runs.items()]
    for name, found in others:
        if not all(torch.allclose(a, b, rtol=1e-4, atol=1e-8) for a, b in zip(found, expected, strict=True)):
            raise SystemExit(f"{name} gives something else than {first}: the times would compare different things")


def against_torch(shape: tuple) -> dict:
    logits, target = scores(shape)
    weights = torch.linspace(0.5, 2, shape[1])
    return {
        "cross_entropy": {
            "course": step(logits, lambda: cross_entropy(logits, target)),
            "torch": step(logits, lambda: F.cross_entropy(logits, target, ignore_index=VOID)),
        },
        "cross_entropy, class weights": {
            "course": step(logits, lambda: cross_entropy(logits, target, class_weights=weights)),
            "torch": step(logits, lambda: F.cross_entropy(logits, target, weights, ignore_index=VOID)),
        },
        "smooth_l1 of the logits to 0": {
            "course": step(logits, lambda: smooth_l1(logits, torch.zeros_like(logits))),
            "torch": step(logits, lambda: F.smooth_l1_loss(logits, torch.zeros_like(logits))),
        },
    }


def focal_of_two_classes(shape: tuple) -> dict:
    logits, _ = scores(shape)
    target = (torch.rand(logits[:, 0].shape, generator=torch.Generator().manual_seed(1)) < 0.2).long()
    alpha = torch.tensor([0.75, 0.25])
    difference = torch.tensor([-1.0, 1.0])[:, None, None]

    def torchvision():
        x = (logits * difference).sum(1)
        return sigmoid_focal_loss(x, target.to(x.dtype), reduction="mean")

    return {
        "course": step(logits, lambda: focal_loss(logits, target, alpha=alpha)),
        "torchvision": step(logits, torchvision),
    }


def all_of_them(shape: tuple) -> dict:
    logits, target = scores(shape)
    losses = {loss.__name__: loss for loss in (cross_entropy, focal_loss, ohem, dice_loss, lovasz_softmax)}
    return {name: step(logits, lambda loss=loss: loss(logits, target)) for name, loss in losses.items()}


def main() -> None:
    console = Console()
    threads = f"{torch.get_num_threads()} threads"
    for shape in ((4, 19, 256, 512), (4, 2, 512, 512)):
        for name, runs in against_torch(shape).items():
            agree(runs)
            console.print(table(f"{name}, {shape}, {threads}", race(runs, rounds=15, seconds=8), "course"))
    runs = focal_of_two_classes((4, 2, 512, 512))
    agree(runs)
    console.print(table(f"focal, (4, 2, 512, 512), {threads}", race(runs, rounds=15, seconds=8), "course"))
    times = race(all_of_them((4, 11, 360, 480)), rounds=7, seconds=10)
    console.print(table(f"every loss, (4, 11, 360, 480), {threads}", times, "cross_entropy"))


if __name__ == "__main__":
    main()
