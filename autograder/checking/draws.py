"""Random inputs that depend on the student alone, and always hold the worst cases among them."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor


def seeded(*parts: str) -> torch.Generator:
    """A generator whose numbers depend on these words alone (student, lab, property)."""
    return torch.Generator().manual_seed(zlib.crc32("/".join(parts).encode()))


def pick(rng: torch.Generator, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=rng))


def sizes(rng: torch.Generator, least: int = 1) -> list[tuple[int, int]]:
    """Pictures (h, w) that tell height from width: taller, wider, the smallest, a prime, one longer than a byte counts.

    Args:
        rng: draws two of them anew for each student; the others are always the same.
        least: the smallest side that the exercise allows.
    """
    short, long = least + pick(rng, 1, 4), least + pick(rng, 6, 11)
    return [(long, short), (short, long), (least, least), (max(13, least), max(7, least)), (least, 257 + least)]


def normal(rng: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers around 0, of both signs, drawn in float64 so that every dtype gets the same ones."""
    return torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype)


def uniform(rng: torch.Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers from 0 to 1, as in a picture."""
    return torch.rand(shape, generator=rng, dtype=torch.float64).to(dtype)


def distinct(rng: torch.Generator, *shape: int) -> Tensor:
    """Whole numbers as float32, each once, of both signs: every maximum has one place."""
    count = int(torch.Size(shape).numel())
    return torch.randperm(count, generator=rng).reshape(shape).float() - count / 2


def ranges(x: Tensor) -> dict[str, Tensor]:
    """The same numbers moved to where wrong answers show: all negative, large, exactly 0 and 1."""
    low, high = x.min(), x.max()
    return {
        "all negative": x - high.abs() - 1,
        "large": 3000 * x,
        "below -1000": x - high - 2000,
        "zeros and ones": (x > (low + high) / 2).to(x.dtype),
    }


def labels(rng: torch.Generator, num_classes: int, *shape: int, void: float = 0.0) -> Tensor:
    """Random classes, a share of them void (255)."""
    drawn = torch.randint(0, num_classes, shape, generator=rng)
    drawn[torch.rand(shape, generator=rng) < void] = 255
    return drawn


def tensors_in(value: object) -> list[Tensor]:
    """All tensors among values, those in lists, tuples and dicts, too."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in tensors_in(item)]
    return [value] if torch.is_tensor(value) else []


def layouts(x: object) -> dict[str, object]:
    """The same numbers, laid out in memory in other ways than one after the other: of a tensor, or all in a list."""
    if isinstance(x, list | tuple):
        each = [layouts(item) for item in x]
        names = {name: None for found in each for name in found}
        return {name: type(x)(f.get(name, item) for f, item in zip(each, x, strict=True)) for name in names}
    if isinstance(x, dict):
        return {name: dict(zip(x, laid_out, strict=True)) for name, laid_out in layouts([*x.values()]).items()}
    if not torch.is_tensor(x):
        return {}
    if x.ndim < 2:
        return {"a slice with steps": torch.stack([x, x], -1)[..., 0]} if x.ndim else {}
    wide = torch.cat([x, x.flip(-1), x], -1)
    found = {"transposed": x.mT.contiguous().mT, "a slice": wide[..., : x.shape[-1]]}
    if x.ndim == 4:
        found["channels last"] = x.contiguous(memory_format=torch.channels_last)
    return {name: other for name, other in found.items() if not other.is_contiguous()}
