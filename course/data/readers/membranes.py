"""Electron-microscopy membranes: the 30 pictures that U-Net was made for (ISBI 2012 challenge)."""

from course.data.catalogue import find
from course.data.names import MEMBRANES
from course.data.readers.pairs import Pairs, match


class Membranes(Pairs):
    """Pairs (image, label) of neural tissue: class 0 is membrane, class 1 is the inside of a cell.

    Layout: `images/NN.png`, grey, 512×512, and `labels/NN.png`, 0 for membrane and 255 for cell. There is no void. The
    grey picture is given with three equal channels, as every picture in the course has three.

    Args:
        root: the folder with `images` and `labels`, or None to look where `course.data.catalogue` says.
        transform: called as transform(image, label), or None.

    Raises:
        ValueError: pictures without labels. On reading: see `Pairs`.
        FileNotFoundError: not there; the message says where it looked and how to get it.
    Source: Cardona et al., PLoS Biology 2010; U-Net, arXiv:1505.04597.
    """

    palette = MEMBRANES

    def __init__(self, root=None, transform=None):
        self.root = find("membranes", root)
        super().__init__(*match(self.root), {0: 0, 255: 1}, transform)
