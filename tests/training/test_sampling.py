import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from course.training.sampling import SeededBatches, as_lists, batches, derive_seed, endless_batches, shuffled
from tests.training.toy import Blobs


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 60), st.integers(0, 2**40), st.integers(0, 9))
def test_an_order_is_a_permutation_and_the_same_each_time(length, seed, epoch):
    assert sorted(shuffled(length, seed, epoch)) == list(range(length))
    assert shuffled(length, seed, epoch) == shuffled(length, seed, epoch)


def test_epochs_and_seeds_have_different_orders():
    assert len({tuple(shuffled(30, seed, epoch)) for seed in range(5) for epoch in range(5)}) == 25


def test_a_derived_seed_does_not_mix_up_its_numbers():
    assert len({derive_seed(*numbers) for numbers in itertools.product(range(12), repeat=3)}) == 12**3
    assert derive_seed(1, 23) != derive_seed(12, 3)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 40), st.integers(1, 12), st.booleans(), st.integers(0, 5))
def test_an_epoch_that_is_begun_in_the_middle_is_the_rest_of_the_whole_epoch(length, size, shuffle, skip):
    if shuffle and length < size:
        return
    sampler = SeededBatches(length, size, seed=4, shuffle=shuffle)
    whole = list(sampler)
    assert len(whole) == len(sampler)
    sampler.start_at(0, skip)
    assert list(sampler) == whole[skip:]


@settings(deadline=None, max_examples=25)
@given(st.integers(8, 40), st.sampled_from([1, 2, 4]), st.booleans())
def test_the_shares_of_all_processes_make_up_the_batch(length, world, shuffle):
    sampler, parts = SeededBatches(length, 4, shuffle=shuffle), []
    whole = [sorted(batch) for batch in sampler]
    for rank in range(world):
        sampler.share(rank, world)
        parts += [list(sampler)]
    together = [sorted(itertools.chain(*shares)) for shares in itertools.zip_longest(*parts, fillvalue=[])]
    assert together == whole


def test_a_picture_changes_with_the_epoch_alone_and_leaves_torchs_generator_as_it_was():
    loaders = [batches(Blobs(), size, seed=2, shuffle=False) for size in (1, 5)]
    state = torch.random.get_rng_state()
    one, five = (torch.cat([images for images, _ in loader]) for loader in loaders)
    assert torch.equal(one, five)
    loaders[0].batch_sampler.start_at(1)
    assert not torch.equal(one, torch.cat([images for images, _ in loaders[0]]))
    loaders[0].batch_sampler.start_at(0)
    assert torch.equal(one, torch.cat([images for images, _ in loaders[0]]))
    assert torch.equal(state, torch.random.get_rng_state())


def test_worker_processes_give_the_same_pictures():
    torch.set_num_threads(torch.get_num_threads())
    expected = list(batches(Blobs(), 4, seed=2))
    for (images, labels), (theirs, their_labels) in zip(batches(Blobs(), 4, seed=2, workers=1), expected, strict=True):
        assert torch.equal(images, theirs)
        assert torch.equal(labels, their_labels)


@pytest.mark.parametrize("done", [0, 2, 3, 7])
@pytest.mark.parametrize(
    "make",
    [
        lambda: batches(Blobs(), 4, seed=2),
        lambda: DataLoader(Blobs(), 4, shuffle=True),
        lambda: list(DataLoader(Blobs(), 4)),
    ],
)
def test_batches_from_the_middle_are_the_rest_of_all_batches(make, done):
    torch.manual_seed(0)
    loader = make()
    whole = [images for images, _ in itertools.islice(endless_batches(loader, 3, 0), 9)]
    rest = [images for images, _ in itertools.islice(endless_batches(loader, 3, done), 9 - done)]
    assert all(torch.equal(a, b) for a, b in zip(whole[done:], rest, strict=True))


def test_plain_loaders_shuffle_anew_in_each_epoch():
    loader = DataLoader(Blobs(jitter=0), 12, shuffle=True)
    one, other = (images for images, _ in itertools.islice(endless_batches(loader, 3, 0), 2))
    assert not torch.equal(one, other)


def test_batches_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="size is 13; wanted at most the 12 pictures"):
        batches(Blobs(), 13)
    with pytest.raises(ValueError, match="size is 0; wanted a whole number of at least 1"):
        batches(Blobs(), 0)
    with pytest.raises(ValueError, match="size is 3; wanted a multiple of 2, the number of processes"):
        batches(Blobs(), 3).batch_sampler.share(0, 2)


def test_a_loader_that_can_be_gone_through_only_once_is_named():
    class Once:
        def __init__(self):
            self.items = iter([1])

        def __len__(self):
            return 1

        def __iter__(self):
            return self.items

    with pytest.raises(ValueError, match="is a Once that gave no batch in epoch 1, though it has a length"):
        list(itertools.islice(endless_batches(Once(), 0, 0), 2))


def test_lists_keep_pictures_of_different_sizes_apart():
    pairs = [(torch.zeros(3, 2, 5), {"boxes": torch.zeros(0, 4)}), (torch.zeros(3, 4, 1), {"boxes": torch.ones(2, 4)})]
    ((inputs, targets),) = batches(pairs, 2, shuffle=False, collate=as_lists)
    assert [one.shape for one in inputs] == [(3, 2, 5), (3, 4, 1)]
    assert [len(one["boxes"]) for one in targets] == [0, 2]
