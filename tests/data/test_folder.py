import os

import numpy as np
import pytest
from PIL import Image
from torchvision import tv_tensors

from course.data.folder import Folder, survey
from course.data.transforms import evaluation

H, W = 12, 16


def picture(path, size=(H, W), mode="RGB", **words):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **words)
    return pixels


def mask(path, numbers=None, dtype=np.uint8):
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = np.arange(H * W).reshape(H, W) % 3 if numbers is None else numbers
    image = Image.fromarray(np.asarray(numbers, dtype=dtype))
    image.save(path)
    return image


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "deep/b"):
        picture(tmp_path / "images" / f"{name}.png")
        mask(tmp_path / "masks" / f"{name}.png")
    return tmp_path


def faults(root):
    return survey(root, bar=False).faults


def test_pictures_and_masks_are_matched_at_any_depth(folder):
    found = survey(folder, bar=False)
    assert [path.relative_to(folder).as_posix() for path in found.images] == ["images/a.png", "images/deep/b.png"]
    assert [path.relative_to(folder).as_posix() for path in found.masks] == ["masks/a.png", "masks/deep/b.png"]
    assert found.names == ("0", "1", "2")
    assert found.pixels == {0: 128, 1: 128, 2: 128}
    assert found.sizes == {(H, W): 2}
    image, label = Folder(found)[1]
    assert isinstance(image, tv_tensors.Image)
    assert isinstance(label, tv_tensors.Mask)
    np.testing.assert_array_equal(label.numpy(), np.arange(H * W).reshape(H, W) % 3)
    with Image.open(folder / "images/deep/b.png") as file:
        np.testing.assert_array_equal((image * 255).round().permute(1, 2, 0).numpy(), np.asarray(file))


def test_a_folder_of_all_kinds_of_good_files_works(folder):
    picture(folder / "images/photo.jpg", (20, 31))
    mask(folder / "masks/photo.png", np.ones((20, 31)))
    picture(folder / "images/grey.jpeg", mode="L")
    mask(folder / "masks/grey.png", np.full((H, W), 2), dtype=np.uint16)
    picture(folder / "images/palette.png", mode="P")
    indexed = Image.fromarray(np.full((H, W), 2, dtype=np.uint8))
    indexed.putpalette([200, 100, 50] * 256)
    indexed.save(folder / "masks/palette.png")
    picture(folder / "images/bits.bmp")
    Image.fromarray(np.eye(H, W) > 0).save(folder / "masks/bits.png")
    picture(folder / "images/channels.webp")
    Image.fromarray(np.full((H, W), 1, dtype=np.uint8)).convert("RGBA").save(folder / "masks/channels.png")
    (folder / "images/Thumbs.db").write_text("x")
    (folder / "images/._a.png").write_text("x")
    data = Folder(survey(folder, bar=False), evaluation((8, 8)))
    assert len(data) == 7
    by_name = {path.stem: data[i][1] for i, path in enumerate(data.images)}
    assert (by_name["palette"] == 2).all()
    assert (by_name["grey"] == 2).all()
    assert (by_name["photo"] == 1).all()
    assert (by_name["channels"] == 1).all()
    assert by_name["bits"].unique().tolist() == [0, 1]


def test_a_transparent_picture_is_laid_on_white(folder):
    pixels = np.zeros((H, W, 4), dtype=np.uint8)
    pixels[:, 8:, 3] = 255
    Image.fromarray(pixels).save(folder / "images/a.png")
    image, _ = Folder(survey(folder, bar=False))[0]
    assert (image[:, :, :8] == 1).all()
    assert (image[:, :, 8:] == 0).all()


