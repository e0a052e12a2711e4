"""What a name given to `--data` means."""

import numpy as np
import pytest
from PIL import Image

from course.data.cache import Cached
from course.data.sources import full_name, open_source, usual_size
from tests.data.test_readers import needs_camvid, needs_membranes


@pytest.fixture
def folder(tmp_path):
    """Ten pictures, class 1 at the right."""
    for kind in ("images", "masks"):
        (tmp_path / "mine" / kind).mkdir(parents=True)
    for number in range(10):
        right = np.arange(8)[None].repeat(6, 0) > 3
        Image.fromarray((255 * right).astype(np.uint8)).save(tmp_path / f"mine/images/{number}.png")
        Image.fromarray(right.astype(np.uint8)).save(tmp_path / f"mine/masks/{number}.png")
    return tmp_path / "mine"


def test_every_fifth_picture_of_a_folder_is_held_out_and_no_other_trained_on(folder):
    source = open_source(str(folder))
    assert source.classes == ("0", "1")
    assert source.held_out.indices == [0, 5]
    assert source.train.indices == [1, 2, 3, 4, 6, 7, 8, 9]


def test_a_folder_with_splits_keeps_them(folder, tmp_path):
    for name in ("train", "val"):
        (tmp_path / "split").mkdir(exist_ok=True)
        (tmp_path / "split" / name).symlink_to(folder, target_is_directory=True)
    source = open_source(str(tmp_path / "split"))
    assert (len(source.train), len(source.held_out)) == (10, 10)


def test_scenes_are_drawn_as_asked_and_the_splits_have_their_numbers():
    source = open_source("scenes", scenes=3)
    assert (len(source.train), len(source.held_out)) == (3, 100)
    assert isinstance(source.train, Cached)
    judged = open_source("scenes", split="test", train=False)
    assert judged.train is None
    assert len(judged.held_out) == 500


@needs_camvid
def test_camvid_has_its_three_splits():
    source = open_source("camvid", split="test")
    assert (len(source.train), len(source.held_out)) == (367, 233)
    assert source.classes[0] == "sky"


@needs_membranes
def test_a_fifth_of_the_membranes_is_held_out():
    source = open_source("membranes")
    assert (len(source.train), len(source.held_out)) == (24, 6)
    assert source.classes == ("membrane", "cell")


@pytest.mark.parametrize("data", ["voc", "membranes", "folder"])
def test_a_test_split_that_is_not_there_is_refused_and_not_replaced_by_another(data, folder):
    with pytest.raises(ValueError, match="split is 'test'; wanted 'val' for"):
        open_source(str(folder) if data == "folder" else data, split="test")


def test_what_is_not_a_split_or_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="split is 'train'; wanted 'val' or 'test'"):
        open_source("scenes", split="train")
    with pytest.raises(FileNotFoundError, match=r"nowhere'; wanted scenes, camvid, voc, membranes, or a folder"):
        open_source(str(tmp_path / "nowhere"))


def test_too_few_pictures_are_refused(folder):
    for kind in ("images", "masks"):
        for number in range(1, 10):
            (folder / kind / f"{number}.png").unlink()
    with pytest.raises(ValueError, match="there are 1 pictures; wanted at least 2"):
        open_source(str(folder))


def test_a_folder_is_kept_by_its_full_path_and_a_data_set_by_its_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert full_name("mine") == str(tmp_path / "mine")
    assert full_name("camvid") == "camvid"
    assert usual_size("camvid") == (360, 480)
    assert usual_size("mine") == (256, 256)
