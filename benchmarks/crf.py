"""The dense CRF: time beside pydensecrf2's C++, error against the exact kernel, and what it does to boundaries.

python -m benchmarks.crf [WEIGHTS] [--data scenes] [--pictures 50]: pydensecrf2 races where it is installed.
"""

import argparse
import importlib.util
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from skimage import data
from torch import Tensor
from tqdm import tqdm

from benchmarks.timing import race, table
from course.data.sources import open_source
from course.metrics import ConfusionMatrix, TrimapIoU
from course.models.zoo import load
from course.ops.crf import Lattice, Pairwise, dense_crf

# Milder than usual: the best of four on 12 pictures of the validation split of scenes.
OPTIONS = {"appearance": (3.0, 30.0, 0.05), "smoothness": (1.0, 1.5)}


def scene(k: int, h: int, w: int) -> tuple[Tensor, Tensor]:
    """Logits from smoothed noise, and a photograph in whole numbers of 255."""
    noise = torch.randn(1, k, h // 24, w // 24, generator=torch.Generator().manual_seed(0))
    image = torch.from_numpy(data.coffee()).permute(2, 0, 1)[None].float()
    image = F.interpolate(image, (h, w), mode="bilinear", antialias=True).round() / 255
    return F.interpolate(2 * noise, (h, w), mode="bilinear"), image


def by_pydensecrf(logits: Tensor, image: Tensor, steps: int = 5) -> Tensor:
    """The same with pydensecrf2: probabilities (1, k, h, w)."""
    from pydensecrf.densecrf import DenseCRF2D

    _, k, h, w = logits.shape
    crf = DenseCRF2D(w, h, k)
    crf.setUnaryEnergy(np.ascontiguousarray(-logits[0].log_softmax(0).flatten(1).numpy()))
    crf.addPairwiseGaussian(sxy=3, compat=3)
    pixels = np.ascontiguousarray((255 * image[0]).round().permute(1, 2, 0).numpy().astype(np.uint8))
    crf.addPairwiseBilateral(sxy=80, srgb=13, rgbim=pixels, compat=10)
    return torch.from_numpy(np.array(crf.inference(steps))).view(1, k, h, w)


def errors() -> Table:
    """Against the exact kernel, on a small picture."""
    logits, image = scene(5, 48, 72)
    ways = {"course": lambda steps: dense_crf(logits, image, steps=steps, kernel=Lattice)}
    if importlib.util.find_spec("pydensecrf"):
        ways["pydensecrf2"] = lambda steps: by_pydensecrf(logits, image, steps)
    result = Table(title="against the exact kernel, 48×72, 5 classes", title_justify="left")
    for column in ("", "steps", "max error", "mean error", "same label"):
        result.add_column(column)
    for name, run in ways.items():
        for steps in (1, 5):
            exact, got = dense_crf(logits, image, steps=steps, kernel=Pairwise), run(steps)
            same = (exact.argmax(1) == got.argmax(1)).double().mean()
            error = (exact - got).abs()
            result.add_row(name, str(steps), f"{error.max():.3f}", f"{error.mean():.4f}", f"{same:.1%}")
    return result


def boundaries(weights: str, source: str, pictures: int) -> Table:
    """Mean IoU near boundaries, and of all pixels, of a checkpoint's predictions without and with the CRF."""
    model, card = load(weights)
    held_out = open_source(source, split="test", train=False).held_out
    result = Table(
        title=f"{card.network} on {pictures} test pictures of {source}, mean IoU in percent", title_justify="left"
    )
    metrics = {name: (TrimapIoU(len(card.classes)), ConfusionMatrix(len(card.classes))) for name in ("without", "with")}
    for image, label in tqdm(islice(held_out, pictures), total=pictures, desc="CRF", leave=False):
        with torch.inference_mode():
            logits = model(image[None])
            outputs = {"without": logits, "with": dense_crf(logits, image[None], **OPTIONS)}
        for name, output in outputs.items():
            for metric in metrics[name]:
                metric.update_outputs(label[None], output)
    for name, (trimap, confusion) in metrics.items():
        scores = trimap.summary() | {"all pixels": confusion.summary()["mean_iou"]}
        if not result.columns:
            for column in ("CRF", *scores):
                result.add_column(column)
        result.add_row(name, *(f"{100 * score:.2f}" for score in scores.values()))
    return result


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="?", default="fcn16s", help="as for course evaluate")
    parser.add_argument("--data", default="scenes")
    parser.add_argument("--pictures", type=int, default=50)
    given, console = parser.parse_args(), Console()
    logits, image = scene(21, 321, 481)
    contenders = {"course": lambda: dense_crf(logits, image)}
    if importlib.util.find_spec("pydensecrf"):
        contenders["pydensecrf2"] = lambda: by_pydensecrf(logits, image)
        agree = (dense_crf(logits, image) - by_pydensecrf(logits, image)).abs().max()
        console.print(f"largest difference of the two: {agree:.1e}")
    title = f"321×481, 21 classes, 5 steps, {torch.get_num_threads()} thread(s)"
    console.print(table(title, race(contenders, rounds=7, seconds=30), "course"))
    console.print(errors())
    console.print(boundaries(given.weights, given.data, given.pictures))


if __name__ == "__main__":
    main()
