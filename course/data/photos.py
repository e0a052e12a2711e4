"""Real photographs that need no download: those inside scikit-image's package.

scikit-image knows more images than it ships, and fetches the others on demand. Listed here are only files that lie in
the installed package, and they are read straight from it, so a photo never needs the network.
"""

from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from course.ops.arguments import image_size

_FILES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "cat": "chelsea.png",
    "cell": "cell.png",
    "chelsea": "chelsea.png",
    "clock": "clock_motion.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble": "hubble_deep_field.jpg",
    "moon": "moon.png",
    "motorcycle": "motorcycle_left.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "text": "text.png",
    "tissue": "ihc.png",
}


def names() -> tuple[str, ...]:
    """The names that `photo` takes, in alphabetical order ("cat" and "chelsea" are the same photo)."""
    return tuple(sorted(_FILES))


def photo(name: str, size: tuple[int, int] | None = None) -> Tensor:
    """One photograph as a tensor. A grey one gets three equal channels.

    Args:
        name: one of `names()`.
        size: (h, w) in pixels, or None for the photo as it is. It is cropped around its center to the shape h:w and
            then resized with an anti-aliased triangle filter, so nothing is distorted.

    Returns:
        float32 tensor (3, h, w) in [0, 1].

    Raises:
        ValueError: the name is unknown, or size is not two whole numbers of at least 1.
        FileNotFoundError: the installed scikit-image came without its images.

    Source: scikit-image, `skimage.data`; licenses in `datasets/photos.md`.
    """
    if name not in _FILES:
        raise ValueError(f"name is {name!r}; wanted one of {', '.join(names())}.")
    path = resources.files("skimage") / "data" / _FILES[name]
    try:
        with path.open("rb") as file:
            pixels = np.array(Image.open(file).convert("RGB"))
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"The photo {name!r} is missing; wanted it at {path}. This scikit-image was packaged without its images. "
            "Install it from PyPI: pip install --force-reinstall scikit-image"
        ) from error
    image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    return image if size is None else _fit(image, image_size(size))


def _fit(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop around the center to the shape of size, then resize."""
    h, w = size
    full_h, full_w = image.shape[-2:]
    crop_h = min(full_h, max(1, round(full_w * h / w)))
    crop_w = min(full_w, max(1, round(full_h * w / h)))
    top, left = (full_h - crop_h) // 2, (full_w - crop_w) // 2
    crop = image[:, top : top + crop_h, left : left + crop_w]
    resized = F.interpolate(crop[None], size=(h, w), mode="bilinear", align_corners=False, antialias=True)[0]
    return resized.clamp(0, 1)  # rounding may step a hair outside
