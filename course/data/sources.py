"""What a name given to `--data` means: images to train on, images held out, and the classes.

A name is one of `SIZES`, the same as in `course data list`; anything else is a folder as `course.data.folder` describes
it. Data sets whose images all have one size come as `Cached`: they fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the names, and must stay quick
    from torch.utils.data import Dataset

SIZES = {
    "scenes": (128, 192),
    "camvid": (360, 480),
    "voc": (320, 320),
    "membranes": (256, 256),
}  # usual (h, w) of crops
FOLDER_SIZE = (256, 256)
HELD_OUT_SCENES = {"val": 100, "test": 500}


@dataclass(frozen=True)
class Source:
    """Pairs of image and label (`train` to train on, None where it was not asked for; `held_out` to score on) and the
    names of the classes."""

    classes: tuple[str, ...]
    train: Dataset | None
    held_out: Dataset


def open_source(data: str, *, split: str = "val", train: bool = True, scenes: int = 1000) -> Source:
    """The images behind a name.

    Args:
        data: a name of `SIZES`, or a folder.
        split: of what is held out, "val" or "test".
        train: whether the images to train on are wanted too.
        scenes: how many to draw for training; the other data sets have as many as they have.

    Returns:
        `Source`.

    Raises:
        FileNotFoundError: the data is not here.
        ValueError: it has faults, or no such split.
    """
    if split not in ("val", "test"):
        raise ValueError(f"split is {split!r}; wanted 'val' or 'test'.")
    match data:
        case "scenes":
            return _scenes(split, scenes if train else None)
        case "camvid":
            return _camvid(split, train)
        case "voc":
            return _voc(split, train)
        case "membranes":
            return _membranes(split)
    return _folder(Path(data).expanduser(), split)


def full_name(data: str) -> str:
    """A data set's name as it is; a folder by its full path, so that it is found from elsewhere too."""
    return data if data in SIZES else str(Path(data).expanduser().resolve())


def usual_size(data: str) -> tuple[int, int]:
    """The (h, w) that a data set is trained at if no other is asked for."""
    return SIZES.get(data, FOLDER_SIZE)


def _scenes(split: str, count: int | None) -> Source:
    from course.data.cache import Cached
    from course.data.names import SCENES
    from course.data.scenes import Scenes

    held_out = Cached(Scenes(HELD_OUT_SCENES[split], split=split))
    return Source(SCENES.names, Cached(Scenes(count)) if count else None, held_out)


def _camvid(split: str, train: bool) -> Source:
    from course.data.cache import Cached
    from course.data.readers import CamVid

    return Source(CamVid.palette.names, Cached(CamVid(split="train")) if train else None, Cached(CamVid(split=split)))


def _voc(split: str, train: bool) -> Source:
    from course.data.readers import VOC

    _refuse_test(split, "voc, whose test labels were never published")
    return Source(VOC.palette.names, VOC(split="train") if train else None, VOC(split="val"))


def _membranes(split: str) -> Source:
    from course.data.cache import Cached
    from course.data.readers import Membranes

    _refuse_test(split, "membranes, which has no test split")
    whole = Membranes()
    return Source(whole.palette.names, *(Cached(part) for part in _fifths(whole)))


def _folder(root: Path, split: str) -> Source:
    """FOLDER/train and FOLDER/val if they are there; else every fifth picture of FOLDER is held out."""
    from course.data.folder import Folder, survey

    if not root.is_dir():
        raise FileNotFoundError(
            f"data is {str(root)!r}; wanted {', '.join(SIZES)}, or a folder that is there, with images/ and masks/."
        )
    if (root / "train").is_dir() and (root / split).is_dir():
        train, held_out = Folder(survey(root / "train")), Folder(survey(root / split))
        if train.names != held_out.names:
            raise ValueError(
                f"{root / split} has the classes {held_out.names}; wanted train's, {train.names}. Add classes.txt."
            )
        return Source(train.names, train, held_out)
    _refuse_test(split, f"{root}, which has no folder test")
    whole = Folder(survey(root))
    return Source(whole.names, *_fifths(whole))


def _refuse_test(split: str, data: str) -> None:
    if split == "test":
        raise ValueError(f"split is 'test'; wanted 'val' for {data}.")


def _fifths(whole: Dataset) -> tuple[Dataset, Dataset]:
    """All pictures but every fifth, and every fifth."""
    from torch.utils.data import Subset

    if len(whole) < 2:
        raise ValueError(f"there are {len(whole)} pictures; wanted at least 2, of which one in five is held out.")
    held_out = range(0, len(whole), 5)
    return Subset(whole, [i for i in range(len(whole)) if i not in held_out]), Subset(whole, list(held_out))
