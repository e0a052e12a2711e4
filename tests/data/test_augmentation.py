import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from course import IMAGENET_MEAN
from course.data.augmentation import augment

sides = st.integers(3, 20)


def batch(n=4, h=12, w=16):
    return torch.rand(n, 3, h, w), torch.randint(0, 5, (n, h, w))


def test_nothing_changes_when_nothing_may():
    images, labels = batch()
    same, same_labels = augment(images, labels, (12, 16), scale=(1, 1), flip=0, color=0)
    torch.testing.assert_close(same, images, rtol=0, atol=1e-5)
    assert torch.equal(same_labels, labels)


def test_a_certain_mirror_image_is_the_mirror_image():
    images, labels = batch()
    mirrored, mirrored_labels = augment(images, labels, (12, 16), scale=(1, 1), flip=1, color=0)
    torch.testing.assert_close(mirrored, images.flip(3), rtol=0, atol=1e-5)
    assert torch.equal(mirrored_labels, labels.flip(2))


@settings(deadline=None, max_examples=25)
@given(sides, sides, sides, sides, st.floats(0.3, 3))
def test_any_size_gives_pictures_in_range_and_labels_that_were_there(h, w, new_h, new_w, scale):
    images, labels = torch.rand(2, 3, h, w), torch.randint(3, 5, (2, h, w))
    images, labels = augment(images, labels, (new_h, new_w), scale=(scale, scale))
    assert images.shape == (2, 3, new_h, new_w)
    assert labels.shape == (2, new_h, new_w)
    assert 0 <= images.min() <= images.max() <= 1
    assert set(labels.unique().tolist()) <= {3, 4, 255}


def test_outside_the_picture_the_label_is_void_and_the_color_the_mean():
    images, labels = torch.ones(1, 3, 8, 8), torch.zeros(1, 8, 8, dtype=torch.long)
    images, labels = augment(images, labels, (32, 32), scale=(1, 1), color=0)
    assert int((labels == 0).sum()) == pytest.approx(64, abs=17)  # a border that falls between two pixels goes to one
    outside = images[0, :, labels[0] == 255]
    far = (outside - torch.tensor(IMAGENET_MEAN)[:, None]).abs().amax(0) < 1e-6
    assert far.float().mean() > 0.9


def test_picture_and_label_move_together():
    photograph = torch.from_numpy(data.chelsea()).permute(2, 0, 1).float()[None] / 255
    labels = (photograph.mean(1) > 0.5).long()
    torch.manual_seed(3)
    images, moved = augment(photograph, labels, (200, 200), scale=(1.2, 2), color=0)
    assert ((images.mean(1) > 0.5).long() == moved).float().mean() > 0.95


def test_each_picture_has_its_own_draw_and_torchs_seed_decides():
    images, labels = batch(1)
    images, labels = images.expand(3, -1, -1, -1), labels.expand(3, -1, -1)
    torch.manual_seed(1)
    one, _ = augment(images, labels, (12, 16))
    torch.manual_seed(1)
    again, _ = augment(images, labels, (12, 16))
    assert torch.equal(one, again)
    assert not torch.allclose(one[0], one[1])


def test_what_does_not_belong_together_is_refused():
    images, labels = batch()
    with pytest.raises(ValueError, match=r"images are \(4, 3, 12, 16\) and labels \(4, 12, 8\); wanted"):
        augment(images, labels[..., :8], (4, 4))
    with pytest.raises(ValueError, match=r"scale is \(2, 1\); wanted"):
        augment(images, labels, (4, 4), scale=(2, 1))
    with pytest.raises(ValueError, match="size is 4; wanted two whole numbers of at least 1"):
        augment(images, labels, 4)


def test_exponents_of_light_lie_between_their_ends_and_differ_a_little_between_channels():
    torch.manual_seed(0)
    images, labels = torch.full((200, 3, 4, 4), 0.5), torch.zeros(200, 4, 4, dtype=torch.int64)
    changed, _ = augment(images, labels, (4, 4), scale=(1.0, 1.0), color=0.0, gamma=2.0)
    exponents = changed[:, :, 0, 0].log2().neg()  # 0.5 ** e
    assert 2**-1.1 - 1e-4 <= exponents.min() < 0.6
    assert 1.8 < exponents.max() <= 2**1.1 + 1e-4
    ratios = exponents.max(1).values / exponents.min(1).values
    assert 1 < ratios.max() <= 2**0.2 + 1e-4


def test_without_an_exponent_nothing_is_drawn_for_it_and_below_1_it_is_refused():
    images, labels = torch.rand(2, 3, 8, 8), torch.zeros(2, 8, 8, dtype=torch.int64)
    results = []
    for options in ({}, {"gamma": 1.0}):
        torch.manual_seed(3)
        results.append(augment(images, labels, (8, 8), **options)[0])
    assert torch.equal(*results)
    with pytest.raises(ValueError, match=r"gamma is 0\.5; wanted at least 1\. Give 1 for none"):
        augment(images, labels, (8, 8), gamma=0.5)
