"""Switches in 2 bits: which pixel of its 2 x 2 window each maximum was, four windows to a byte.

For each window SegNet's encoder keeps these 2 bits where U-Net keeps the window's four floats, 128 bits. As indices
into the plane, which is how torch gives them, switches would be int64, 64 bits.

Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from course.ops.arguments import pair


@dataclass(frozen=True, eq=False)
class PackedSwitches:
    """Switches of 2 x 2 windows at 2 bits each; `unpack_switches` undoes `pack_switches`.

    Attributes:
        codes: uint8, one byte for four windows in the order of (n, c, h, w), the first in the lowest two bits. A
            window's two bits are 2 * row + column of its winner within the window.
        shape: (n, c, oh, ow) of the switches.
        size: (h, w) of the image that was pooled.
    """

    codes: Tensor
    shape: tuple[int, int, int, int]
    size: tuple[int, int]

    @property
    def nbytes(self) -> int:
        """Bytes that the codes take: a quarter of the number of windows, rounded up."""
        return self.codes.numel()


def pack_switches(switches: Tensor, size: tuple[int, int]) -> PackedSwitches:
    """Pack the switches of 2 x 2 windows, stride 2, four to a byte.

    Args:
        switches: (n, c, oh, ow) int64, as `max_pool_with_switches` gives them.
        size: (h, w) of the image that was pooled; oh and ow are its halves, rounded down.

    Returns:
        The `PackedSwitches`, on the device of the switches; `nbytes` says what they take.

    Raises:
        ValueError: switches that are not 4-D int64, or do not belong to 2 x 2 windows of an image of that size.

    Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
    """
    h, w = pair(size, "size", 2)
    if switches.dtype != torch.int64 or switches.ndim != 4 or switches.shape[2:] != (h // 2, w // 2):
        raise ValueError(
            f"switches are {switches.dtype} of shape {tuple(switches.shape)}; for size {(h, w)} give int64 of shape "
            f"(n, c, {h // 2}, {w // 2}), from 2 x 2 windows at stride 2"
        )
    within = switches - window_corners((h // 2, w // 2), (2, 2), w, switches.device)  # 0, 1 or, one row down, w, w + 1
    lower = (within >= w).long()
    right = within - w * lower
    if not bool(((right == 0) | (right == 1)).all()):
        raise ValueError("a switch lies outside its own 2 x 2 window; give switches of 2 x 2 windows at stride 2")
    codes = (2 * lower + right).to(torch.uint8).flatten()
    fours = F.pad(codes, (0, -len(codes) % 4)).view(-1, 4)
    packed = (fours * _code_places(codes.device)).sum(1, dtype=torch.uint8)
    return PackedSwitches(packed, tuple(switches.shape), (h, w))


def unpack_switches(packed: PackedSwitches) -> Tensor:
    """Undo `pack_switches`.

    Args:
        packed: what `pack_switches` gave.

    Returns:
        (n, c, oh, ow) int64, on the device of the codes.

    Raises:
        ValueError: codes that are not the bytes that the shape asks for.

    Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
    """
    count = math.prod(packed.shape)
    if packed.codes.dtype != torch.uint8 or packed.codes.shape != (-(-count // 4),):
        raise ValueError(
            f"codes are {packed.codes.dtype} of shape {tuple(packed.codes.shape)}; for switches of shape "
            f"{packed.shape} there must be {-(-count // 4)} bytes (uint8)"
        )
    places = _code_places(packed.codes.device)
    codes = (packed.codes[:, None] // places % 4).flatten()[:count].view(packed.shape).long()
    w = packed.size[1]
    return window_corners(packed.shape[2:], (2, 2), w, packed.codes.device) + codes // 2 * w + codes % 2


def window_corners(windows: tuple[int, int], stride: tuple[int, int], w: int, device: torch.device) -> Tensor:
    """Where the windows of a plane begin, its pixels numbered row by row.

    Args:
        windows: (oh, ow), how many windows.
        stride: (h, w), pixels from one window to the next.
        w: width of the plane in pixels.
        device: where to make the numbers.

    Returns:
        (oh, ow) int64, row * w + column of each window's top left pixel.
    """
    rows, columns = (torch.arange(length, device=device) * step for length, step in zip(windows, stride, strict=True))
    return rows[:, None] * w + columns


def _code_places(device: torch.device) -> Tensor:
    """What the four codes of a byte count for: two bits further up each."""
    return torch.tensor([1, 4, 16, 64], dtype=torch.uint8, device=device)
