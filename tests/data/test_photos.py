import socket
from pathlib import Path

import numpy as np
import pytest
import skimage
import skimage.data
import torch
from PIL import Image

from course.data import photos
from course.data.photos import names, photo


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a photo asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", names())
def test_every_photo_is_there_without_the_network(name):
    image = photo(name)
    assert image.dtype == torch.float32
    assert image.ndim == 3
    assert image.shape[0] == 3
    assert 0 <= image.min() < image.max() <= 1


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee", "chelsea", "rocket", "page", "moon", "coins"])
def test_a_photo_holds_the_pixels_that_scikit_image_gives(name):
    expected = getattr(skimage.data, name)()
    got = (photo(name) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    if expected.ndim == 2:
        expected = np.stack([expected] * 3, axis=-1)
    np.testing.assert_array_equal(got, expected)


def test_every_photo_lies_in_the_installed_package():
    folder = Path(skimage.__file__).parent / "data"
    assert all((folder / file).is_file() for file in photos._FILES.values())


def test_cat_and_chelsea_are_the_same_picture():
    assert torch.equal(photo("cat"), photo("chelsea"))


@pytest.mark.parametrize("size", [(64, 64), (31, 57), (200, 40), (1, 1)])
def test_size_is_height_then_width(size):
    assert photo("coffee", size).shape == (3, *size)


def test_resizing_agrees_with_pillow():
    crop = skimage.data.astronaut()
    expected = np.asarray(Image.fromarray(crop).resize((128, 128), Image.BILINEAR), dtype=np.float32) / 255
    got = photo("astronaut", (128, 128)).permute(1, 2, 0).numpy()
    assert np.abs(got - expected).max() <= 1.01 / 255


def test_the_crop_is_central_and_nothing_is_squeezed():
    # rocket is 427×640: its own height keeps every pixel, the width loses as much left as right
    assert torch.allclose(photo("rocket", (427, 400)), photo("rocket")[:, :, 120:520], atol=1e-6)


def test_an_unknown_name_is_answered_with_the_names():
    with pytest.raises(ValueError, match=r"name is 'lena'; wanted one of astronaut, brick, camera"):
        photo("lena")


@pytest.mark.parametrize("size", [64, (64,), (0, 3), (3, -1), (2.5, 3), "ab", (True, 2)])
def test_a_size_that_is_not_height_and_width_is_refused(size):
    with pytest.raises(ValueError, match=r"size is .*; wanted two whole numbers of at least 1\. Give \(h, w\)"):
        photo("astronaut", size)


def test_a_package_without_its_pictures_is_named(monkeypatch):
    monkeypatch.setitem(photos._FILES, "astronaut", "gone.png")
    with pytest.raises(
        FileNotFoundError, match=r"photo 'astronaut' is missing; wanted it at .*gone\.png\. .*pip install"
    ):
        photo("astronaut")
