"""A data set from its published archive into the layout that its reader takes.

Everything is unpacked beside the place it is meant for, looked through, and then renamed: a folder under its final name
is always whole, and an interruption at any moment leaves at worst a part to go on from.
"""

import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from course.data import catalogue
from course.data.download import download


def fetch(name, to=None, progress=None):
    """Download a data set, check it, unpack it.

    Args:
        name: a key of `catalogue.DATASETS`.
        to: the folder in which the folder NAME is made, or None for `catalogue.home()`.
        progress: called as progress(bytes here, bytes in all or None) during the download, or None.

    Returns:
        Path of the data set's folder; at once if it is there and complete.

    Raises:
        ValueError: an unknown name, one that is built in, a wrong checksum, an archive without the data.
        ConnectionError: the network; what has arrived is kept for the next attempt.
        OSError: no room or no permission, or something else lies where the data set should go.
    """
    entry = catalogue.dataset(name)
    if entry.built_in:
        raise ValueError(f"{name!r} need not be fetched: it is built in. Use course.data.{name}.")
    target = Path(to).expanduser() / name if to else catalogue.home() / name
    if target.exists():
        return _already(name, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _demand_room(entry.archive, target.parent)
    archive = _first_that_answers(entry.archive, target.parent, progress)
    _unpack(entry, archive, target)
    archive.unlink()
    return target


def _already(name, target):
    try:
        return catalogue.find(name, target)
    except FileNotFoundError as error:
        raise FileExistsError(
            f"{target} exists and is not a complete {name!r} data set. Move it away or delete it, then fetch again."
        ) from error


def _demand_room(archive, folder):
    free = shutil.disk_usage(folder).free
    if archive.size and free < 2 * archive.size:
        raise OSError(
            f"{folder} has {free / 1e9:.1f} GB free; the archive and what it unpacks to need "
            f"{2 * archive.size / 1e9:.1f} GB. Make room, or choose another folder with --to."
        )


def _first_that_answers(archive, folder, progress):
    failures = []
    for url in archive.urls:
        try:
            return download(url, folder / archive.filename, checksum=archive.checksum, progress=progress)
        except ConnectionError as error:
            failures.append(str(error))
    raise ConnectionError("\n".join(failures))


def _unpack(entry, archive, target):
    with tempfile.TemporaryDirectory(prefix=f"{entry.name}-unpacking-", dir=target.parent) as scratch:
        raw, whole = Path(scratch) / "archive", Path(scratch) / "whole"
        try:
            _extract(archive, raw)
            {"camvid": _camvid, "membranes": _membranes}.get(entry.name, Path.rename)(raw, whole)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, UnidentifiedImageError) as error:
            raise ValueError(f"{archive} cannot be unpacked ({error}). Delete it and fetch again.") from error
        missing = [need for need in entry.needs if not any((whole / need).glob("*"))]
        if missing:
            raise ValueError(
                f"{archive} does not hold what it should: nothing for {', '.join(missing)}. Delete it and fetch again; "
                f"if that does not help, the source has changed: see datasets/{entry.name}.md."
            )
        whole.rename(target)


def _extract(archive, folder):
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
    else:
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")


def _camvid(raw, whole):
    """SegNet's CamVid/train and CamVid/trainannot become train/images and train/labels."""
    for source in raw.glob("*/CamVid"):
        for split in ("train", "val", "test"):
            for theirs, ours in ((split, "images"), (split + "annot", "labels")):
                if (source / theirs).is_dir():
                    (whole / split).mkdir(parents=True, exist_ok=True)
                    (source / theirs).rename(whole / split / ours)


def _membranes(raw, whole):
    """The pages of train-volume.tif and train-labels.tif become images/NN.png and labels/NN.png."""
    for stack, folder in (("train-volume.tif", "images"), ("train-labels.tif", "labels")):
        for path in raw.rglob(stack):
            (whole / folder).mkdir(parents=True, exist_ok=True)
            with Image.open(path) as pages:
                for number, page in enumerate(ImageSequence.Iterator(pages)):
                    page.save(whole / folder / f"{number:02d}.png")
