"""What the course makes of a GPU: python -m benchmarks.accelerator.

- The GPU's peak, measured: the best of a few large matrix products in bf16.
- For each network a training step at 16 x 3 x 360 x 480 in bf16: pictures a second, and the share of that peak, its
  operations counted from the layers' shapes.
- From nothing to 85 mIoU on scenes: the seconds that `fit` takes until the small U-Net has it on 100 scenes that it
  does not train on, by the recipe of the U-Net that ships; validations included, the drawing of the scenes not.

Without CUDA there is nothing to measure, and it says so.
"""

import argparse
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contenders import CLASSES, batch_of, on, training_step
from benchmarks.timing import race
from course.data.cache import Cached
from course.data.names import SCENES
from course.data.scenes import Scenes
from course.metrics import ConfusionMatrix
from course.models.networks import build
from course.models.semantic.fcn_resnet import fcn_resnet50
from course.models.semantic.hrnet import hrnet_w18_small
from course.models.semantic.segnet import SegNet
from course.models.semantic.unet import UNet
from course.tasks.criteria import find_loss
from course.training import Validation, batches, cosine, fit

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "FCN-ResNet50": lambda: fcn_resnet50(CLASSES),
    "HRNet-W18-small": lambda: hrnet_w18_small(CLASSES),
    "SegNet": lambda: SegNet(CLASSES),
    "U-Net": lambda: UNet(CLASSES),
}


class ScoreReached(Exception):  # noqa: N818 - no error
    """The score is there: the training may stop."""


def measured_peak(device: torch.device, side: int = 8192, rounds: int = 30) -> float:
    """Operations a second of a product of two square matrices in bf16, the best of a few."""
    a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    best = float("inf")
    for _ in range(rounds):
        _wait(device)
        started = time.perf_counter()
        a @ b
        _wait(device)
        best = min(best, time.perf_counter() - started)
    return 2 * side**3 / best


def operations(model: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> int:
    """Operations of a training step, two for a multiply-add, as its convolutions and matrix products have them."""
    with FlopCounterMode(display=False) as counter:
        training_step(model, *batch)
    return counter.get_total_flops()


def speed(size: tuple[int, int, int], device: torch.device, seconds: float) -> Table:
    """A row for each network: how fast it trains, and what share of the peak that is."""
    peak = measured_peak(device)
    title = f"training steps at {size[0]} x 3 x {size[1]} x {size[2]}, bf16; peak measured {peak / 1e12:.0f} TFLOP/s"
    table = Table(title=title, title_justify="left")
    for column in ("network", "step ms", "pictures/s", "TFLOP/s", "share of peak"):
        table.add_column(column, justify="left" if column == "network" else "right")
    for name, build_network in NETWORKS.items():
        model, batch = on(device, build_network()).train(), batch_of(size, device)
        took = race({name: lambda model=model, batch=batch: training_step(model, *batch)}, seconds=seconds)[name]
        rate = operations(model, batch) / took
        table.add_row(
            name, f"{1e3 * took:.1f}", f"{size[0] / took:.0f}", f"{rate / 1e12:.1f}", f"{100 * rate / peak:.0f} %"
        )
    return table


def seconds_to(score: float, *, scenes: int, held_out: int, steps: int, every: int, device: str) -> tuple[float, int]:
    """Seconds and steps until the small U-Net has this mean IoU (0 to 1) on held-out scenes; NaN if it never has."""
    torch.manual_seed(0)
    model, names = build("unet", len(SCENES.names)), SCENES.names
    loader = batches(Cached(Scenes(scenes)).fill(), 8)
    held = batches(Cached(Scenes(held_out, split="val")).fill(), 20, shuffle=False)

    def stop_when_reached(progress):
        if progress.history.scores and progress.history.best["mean_iou"] >= score:
            raise ScoreReached(progress.step)

    started = time.perf_counter()
    try:
        fit(
            model,
            loader,
            find_loss("cross-entropy+dice"),
            steps=steps,
            optimizer=torch.optim.AdamW(model.parameters(), 4e-3, weight_decay=0.01),
            schedule=cosine(steps, warmup=max(1, steps // 20) if steps > 1 else 0),
            max_grad_norm=1.0,
            validation=Validation(held, ConfusionMatrix(len(names))),
            every=every,
            on_progress=stop_when_reached,
            seed=0,
            device=device,
        )
    except ScoreReached as reached:
        return time.perf_counter() - started, reached.args[0]
    return float("nan"), steps


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    """Measure, if there is a GPU."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, nargs=3, default=(16, 360, 480), metavar=("N", "H", "W"))
    parser.add_argument("--seconds", type=float, default=10.0, help="of each race")
    given, console = parser.parse_args(), Console()
    if not torch.cuda.is_available():
        console.print("No CUDA device here: speed, share of the peak and time to 85 mIoU are not measured.")
        return
    console.print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}", highlight=False)
    console.print(speed(tuple(given.size), torch.device("cuda"), given.seconds))
    took, steps = seconds_to(0.85, scenes=2000, held_out=100, steps=1500, every=50, device="cuda")
    console.print(f"85 mIoU on scenes after {took:.0f} seconds, {steps} steps", highlight=False)


if __name__ == "__main__":
    main()
