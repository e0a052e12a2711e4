"""Masks and overlays of pictures."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from course.data.names import SCENES
from course.tasks.prediction import find_pictures, label_image, predict, save_mask


class Brightness(nn.Module):
    """Class 1 where the first channel is above a half; notes the sizes that it is called with."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.sizes = []

    def forward(self, images):
        self.sizes.append(tuple(images.shape[2:]))
        return torch.cat([0.5 - images[:, :1], images[:, :1] - 0.5], 1) * self.scale


def test_an_image_is_seen_at_the_networks_area_and_labeled_at_its_own_size():
    image, model = torch.zeros(3, 40, 160), Brightness()
    image[:, :, 80:] = 1
    labels = label_image(model, image, (20, 20))
    assert model.sizes == [(10, 40)]
    assert labels.shape == (40, 160)
    assert torch.equal(labels[:, :78], torch.zeros(40, 78).long())
    assert torch.equal(labels[:, 82:], torch.ones(40, 78).long())


def test_a_mask_holds_class_numbers_and_the_classes_colors(tmp_path):
    labels = torch.tensor([[0, 8], [3, 255]])
    save_mask(labels, SCENES, tmp_path / "mask.png")
    with Image.open(tmp_path / "mask.png") as file:
        assert file.mode == "P"
        assert np.array(file).tolist() == labels.tolist()
        colors = np.array(file.convert("RGB"))
    assert colors[0, 1].tolist() == list(SCENES.colors[8])
    assert colors[1, 1].tolist() == [244, 244, 244]


def test_what_ships_labels_pictures_of_any_size_and_kind(tmp_path):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (30, 50, 3), np.uint8)).save(tmp_path / "a.jpg")
    Image.fromarray(rng.integers(0, 255, (61, 33), np.uint8)).save(tmp_path / "b.png")
    masks = predict("unet", [tmp_path], tmp_path / "out", device="cpu", bar=False)
    assert masks == [tmp_path / "out/masks/a.png", tmp_path / "out/masks/b.png"]
    for name, size in (("a", (50, 30)), ("b", (33, 61))):
        with Image.open(tmp_path / f"out/masks/{name}.png") as mask:
            assert mask.size == size
            assert np.array(mask).max() < len(SCENES)
        with Image.open(tmp_path / f"out/overlays/{name}.png") as overlay:
            assert (overlay.size, overlay.mode) == (size, "RGB")


def test_a_picture_that_is_too_narrow_for_the_network_is_named(tmp_path):
    Image.fromarray(np.zeros((2, 400), np.uint8)).save(tmp_path / "line.png")
    with pytest.raises(ValueError, match=r"line\.png cannot be labeled: images are .*; wanted .* at least 64 × 64"):
        predict("deconvnet", [tmp_path / "line.png"], tmp_path / "out", device="cpu", bar=False)


def test_pictures_that_are_missing_or_would_overwrite_each_other_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere holds no picture; wanted a file, or a folder of \.jpg"):
        find_pictures([tmp_path / "nowhere"])
    (tmp_path / "other").mkdir()
    for name in ("x.png", "other/x.jpg", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    assert find_pictures([tmp_path]) == [tmp_path / "x.png"]
    with pytest.raises(ValueError, match=r"x\.png and .*x\.jpg would both become x\.png; wanted different names"):
        find_pictures([tmp_path, tmp_path / "other/x.jpg"])
