import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors

from course import IMAGENET_MEAN
from course.data.photos import photo
from course.data.transforms import Transformed, evaluation, random_mirror, training

IMAGE = photo("coffee", (60, 90))
LABEL = torch.tensor([0, 7, 255]).repeat_interleave(30).repeat(60, 1)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 130), st.integers(1, 130))
def test_training_gives_the_size_and_only_numbers_that_were_in_the_label_or_void(seed, h, w):
    image, label = training((h, w), generator=seeded(seed))(IMAGE, LABEL)
    assert image.shape == (3, h, w)
    assert label.shape == (h, w)
    assert label.dtype == torch.int64
    assert set(label.unique().tolist()) <= {0, 7, 255}
    assert 0 <= image.min() <= image.max() <= 1


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 130), st.integers(1, 130))
def test_evaluation_never_invents_a_class(h, w):
    image, label = evaluation((h, w))(IMAGE, LABEL)
    assert image.shape == (3, h, w)
    assert set(label.unique().tolist()) <= {0, 7, 255}


def test_evaluation_resizes_as_torch_does():
    image, label = evaluation((31, 44))(IMAGE, LABEL)
    kept = F.interpolate(IMAGE[None], (31, 44), mode="bilinear", antialias=True, align_corners=False)[0]
    assert torch.allclose(image.as_subclass(torch.Tensor), kept, atol=1e-6)
    nearest = F.interpolate(LABEL[None, None].double(), (31, 44), mode="nearest")[0, 0].long()
    assert torch.equal(label.as_subclass(torch.Tensor), nearest)


def test_picture_and_label_stay_on_top_of_each_other():
    # the picture is drawn from its label, so after any joint transform it must still be
    label = torch.randint(0, 2, (12, 15), generator=seeded(0)).repeat_interleave(8, 0).repeat_interleave(8, 1)
    image = label.float().repeat(3, 1, 1)
    for seed in range(8):
        moved, truth = training((64, 64), scale=(0.7, 1.6), color=0, generator=seeded(seed))(image, label)
        known = truth != 255
        agree = (moved[0][known] > 0.5) == (truth[known] == 1)
        assert agree.float().mean() > 0.93  # the rest lies on interpolated edges


def test_outside_the_picture_is_void_and_the_mean_color():
    image, label = training((200, 200), scale=(1, 1), generator=seeded(3))(
        IMAGE, torch.zeros(60, 90, dtype=torch.int64)
    )
    outside = label == 255
    assert outside.sum() == 200 * 200 - 60 * 90
    assert torch.allclose(image[:, outside], torch.tensor(IMAGENET_MEAN)[:, None], atol=1e-6)


def test_the_same_generator_state_gives_the_same_pair():
    first = training((40, 40), generator=seeded(5))
    second = training((40, 40), generator=seeded(5))
    for _ in range(3):
        for a, b in zip(first(IMAGE, LABEL), second(IMAGE, LABEL), strict=True):
            assert torch.equal(a, b)


def test_each_call_draws_anew():
    transform = training((40, 40), generator=seeded(5))
    assert not torch.equal(transform(IMAGE, LABEL)[0], transform(IMAGE, LABEL)[0])


def test_the_global_seed_decides_when_there_is_no_generator():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        first = training((40, 40))(IMAGE, LABEL)[0]
        torch.manual_seed(11)
        assert torch.equal(first, training((40, 40))(IMAGE, LABEL)[0])


def test_a_generator_leaves_the_global_one_alone():
    before = torch.random.get_rng_state()
    training((40, 40), generator=seeded(5))(IMAGE, LABEL)
    assert torch.equal(before, torch.random.get_rng_state())


class Same(Dataset):
    """The same pair again and again, so that only the transform can tell items apart."""

    def __init__(self):
        self.transform = training((16, 16), generator=seeded(1))

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.transform(IMAGE, LABEL)[0].as_subclass(torch.Tensor)


def test_loader_workers_do_not_repeat_each_other_and_a_seeded_loader_repeats_itself():
    def run():
        return torch.cat(list(DataLoader(Same(), num_workers=2, generator=seeded(2))))

    first = run()
    assert len({tuple(image.flatten().tolist()) for image in first}) == 4
    assert torch.equal(first, run())


def test_a_transform_can_be_sent_to_another_process():
    transform = training((40, 40), generator=seeded(5))
    copy = pickle.loads(pickle.dumps(transform))
    assert torch.equal(transform(IMAGE, LABEL)[0], copy(IMAGE, LABEL)[0])


def test_a_flip_of_one_mirrors_both():
    image, label = training((60, 90), scale=(1, 1), flip=1, color=0)(IMAGE, LABEL)
    assert torch.allclose(image.as_subclass(torch.Tensor), IMAGE.flip(-1))
    assert torch.equal(label.as_subclass(torch.Tensor), LABEL.flip(-1))


def test_plain_tensors_come_back_as_tv_tensors():
    image, label = evaluation((20, 20))(IMAGE, LABEL)
    assert isinstance(image, tv_tensors.Image)
    assert isinstance(label, tv_tensors.Mask)


def test_a_mirror_turns_image_and_label_together_about_every_other_time():
    torch.manual_seed(0)
    turned = 0
    for _ in range(40):
        image, label = random_mirror(IMAGE, LABEL)
        if not torch.equal(label, LABEL):
            turned += 1
            assert torch.equal(label, LABEL.flip(1))
        assert torch.equal(image, IMAGE if torch.equal(label, LABEL) else IMAGE.flip(2))
    assert 10 < turned < 30


def test_a_transformed_data_set_gives_each_pair_through_its_transform():
    pairs = Transformed([(IMAGE, LABEL), (IMAGE / 2, LABEL)], lambda image, label: (2 * image, label + 1))
    assert len(pairs) == 2
    assert torch.equal(pairs[1][0], IMAGE)
    assert torch.equal(pairs[1][1], LABEL + 1)


@pytest.mark.parametrize(
    ("image", "label", "message"),
    [
        (IMAGE, LABEL.float(), "wanted an int64 tensor"),
        (IMAGE, LABEL[None], "wanted an int64 tensor"),
        (IMAGE, LABEL[:10], "of one picture"),
        (IMAGE[None], LABEL, r"wanted a floating-point tensor \(3, h, w\)"),
        (IMAGE[:1], LABEL, r"wanted a floating-point tensor \(3, h, w\)"),
        (None, LABEL, "image is NoneType"),
        ((IMAGE * 255).byte(), LABEL, "Divide bytes by 255"),
    ],
)
def test_a_pair_of_another_kind_is_refused(image, label, message):
    with pytest.raises(ValueError, match=message):
        evaluation((8, 8))(image, label)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 32}, "size is 32; wanted \\(h, w\\)"),
        ({"size": (0, 3)}, "wanted \\(h, w\\)"),
        ({"size": (8, 8), "scale": (2, 1)}, "scale is \\(2, 1\\)"),
        ({"size": (8, 8), "flip": 2}, "flip is 2"),
        ({"size": (8, 8), "color": -1}, "color is -1"),
    ],
)
def test_an_argument_out_of_range_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        training(**arguments)
