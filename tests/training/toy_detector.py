"""A tiny detector on pictures of different sizes, with boxes, classes and masks; some pictures are empty."""

import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset
from torchvision.ops import box_iou, nms

from course.training import Validation, as_lists, batches, cosine, fit
from tests.training.toy import EVERY, Death

STRIDE = 4


class Rectangles(Dataset):
    """Red (class 0) and blue (class 1) rectangles on noise; picture i has its own size and i % 3 rectangles."""

    def __init__(self, count=12, jitter=0.05):
        self.count, self.jitter = count, jitter

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        draw = torch.Generator().manual_seed(index)
        h, w = (int(torch.randint(24, 37, (), generator=draw)) for _ in range(2))
        image, masks = 0.2 * torch.rand(3, h, w, generator=draw), torch.zeros(index % 3, h, w)
        labels = torch.randint(2, (index % 3,), generator=draw)
        for number, label in enumerate(labels.tolist()):
            top, left = (int(torch.randint(0, 5, (), generator=draw)) for _ in range(2))
            left += number * w // 2  # side by side
            masks[number, top : top + 14, left : left + 10] = 1
            image[2 * label] += 0.8 * masks[number]
        rows, columns = ([m.amax(axis).nonzero()[:, 0] for m in masks] for axis in (1, 0))
        boxes = [[x[0], y[0], x[-1] + 1, y[-1] + 1] for x, y in zip(columns, rows, strict=True)]
        target = {"boxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), "labels": labels, "masks": masks}
        return image + self.jitter * torch.randn(image.shape), target


class Detector(nn.Module):
    """Each cell of 4 x 4 pixels says a class or background, how far the edges of its box lie, and whether it is mask.

    Call with a list of images (3, h, w); returns for each a dict of boxes (r, 4), labels (r,), masks (r, cells).
    """

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(3, 16, 5, 2, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, 2, padding=2),
            nn.ReLU(),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.ReLU(),
            nn.Dropout(0.05),
        )
        self.classes, self.edges, self.mask = nn.Conv2d(32, 3, 1), nn.Conv2d(32, 4, 1), nn.Conv2d(32, 1, 1)

    def cells(self, image):
        """Class logits (cells, 3), boxes (cells, 4), mask logits (cells,) and centers (cells, 2), x before y."""
        x = self.trunk(image[None])
        rows, columns = (STRIDE * torch.arange(length) + STRIDE / 2 for length in x.shape[2:])
        centers = torch.cartesian_prod(rows, columns).flip(1).to(x)
        classes, edges, mask = (head(x)[0].flatten(1).T for head in (self.classes, self.edges, self.mask))
        boxes = torch.cat([centers - 8 * edges[:, :2].exp(), centers + 8 * edges[:, 2:].exp()], 1)
        return classes, boxes, mask[:, 0], centers

    def forward(self, images):
        found = []
        for image in images:
            classes, boxes, mask, _ = self.cells(image)
            scores, labels = classes.softmax(1)[:, :2].max(1)
            sure = (scores > 0.5).nonzero()[:, 0]
            kept = sure[nms(boxes[sure].float(), scores[sure].float(), 0.3)]
            found.append({"boxes": boxes[kept], "labels": labels[kept], "masks": (mask > 0).expand(len(kept), -1)})
        return found


def detection_losses(model, images, targets):
    """The terms of the loss, each a mean over the batch's pictures; 0 where a picture has nothing to count."""
    terms = {"classes": 0, "boxes": 0, "masks": 0}
    for image, target in zip(images, targets, strict=True):
        classes, boxes, mask, centers = model.cells(image)
        truth, owner = torch.full((len(centers),), 2), torch.zeros(len(centers), dtype=torch.long)
        for number, (x1, y1, x2, y2) in enumerate(target["boxes"]):
            x, y = centers.T
            inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
            truth[inside], owner[inside] = target["labels"][number], number
        inside = truth < 2
        terms["classes"] = terms["classes"] + F.cross_entropy(classes, truth) / len(images)
        wanted = target["boxes"][owner[inside]]
        terms["boxes"] = terms["boxes"] + F.smooth_l1_loss(boxes[inside] / 8, wanted / 8, reduction="sum") / (
            len(images) * max(1, len(wanted))
        )
        x, y = centers.long().T
        covered = target["masks"].sum(0)[y.clamp(max=image.shape[1] - 1), x.clamp(max=image.shape[2] - 1)]
        terms["masks"] = terms["masks"] + F.binary_cross_entropy_with_logits(mask, covered.clamp(max=1)) / len(images)
    return terms


class Recall:
    """The share of true boxes that a found one of their class overlaps by half."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.hits = self.boxes = self.pictures = 0

    def update_outputs(self, targets, outputs):
        for target, output in zip(targets, outputs, strict=True):
            same = target["labels"][:, None] == output["labels"]
            self.hits += int((same & (box_iou(target["boxes"], output["boxes"]) > 0.5)).any(1).sum())
            self.boxes += len(target["boxes"])
            self.pictures += 1

    def all_reduce(self):
        return self

    def summary(self):
        return {"recall": self.hits / self.boxes if self.boxes else float("nan")}


def train(folder, steps, *, lr=0.01, resume=False, death=None):
    """A training with everything that has a state, on lists."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Detector()
    history = fit(
        model,
        batches(Rectangles(), 3, seed=7, collate=as_lists),
        objective=death.in_the(detection_losses) if death else detection_losses,
        steps=steps,
        accumulate=2,
        optimizer=torch.optim.Adam(model.parameters(), lr=lr),
        schedule=cosine(steps, warmup=3),
        max_grad_norm=5.0,
        ema=0.8,
        validation=Validation(
            batches(Rectangles(jitter=0), 5, shuffle=False, collate=as_lists), Recall(), monitor="recall"
        ),
        every=EVERY,
        seed=3,
        folder=folder,
        resume=resume,
        log_every=1,
        on_progress=death.progress if death else None,
        device="cpu",
        bar=False,
    )
    return model, history


if __name__ == "__main__":
    train(sys.argv[1], 11, death=Death(int(sys.argv[2]), sys.argv[3]))
