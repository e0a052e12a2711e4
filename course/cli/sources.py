"""What `--data` stands for: pictures to train on, pictures to be judged by, and the names of the classes."""

from dataclasses import dataclass
from pathlib import Path

from torch.utils.data import Dataset, Subset

SIZES = {"scenes": (128, 192), "camvid": (360, 480), "voc": (320, 320), "membranes": (256, 256)}
FOLDER_SIZE = (256, 256)


@dataclass
class Source:
    """Two data sets of (image, label) and the classes' names.

    train is None where only a judgement was asked for. uniform: all pictures have one size. drawn: each takes a moment
    to make, so they are all made before the training.
    """

    names: tuple[str, ...]
    train: Dataset | None
    validation: Dataset
    uniform: bool = False
    drawn: bool = False


def open_source(data, *, pictures=None, split="val", train=True):
    """The pictures behind a word of the command line.

    Args:
        data: "scenes", "camvid", "voc", "membranes", or a folder as `course.data.folder` describes it.
        pictures: how many scenes to draw for training; the others have as many as they have.
        split: of what is judged by, "val" or "test".
        train: whether the pictures for training are wanted too.

    Returns:
        `Source`.

    Raises:
        FileNotFoundError: the data is not here. ValueError: it has faults.
    """
    match data:
        case "scenes":
            return _scenes(pictures, split, train)
        case "camvid":
            from course.data.readers import CamVid

            return Source(
                CamVid.palette.names, CamVid(split="train") if train else None, CamVid(split=split), uniform=True
            )
        case "voc":
            from course.data.readers import VOC

            return Source(VOC.palette.names, VOC(split="train") if train else None, VOC(split="val"))
        case "membranes":
            from course.data.readers import Membranes

            whole = Membranes()
            return Source(whole.classes, *_fifths(whole), uniform=True)
    return _folder(Path(data).expanduser(), split)


def _scenes(pictures, split, train):
    from course.data.palettes import SCENES
    from course.data.scenes import Scenes

    return Source(
        SCENES.names,
        Scenes(pictures or 1000) if train else None,
        Scenes(min(100, pictures or 100), split=split),
        uniform=True,
        drawn=True,
    )


def _folder(root, split):
    """FOLDER/train and FOLDER/val if they are there; else every fifth picture of FOLDER is kept for the judgement."""
    from course.data.folder import Folder, survey

    if not root.is_dir():
        raise FileNotFoundError(
            f"--data {root}: no such data set and no such folder. Wanted {', '.join(SIZES)}, or a folder with images/ "
            "and masks/."
        )
    if (root / "train").is_dir() and (root / split).is_dir():
        train, judged = Folder(survey(root / "train")), Folder(survey(root / split))
        if train.names != judged.names:
            raise ValueError(f"{root}: train has the classes {train.names}, {split} {judged.names}; add classes.txt.")
        return Source(train.names, train, judged)
    whole = Folder(survey(root))
    return Source(whole.names, *_fifths(whole))


def _fifths(whole):
    if len(whole) < 2:
        raise ValueError(f"{len(whole)} pictures are too few: one in five is kept to judge by. Wanted at least 2.")
    judged = range(0, len(whole), 5)
    return Subset(whole, [i for i in range(len(whole)) if i not in judged]), Subset(whole, list(judged))


class Changed(Dataset):
    """A data set whose pairs go through a transform.

    Args:
        dataset: of (image, label).
        transform: called as transform(image, label).
    """

    def __init__(self, dataset, transform):
        self.dataset, self.transform = dataset, transform

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.transform(*self.dataset[index])


def size_of(text, data):
    """(h, w) from "360x480", or the data set's usual one; ValueError for other words."""
    if text is None:
        return SIZES.get(data, FOLDER_SIZE)
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) != 2 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise ValueError(f"--size is {text!r}; wanted height x width in pixels, such as 360x480.")
    return int(sides[0]), int(sides[1])
