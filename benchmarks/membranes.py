"""Do border weights keep touching cells apart? python -m benchmarks.membranes [--quick]

U-Net on the 30 electron-microscopy pictures it was made for: the first 20 to train, the last 10 to score, which are
slices of the same block of tissue, so neighbors of what was trained on. Three losses, all else equal:

- plain: cross-entropy;
- membrane: membrane pixels weigh more, all alike: as much as the border weights weigh there on average;
- border: U-Net's weight map, w0 = 10 and σ = 5 pixels at full size.

The second tells how much of the third's effect is its geometry, and how much is that membranes count at all.

Scores, each the mean over the held-out pictures, which go through the network whole, tile by tile:

- pixel error: share of pixels on the wrong side of the threshold.
- split and merge, in bits. The predicted cell pixels fall into connected regions (4 neighbors), and each region grows
  over the membrane around it, to the nearest. Then only pixels inside true cells count. With p_ij the share of them in
  true cell i and region j, and t_i and s_j its row and column sums,
      split = H(S|T) = -Σ p_ij log2(p_ij / t_i): in how many pieces a cell lies;
      merge = H(T|S) = -Σ p_ij log2(p_ij / s_j): how many cells share a piece.
  Both are 0 for a perfect segmentation; their sum is the variation of information. A membrane drawn too thick costs
  nothing here, a gap of one pixel joins two cells.

All at the threshold 0.5, and at the one of 0.1 … 0.98 that gives the least variation of information on the held-out
pictures, as the challenge did: a loss that favors membranes shifts the probabilities, and this takes that out.

Source: Ronneberger et al., arXiv:1505.04597 (weights, deformations); Meilă, Comparing clusterings, J. Multivariate
Analysis 2007; Arganda-Carreras et al., Crowdsourcing the creation of image segmentation algorithms for connectomics,
Frontiers in Neuroanatomy 2015 (the challenge; it grows regions by a watershed).
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from scipy.ndimage import distance_transform_edt
from skimage.measure import label
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from course.data.readers import Membranes
from course.data.tissue import real_tissue
from course.losses import border_weights, cross_entropy
from course.models.images import Normalized
from course.models.semantic.unet import UNet, lost_pixels
from course.ops.tiling import apply_tiled_inside
from course.training import batches, cosine, fit

TRAINED, LOSSES = 20, ("plain", "membrane", "border")
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class Experiment:
    """How a network is trained; the same for all losses."""

    widths: tuple[int, ...] = (32, 64, 128, 256, 512)
    steps: int = 4000
    batch: int = 8
    crop: int = 256
    sigma: float = 5.0
    lr: float = 1e-3
    seed: int = 0


QUICK = Experiment(widths=(12, 24, 48, 96), steps=300, batch=4, crop=128, sigma=2.5, lr=4e-3)  # at half the size


class Crops(Dataset):
    """Random crops, turned and mirrored: pairs of a picture (1, s, s), and label beside weight (2, s, s)."""

    def __init__(self, images: Tensor, labels: Tensor, weights: Tensor, size: int):
        self.images, self.targets = images, torch.stack([labels.float(), weights.float()], 1)
        self.size = size

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        both = torch.cat([self.images[index], self.targets[index]])
        y, x = (int(torch.randint(length - self.size + 1, ())) for length in both.shape[1:])
        both = both[:, y : y + self.size, x : x + self.size].rot90(int(torch.randint(4, ())), (1, 2))
        both = both.flip(-1) if torch.rand(()) < 0.5 else both
        return both[:1].contiguous(), both[1:].contiguous()


def deform(images: Tensor, targets: Tensor, strength: float = 10.0) -> tuple[Tensor, Tensor]:
    """Bend pictures as U-Net's paper does: a 3x3 grid of random shifts (σ in pixels), bicubic in between; and light."""
    n, (h, w) = len(images), images.shape[2:]
    shifts = F.interpolate(torch.randn(n, 2, 3, 3) * strength, size=(h, w), mode="bicubic", align_corners=True)
    gain, offset = 1 + 0.2 * (2 * torch.rand(n, 1, 1, 1) - 1), 0.05 * (2 * torch.rand(n, 1, 1, 1) - 1)
    straight = F.affine_grid(torch.eye(2, 3).expand(n, 2, 3), (n, 1, h, w), align_corners=False)
    grid = (straight + shifts.movedim(1, -1) * 2 / torch.tensor([w, h])).to(images.device)
    how = {"padding_mode": "reflection", "align_corners": False}
    images = (F.grid_sample(images, grid, mode="bilinear", **how) - 0.5) * gain.to(images) + 0.5 + offset.to(images)
    return images, F.grid_sample(targets, grid, mode="nearest", **how)


