"""PASCAL VOC: photographs with 20 classes of objects and background, as in torchvision's VOCSegmentation."""

from torchvision.datasets import VOCSegmentation

from course import VOID
from course.data.catalogue import find, how_to_get
from course.data.names import VOC as PALETTE
from course.data.readers.pairs import Pairs, folder_of, one_of

_YEARS = ("2007", "2008", "2009", "2010", "2011", "2012")


class VOC(Pairs):
    """Pairs (image, label) of one split of PASCAL VOC's segmentation task.

    Layout: `VOCdevkit/VOC2012/{JPEGImages, SegmentationClass, ImageSets/Segmentation}` below the root. Labels are the
    indices of palette pictures: 0 background, 1–20 the classes in `palette`, 255 the void border around each object.

    Args:
        root: the folder that holds VOCdevkit, or None to look where `course.data.catalogue` says (which asks for 2012).
        split: "train", "val" or "trainval".
        year: "2007" to "2012".
        transform: called as transform(image, label), or None.

    Raises:
        ValueError: an unknown split or year. On reading: see `Pairs`.
        FileNotFoundError: not there; the message says where it looked and how to get it.
    Source: Everingham et al., IJCV 2010; layout: torchvision.datasets.VOCSegmentation.
    """

    palette = PALETTE

    def __init__(self, root=None, split="train", year="2012", transform=None):
        one_of("split", split, ("train", "val", "trainval"))
        one_of("year", year, _YEARS)
        self.root = find("voc") if root is None else folder_of(root)
        try:
            files = VOCSegmentation(self.root, year=year, image_set=split, download=False)
        except (RuntimeError, OSError) as error:
            raise FileNotFoundError(
                f"{self.root} does not hold the {split} split of VOC {year} in torchvision's layout ({error}). "
                f"{how_to_get('voc')}"
            ) from error
        numbers = {number: number for number in range(len(PALETTE))} | {VOID: VOID}
        super().__init__(files.images, files.masks, numbers, transform)
