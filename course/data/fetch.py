"""A data set from its published archive into the layout that its reader takes.

Everything is unpacked beside its destination, checked, and then renamed: a folder under its final name is always
complete, and an interruption at any moment leaves at worst a part to continue from.
"""

import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from course.data import catalogue
from course.data.download import download

_Progress = Callable[[int, int | None], None]


def fetch(name: str, to: str | Path | None = None, progress: _Progress | None = None) -> Path:
    """Download a data set, check it, and unpack it.

    Args:
        name: a key of `catalogue.DATASETS`.
        to: the folder in which the folder NAME is made, or None for `catalogue.home()`.
        progress: called as progress(bytes so far, bytes in all or None) during the download, or None.

    Returns:
        Path of the data set's folder; at once if it is there and complete.

    Raises:
        ValueError: the name is unknown or built in, the checksum is wrong, or the archive lacks the data.
        ConnectionError: the network failed; what has arrived is kept for the next attempt.
        OSError: no room or no permission, or something else lies where the data set should go.
    """
    entry = catalogue.dataset(name)
    if entry.built_in:
        raise ValueError(f"name is {name!r}; wanted a data set to fetch, and it is built in. Use course.data.{name}.")
    target = Path(to).expanduser() / name if to else catalogue.home() / name
    if target.exists():
        return _already(name, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _demand_room(entry.archive, target.parent)
    archive = _first_that_answers(entry.archive, target.parent, progress)
    _unpack(entry, archive, target)
    archive.unlink()
    return target


def _already(name: str, target: Path) -> Path:
    """The data set that lies at target, if it is complete."""
    try:
        return catalogue.find(name, target)
    except FileNotFoundError as error:
        raise FileExistsError(
            f"{target} is not a complete {name!r} data set; wanted one, or nothing there. Move it away or delete it, "
            "then fetch again."
        ) from error


def _demand_room(archive: catalogue.Archive, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if archive.size and free < 2 * archive.size:
        raise OSError(
            f"{folder} has {free / 1e9:.1f} GB free; wanted {2 * archive.size / 1e9:.1f} GB, for the archive and what "
            "it unpacks to. Make room, or choose another folder with --to."
        )


def _first_that_answers(archive: catalogue.Archive, folder: Path, progress: _Progress | None) -> Path:
    """The archive from the first of its addresses that serves it."""
    failures = []
    for url in archive.urls:
        try:
            return download(url, folder / archive.filename, checksum=archive.checksum, progress=progress)
        except ConnectionError as error:
            failures.append(str(error))
    raise ConnectionError("\n".join(failures))


def _unpack(entry: catalogue.DataSet, archive: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f"{entry.name}-unpacking-", dir=target.parent) as scratch:
        raw, whole = Path(scratch) / "archive", Path(scratch) / "whole"
        try:
            _extract(archive, raw)
            {"camvid": _camvid, "membranes": _membranes}.get(entry.name, Path.rename)(raw, whole)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, UnidentifiedImageError) as error:
            raise ValueError(
                f"{archive} cannot be unpacked ({error}); wanted an archive that is whole. Delete it and fetch again."
            ) from error
        missing = [need for need in entry.needs if not any((whole / need).glob("*"))]
        if missing:
            raise ValueError(
                f"{archive} holds nothing for {', '.join(missing)}; wanted all of {entry.name}. Delete it and fetch "
                f"again; if that does not help, the source has changed: see datasets/{entry.name}.md."
            )
        whole.rename(target)


def _extract(archive: Path, folder: Path) -> None:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
    else:
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")


def _camvid(raw: Path, whole: Path) -> None:
    """SegNet's CamVid/train and CamVid/trainannot become train/images and train/labels."""
    for source in raw.glob("*/CamVid"):
        for split in ("train", "val", "test"):
            for theirs, ours in ((split, "images"), (split + "annot", "labels")):
                if (source / theirs).is_dir():
                    (whole / split).mkdir(parents=True, exist_ok=True)
                    (source / theirs).rename(whole / split / ours)


def _membranes(raw: Path, whole: Path) -> None:
    """The pages of train-volume.tif and train-labels.tif become images/NN.png and labels/NN.png."""
    for stack, folder in (("train-volume.tif", "images"), ("train-labels.tif", "labels")):
        for path in raw.rglob(stack):
            (whole / folder).mkdir(parents=True, exist_ok=True)
            with Image.open(path) as pages:
                for number, page in enumerate(ImageSequence.Iterator(pages)):
                    page.save(whole / folder / f"{number:02d}.png")
