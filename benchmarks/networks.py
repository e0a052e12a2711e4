"""The course's networks beside torchvision's, timm's and segmentation_models_pytorch's: python -m benchmarks.networks.

One table for each network: a training step (forward, loss, backward) and a prediction, the same size for both, in
turns, with parameters, multiply-adds and peak memory; bf16 on CUDA. `contenders` says how near each pair is, and where
they are the same network, their logits are held against each other first.

torchvision computes its auxiliary head in a prediction too, the course does not. Peak memory is what torch's allocator
gave out at most during the first training step of a fresh network: gradients are in it, weights are not. Last, what
SegNet keeps for its decoder. DeepLabV3 and PSPNet: benchmarks.context. What the course makes of a GPU:
benchmarks.accelerator.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contenders import CLASSES, CONTENDERS, agree, batch_of, built, on, prediction, training_step
from benchmarks.timing import race
from course.models.networks import count_parameters
from course.models.semantic.segnet import SegNet
from course.ops.unpooling import max_pool_with_switches, pack_switches
from course.training.devices import pick_device

NAMES = ("FCN-ResNet50", "HRNet-W18-small", "U-Net")


def multiply_adds(build: Callable[[], nn.Module], size: tuple[int, int, int]) -> int:
    """Multiply-adds of a prediction of one batch, counted on meta tensors."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        build().eval()(torch.rand(size[0], 3, *size[1:]))
    return counter.get_total_flops() // 2


def peak_memory(build: Callable[[], nn.Module], size: tuple[int, int, int], device: torch.device) -> int:
    """Bytes of tensors at the peak of a fresh network's training step, its gradients among them, its weights not."""
    model, batch = on(device, build()).train(), batch_of(size, device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        training_step(model, *batch)
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        training_step(model, *batch)
    return max(accumulate(allocations(recorded)))


def allocations(recorded: profile) -> list[int]:
    """Bytes that torch's own allocator gave out (above 0) and took back (below 0), in order."""
    with TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        recorded.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    memory = [event for event in events if event.get("name") == "[memory]"]
    return [event["args"]["Bytes"] for event in sorted(memory, key=lambda event: event["ts"])]


def compare(network: str, size: tuple[int, int, int], device: torch.device, seconds: float) -> tuple[Table, list[str]]:
    """The table of one network, and what is missing from it."""
    models, missing = built(network)
    agree(network, models)
    models = {name: on(device, model) for name, model in models.items()}
    images, labels = batch_of(size, device)
    runs = {name: lambda m=m: training_step(m, images, labels) for name, m in models.items()}
    steps = race({name: run for name, run in runs.items() if models[name].train()}, seconds=seconds)
    runs = {name: lambda m=m: prediction(m, images) for name, m in models.items()}
    predictions = race({name: run for name, run in runs.items() if models[name].eval()}, seconds=seconds / 3)
    table = Table(title=f"{network}, {size[0]} x 3 x {size[1]} x {size[2]}, {device.type}", title_justify="left")
    for column in (
        "contender",
        "parameters M",
        "G multiply-adds",
        "step ms",
        "ratio",
        "predict ms",
        "ratio",
        "peak MB",
    ):
        table.add_column(column, justify="left" if column == "contender" else "right", overflow="fold")
    for name, model in models.items():
        peak = peak_memory(CONTENDERS[network][name], size, device)
        work = multiply_adds(CONTENDERS[network][name], size)
        timed = [f(t, name) for t in (steps, predictions) for f in (milliseconds, ratio)]
        table.add_row(name, f"{count_parameters(model) / 1e6:.2f}", f"{work / 1e9:.2f}", *timed, f"{peak / 2**20:.0f}")
    return table, missing


def milliseconds(times: dict[str, float], name: str) -> str:
    """A median time, to be read."""
    return f"{1e3 * times[name]:.1f}"


def ratio(times: dict[str, float], name: str) -> str:
    """How many times as long as the course."""
    return f"{times[name] / times['course']:.2f}"


@torch.no_grad()
def kept_for_the_decoder(size: tuple[int, int, int], width: int = 64) -> dict[str, int]:
    """Bytes that SegNet's five poolings hand to the decoder: packed, as torch gives them, and U-Net's features."""
    encoder, x = SegNet(CLASSES, width).encoder.eval(), torch.rand(size[0], 3, *size[1:])
    kept = {"switches, 2 bits each": 0, "switches, int64": 0, "features, bfloat16": 0, "features, float32": 0}
    for stage in encoder.stages():
        features = stage(x)
        x, switches = max_pool_with_switches(features)
        parts = pack_switches(switches, features.shape[2:]).nbytes, switches.nbytes, features.nbytes // 2
        for name, count in zip(kept, (*parts, features.nbytes), strict=True):
            kept[name] += count
    return kept


def show_kept(kept: dict[str, int]) -> Table:
    """What is kept, and how many times as much as packed switches."""
    table = Table(title="SegNet: what waits for the decoder", title_justify="left")
    for column in ("kept", "MB", "ratio"):
        table.add_column(column, justify="left" if column == "kept" else "right")
    least = min(kept.values())
    for name, count in kept.items():
        table.add_row(name, f"{count / 2**20:.2f}", f"{count / least:.0f}")
    return table


def race_all(names: Sequence[str], description: str | None) -> tuple[int, int, int]:
    """Read the command line, race, print the tables, and say what is missing; the size (n, h, w) of the batch."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=names, default=names)
    parser.add_argument("--size", type=int, nargs=3, metavar=("N", "H", "W"), help="2 128 192; 16 360 480 on CUDA")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each race of training steps")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    device, console = pick_device(given.device), Console()
    size = tuple(given.size or ((16, 360, 480) if device.type == "cuda" else (2, 128, 192)))
    for network in given.networks:
        table, missing = compare(network, size, device, given.seconds)
        console.print(table, *missing, sep="\n", highlight=False)
    return size


def main() -> None:
    """Race the networks of labs 4 to 7, and show what SegNet keeps."""
    size = race_all(NAMES, __doc__)
    Console().print(show_kept(kept_for_the_decoder(size)))


if __name__ == "__main__":
    main()
