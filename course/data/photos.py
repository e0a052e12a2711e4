"""Real photographs that need no download: those inside scikit-image's package.

scikit-image knows more pictures than it ships; the others it fetches when they are asked for. Only files that lie in
the installed package are listed here, and they are read straight from it, so a photo never needs the network.
"""

from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

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


def names():
    """Names that `photo` takes, in alphabetical order ("cat" and "chelsea" are the same picture).

    Returns:
        tuple of str.
    """
    return tuple(sorted(_FILES))


def photo(name, size=None):
    """One photograph as a tensor. Grey pictures get three equal channels.

    Args:
        name: one of `names()`.
        size: (h, w) in pixels, or None for the picture as it is. The picture is cropped around its centre to the
            shape h:w and then resized with an anti-aliased triangle filter, so nothing in it is squeezed.

    Returns:
        float32 tensor (3, h, w) in [0, 1].

    Raises:
        ValueError: an unknown name, or a size that is not two positive whole numbers.
        FileNotFoundError: the installed scikit-image came without its pictures.
    Source: scikit-image, `skimage.data`; licences in `datasets/photos.md`.
    """
    if name not in _FILES:
        raise ValueError(f"There is no photo called {name!r}. Choose one of: {', '.join(names())}.")
    path = resources.files("skimage") / "data" / _FILES[name]
    try:
        with path.open("rb") as file:
            pixels = np.array(Image.open(file).convert("RGB"))
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"The photo {name!r} should be at {path}, and is not. This scikit-image was packaged without its "
            "pictures; install it from PyPI: pip install --force-reinstall scikit-image"
        ) from error
    image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    return image if size is None else _fit(image, size)


def _fit(image, size):
    if not (isinstance(size, tuple | list) and len(size) == 2 and all(_positive(side) for side in size)):
        raise ValueError(f"size is {size!r}; wanted (h, w), two whole numbers of at least 1, such as (128, 192).")
    h, w = size
    full_h, full_w = image.shape[-2:]
    crop_h = min(full_h, max(1, round(full_w * h / w)))
    crop_w = min(full_w, max(1, round(full_h * w / h)))
    top, left = (full_h - crop_h) // 2, (full_w - crop_w) // 2
    crop = image[:, top : top + crop_h, left : left + crop_w]
    resized = F.interpolate(crop[None], size=(h, w), mode="bilinear", align_corners=False, antialias=True)[0]
    return resized.clamp(0, 1)  # rounding may step a hair outside


def _positive(side):
    return isinstance(side, int | np.integer) and not isinstance(side, bool) and side >= 1
