"""A tiny network on tiny pictures, which any process can build again."""

import os
import signal
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from course.metrics import ConfusionMatrix
from course.training import Validation, batches, cosine, fit


class Blobs(Dataset):
    """Noise, class 1 where it is red; the noise has a random part that is drawn anew in each epoch."""

    def __init__(self, count=12, size=8, jitter=0.05):
        self.images = torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(5))
        self.jitter = jitter

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        return image + self.jitter * torch.randn(image.shape), (image[0] > 0.5).long()


def net(seed=0, *, norm=True, dropout=0.2):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        middle = [nn.BatchNorm2d(4)] if norm else []
        return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), *middle, nn.ReLU(), nn.Dropout(dropout), nn.Conv2d(4, 2, 1))


def validation(data=None):
    return Validation(batches(data or Blobs(jitter=0), 6, shuffle=False), ConfusionMatrix(2))


def loss(logits, target):
    return F.cross_entropy(logits, target, ignore_index=255)


EVERY = 3  # steps between two checkpoints of `long_run`


def long_run(folder, *, resume=False, death=None, plain=False):
    """Everything that has a state: momentum, batch norm, dropout, changes, averaging, a schedule, accumulation."""
    model = net()
    loader = batches(Blobs(), 3, seed=7)
    if plain:
        loader = torch.utils.data.DataLoader(Blobs(), 3, shuffle=True)
    history = fit(
        model,
        loader,
        death.in_the(loss) if death else loss,
        steps=11,
        accumulate=2,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.02),
        schedule=cosine(11, warmup=3),
        max_grad_norm=0.5,
        ema=0.9,
        validation=validation(),
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


class Death:
    """Kills its process in one step: "inside" it, "after" it, or while a checkpoint is being "written" from then on.

    `kept` is the step of the checkpoint that is then there, 0 for none.
    """

    def __init__(self, step, where):
        self.step, self.where, self._losses = step, where, 0
        self.kept = (step if where == "after" else step - 1) // EVERY * EVERY
        if where == "written" and sys.argv[0].endswith(("toy.py", "toy_detector.py")):
            os.fsync = self._fsync

    def in_the(self, loss):
        """The loss, or the objective, in which the process may die."""

        def counted(*arguments):
            self._losses += 1
            if self.where == "inside" and self._losses == 2 * self.step:  # the second of two batches
                self._die()
            return loss(*arguments)

        return counted

    def progress(self, progress):
        if self.where == "after" and progress.step == self.step:
            self._die()

    def _fsync(self, _file):
        if self._losses >= 2 * self.step:
            self._die()

    def _die(self):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    long_run(sys.argv[1], death=Death(int(sys.argv[2]), sys.argv[3]), plain=sys.argv[4] == "plain")