def test_a_photograph_that_was_turned_is_upright_and_its_mask_must_be(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    pixels = np.zeros((H, W, 3), dtype=np.uint8)
    pixels[0] = 255  # the upper edge comes to the right
    Image.fromarray(pixels).save(folder / "images/c.png", exif=exif)
    mask(folder / "masks/c.png", np.zeros((W, H)))
    found = survey(folder, bar=False)
    image, label = Folder(found)[found.images.index(folder / "images/c.png")]
    assert image.shape == (3, W, H)
    assert label.shape == (W, H)
    assert (image[:, :, -1] == 1).all()
    mask(folder / "masks/c.png", np.zeros((H, W)))
    assert [f for f in faults(folder) if "marked the photograph as turned: turn the mask upright" in f]


def test_all_faults_are_told_together_before_anything_is_used(folder):
    before = sorted(folder.rglob("*"))
    picture(folder / "images/cut.jpg")
    path = folder / "images/cut.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    mask(folder / "masks/cut.png")
    picture(folder / "images/size.png")
    mask(folder / "masks/size.png", np.zeros((W, H)))
    picture(folder / "images/colors.png")
    picture(folder / "masks/colors.png")
    picture(folder / "images/lonely.png")
    mask(folder / "masks/widow.png")
    picture(folder / "images/lossy.png")
    picture(folder / "masks/lossy.jpg")
    picture(folder / "images/a.jpg")
    found = survey(folder, bar=False)
    text = "\n".join(found.faults)
    for sentence in (
        "cut.jpg cannot be read:",
        "size.png is 16×12 pixels and its picture",
        "colors.png is painted in colors",
        "lonely.png has no mask; add",
        "widow.png has no picture",
        "lossy.jpg: this format changes numbers",
        "a.png and a.jpg have the same name",
    ):
        assert sentence in text
    assert [image.stem for image in found.images] == ["a", "b"]
    with pytest.raises(ValueError, match=r"(?s)8 faults in the data:.*cut\.jpg.*size\.png"):
        Folder(found)
    assert set(before) < set(folder.rglob("*"))
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize("which", ["images", "masks"])
@pytest.mark.parametrize("keep", [0, 20, 45])
def test_a_file_that_is_cut_short_is_named(folder, which, keep):
    path = folder / which / "a.png"
    path.write_bytes(path.read_bytes()[:keep])
    assert len(faults(folder)) == 1
    assert f"{path} cannot be read:" in faults(folder)[0]


def test_numbers_need_not_be_small_if_they_are_named(folder):
    mask(folder / "masks/a.png", np.full((H, W), 900), dtype=np.uint16)
    (folder / "classes.txt").write_text("0 sky\n1 tree\n\n2 wild boar\n900 car\n")
    found = survey(folder, bar=False)
    assert not found.faults
    assert found.names == ("sky", "tree", "wild boar", "car")
    assert (Folder(found)[0][1] == 3).all()


def test_sixteen_bits_without_names_are_refused(folder):
    mask(folder / "masks/a.png", np.full((H, W), 900), dtype=np.uint16)
    assert "a.png holds the number 900, which stands for no class" in faults(folder)[0]
    assert "'900 NAME'" in faults(folder)[0]


def test_a_number_without_a_name_is_refused(folder):
    (folder / "classes.txt").write_text("sky\nroad\n")
    assert "holds the number 2, which stands for no class; wanted 0, 1 or 255 for void" in faults(folder)[0]


def test_masks_in_black_and_white_are_refused_with_the_remedy_that_works(folder):
    for name in ("a", "deep/b"):
        mask(folder / f"masks/{name}.png", 255 * (np.arange(H * W).reshape(H, W) % 2))
    assert "'0 background' and '255 object'" in faults(folder)[0]
    (folder / "classes.txt").write_text("0 background\n255 object\n")
    found = survey(folder, bar=False)
    assert not found.faults
    assert Folder(found)[0][1].unique().tolist() == [0, 1]


def test_void_stays_void(folder):
    numbers = np.arange(H * W).reshape(H, W) % 3
    numbers[0] = 255
    mask(folder / "masks/a.png", numbers)
    data = Folder(survey(folder, bar=False))
    assert data.names == ("0", "1", "2")
    assert (data[0][1][0] == 255).all()


def test_a_mask_that_changes_after_the_survey_is_refused(folder):
    data = Folder(survey(folder, bar=False))
    mask(folder / "masks/a.png", np.full((H, W), 7))
    with pytest.raises(ValueError, match=r"a\.png has changed since the survey"):
        data[0]


def test_names_given_twice_are_refused(folder):
    (folder / "classes.txt").write_text("sky\nsky\nroad\n")
    assert "names a class or a number twice" in faults(folder)[-1]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"images holds no \.jpg"):
        survey(tmp_path)


def test_a_survey_changes_no_file(folder):
    times = [os.stat(path).st_mtime_ns for path in sorted(folder.rglob("*"))]
    survey(folder, bar=False)
    assert times == [os.stat(path).st_mtime_ns for path in sorted(folder.rglob("*"))]
