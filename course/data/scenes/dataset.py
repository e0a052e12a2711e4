"""Scenes as a data set: a fixed number of them, drawn on demand."""

from torch import Tensor
from torch.utils.data import Dataset

from course.data.scenes.render import Scene, checked_arguments, scene
from course.ops.arguments import as_int

SPLITS = ("train", "val", "test")
_MOST = 1_000_000


class Scenes(Dataset):
    """Street scenes drawn from consecutive seeds.

    Args:
        count: number of scenes, 1 to 1,000,000.
        seed: which family of scenes. Two families have no scene in common, and neither have the splits of one.
        size: (h, w) in pixels, each at least 32.
        domain: "day", "night" or "fog".
        split: "train", "val" or "test".

    Raises:
        ValueError: an argument is not as above.
    """

    def __init__(
        self,
        count: int,
        seed: int = 0,
        size: tuple[int, int] = (128, 192),
        domain: str = "day",
        split: str = "train",
    ):
        seed, size = checked_arguments(seed, size, domain)
        if as_int(count) not in range(1, _MOST + 1):
            raise ValueError(f"count is {count!r}; wanted a whole number from 1 to {_MOST}.")
        if split not in SPLITS:
            raise ValueError(f"split is {split!r}; wanted one of {', '.join(SPLITS)}.")
        self.count, self.seed, self.size, self.domain, self.split = int(count), seed, size, domain, split
        self._first = (seed * len(SPLITS) + SPLITS.index(split)) * _MOST

    def __len__(self) -> int:
        return self.count

    def scene(self, index: int) -> Scene:
        """Draw scene `index` (0 … count − 1, or from the end with −1 …) with all of its ground truth."""
        if not -self.count <= index < self.count:
            raise IndexError(f"index is {index}; wanted 0 to {self.count - 1}, or from the end -1 to -{self.count}.")
        return scene(self._first + index % self.count, self.size, self.domain)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Draw the image (3, h, w) float32 in [0, 1] and the semantic labels (h, w) int64, void = 255."""
        drawn = self.scene(index)
        return drawn.image, drawn.semantic
