"""One name a data set, everywhere."""

import pytest

from course.data import catalogue
from course.data.names import CAMVID, MEMBRANES, SCENES, SCENES_THINGS, VOC, palette_for
from course.data.scenes import CLASSES, THINGS
from course.data.sources import SIZES, open_source


def test_what_course_train_takes_is_what_course_data_lists():
    assert set(SIZES) == set(catalogue.DATASETS) - {"photos"}  # photos have no labels


def test_the_scenes_classes_are_the_palettes():
    assert CLASSES == SCENES.names == open_source("scenes").classes
    assert [SCENES.names[number] for number in THINGS] == ["car", "person", "sign", "tree"]
    assert THINGS == SCENES_THINGS


@pytest.mark.parametrize("palette", [SCENES, CAMVID, VOC, MEMBRANES])
def test_classes_that_are_a_data_sets_get_its_own_palette(palette):
    assert palette_for(list(palette.names)) is palette


def test_any_other_classes_get_vocs_colors_and_beyond_21_they_come_round_again():
    assert palette_for(["a", "b"]).colors == VOC.colors[:2]
    assert palette_for(map(str, range(25))).colors[21:] == VOC.colors[:4]
