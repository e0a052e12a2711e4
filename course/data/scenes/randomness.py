"""Random numbers and noise that are the same bits on every machine.

NumPy promises that the raw stream of a bit generator never changes; it promises nothing for `Generator.normal` and the
like. So everything is made from raw 64-bit words by additions, multiplications and divisions alone, which IEEE 754
rounds the same way everywhere. `exp`, `sin` and powers differ in their last bit between processors and are not used.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np

_Option = TypeVar("_Option")


def words(key: int, count: int) -> np.ndarray:
    """Draw `count` raw 64-bit words of PCG64 seeded with `key`."""
    return np.random.PCG64(np.random.SeedSequence(key)).random_raw(count)


def uniforms(key: int, count: int) -> np.ndarray:
    """Draw `count` float64 numbers in [0, 1) from the 53 high bits of each word."""
    return (words(key, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53


class Random:
    """Scalar draws for one scene, in the order in which they are requested.

    Args:
        key: the seed, a whole number of at least 0.
    """

    def __init__(self, key: int):
        self._bits = np.random.PCG64(np.random.SeedSequence(key))
        self._pool: list[float] = []

    def unit(self) -> float:
        """Draw a number in [0, 1)."""
        if not self._pool:  # 512 at a time: a call into NumPy costs more than the numbers
            block = (self._bits.random_raw(512) >> np.uint64(11)).astype(np.float64) * 2.0**-53
            self._pool = block.tolist()
        return self._pool.pop()

    def between(self, low: float, high: float) -> float:
        """Draw a number in [low, high)."""
        return low + (high - low) * self.unit()

    def integer(self, low: int, high: int) -> int:
        """Draw an integer in low … high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Draw True with the given probability."""
        return self.unit() < probability

    def choose(self, options: Sequence[_Option]) -> _Option:
        """Draw one of the options."""
        return options[int(self.unit() * len(options))]


def value_noise(key: int, size: int, cells: int) -> np.ndarray:
    """Make a tileable (size, size) float64 field in [0, 1): random lattice values, smoothly interpolated."""
    lattice = uniforms(key, cells * cells).reshape(cells, cells)
    position = (np.arange(size, dtype=np.float64) + 0.5) * (cells / size)
    low = position.astype(np.int64)
    part = position - low
    part = part * part * (3.0 - 2.0 * part)
    high = (low + 1) % cells
    rows = lattice[low] * (1.0 - part)[:, None] + lattice[high] * part[:, None]
    return rows[:, low] * (1.0 - part) + rows[:, high] * part


@lru_cache(maxsize=32)
def cloud_noise(key: int, size: int, cells: int, octaves: int = 4) -> np.ndarray:
    """Sum octaves of value noise, each twice as fine and half as strong; float32 (size, size) in [0, 1), read-only."""
    total = np.zeros((size, size))
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        total = total + weight * value_noise(key * 16 + octave, size, min(size, cells << octave))
        norm += weight
        weight *= 0.5
    field = (total / norm).astype(np.float32)
    field.setflags(write=False)
    return field


@lru_cache(maxsize=4)
def grain(key: int, size: int = 512) -> np.ndarray:
    """Make sensor noise: float32 (size, size), mean 0, deviation 1, the sum of four uniforms; read-only."""
    draws = uniforms(key, 4 * size * size).reshape(4, size, size)
    field = (((draws[0] + draws[1]) + (draws[2] + draws[3])) - 2.0) * 1.7320508
    field = field.astype(np.float32)
    field.setflags(write=False)
    return field