def weighted(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of targets that carry label and weight."""
    return cross_entropy(logits, targets[:, 0].round().long(), pixel_weights=targets[:, 1])


def weights_of(cells: Tensor, loss: str, sigma: float) -> Tensor:
    """The weight of each pixel (n, h, w) under one of `LOSSES`."""
    if loss == "plain":
        return torch.ones(cells.shape)
    border = torch.stack([border_weights(one, w0=10.0, sigma=sigma) for one in cells])
    if loss == "border":
        return border
    return torch.where(cells > 0, 1.0, border[cells == 0].mean())


def whole_pictures() -> tuple[Tensor, Tensor]:
    """All 30 pictures (30, 1, 512, 512) and their numbered cells (30, 512, 512)."""
    pairs = [[part.as_subclass(Tensor) for part in pair] for pair in Membranes()]
    cells = [torch.from_numpy(label((inside == 1).numpy(), connectivity=1)).long() for _, inside in pairs]
    return torch.stack([image[:1] for image, _ in pairs]), torch.stack(cells)


def train(images: Tensor, cells: Tensor, loss: str, experiment: Experiment, **where) -> Normalized:
    """A U-Net trained from scratch on these pictures: class 0 is membrane, 1 is cell."""
    torch.manual_seed(experiment.seed)
    model = Normalized(UNet(2, in_channels=1, widths=experiment.widths), (0.5,), (0.5,))
    crops = Crops(images, cells > 0, weights_of(cells, loss, experiment.sigma), experiment.crop)
    fit(
        model,
        batches(crops, experiment.batch, seed=experiment.seed),
        weighted,
        steps=experiment.steps,
        optimizer=torch.optim.AdamW(model.parameters(), experiment.lr, weight_decay=0.01),
        schedule=cosine(experiment.steps, warmup=experiment.steps // 20),
        max_grad_norm=1.0,
        ema=0.99,
        every=max(1, experiment.steps // 10),
        prepare=lambda images, targets: deform(images, targets, 2 * experiment.sigma),
        seed=experiment.seed,
        **where,
    )
    return model


@torch.no_grad()
def inside(model: Normalized, image: Tensor, poolings: int) -> np.ndarray:
    """Probability (h, w) that a pixel is inside a cell; the picture (1, h, w) goes through in tiles, without a seam."""
    stride = 2**poolings
    margin = -(-lost_pixels(poolings) // 2 // stride) * stride
    pictures = image[None].to(next(model.parameters()).device)
    logits = apply_tiled_inside(model, pictures, 256, margin, stride=stride, batch=1)
    return logits.float().softmax(1)[0, 1].cpu().numpy()


def regions_of(cell: np.ndarray) -> np.ndarray:
    """Connected regions (h, w) of a map of cell pixels, each grown to the pixels that are nearest to it; from 1 on."""
    regions = label(cell, connectivity=1)
    if not regions.any():
        return np.ones_like(regions)
    return regions[tuple(distance_transform_edt(regions == 0, return_distances=False, return_indices=True))]


def split_and_merge(cells: np.ndarray, regions: np.ndarray) -> tuple[float, float]:
    """H(regions | cells) and H(cells | regions) in bits, over the pixels (h, w) inside cells; 0 where none are."""
    true, found = cells[cells > 0], regions[cells > 0]
    if not true.size:
        return 0.0, 0.0
    pairs, counts = np.unique(np.stack([true, found]), axis=1, return_counts=True)
    p = counts / counts.sum()

    def conditional(row):  # -Σ p_ij log2(p_ij / marginal of the given one)
        marginal = np.bincount(pairs[row], weights=p)[pairs[row]]
        return float(-(p * np.log2(p / marginal)).sum())

    return abs(conditional(0)), abs(conditional(1))  # -0.0 is 0


def scores(probabilities: list[np.ndarray], cells: list[np.ndarray]) -> dict[float, tuple[float, float, float]]:
    """Threshold -> (pixel error, split, merge), means over the pictures."""
    table = {}
    for threshold in THRESHOLDS:
        rows = []
        for p, truth in zip(probabilities, cells, strict=True):
            rows.append((np.mean((p > threshold) != (truth > 0)), *split_and_merge(truth, regions_of(p > threshold))))
        table[threshold] = tuple(np.mean(rows, 0).tolist())
    return table


def report(found: dict[str, dict]) -> Table:
    """Each loss at the threshold 0.5 and at its best one."""
    table = Table(title="held-out pictures: pixel error in %, split and merge in bits", title_justify="left")
    for column in ("loss", "threshold", "pixel error", "split", "merge", "split + merge"):
        table.add_column(column, justify="left" if column == "loss" else "right")
    for loss, at in found.items():
        best = min(at, key=lambda threshold: sum(at[threshold][1:]))
        for threshold, note in ((0.5, ""), (best, " (best)")):
            error, split, merge = at[threshold]
            row = f"{100 * error:.2f}", f"{split:.3f}", f"{merge:.3f}", f"{split + merge:.3f}"
            table.add_row(loss, f"{threshold}{note}", *row)
    return table


def main() -> None:
    """Train three networks, score them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="half size, a small network: minutes on a CPU")
    parser.add_argument("--losses", nargs="+", choices=LOSSES, default=LOSSES)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--out", type=Path, help="folder for one run a loss, to go on from")
    given = parser.parse_args()
    experiment = QUICK if given.quick else Experiment()
    experiment = replace(experiment, steps=given.steps or experiment.steps, seed=given.seed)
    try:
        images, cells = real_tissue(30) if given.quick else whole_pictures()
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from None
    found = {}
    for loss in given.losses:
        folder = {"folder": given.out / loss, "resume": True} if given.out else {}
        where = {"device": given.device, "precision": given.precision, **folder}
        model = train(images[:TRAINED], cells[:TRAINED], loss, experiment, **where)
        held_out = tqdm(images[TRAINED:], desc=f"{loss}: predicting", leave=False)
        probabilities = [inside(model, image, len(experiment.widths) - 1) for image in held_out]
        found[loss] = scores(probabilities, [truth.numpy() for truth in cells[TRAINED:]])
    Console().print(report(found))


if __name__ == "__main__":
    main()
