import torch
from torch.utils.data import Dataset

from course.data.cache import Cached
from course.data.scenes import Scenes


class Counting(Dataset):
    def __init__(self):
        self.asked = []

    def __len__(self):
        return 3

    def __getitem__(self, index):
        self.asked.append(index)
        return torch.full((3, 2, 2), index / 255), torch.tensor([[0, index], [7, 255]])


def test_each_pair_is_asked_for_once_and_comes_back_as_it_was():
    data = Counting()
    cached = Cached(data)
    for _ in range(2):
        for index in range(3):
            image, label = cached[index]
            assert torch.equal(image, torch.full((3, 2, 2), index / 255))
            assert torch.equal(label, torch.tensor([[0, index], [7, 255]]))
    assert data.asked == [0, 1, 2]


def test_the_transform_is_applied_anew_each_time():
    draws = iter(range(9))
    cached = Cached(Counting(), lambda image, label: (image, label + next(draws)))
    assert cached[0][1][0, 0] == 0
    assert cached[0][1][0, 0] == 1


def test_what_is_changed_in_a_pair_does_not_reach_the_next():
    cached = Cached(Counting())
    cached[1][0].zero_()
    assert cached[1][0].max() > 0


def test_other_processes_draw_the_same_scenes():
    scenes = Scenes(3, size=(32, 48))
    cached = Cached(scenes).fill(2, bar=False)
    for (image, label), (drawn, truth) in zip(
        (cached[i] for i in range(3)), (scenes[i] for i in range(3)), strict=True
    ):
        torch.testing.assert_close(image, drawn, rtol=0, atol=1e-7)
        assert torch.equal(label, truth)
