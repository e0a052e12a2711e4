import os
import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.datasets import VOCSegmentation

from course.data import catalogue
from course.data.readers import VOC, CamVid, Membranes
from course.data.transforms import evaluation

H, W = 6, 8


def has(name):
    try:
        return catalogue.find(name)
    except FileNotFoundError:
        return None


needs_camvid = pytest.mark.skipif(not has("camvid"), reason="CamVid is not on this machine")
needs_membranes = pytest.mark.skipif(not has("membranes"), reason="the membranes are not on this machine")


def picture(path, size=(W, H), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def label_map(path, numbers, palette=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(numbers, dtype=np.uint8))
    if palette:
        image.putpalette([(7 * i) % 256 for i in range(768)])  # colors that are not the indices
    image.save(path)


@pytest.fixture
def camvid(tmp_path):
    for split, count in (("train", 3), ("val", 2), ("test", 1)):
        for i in range(count):
            picture(tmp_path / split / "images" / f"p{i}.png", seed=i)
            label_map(tmp_path / split / "labels" / f"p{i}.png", (np.arange(H * W).reshape(H, W) + i) % 12)
    return tmp_path


@pytest.fixture
def voc(tmp_path):
    base = tmp_path / "VOCdevkit" / "VOC2012"
    numbers = np.arange(H * W).reshape(H, W) % 21
    numbers[0] = 255
    for name in ("2007_000032", "2007_000039"):
        picture(base / "JPEGImages" / f"{name}.jpg")
        label_map(base / "SegmentationClass" / f"{name}.png", numbers, palette=True)
    (base / "ImageSets" / "Segmentation").mkdir(parents=True)
    (base / "ImageSets" / "Segmentation" / "train.txt").write_text("2007_000032\n2007_000039\n")
    (base / "ImageSets" / "Segmentation" / "val.txt").write_text("2007_000039\n")
    return tmp_path


@needs_camvid
@pytest.mark.parametrize(("split", "count"), [("train", 367), ("val", 101), ("test", 233)])
def test_camvid_has_the_pictures_of_segnets_split(split, count):
    data = CamVid(split=split)
    assert len(data) == count
    image, label = data[count - 1]
    assert image.shape == (3, 360, 480)
    assert label.shape == (360, 480)
    assert set(label.unique().tolist()) <= {*range(11), 255}


@needs_camvid
def test_the_lower_middle_of_a_camvid_road_scene_is_road():
    label = CamVid(split="val")[0][1]
    assert (label[250:350, 200:280] == CamVid.palette.names.index("road")).float().mean() > 0.9


@needs_membranes
def test_the_membranes_are_thirty_pictures_of_mostly_cell():
    data = Membranes()
    assert len(data) == 30
    image, label = data[0]
    assert image.shape == (3, 512, 512)
    assert label.unique().tolist() == [0, 1]
    assert 0.6 < label.double().mean() < 0.9
    assert image[:, label == 0].mean() < image[:, label == 1].mean()  # membranes are dark


def test_camvid_gives_tv_tensors_with_the_files_numbers_and_void_as_255(camvid):
    data = CamVid(camvid, "train")
    image, label = data[1]
    assert isinstance(image, tv_tensors.Image)
    assert isinstance(label, tv_tensors.Mask)
    assert image.dtype == torch.float32
    assert label.dtype == torch.int64
    with Image.open(camvid / "train" / "images" / "p1.png") as file:
        np.testing.assert_array_equal((image * 255).round().permute(1, 2, 0).numpy(), np.asarray(file))
    expected = (np.arange(H * W).reshape(H, W) + 1) % 12
    np.testing.assert_array_equal(label.numpy(), np.where(expected == 11, 255, expected))


def test_a_data_set_ends_where_its_pictures_end(camvid):
    assert len(list(CamVid(camvid, "train"))) == 3
    with pytest.raises(IndexError):
        CamVid(camvid, "train")[3]


def test_the_transform_gets_picture_and_label(camvid):
    image, label = CamVid(camvid, "val", evaluation((3, 4)))[0]
    assert image.shape == (3, 3, 4)
    assert label.shape == (3, 4)


def test_voc_reads_palette_pictures_as_indices_and_keeps_the_void_border(voc):
    data = VOC(voc, "train")
    assert len(data) == 2
    label = data[0][1]
    assert label[0].unique().tolist() == [255]
    np.testing.assert_array_equal(label[1:].numpy(), (np.arange(H * W).reshape(H, W) % 21)[1:])


def test_voc_gives_what_torchvisions_own_class_gives(voc):
    theirs = VOCSegmentation(voc, image_set="val")[0]
    image, label = VOC(voc, "val")[0]
    np.testing.assert_array_equal((image * 255).round().permute(1, 2, 0).numpy(), np.asarray(theirs[0]))
    np.testing.assert_array_equal(label.numpy(), np.asarray(theirs[1]))


def test_a_voc_split_that_is_not_there_is_named(voc):
    with pytest.raises(FileNotFoundError, match=r"(?s)the trainval split of VOC 2012.*course data fetch voc"):
        VOC(voc, "trainval")
    with pytest.raises(FileNotFoundError, match="does not hold the train split of VOC 2007"):
        VOC(voc, "train", year="2007")


@pytest.mark.parametrize("make", [lambda root: CamVid(root, "training"), lambda root: VOC(root, "test")])
def test_an_unknown_split_is_answered_with_those_there_are(tmp_path, make):
    with pytest.raises(ValueError, match=r"split is 't.*'; wanted one of 'train', 'val', "):
        make(tmp_path)


def test_an_unknown_year_is_answered_with_those_there_are(voc):
    with pytest.raises(ValueError, match="year is '2013'; wanted one of '2007'"):
        VOC(voc, year="2013")


def test_a_transform_that_cannot_be_called_is_refused(camvid):
    with pytest.raises(ValueError, match="transform is 5; wanted a function"):
        CamVid(camvid, "train", 5)


def test_a_label_of_another_size_is_refused_with_both_files(camvid):
    label_map(camvid / "train" / "labels" / "p1.png", np.zeros((W, H)))
    with pytest.raises(ValueError, match=r"p1\.png is 8×6 pixels and its picture .*p1\.png is 6×8; .*get both again"):
        CamVid(camvid, "train")[1]


def test_a_number_that_is_no_class_is_refused_with_the_file(camvid):
    label_map(camvid / "train" / "labels" / "p2.png", np.full((H, W), 12))
    with pytest.raises(ValueError, match=r"p2\.png holds the numbers \[12\].*wanted one of 0 to 11\. Was the"):
        CamVid(camvid, "train")[2]


def test_a_label_in_colors_is_refused(camvid):
    picture(camvid / "train" / "labels" / "p0.png")
    with pytest.raises(ValueError, match=r"p0\.png is a picture of mode RGB; wanted a label map"):
        CamVid(camvid, "train")[0]


@pytest.mark.parametrize("folder", ["images", "labels"])
@pytest.mark.parametrize("keep", [0, 20, 60])
def test_a_file_that_is_cut_short_is_refused_with_its_name(camvid, folder, keep):
    path = camvid / "train" / folder / "p0.png"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"p0\.png cannot be read: .*get the file again"):
        CamVid(camvid, "train")[0]


def test_a_jpeg_that_is_cut_short_is_refused(voc):
    path = voc / "VOCdevkit/VOC2012/JPEGImages/2007_000032.jpg"
    path.write_bytes(path.read_bytes()[:-80])
    with warnings.catch_warnings(), pytest.raises(ValueError, match=r"2007_000032\.jpg cannot be read"):
        VOC(voc, "train")[0]


def test_a_picture_without_a_label_is_named(camvid):
    os.remove(camvid / "train" / "labels" / "p1.png")
    with pytest.raises(ValueError, match=r"1 files have no partner in images/ or labels/, such as p1\."):
        CamVid(camvid, "train")


def test_files_that_are_no_pictures_are_passed_over(camvid):
    (camvid / "train" / "images" / "Thumbs.db").write_text("x")
    (camvid / "train" / "images" / "._p0.png").write_text("x")
    assert len(CamVid(camvid, "train")) == 3


def test_an_empty_folder_is_named(camvid):
    for path in (camvid / "val" / "images").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError, match=r"images holds no \.jpg or \.jpeg or \.png files"):
        CamVid(camvid, "val")
