"""Random inputs: the same for the same words, and the worst cases always among them."""

import torch

from autograder.checking.draws import layouts, pick, ranges, seeded, sizes, tensors_in


def test_numbers_depend_on_the_words_alone():
    draws = [
        torch.rand(3, generator=seeded(*words)) for words in (("ann", "lab01"), ("ann", "lab01"), ("bob", "lab01"))
    ]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_both_ends_can_be_picked():
    rng = seeded("ends")
    assert {pick(rng, 2, 4) for _ in range(60)} == {2, 3, 4}
    assert pick(rng, 7, 7) == 7


def test_sizes_hold_one_that_is_taller_one_that_is_wider_the_smallest_and_one_beyond_a_byte():
    for least in (1, 5):
        found = sizes(seeded("sizes"), least)
        assert any(h > w for h, w in found)
        assert any(w > h for h, w in found)
        assert (least, least) in found
        assert max(max(size) for size in found) > 256
        assert min(min(size) for size in found) == least


def test_ranges_hold_what_wrong_answers_stumble_over():
    found = ranges(torch.randn(4, 5, generator=seeded("ranges")))
    assert found["all negative"].max() < 0
    assert found["below -1000"].max() < -1000
    assert set(found["zeros and ones"].unique().tolist()) == {0, 1}


def test_other_layouts_hold_the_same_numbers_and_are_not_contiguous():
    x = torch.randn(2, 3, 4, 5, generator=seeded("layouts"))
    found = layouts(x)
    assert set(found) == {"transposed", "a slice", "channels last"}
    for other in found.values():
        assert torch.equal(other, x)
        assert not other.is_contiguous()
    assert layouts(3) == layouts([]) == layouts([("down", 3)]) == layouts({}) == {}


def test_lists_and_dicts_are_laid_out_tensor_by_tensor():
    images, truth, weight = torch.rand(2, 3, 4, 5), torch.arange(40).reshape(2, 4, 5), torch.rand(3, 4)
    found = layouts({"batches": [(images, truth)], "weight": weight, "steps": 3})
    assert set(found) == {"transposed", "a slice", "channels last"}
    for name, other in found.items():
        assert list(other) == ["batches", "weight", "steps"]
        assert type(other["batches"][0]) is tuple
        given, laid_out = [images, truth, weight], tensors_in(other)
        assert all(map(torch.equal, given, laid_out))
        assert [x.is_contiguous() for x in laid_out] == [False, name == "channels last", name == "channels last"]
