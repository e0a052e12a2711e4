"""The course's networks from scratch on CamVid, beside published scores: python -m benchmarks.camvid [unet] [--quick].

Training sees the 367 training pictures and nothing else: no weights from another data set. The 101 validation pictures
choose the weights, the 233 test pictures are read once, at the end. The score is the mean IoU of 11 classes, void left
out, counted at 360×480 over all test pictures.

The recipe: pictures changed at random in light, scale (half to double), place and side; cross-entropy plus
Lovász-Softmax, whose minimum is the score itself (Dice with --quick); AdamW with warm-up and poly; averaged weights; on
CUDA in bf16. The default (U-Net with five poolings, 8000 steps of 12 pictures) is some 50 PFLOP, about 10 minutes of
one data-center GPU.
The same command again goes on where a stopped run was.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from course.data.augmentation import augment
from course.data.cache import Cached
from course.data.readers import CamVid
from course.data.transforms import evaluation
from course.metrics import ConfusionMatrix
from course.models.networks import build, count_parameters
from course.tasks.criteria import find_loss
from course.training import Recipe, Validation, batches, evaluate, fit, load_weights

NAMES = CamVid.palette.names
NETWORKS = ("unet-deep", "hrnet-w18-small", "segnet-full", "segnet-basic", "hrnet", "unet")
COLOR, GAMMA = 0.5, 2.0  # the test pictures were taken at dusk too, those for training by day
SCALES = (0.75, 1.0, 1.25)  # of the pictures, for --multi-scale

# Trained on the same 367 pictures, scored on the same 233. What others report with more or other data is left out.
PUBLISHED = (
    ("SegNet-Basic", 46.3, "its paper, arXiv:1511.00561"),
    ("SegNet-Basic", 49.4, "ChainerCV's port"),
    ("U-Net, from scratch", 49.8, "table of a PyTorch port"),
    ("SegNet", 50.2, "its paper, as that table quotes it"),
    ("SegNet, encoder from ImageNet", 57.7, "that table; not from scratch"),
)


FULL = Recipe(
    "unet-deep", "camvid", (360, 480), NAMES, loss="cross-entropy+0.5*lovasz", batch=12, steps=8000, weight_decay=0.02
)
QUICK = replace(FULL, network="hrnet", size=(180, 240), loss="cross-entropy+dice", batch=8, steps=400, lr=4e-3)


class Scored(nn.Module):
    """A network as it is scored: pictures resized to what it was trained at, probabilities back at their size.

    Args:
        network: images -> logits.
        size: (h, w) that it was trained at.
        scales: factors of that size; the probabilities of all are averaged.
        mirror: average with the mirror image's as well.
    """

    def __init__(self, network: nn.Module, size: tuple[int, int], scales: tuple[float, ...] = (1.0,), mirror=False):
        super().__init__()
        self.network, self.size, self.scales, self.mirror = network, size, scales, mirror

    def forward(self, images: Tensor) -> Tensor:
        """Mean probabilities (n, k, h, w)."""
        views = [self._at(images, scale) for scale in self.scales]
        if self.mirror:
            views += [self._at(images.flip(-1), scale).flip(-1) for scale in self.scales]
        return torch.stack(views).mean(0)

    def _at(self, images: Tensor, scale: float) -> Tensor:
        size = [round(scale * length) for length in self.size]
        logits = self.network(F.interpolate(images, size=size, mode="bilinear", antialias=True))
        return F.interpolate(logits.float(), size=images.shape[-2:], mode="bilinear").softmax(1)


def pictures(split: str, size: tuple[int, int]) -> Cached:
    """One split at `size`, kept in memory: 4 bytes a pixel, 250 MB for the training pictures at 360×480."""
    return Cached(CamVid(split=split, transform=evaluation(size))).fill(1)


def train(recipe, train_set, val_set, *, device="auto", folder=None, compiled=False):
    """Train from scratch, or go on in `folder`; returns the network and `fit`'s history.

    With a folder the weights are those that scored best on `val_set`, without one the last.
    """
    if folder is not None:
        recipe.refuse_other(folder, resume=True)
        recipe.save(folder)
    torch.manual_seed(recipe.seed)
    model = build(recipe.network, len(NAMES))
    history = fit(
        model,
        batches(train_set, recipe.batch, seed=recipe.seed),
        find_loss(recipe.loss),
        steps=recipe.steps,
        optimizer=recipe.make_optimizer(model),
        schedule=recipe.make_schedule(),
        max_grad_norm=recipe.max_grad_norm,
        ema=recipe.ema,
        validation=Validation(batches(val_set, recipe.batch, shuffle=False), ConfusionMatrix(len(NAMES))),
        every=max(100, recipe.steps // 20),
        prepare=lambda images, labels: augment(images, labels, recipe.size, color=COLOR, gamma=GAMMA),
        seed=recipe.seed,
        device=device,
        precision=recipe.precision,
        compile=compiled,
        folder=folder,
        resume=folder is not None,
        config=asdict(recipe),
    )
    if folder is not None:
        load_weights(model, folder / "best.safetensors")
    return model, history


def score(model: nn.Module, test_set, batch: int, **where) -> ConfusionMatrix:
    """The confusion matrix of the whole test set."""
    metric = ConfusionMatrix(len(NAMES), names=NAMES)
    return evaluate(model, batches(test_set, batch, shuffle=False), metric, **where)


def report(recipe: Recipe, scored: dict[str, ConfusionMatrix], history, parameters: int) -> Table:
    """Ours beside what is published, the lowest first."""
    minutes = f"{history.seconds / 60:.1f} min on {history.device}"
    about = f"{parameters / 1e6:.2f} M parameters, {recipe.steps} steps of {recipe.batch}, {minutes}"
    rows = [(f"course: {recipe.network}, {way}", 100 * m.summary()["mean_iou"], about) for way, m in scored.items()]
    table = Table(title="CamVid test, 11 classes, mean IoU in percent", title_justify="left")
    for column in ("network", "mIoU", "source"):
        table.add_column(column, justify="right" if column == "mIoU" else "left")
    for name, value, source in sorted([*PUBLISHED, *rows], key=lambda row: row[1]):
        table.add_row(name, f"{value:.1f}", source, style="bold" if name.startswith("course") else None)
    return table


def per_class(scored: dict[str, ConfusionMatrix]) -> str:
    """One line of IoU per class for each way of testing."""
    return "\n".join(
        f"{way}: " + ", ".join(f"{name} {100 * found['iou']:.1f}" for name, found in metric.per_class().items())
        for way, metric in scored.items()
    )


def options() -> argparse.Namespace:
    """The command line; what is not given comes from the recipe, of --quick or of a GPU."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "network", nargs="?", choices=NETWORKS, help=f"default {FULL.network}; {QUICK.network} with --quick"
    )
    parser.add_argument("--quick", action="store_true", help="a small network at half size: minutes on a CPU")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--size", type=int, nargs=2, metavar=("H", "W"))
    parser.add_argument("--lr", type=float)
    parser.add_argument("--loss", help="as for course train; Dice takes a fraction of Lovász' time on a CPU")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--precision", help="auto, 32-true or bf16-mixed")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", action="store_true", help="compute with torch.compile")
    parser.add_argument("--multi-scale", action="store_true", help=f"test also at scales {SCALES} and mirrored")
    parser.add_argument("--out", type=Path, help="folder of the run, to go on from")
    return parser.parse_args()


def main() -> None:
    """Train, test, print the table."""
    given, console = options(), Console()
    words = ("network", "steps", "batch", "lr", "loss", "seed", "precision")
    chosen = {word: getattr(given, word) for word in words if getattr(given, word) is not None}
    chosen |= {"size": tuple(given.size)} if given.size else {}
    recipe = replace(QUICK if given.quick else FULL, **chosen)
    where = {"device": given.device, "precision": recipe.precision}
    try:
        sets = pictures("train", recipe.size), pictures("val", recipe.size)
        model, history = train(recipe, *sets, folder=given.out, compiled=given.compile, device=given.device)
        test_set = pictures("test", (360, 480))
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None
    ways = {"one pass": Scored(model, recipe.size)}
    if given.multi_scale:
        ways["3 scales, mirrored"] = Scored(model, recipe.size, SCALES, mirror=True)
    scored = {way: score(tested, test_set, recipe.batch, **where) for way, tested in ways.items()}
    console.print(report(recipe, scored, history, count_parameters(model)))
    console.print(
        per_class(scored), f"\nBest on validation: {100 * history.best['mean_iou']:.1f} mIoU.", highlight=False
    )


if __name__ == "__main__":
    main()
