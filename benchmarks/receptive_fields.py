"""Receptive fields four ways, of networks that the course trained: python -m benchmarks.receptive_fields.

First what the layers allow, by name and in pixels, for known networks and for the encoders of the course, and how long
it takes. Then, map by map of the small FCN and U-Net that ship, beside the theoretical field:

- impulse: the side of the box that the output depends on, found by spoiling the input;
- gradient: the side of the square that would hold the pixels which make up 95 % of the effective field, with random
  weights and with the trained ones;
- occlusion: the same of the empirical field, mean over the units that respond most, each on its top pictures, scenes
  that the network was not trained on.

All but the last column take a minute; --pictures 0 leaves that one out.
"""

import argparse
import time
from collections.abc import Callable

import torch
import torchvision
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor, nn

from course.data.scenes import Scenes
from course.models import zoo
from course.models.backbones import resnet
from course.models.networks import build
from course.ops.receptive_field import (
    effective_field,
    effective_size,
    empirical_field,
    impulse_field,
    receptive_fields,
)

TRAINED = {
    "fcn32s": {f"pool{i}": f"network.encoder.features.{layer}" for i, layer in enumerate((6, 13, 23, 33, 43), 1)},
    "unet": {f"level {i}": f"network.down.{i}" for i in range(5)},
}
KNOWN: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "AlexNet": (torchvision.models.alexnet, "features"),
    "VGG16": (torchvision.models.vgg16, "features"),
    "ResNet-50": (resnet.resnet50, "layer4"),
    "ResNet-50, output stride 8": (lambda: resnet.resnet50(output_stride=8), "layer4"),
    "ResNet-101": (resnet.resnet101, "layer4"),
    "DenseNet-121": (torchvision.models.densenet121, "features"),
    "MobileNetV2": (torchvision.models.mobilenet_v2, "features"),
    "MobileNetV3-L": (torchvision.models.mobilenet_v3_large, "features"),
    "EfficientNet-B0": (torchvision.models.efficientnet_b0, "features"),
}
PATCH, STRIDE, SIDE = 11, 5, 256


def at(model: nn.Module, module: str) -> Callable[[Tensor], Tensor]:
    """The network as a function from images to what one of its modules gives."""
    kept = []
    model.get_submodule(module).register_forward_hook(lambda _module, _args, out: kept.append(out))

    def run(images: Tensor) -> Tensor:
        kept.clear()
        model(images)
        return kept.pop()

    return run


def allowed(names: list[str]) -> Table:
    """What the layers of known networks allow."""
    table = Table(title="theoretical receptive fields", title_justify="left")
    for column in ("network", "map", "size", "stride", "offset", "global branch", "seconds"):
        table.add_column(column, justify="left" if column in ("network", "map") else "right")
    for name in names:
        make, module = KNOWN[name]
        with torch.device("meta"):
            model = make()
        started = time.perf_counter()
        axis, _ = receptive_fields(model, at=(module,))[module]
        took = time.perf_counter() - started
        where = (str(axis.size), str(axis.stride), f"{float(axis.offset):g}", "yes" if axis.unbounded else "no")
        table.add_row(name, module, *where, f"{took:.2f}")
    return table


def strongest_units(network: Callable[[Tensor], Tensor], pictures: Tensor, count: int) -> list[int]:
    """The units of a map that respond most."""
    with torch.no_grad():
        return network(pictures).amax((0, 2, 3)).topk(count).indices.tolist()


def measured(name: str, map_name: str, module: str, pictures: Tensor, units: int, top: int) -> list[str]:
    """One row: a map of a trained network, four ways."""
    torch.manual_seed(0)
    trained, _ = zoo.load(name)
    untrained = build(name, 9).eval()
    axes = receptive_fields(trained, (SIDE, SIDE), at=(module,))[module]
    network = at(trained, module)
    x1, _, x2, _ = impulse_field(network, SIDE)
    noise = torch.rand(4, 3, SIDE, SIDE)
    effective = [effective_size(effective_field(each, noise)) for each in (at(untrained, module), network)]
    row = [name, map_name, str(axes[1].size), str(x2 - x1), *(f"{size:.1f}" for size in effective)]
    if not len(pictures):
        return [*row, "–"]
    chosen = strongest_units(network, pictures, units)
    fields = [empirical_field(network, pictures, unit, axes, top=top, patch=PATCH, stride=STRIDE) for unit in chosen]
    return [*row, f"{sum(map(effective_size, fields)) / units:.1f}"]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=list(TRAINED), default=list(TRAINED))
    parser.add_argument("--pictures", type=int, default=40, help="scenes to choose the top ones from")
    parser.add_argument("--units", type=int, default=3)
    parser.add_argument("--top", type=int, default=3, help="pictures of each unit")
    given, console = parser.parse_args(), Console()
    console.print(allowed(list(KNOWN)))
    scenes = Scenes(max(1, given.pictures), split="val", size=(192, 192))
    pictures = torch.stack([scenes[i][0] for i in range(len(scenes))])[: given.pictures]
    title = f"trained networks, {given.pictures} scenes; occluded by {PATCH} x {PATCH}, every {STRIDE} pixels"
    table = Table(title=title, title_justify="left")
    for column in ("network", "map", "theory", "impulse", "gradient, random", "gradient, trained", "occlusion"):
        table.add_column(column, justify="left" if column in ("network", "map") else "right")
    maps = [(name, *pair) for name in given.networks for pair in TRAINED[name].items()]
    for name, map_name, module in track(maps, "maps", console=Console(stderr=True), transient=True):
        table.add_row(*measured(name, map_name, module, pictures, given.units, given.top))
    console.print(table)


if __name__ == "__main__":
    main()
