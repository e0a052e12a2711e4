"""A user's own pictures and masks: a folder that is looked through once, before anything is trained on it.

    FOLDER/images/…/NAME.jpg    pictures, at any depth: .jpg .jpeg .png .bmp .tif .tiff .webp
    FOLDER/masks/…/NAME.png     their masks of class numbers, 255 void, at the same place: .png .bmp .tif .tiff
    FOLDER/classes.txt          if there: a name a line, for the classes 0, 1, …; or "255 cell", a number and a name

What is taken: pictures of any sizes, grey, with a palette or in colors; transparent ones are laid on white;
photographs that their camera marked as turned are turned upright, and their mask must be upright too. Masks of one
channel, 1, 8 or 16 bits, with a palette (the index counts, not the color), or with equal channels.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.utils.data import Dataset
from torchvision import tv_tensors
from tqdm.auto import tqdm

from course import VOID

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
MASK_ENDINGS = (".png", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Survey:
    """What a folder holds.

    images, masks: paths of the pairs without fault, in the order of their names. names: of the classes 0 to k − 1.
    numbers: mask number -> class. pixels: mask number -> how many pixels have it. sizes: (h, w) -> how many pictures.
    faults: a sentence for each file that cannot be used, and for the folder as a whole.
    """

    images: tuple[Path, ...]
    masks: tuple[Path, ...]
    names: tuple[str, ...]
    numbers: dict[int, int]
    pixels: dict[int, int]
    sizes: dict[tuple[int, int], int]
    faults: tuple[str, ...]


class Folder(Dataset):
    """Pairs (image, label) of a folder that was looked through.

    Args:
        found: from `survey`, without faults.
        transform: called as transform(image, label), or None.

    Raises:
        ValueError: the survey has faults; all of them are in the message. On reading: the file has changed since.
    """

    def __init__(self, found: Survey, transform=None):
        if found.faults:
            shown, more = found.faults[:20], len(found.faults) - 20
            rest = f"\n  … and {more} more." if more > 0 else ""
            raise ValueError(f"{len(found.faults)} faults in the data:\n  " + "\n  ".join(shown) + rest)
        self.images, self.masks, self.names, self.transform = found.images, found.masks, found.names, transform
        self._numbers = found.numbers

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        pixels, numbers = read_pair(self.images[index], self.masks[index])
        label = np.full(numbers.shape, -1, dtype=np.int64)
        for number, target in self._numbers.items():
            label[numbers == number] = target
        if (label < 0).any():
            raise ValueError(f"{self.masks[index]} has changed since the survey; look through the folder again.")
        image = torch.from_numpy(pixels).permute(2, 0, 1).float().div_(255).contiguous()
        pair = tv_tensors.Image(image), tv_tensors.Mask(torch.from_numpy(label))
        return pair if self.transform is None else self.transform(*pair)


def survey(root: Path | str, *, bar: bool = True) -> Survey:
    """Look at every file of a folder once, and gather all faults.

    Args:
        root: a folder with images/ and masks/.
        bar: show a progress bar.

    Returns:
        `Survey`; nothing is written, and nothing of a faulty file is used.

    Raises:
        FileNotFoundError: no folder, or without images/ or masks/, or nothing in them.
    """
    root = Path(root).expanduser()
    pairs, faults = _match(root)
    images, masks, sizes, pixels, users = [], [], Counter(), Counter(), {}
    for image, mask in tqdm(pairs, desc=f"looking through {root.name}", unit="pair", disable=None if bar else True):
        try:
            colors, numbers = read_pair(image, mask)
        except ValueError as error:
            faults.append(str(error))
            continue
        values, counts = np.unique(numbers, return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            pixels[value] += count
            users.setdefault(value, mask)
        images.append(image)
        masks.append(mask)
        sizes[colors.shape[:2]] += 1
    names, table, more = _classes(root, users)
    return Survey(tuple(images), tuple(masks), names, table, dict(pixels), dict(sizes), (*faults, *more))


def read_pair(image: Path, mask: Path) -> tuple[np.ndarray, np.ndarray]:
    """A picture (h, w, 3) uint8 and its mask's numbers (h, w); ValueError with name, reason and remedy."""
    colors, turned = read_colors(image)
    numbers = _numbers(mask)
    if numbers.shape != colors.shape[:2]:
        hint = " The camera marked the photograph as turned: turn the mask upright." if turned else ""
        raise ValueError(
            f"{mask} is {numbers.shape[0]}×{numbers.shape[1]} pixels and its picture {image} is {colors.shape[0]}×"
            f"{colors.shape[1]}; the two must be equal.{hint or ' Export the mask again at the size of the picture.'}"
        )
    return colors, numbers


