"""Batches in an order that follows from (seed, epoch), and random changes that follow from (seed, epoch, index).

So a run that was killed goes on in the middle of an epoch with the very pictures it would have seen, on any number of
workers and processes, and nothing but the number of batches done has to be remembered.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, Sampler


def derive_seed(*numbers: int) -> int:
    """A seed, 0 to 2⁶³ − 1, made from whole numbers: near numbers give unrelated seeds, on every machine the same."""
    text = ",".join(map(str, numbers)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def shuffled(length: int, seed: int, epoch: int) -> list[int]:
    """The numbers 0 to length − 1, shuffled for one epoch."""
    return torch.randperm(length, generator=torch.Generator().manual_seed(derive_seed(seed, epoch))).tolist()


def as_lists(pairs: list[tuple[Any, Any]]) -> tuple[list, list]:
    """For `batches(…, collate=as_lists)`: the inputs of a batch as a list, and its targets as another.

    So pictures may have different sizes, and each its own number of boxes.
    """
    return [inputs for inputs, _ in pairs], [targets for _, targets in pairs]


def batches(
    dataset: Dataset,
    size: int,
    *,
    seed: int = 0,
    shuffle: bool = True,
    drop_last: bool | None = None,
    workers: int = 0,
    collate: Callable | None = None,
) -> DataLoader:
    """A loader whose order and random changes can be continued anywhere.

    Args:
        dataset: gives a pair (input, target) for an index, such as (image, label); whatever it draws from torch's
            generator on the CPU is the same again for the same seed, epoch and index.
        size: pictures in a batch, over all processes together.
        seed: of the order and of the changes.
        shuffle: a new order in each epoch (True), or the data set's (False).
        drop_last: leave out a last batch that is not full; if None, as `shuffle`.
        workers: processes that read ahead, 0 for none: the reading then happens between the steps. They are started
            afresh ("spawn"), since a forked child hangs once torch has computed on several threads. Each imports torch
            anew, which takes seconds, and a data set defined in a notebook cannot reach them: hence the default.
        collate: makes a batch from a list of pairs, such as `as_lists`; or None for torch's own.

    Returns:
        torch.utils.data.DataLoader of pairs, such as (images (n, 3, h, w), labels (n, h, w)).

    Raises:
        ValueError: the size is below 1, or the data set too small for one batch.
    """
    sampler = SeededBatches(len(dataset), size, seed=seed, shuffle=shuffle, drop_last=drop_last)
    return DataLoader(
        SeededItems(dataset, seed),
        batch_sampler=sampler,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
        collate_fn=collate,
        generator=torch.Generator().manual_seed(seed),  # of the workers' seeds, else drawn from torch's own generator
    )


class SeededBatches(Sampler):
    """Lists of (epoch, index), one list a batch; `start_at` says where the next epoch begins, `share` whose part it is.

    Args: see `batches`.
    """

    def __init__(self, length: int, size: int, *, seed: int = 0, shuffle: bool = True, drop_last: bool | None = None):
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"size is {size!r}; wanted a whole number of at least 1: pictures in a batch.")
        self.length, self.size, self.seed, self.shuffle = length, size, seed, shuffle
        self.drop_last = shuffle if drop_last is None else drop_last
        self.epoch, self.skip, self.rank, self.world = 0, 0, 0, 1
        if len(self) == 0:
            raise ValueError(
                f"size is {size}; wanted at most the {length} pictures that there are. Give a smaller batch."
            )

    def __len__(self) -> int:
        return self.length // self.size if self.drop_last else -(-self.length // self.size)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        epoch = self.epoch  # a later start_at is for the next iterator
        indices = shuffled(self.length, self.seed, epoch) if self.shuffle else list(range(self.length))
        for number in range(self.skip, len(self)):
            batch = indices[number * self.size : (number + 1) * self.size][self.rank :: self.world]
            if batch:
                yield [(epoch, index) for index in batch]

    def start_at(self, epoch: int, skip: int = 0) -> None:
        """Let the next iterator give the batches of `epoch`, without the first `skip`."""
        self.epoch, self.skip = epoch, skip

    def share(self, rank: int, world: int) -> None:
        """Give every `world`-th picture of each batch, from picture `rank` on: one process's part.

        Raises:
            ValueError: the batch cannot be shared evenly.
        """
        if self.size % world:
            raise ValueError(f"size is {self.size}; wanted a multiple of {world}, the number of processes.")
        self.rank, self.world = rank, world


class SeededItems(Dataset):
    """A data set read by (epoch, index), with torch's generator on the CPU set for each item and put back after it."""

    def __init__(self, dataset: Dataset, seed: int):
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, key: tuple[int, int]):
        epoch, index = key
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(
                derive_seed(self.seed, epoch, index)
            )  # not CUDA's, which is not put back
            return self.dataset[index]


def endless_batches(loader: Iterable, seed: int, done: int) -> Iterator:
    """The batches of one epoch after the other, from batch number `done` of the whole training on.

    Args:
        loader: of `batches`, which starts there at once; or any iterable with a length, whose first `done` batches are
            drawn and dropped. What it draws from torch's generator on the CPU follows from (seed, epoch) and the number
            of the batch; a loader with a generator of its own cannot be continued to the same numbers.
        seed: of the training.
        done: batches already used.

    Raises:
        ValueError: the loader gives nothing.
    """
    epoch, skip = divmod(done, len(loader))
    while True:
        if isinstance(getattr(loader, "batch_sampler", None), SeededBatches):
            loader.batch_sampler.start_at(epoch, skip)
            yield from loader
        else:
            yield from itertools.islice(_one_epoch(loader, seed, epoch), skip, None)
        epoch, skip = epoch + 1, 0


def _one_epoch(loader: Iterable, seed: int, epoch: int) -> Iterator:
    iterator = None
    for number in itertools.count():
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derive_seed(seed, epoch, number))
            iterator = iter(loader) if iterator is None else iterator
            batch = next(iterator, None)  # torch's samplers draw their order here, when they are first asked
        if batch is None and number == 0:
            raise ValueError(
                f"the loader is a {type(loader).__name__} that gave no batch in epoch {epoch}, though it has a length; "
                "wanted one that can be iterated again and again, such as batches(dataset, 8) or a list."
            )
        if batch is None:
            return
        yield batch
