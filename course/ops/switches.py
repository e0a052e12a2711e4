"""Switches in 2 bits: which pixel of its 2 x 2 window each maximum was, four windows to a byte.

For each window SegNet's encoder keeps these 2 bits where U-Net keeps the window's four floats, 128 bits. As torch gives
them, as indices into the plane, switches are int64, 64 bits.

Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from course.ops.arguments import image_size


@dataclass(frozen=True, eq=False)
class PackedSwitches:
    """Switches of 2 x 2 windows at 2 bits each, as `pack_switches` makes them and `unpack_switches` reads them.

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
        The `PackedSwitches`, on the device of the switches; `nbytes` is the memory that they take.

    Raises:
        ValueError: switches are not 4-D int64, or not of 2 x 2 windows of an image of that size.

    Example:
        >>> packed = pack_switches(torch.tensor([[[[5, 2], [12, 15]]]]), (4, 4))  # corners 3, 0, 2, 3 of their windows
        >>> packed.codes.tolist() == [0b11_10_00_11], packed.nbytes
        (True, 1)

    Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
    """
    h, w = image_size(size, least=2)
    if switches.dtype != torch.int64 or switches.ndim != 4 or switches.shape[2:] != (h // 2, w // 2):
        raise ValueError(
            f"switches are {switches.dtype} of shape {tuple(switches.shape)}; wanted int64 (n, c, {h // 2}, {w // 2}). "
            f"Give those of 2 x 2 windows at stride 2, and the size of the image, here {(h, w)}."
        )
    within = switches - window_corners((h // 2, w // 2), (2, 2), w, switches.device)  # 0, 1 or, one row down, w, w + 1
    lower = (within >= w).long()
    right = within - w * lower
    if not bool(((right == 0) | (right == 1)).all()):
        raise ValueError("a switch lies outside its 2 x 2 window; wanted switches of 2 x 2 windows at stride 2.")
    codes = (2 * lower + right).to(torch.uint8).flatten()
    fours = F.pad(codes, (0, -len(codes) % 4)).view(-1, 4)
    packed = (fours * _code_places(codes.device)).sum(1, dtype=torch.uint8)
    return PackedSwitches(packed, tuple(switches.shape), (h, w))


def unpack_switches(packed: PackedSwitches) -> Tensor:
    """Undo `pack_switches`.

    Args:
        packed: the result of `pack_switches`.

    Returns:
        (n, c, oh, ow) int64, on the device of the codes.

    Raises:
        ValueError: the codes are not as many bytes as the shape asks for.

    Example:
        >>> unpack_switches(pack_switches(torch.tensor([[[[5, 2], [12, 15]]]]), (4, 4))).tolist()
        [[[[5, 2], [12, 15]]]]

    Source: Badrinarayanan et al., arXiv:1511.00561, section 3.
    """
    count = math.prod(packed.shape)
    if packed.codes.dtype != torch.uint8 or packed.codes.shape != (-(-count // 4),):
        raise ValueError(
            f"codes are {packed.codes.dtype} of shape {tuple(packed.codes.shape)}; wanted {-(-count // 4)} bytes "
            f"(uint8) for switches of shape {packed.shape}."
        )
    places = _code_places(packed.codes.device)
    codes = (packed.codes[:, None] // places % 4).flatten()[:count].view(packed.shape).long()
    w = packed.size[1]
    return window_corners(packed.shape[2:], (2, 2), w, packed.codes.device) + codes // 2 * w + codes % 2


def window_corners(windows: tuple[int, int], stride: tuple[int, int], w: int, device: torch.device) -> Tensor:
    """Where the windows of a plane begin, with its pixels numbered row by row.

    Args:
        windows: (oh, ow), how many windows.
        stride: (h, w), pixels from one window to the next.
        w: width of the plane in pixels.
        device: of the result.

    Returns:
        (oh, ow) int64, row * w + column of each window's top left pixel.

    Example:
        >>> window_corners((2, 2), (2, 2), 4, torch.device("cpu")).tolist()
        [[0, 2], [8, 10]]
    """
    rows, columns = (torch.arange(length, device=device) * step for length, step in zip(windows, stride, strict=True))
    return rows[:, None] * w + columns


def _code_places(device: torch.device) -> Tensor:
    """The place value of each of a byte's four codes: two bits further up each time."""
    return torch.tensor([1, 4, 16, 64], dtype=torch.uint8, device=device)
