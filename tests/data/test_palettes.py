import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from course.data.palettes import CAMVID, SCENES, VOC, VOID_COLOR, Palette, colorise

# Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency",
# IEEE TVCG 2009, severity 1.0; they act on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def seen(colors, sight):
    encoded = np.asarray(colors) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ SIGHTS[sight].T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("palette", "least"), [(SCENES, 26), (CAMVID, 23), (VOC, 16)], ids=["scenes", "camvid", "voc"])
def test_any_two_classes_look_different_to_every_eye(palette, least, sight):
    lab = rgb2lab(seen((*palette.colors, VOID_COLOR), sight)[None])[0]
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    names = (*palette.names, "void")
    near = [
        (names[i], names[j], round(distance[i, j], 1))
        for i in range(len(names))
        for j in range(i)
        if distance[i, j] < least
    ]
    assert not near


def test_the_palettes_have_the_classes_of_their_data_sets_in_order():
    assert " ".join(SCENES.names) == "sky building road pavement vegetation car person sign tree"
    assert " ".join(CAMVID.names) == "sky building pole road pavement tree sign fence car pedestrian bicyclist"
    assert len(VOC) == 21
    assert VOC.names[0] == "background"
    assert VOC.names[15] == "person"


@pytest.mark.parametrize("kind", [np.uint8, np.int64, torch.int64])
def test_each_class_takes_its_color_and_void_is_nearly_white(kind):
    rows = [[0, 3], [8, 255]]
    labels = torch.tensor(rows) if kind is torch.int64 else np.array(rows, dtype=kind)
    picture = colorise(labels, SCENES)
    assert picture.dtype == np.uint8
    assert picture.shape == (2, 2, 3)
    assert tuple(picture[0, 1]) == SCENES.colors[3]
    assert tuple(picture[1, 0]) == SCENES.colors[8]
    assert tuple(picture[1, 1]) == VOID_COLOR


def test_an_empty_map_gives_an_empty_picture():
    assert colorise(np.zeros((0, 4), dtype=np.int64), SCENES).shape == (0, 4, 3)


@pytest.mark.parametrize("stranger", [9, -1, 254, 1000])
def test_a_label_that_is_no_class_is_refused_by_name(stranger):
    with pytest.raises(ValueError, match=rf"labels hold \[{stranger}\]; wanted 0 to 8, or 255 for void"):
        colorise(np.array([[0, stranger]]), SCENES)


def test_scores_and_batches_are_refused():
    with pytest.raises(ValueError, match=r"wanted whole numbers \(h, w\)"):
        colorise(torch.zeros(2, 2), SCENES)
    with pytest.raises(ValueError, match="Take one map of a batch"):
        colorise(torch.zeros(1, 2, 2, dtype=torch.int64), SCENES)


def test_a_palette_without_a_color_for_each_name_is_refused():
    with pytest.raises(ValueError, match="there are 2 names and 1 colors; wanted a color for each"):
        Palette(("a", "b"), ((0, 0, 0),))
    with pytest.raises(ValueError, match="the color of 'a' is"):
        Palette(("a",), ((0, 0, 300),))
