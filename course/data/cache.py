"""Images kept in memory as bytes, so that drawing and decoding happen once and never hold up a training."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

Sample = tuple[Tensor, Tensor]


class Cached(Dataset):
    """A data set that keeps each pair once it has been asked for: a byte for each channel of a pixel and for its label.

    Args:
        dataset: gives (image (3, h, w) float in [0, 1], label (h, w) int64 from 0 to 255), always the same pair for an
            index. Images in steps of 1/255, as files and scenes are, come back exactly.
        transform: called as transform(image, label) each time that a pair is asked for, or None.
    """

    def __init__(self, dataset: Dataset, transform: Callable[[Tensor, Tensor], Sample] | None = None):
        self.dataset, self.transform = dataset, transform
        self._kept: list[Sample | None] = [None] * len(dataset)

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Sample:
        if self._kept[index] is None:
            self._kept[index] = _bytes(self.dataset, index)
        image, label = self._kept[index]
        pair = image.float() / 255, label.long()
        return pair if self.transform is None else self.transform(*pair)

    def fill(self, processes: int | None = None, *, bar: bool = True) -> "Cached":
        """Read or draw all pairs now.

        Args:
            processes: how many share the work, 1 for this process alone; None for one a core, if there is enough to do.
            bar: whether to show a progress bar.

        Returns:
            This object.
        """
        missing = [index for index, pair in enumerate(self._kept) if pair is None]
        processes = min(os.cpu_count() or 1, len(missing) // 64) if processes is None else processes
        with tqdm(total=len(missing), desc="images", unit="", leave=False, disable=None if bar else True) as shown:
            if processes <= 1:
                for index in missing:
                    self._kept[index] = _bytes(self.dataset, index)
                    shown.update()
                return self
            # Spawned, not forked: a forked child hangs once torch has computed on several threads.
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                parts = [missing[start : start + 16] for start in range(0, len(missing), 16)]
                for part, pairs in zip(parts, pool.map(_arrays, [self.dataset] * len(parts), parts), strict=True):
                    for index, pair in zip(part, pairs, strict=True):
                        self._kept[index] = tuple(torch.from_numpy(array) for array in pair)
                    shown.update(len(part))
        return self


def _bytes(dataset: Dataset, index: int) -> Sample:
    """A pair as uint8."""
    image, label = dataset[index]
    image, label = torch.as_tensor(image), torch.as_tensor(label)
    return (image * 255).round().to(torch.uint8).as_subclass(torch.Tensor), label.byte().as_subclass(torch.Tensor)


def _arrays(dataset: Dataset, indices: list[int]) -> list[tuple[np.ndarray, ...]]:
    """The work of another process. It returns NumPy arrays: tensors would take a file handle each to cross."""
    torch.set_num_threads(1)
    return [tuple(tensor.numpy() for tensor in _bytes(dataset, index)) for index in indices]
