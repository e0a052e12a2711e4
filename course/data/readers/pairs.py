"""Pictures paired with label maps: read, and checked while they are read."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import tv_tensors


class Pairs(Dataset):
    """Pairs of a picture and its label map, read when they are asked for.

    Args:
        images: paths of the pictures.
        labels: paths of the label maps, in the same order; one channel each, grey or with a palette.
        numbers: dict from each number that a label file may hold to the class it stands for; void stands for 255.
        transform: called as transform(image, label), returns what the data set gives; or None.

    Raises (on reading a pair):
        ValueError: a broken picture, a label map of another size or kind, a number that stands for no class; with the
            name of the file.
        FileNotFoundError: a file that was there when the data set was opened.
    """

    def __init__(self, images, labels, numbers, transform=None):
        if transform is not None and not callable(transform):
            raise ValueError(f"transform is {transform!r}; wanted a function of (image, label), or None.")
        self.images, self.labels = list(images), list(labels)
        self.transform = transform
        self._table = torch.full((256,), -1, dtype=torch.int64)
        self._table[list(numbers)] = torch.tensor(list(numbers.values()))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image_path, label_path = self.images[index], self.labels[index]
        image = _pixels(image_path, "RGB")
        numbers = _pixels(label_path)
        if numbers.shape != image.shape[:2]:
            raise ValueError(
                f"{label_path} is {_size(numbers)} pixels and its picture {image_path} is {_size(image)}; the two must "
                "be equal. One of them was resized or swapped: get both again from the source."
            )
        label = self._table[torch.from_numpy(numbers).long()]
        if (label < 0).any():
            self._refuse(label_path, numbers, label)
        image = torch.from_numpy(image).permute(2, 0, 1).float().div_(255)
        pair = tv_tensors.Image(image.contiguous()), tv_tensors.Mask(label)
        return pair if self.transform is None else self.transform(*pair)

    def _refuse(self, path, numbers, label):
        strange = sorted(set(numbers[(label < 0).numpy()].tolist()))
        allowed = torch.nonzero(self._table >= 0).flatten().tolist()
        raise ValueError(
            f"{path} holds the numbers {strange[:5]}, which stand for no class; wanted one of {_ranges(allowed)}. Was "
            "the label map saved with interpolation, as JPEG, or does it belong to another data set?"
        )


def match(folder, images="images", labels="labels"):
    """Pictures and label maps of one folder, matched by their names without the ending.

    Args:
        folder: Path that holds both folders.
        images: name of the folder of pictures (.jpg, .jpeg or .png).
        labels: name of the folder of label maps (.png).

    Returns:
        two lists of Path, in the order of the names.

    Raises:
        FileNotFoundError: a folder is missing or empty.
        ValueError: pictures without a label map, or the other way round; with their names.
    """
    found = [_by_stem(folder / images, (".jpg", ".jpeg", ".png")), _by_stem(folder / labels, (".png",))]
    lonely = sorted(found[0].keys() ^ found[1].keys())
    if lonely:
        raise ValueError(
            f"{folder}: {len(lonely)} files have no partner in {images}/ or {labels}/, such as "
            f"{', '.join(lonely[:3])}. A download or a copy was cut short: get the data set again."
        )
    stems = sorted(found[0])
    return [found[0][stem] for stem in stems], [found[1][stem] for stem in stems]


def _by_stem(folder, endings):
    files = folder.iterdir() if folder.is_dir() else []
    found = {path.stem: path for path in files if path.suffix.lower() in endings and not path.name.startswith(".")}
    if not found:
        raise FileNotFoundError(f"{folder} holds no {' or '.join(endings)} files. Get the data set again.")
    return found


def _pixels(path, mode=None):
    """An uint8 array: (h, w, 3) for mode "RGB"; (h, w) for a label map, a palette picture giving its indices."""
    try:
        with Image.open(path) as file:
            if mode is None and file.mode not in ("L", "P"):
                raise ValueError(
                    f"{path} is a picture of mode {file.mode}; wanted a label map: one channel of class numbers, grey "
                    "(L) or with a palette (P). Colors have to be turned into class numbers first."
                )
            return np.array(file.convert(mode) if mode else file)
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError) as error:  # Pillow reports some damaged PNGs by SyntaxError
        raise ValueError(f"{path} cannot be read: {error}. It is damaged or cut short; get the file again.") from error


def _size(array):
    return f"{array.shape[0]}×{array.shape[1]}"


def _ranges(numbers):
    """[0, 1, 2, 255] -> "0 to 2, 255"."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)


def one_of(name, value, allowed):
    """Check a choice.

    Raises:
        ValueError: with what came and what there is.
    """
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; wanted one of {', '.join(map(repr, allowed))}.")
    return value


def folder_of(root):
    """A root given by hand as a Path, with ~ for the user's home."""
    return None if root is None else Path(root).expanduser()
