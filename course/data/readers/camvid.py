"""CamVid: 701 pictures from a car in Cambridge, 480×360, 11 classes, in SegNet's split (367 / 101 / 233)."""

from course import VOID
from course.data.catalogue import find
from course.data.names import CAMVID
from course.data.readers.pairs import Pairs, match, one_of


class CamVid(Pairs):
    """Pairs (image, label) of one split of CamVid.

    Layout: `{split}/images/*.jpg` (or .png) and `{split}/labels/*.png`, labels 0–10 for the classes in `palette` and
    11 for void, which is read as 255.

    Args:
        root: the folder with the three splits, or None to look where `course.data.catalogue` says.
        split: "train", "val" or "test".
        transform: called as transform(image, label), or None.

    Raises:
        ValueError: an unknown split; pictures without labels. On reading: see `Pairs`.
        FileNotFoundError: not there; the message says where it looked and how to get it.
    Source: Brostow, Fauqueur, Cipolla, Pattern Recognition Letters 2009; split: SegNet, arXiv:1511.00561.
    """

    palette = CAMVID

    def __init__(self, root=None, split="train", transform=None):
        one_of("split", split, ("train", "val", "test"))
        self.root = find("camvid", root)
        images, labels = match(self.root / split)
        numbers = {number: number for number in range(len(CAMVID))} | {11: VOID}
        super().__init__(images, labels, numbers, transform)
