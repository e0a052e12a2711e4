"""Masks and overlays of pictures: what `course predict` does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms.v2.functional import resize
from tqdm.auto import tqdm

from course import VOID
from course.data.folder import IMAGE_ENDINGS, read_colors
from course.data.names import VOID_COLOR, Palette, palette_for
from course.models import zoo
from course.models.images import resize_to
from course.training import pick_device


def predict(
    weights: str | Path, pictures: Iterable[Path], out: Path, *, device: str = "auto", bar: bool = True
) -> list[Path]:
    """Label pictures, and write OUT/masks/NAME.png and OUT/overlays/NAME.png for each.

    A mask holds class numbers, with the classes' colors as its palette; an overlay is the picture tinted with them.
    Both have the size of the picture.

    Args:
        weights: a name that ships, a run's folder, or a .safetensors file.
        pictures: files, or folders of them.
        out: the folder to write to; files of the same names are replaced.
        device: see `course.training.pick_device`.
        bar: show a progress bar.

    Returns:
        the paths of the masks, in the order of the pictures.

    Raises:
        FileNotFoundError: there are no such weights, or no such picture.
        ValueError: a picture cannot be read, is too small, or two have the same name.
    """
    from course.viz import overlay  # takes a while to import

    files = find_pictures(pictures)
    model, card = zoo.load(weights)
    model, palette, masks = model.to(pick_device(device)), palette_for(card.classes), []
    for folder in ("masks", "overlays"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for file in tqdm(files, unit="picture", disable=None if bar else True):
        pixels, _ = read_colors(file)
        image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
        try:
            labels = label_image(model, image, card.size)
        except ValueError as error:
            raise ValueError(f"{file} cannot be labeled: {error}") from error
        masks.append(out / "masks" / f"{file.stem}.png")
        save_mask(labels, palette, masks[-1])
        Image.fromarray(overlay(image, labels, palette)).save(out / "overlays" / f"{file.stem}.png")
    return masks


@torch.no_grad()
def label_image(model: nn.Module, image: Tensor, size: tuple[int, int]) -> Tensor:
    """The class of each pixel.

    The image is resized to the area of those that the network was trained on, its shape kept; the logits are resized
    back.

    Args:
        model: images (n, 3, h, w) in [0, 1] -> logits (n, k, h, w), in evaluation mode.
        image: (3, h, w) in [0, 1].
        size: (h, w) that the network was trained at.

    Returns:
        (h, w) int64 on the CPU.
    """
    h, w = image.shape[1:]
    scale = math.sqrt(size[0] * size[1] / (h * w))
    seen = resize(image, [max(1, round(h * scale)), max(1, round(w * scale))], antialias=True)
    logits = model(seen[None].to(next(model.parameters()).device))
    return resize_to(logits.float().cpu(), (h, w)).argmax(1)[0]


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, and the pictures in folders, by name.

    Raises:
        FileNotFoundError: a path is not there, or a folder holds no picture.
        ValueError: two pictures have the same name without its ending, so that one mask would replace the other.
    """
    files = []
    for path in map(Path, paths):
        inside = [path] if path.is_file() else sorted(path.glob("*")) if path.is_dir() else []
        found = [file for file in inside if file == path or file.suffix.lower() in IMAGE_ENDINGS]
        found = [file for file in found if not file.name.startswith(".")]
        if not found:
            raise FileNotFoundError(
                f"{path} holds no picture; wanted a file, or a folder of {', '.join(IMAGE_ENDINGS)}."
            )
        files += found
    stems = [file.stem for file in files]
    for number, stem in enumerate(stems):
        if stem in stems[:number]:
            raise ValueError(
                f"{files[stems.index(stem)]} and {files[number]} would both become {stem}.png; wanted different names. "
                "Predict them one after the other, with another --out each."
            )
    return files


def save_mask(labels: Tensor, palette: Palette, path: Path) -> None:
    """Write class numbers (h, w) as a PNG with the classes' colors as its palette, void's at 255."""
    colors = np.zeros((256, 3), dtype=np.uint8)
    colors[: len(palette)], colors[VOID] = palette.colors, VOID_COLOR
    file = Image.fromarray(labels.numpy().astype(np.uint8), mode="P")
    file.putpalette(colors.tobytes())
    file.save(path)