def read_colors(path: Path) -> tuple[np.ndarray, bool]:
    """A picture's pixels (h, w, 3) uint8, and whether they were turned upright; ValueError with name and remedy."""
    file = _opened(path)
    upright = ImageOps.exif_transpose(file)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        white = Image.new("RGBA", upright.size, "white")
        return np.array(Image.alpha_composite(white, upright).convert("RGB")), upright.size != file.size
    if upright.mode.startswith("I") or upright.mode == "F":
        raise ValueError(f"{path} has grey values of mode {upright.mode}; wanted 8 bits. Save it as 8-bit grey or RGB.")
    return np.array(upright.convert("RGB")), upright.size != file.size


def _numbers(path):
    array = np.array(_opened(path))
    if array.ndim == 3:
        alpha = array[..., -1] if array.shape[-1] in (2, 4) else None
        colors = array[..., : array.shape[-1] - (alpha is not None)]
        if (colors != colors[..., :1]).any() or (alpha is not None and (alpha != 255).any()):
            raise ValueError(
                f"{path} is painted in colors or partly transparent; wanted one channel of class numbers. Save it "
                "with a palette or in grey: 0 for the first class, 1 for the second, …, 255 for void."
            )
        array = colors[..., 0]
    if array.dtype.kind not in "iub":
        raise ValueError(f"{path} holds {array.dtype} numbers; wanted whole numbers. Save it as 8-bit grey.")
    return array.astype(np.int64)


def _opened(path):
    try:
        with Image.open(path) as file:
            file.load()
            return file
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read: {error}. It is damaged or cut short; copy it again.") from error


def _match(root):
    """Pairs of paths, and a sentence for each file without a partner or with two."""
    faults = []
    found = [_by_place(root / "images", IMAGE_ENDINGS, faults), _by_place(root / "masks", MASK_ENDINGS, faults)]
    for place in sorted(found[0].keys() - found[1].keys()):
        faults.append(f"{found[0][place]} has no mask; add {root / 'masks' / place}.png, or take the picture out.")
    for place in sorted(found[1].keys() - found[0].keys()):
        faults.append(f"{found[1][place]} has no picture {root / 'images' / place}; add it, or take the mask out.")
    return [(found[0][place], found[1][place]) for place in sorted(found[0].keys() & found[1].keys())], faults


def _by_place(folder, endings, faults):
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    found = {}
    for path in files:
        if path.name.startswith(".") or not path.is_file():
            continue
        if path.suffix.lower() in endings:
            place = path.relative_to(folder).with_suffix("").as_posix()
            if place in found:
                faults.append(f"{path} and {found[place].name} have the same name; rename or remove one of them.")
            found.setdefault(place, path)
        elif path.suffix.lower() in (".jpg", ".jpeg", ".webp"):
            faults.append(f"{path}: this format changes numbers to save space; wanted a mask as PNG. Export it again.")
    if not found and not faults:
        raise FileNotFoundError(f"{folder} holds no {', '.join(endings)} files. Wanted pairs: images/NAME, masks/NAME.")
    return found


def _classes(root, users):
    """Names, mask number -> class, faults; `users` has for each number a mask that holds it."""
    path = root / "classes.txt"
    if path.is_file():
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        table = {int(w[0]) if w[0].isdecimal() and len(w) > 1 else i: i for i, w in enumerate(lines)}
        names = tuple(" ".join(w[1:] if w[0].isdecimal() and len(w) > 1 else w) for w in lines)
    else:
        highest = max((number for number in users if number != VOID), default=-1)
        names = tuple(str(number) for number in range(min(highest, 254) + 1))
        table = {number: number for number in range(len(names))}
    faults = [
        f"{users[number]} holds the number {number}, which stands for no class; wanted {_few(table)} or {VOID} for "
        f"void. Name it in {path} as a line '{number} NAME', or save the mask anew."
        for number in sorted(users)
        if number not in table and number != VOID
    ]
    if len(names) < 2 and users:
        faults.append(
            f"{root / 'masks'} holds the numbers {_few(users)} alone, and {VOID} means void: fewer than two classes. "
            f"For masks in black and white write {path} with two lines: '0 background' and '255 object'."
        )
    if len(set(names)) != len(names) or len(table) != len(names):
        faults.append(f"{path} names a class or a number twice; give each class one line.")
    return names, table if VOID in table else table | {VOID: VOID}, faults


def _few(numbers):
    numbers = sorted(numbers)
    return ", ".join(map(str, numbers[:6])) + (f", … {numbers[-1]}" if len(numbers) > 6 else "")
