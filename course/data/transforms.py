"""What happens to a picture and its label together: torchvision's v2 transforms in the order that the papers use.

A picture may be interpolated, its label never: between class 3 and class 5 there is no class 4. Where a crop reaches
past the picture's edge the label says void (255) and the picture gets ImageNet's mean color, which becomes about 0 in
the network. Pictures stay in [0, 1] throughout, so that they can be looked at; the network normalizes them itself.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, get_worker_info
from torchvision import tv_tensors
from torchvision.transforms import v2

from course import IMAGENET_MEAN, VOID


def training(size, *, scale=(0.5, 2.0), flip=0.5, color=0.3, generator=None):
    """Random light and color, random scale, random crop, random mirror image; each time anew.

    Args:
        size: (h, w) of the crop in pixels.
        scale: (smallest, largest) factor by which the picture is resized before the crop, log-uniform between them.
        flip: probability of the mirror image, 0 to 1.
        color: strength of the changes of brightness, contrast and saturation, 0 (none) to 1.
        generator: a torch.Generator on the CPU that decides everything, or None for torch's global one (which
            `torch.manual_seed` sets). Loader workers each get their own stream from either.

    Returns:
        a `Joint` module: (image, label) -> (image (3, h, w), label (h, w)).

    Raises:
        ValueError: an argument outside its range.
    """
    _size(size)
    if not (len(scale) == 2 and 0 < scale[0] <= scale[1]):
        raise ValueError(f"scale is {scale!r}; wanted (smallest, largest) with 0 < smallest <= largest.")
    for name, value in (("flip", flip), ("color", color)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value!r}; wanted a number from 0 to 1.")
    if generator is not None and generator.device.type != "cpu":
        raise ValueError(f"generator is on {generator.device}; wanted a torch.Generator on the CPU.")
    steps = [
        v2.ColorJitter(brightness=color, contrast=color, saturation=color),  # first, so that the fill stays the mean
        RandomScale(*scale),
        v2.RandomCrop(size, pad_if_needed=True, fill={tv_tensors.Image: list(IMAGENET_MEAN), tv_tensors.Mask: VOID}),
        v2.RandomHorizontalFlip(flip),
    ]
    return Joint(steps, generator)


def evaluation(size):
    """Resize the picture (triangle filter, anti-aliased) and the label (nearest); nothing random.

    Scores measured after this are scores at `size`. To score at the label's own size, resize the prediction instead.

    Args:
        size: (h, w) in pixels.

    Returns:
        a `Joint` module: (image, label) -> (image (3, h, w), label (h, w)).

    Raises:
        ValueError: a size that is not two positive whole numbers.
    """
    return Joint([v2.Resize(_size(size), antialias=True)])


def random_mirror(image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    """Mirror the pair, or not, as torch's generator says."""
    return (image.flip(-1), label.flip(-1)) if torch.rand(()) < 0.5 else (image, label)


class Transformed(Dataset):
    """A data set whose pairs go through a transform.

    Args:
        dataset: of (image, label).
        transform: called as transform(image, label).
    """

    def __init__(self, dataset: Dataset, transform: Callable):
        self.dataset, self.transform = dataset, transform

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.transform(*self.dataset[index])


class Joint(nn.Module):
    """Transforms applied to a picture and its label with the same random draws.

    Args:
        steps: torchvision v2 transforms, in order.
        generator: see `training`.
    """

    def __init__(self, steps, generator=None):
        super().__init__()
        self.steps = v2.Compose(steps)
        self.generator = generator

    def forward(self, image, label):
        """Transform a pair.

        Args:
            image: float tensor (3, h, w) in [0, 1].
            label: int64 tensor (h, w), void = 255.

        Returns:
            tv_tensors.Image and tv_tensors.Mask.

        Raises:
            ValueError: another kind or shape of tensor, or two sizes.
        """
        _pair(image, label)
        # Plain tensors are wrapped: v2 would pass a plain label through unchanged and without a word.
        pair = tv_tensors.Image(image), tv_tensors.Mask(label)
        if self.generator is None:
            image, label = self.steps(*pair)
        else:
            with torch.random.fork_rng(devices=[]):  # v2 draws from the global generator of the CPU
                torch.manual_seed(self._draw())
                image, label = self.steps(*pair)
        return tv_tensors.Image(image.clamp(0, 1)), label  # interpolation rounds a hair past 1

    def _draw(self):
        seed = int(torch.randint(2**62, (), generator=self.generator))
        worker = get_worker_info()  # every worker holds a copy of the generator; its own seed sets it apart
        return seed if worker is None else seed ^ worker.seed


class RandomScale(v2.Transform):
    """Resize by a random factor, log-uniform, so that halving and doubling are equally likely.

    Args:
        smallest: lower end of the factor, above 0.
        largest: upper end.
    """

    def __init__(self, smallest, largest):
        super().__init__()
        self.smallest, self.largest = smallest, largest

    def make_params(self, inputs):
        """Draw one size for all inputs (called by torchvision)."""
        h, w = v2.functional.get_size(inputs[0])
        factor = self.smallest * (self.largest / self.smallest) ** torch.rand(()).item()
        return {"size": [max(1, round(h * factor)), max(1, round(w * factor))]}

    def transform(self, inpt, params):
        """Resize one input; torchvision takes nearest for masks (called by torchvision)."""
        return v2.functional.resize(inpt, params["size"], antialias=True)


def _pair(image, label):
    if not (torch.is_tensor(image) and image.is_floating_point() and image.ndim == 3 and image.shape[0] == 3):
        got = f"{image.dtype} {tuple(image.shape)}" if torch.is_tensor(image) else type(image).__name__
        raise ValueError(f"image is {got}; wanted a floating-point tensor (3, h, w). Divide bytes by 255 first.")
    if not (torch.is_tensor(label) and label.dtype == torch.int64 and label.ndim == 2):
        got = f"{label.dtype} {tuple(label.shape)}" if torch.is_tensor(label) else type(label).__name__
        raise ValueError(f"label is {got}; wanted an int64 tensor (h, w). Use label.long(), without channels.")
    if image.shape[-2:] != label.shape:
        raise ValueError(
            f"image is {tuple(image.shape)} and label {tuple(label.shape)}; wanted (3, h, w) and (h, w) of one picture."
        )


def _size(size):
    try:
        h, w = (int(side) for side in size)
    except (TypeError, ValueError):
        h = w = 0
    if h < 1 or w < 1 or (h, w) != tuple(size):
        raise ValueError(f"size is {size!r}; wanted (h, w), two whole numbers of at least 1, such as (128, 192).")
    return h, w
