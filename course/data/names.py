"""The classes of each data set: their names, in the order of their numbers, and their colors. And void.

The colors differ in lightness as well as in hue, so that classes stay apart for eyes without red or green cones: every
pair of SCENES is at least 26 CIELAB units apart in normal, protanopic and deuteranopic sight, of CAMVID 23, and of VOC,
with its 21 classes, 16. (VOC's own colors, made from the bits of the class number, bring ten pairs closer than 5.)
"""

from collections.abc import Iterable
from dataclasses import dataclass

VOID_COLOR = (244, 244, 244)


@dataclass(frozen=True)
class Palette:
    """The classes of a data set, in the order of their label numbers, each with a color.

    Args:
        names: class i is called `names[i]`.
        colors: class i is drawn in `colors[i]`, red, green and blue, 0 to 255.

    Raises:
        ValueError: there are not as many colors as names, or a color is not three numbers from 0 to 255.
    """

    names: tuple[str, ...]
    colors: tuple[tuple[int, int, int], ...]

    def __post_init__(self):
        if len(self.names) != len(self.colors):
            raise ValueError(
                f"there are {len(self.names)} names and {len(self.colors)} colors; wanted a color for each name."
            )
        for name, color in zip(self.names, self.colors, strict=True):
            if len(color) != 3 or not all(0 <= part <= 255 for part in color):
                raise ValueError(f"the color of {name!r} is {color!r}; wanted (red, green, blue), each 0 to 255.")

    def __len__(self) -> int:
        return len(self.names)


def _palette(table: str) -> Palette:
    """A palette from lines of a name and a color written as in CSS."""
    pairs = [line.split() for line in table.strip().splitlines()]
    return Palette(tuple(name for name, _ in pairs), tuple(tuple(bytes.fromhex(code[1:])) for _, code in pairs))


SCENES = _palette("""
sky #90d1fa
building #ab9c7f
road #44465a
pavement #8c889b
vegetation #9ace63
car #4f50d1
person #ce3d12
sign #fdd82c
tree #084824
""")

SCENES_THINGS = (5, 6, 7, 8)  # the classes that have instances

CAMVID = _palette("""
sky #7cd8ff
building #c59460
pole #f8d1ae
road #374757
pavement #b79b9f
tree #076c45
sign #efcd1d
fence #542500
car #0052d6
pedestrian #d91109
bicyclist #c465b1
""")

VOC = _palette("""
background #000000
aeroplane #90b5e1
bicycle #9c6401
bird #feeb84
boat #25567a
bottle #7ed14a
bus #e68802
car #4e545c
cat #be2539
chair #935fb0
cow #d6b6a6
diningtable #653006
dog #e16995
horse #d2794c
motorbike #400374
person #fbc193
pottedplant #0d6630
sheep #cfcade
sofa #076ef5
train #c8fdca
tvmonitor #0708bc
""")

MEMBRANES = _palette("""
membrane #000000
cell #90b5e1
""")


def palette_for(names: Iterable[str]) -> Palette:
    """A palette for any classes: the data set's own where the names are all its, else VOC's colors one after another.

    Args:
        names: of the k classes, in order; beyond 21 the colors come round again.

    Returns:
        Palette.
    """
    names = tuple(names)
    for known in (SCENES, CAMVID, VOC, MEMBRANES):
        if names == known.names:
            return known
    return Palette(names, tuple(VOC.colors[number % len(VOC)] for number in range(len(names))))
