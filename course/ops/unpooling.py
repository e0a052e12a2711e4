"""Pooling that remembers where, and three ways back up.

Max-pooling keeps of each window the largest value; its switch is where in the plane that value stood. Going up,

- `nearest_unpool` repeats each value over its window,
- `bed_of_nails` puts it at the window's top left corner, zeros elsewhere,
- `max_unpool` puts it where the switch says, zeros elsewhere: what the network knew about edges survives.

SegNet hands its decoder nothing but the switches; `switches` packs them at 2 bits a window.

Ties go to the first pixel of the window, row by row, as in torch; so the zeros that a ReLU leaves behind point to
the top left. Windows do not hang over the edge: with odd sizes the last row or column is in none, and every way up
takes the size to restore.

Source: Zeiler and Fergus, arXiv:1311.2901 (switches); Noh et al., arXiv:1505.04366 (DeconvNet);
Badrinarayanan et al., arXiv:1511.00561 (SegNet).
"""

from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from course.ops.arguments import Pair, pair
from course.ops.convolution.sizes import conv_output_size
from course.ops.switches import PackedSwitches, pack_switches, unpack_switches, window_corners

__all__ = [
    "PackedSwitches",
    "bed_of_nails",
    "max_pool_with_switches",
    "max_unpool",
    "nearest_unpool",
    "pack_switches",
    "unpack_switches",
]


def max_pool_with_switches(x: Tensor, kernel_size: Pair = 2, stride: Pair | None = None) -> tuple[Tensor, Tensor]:
    """Max-pool, and say where each maximum stood.

    Args:
        x: (n, c, h, w) float.
        kernel_size: rows and columns of a window, at least 1; an int, or a pair (h, w).
        stride: pixels from one window to the next, at least 1; None for the kernel_size.

    Returns:
        pooled (n, c, oh, ow), and switches of the same shape, int64: row * w + column of the first pixel that holds the
        maximum of its window. `F.max_pool2d(return_indices=True)` gives the same, also for NaN (the last one wins).
        The gradient of pooled goes to the winning pixels.

    Raises:
        ValueError: x that is not 4-D, a number below 1, or a window larger than the image.

    Source: Zeiler and Fergus, arXiv:1311.2901, section 2.1.
    """
    _check_images(x)
    h, w = x.shape[2:]
    kh, kw = pair(kernel_size, "kernel_size", 1)
    sh, sw = pair(kernel_size if stride is None else stride, "stride", 1)
    oh, ow = conv_output_size((h, w), (kh, kw), (sh, sw))
    switches = window_corners((oh, ow), (sh, sw), w, x.device) + _winners(x.detach(), (oh, ow), (kh, kw), (sh, sw))
    # Gathering at the switches is the transpose of max_unpool: its gradient goes to the winners alone.
    return x.flatten(2).gather(2, switches.flatten(2)).view_as(switches), switches


def max_unpool(x: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Put each value where its switch says, zeros elsewhere.

    Args:
        x: (n, c, h, w), of any dtype.
        switches: int64 of the same shape, as `max_pool_with_switches` gives them.
        size: (h, w) of the image that was pooled. The switches count its pixels row by row, so a size that is only
            nearly right puts the values into wrong places.

    Returns:
        (n, c, *size). Where windows overlap and two of them name the same pixel, it holds one of their values.
        `F.max_unpool2d(output_size=size)` gives the same. Gradients reach x.

    Raises:
        ValueError: shapes that differ, switches that are not int64, or a switch outside the size.

    Source: Noh et al., arXiv:1505.04366, section 3.2.1.
    """
    _check_images(x)
    h, w = pair(size, "size", 1)
    if switches.shape != x.shape or switches.dtype != torch.int64:
        raise ValueError(
            f"switches are {switches.dtype} of shape {tuple(switches.shape)}; give int64 of x's shape {tuple(x.shape)}"
        )
    if switches.numel():
        first, last = (int(v) for v in switches.aminmax())
        if first < 0 or last >= h * w:
            raise ValueError(
                f"switches run from {first} to {last}, but {h} x {w} pixels are numbered 0 to {h * w - 1}; "
                "give the size of the image that was pooled"
            )
    planes = x.new_zeros(*x.shape[:2], h * w)
    return planes.scatter(2, switches.flatten(2), x.flatten(2)).unflatten(2, (h, w))


def nearest_unpool(x: Tensor, factor: Pair = 2, size: tuple[int, int] | None = None) -> Tensor:
    """Repeat each value over its window.

    Args:
        x: (n, c, h, w) float.
        factor: rows and columns of a window, at least 1; an int, or a pair (h, w).
        size: (h, w) of the image that was pooled, less than one window beyond the whole windows; None for none beyond.

    Returns:
        (n, c, *size); pixels beyond the last whole window repeat it. Gradients reach x.

    Raises:
        ValueError: x that is not 4-D, a factor below 1, or a size that does not pool to x's.

    Source: Lin et al., Feature pyramid networks, arXiv:1612.03144, section 3 (its way up).
    """
    (fh, fw), (h, w) = pair(factor, "factor", 1), _unpooled_size(x, factor, size)
    n, c, oh, ow = x.shape
    blocks = x[:, :, :, None, :, None].expand(n, c, oh, fh, ow, fw).reshape(n, c, oh * fh, ow * fw)
    if (h, w) == (oh * fh, ow * fw):
        return blocks
    return F.pad(blocks, (0, w - ow * fw, 0, h - oh * fh), mode="replicate")


def bed_of_nails(x: Tensor, factor: Pair = 2, size: tuple[int, int] | None = None) -> Tensor:
    """Put each value at the top left corner of its window, zeros elsewhere.

    Args:
        x: (n, c, h, w), of any dtype.
        factor: rows and columns of a window, at least 1; an int, or a pair (h, w).
        size: (h, w) of the image that was pooled, less than one window beyond the whole windows; None for none beyond.

    Returns:
        (n, c, *size). Gradients reach x.

    Raises:
        ValueError: x that is not 4-D, a factor below 1, or a size that does not pool to x's.

    Source: Dosovitskiy et al., Learning to generate chairs, CVPR 2015 (unpooling at fixed places).
    """
    (fh, fw), (h, w) = pair(factor, "factor", 1), _unpooled_size(x, factor, size)
    nails = x.new_zeros(*x.shape[:2], h, w)
    nails[:, :, : x.shape[2] * fh : fh, : x.shape[3] * fw : fw] = x
    return nails


def _winners(x: Tensor, windows: tuple[int, int], kernel_size: tuple[int, int], stride: tuple[int, int]) -> Tensor:
    """How many pixels after its window's corner, counted along the rows of the plane, each maximum stands."""
    (oh, ow), (sh, sw), w = windows, stride, x.shape[3]
    best = x[..., : (oh - 1) * sh + 1 : sh, : (ow - 1) * sw + 1 : sw]
    winners = torch.zeros_like(best, dtype=torch.int64)
    for ky, kx in product(*map(range, kernel_size)):  # one pixel of all the windows at a time
        here = x[..., ky : ky + (oh - 1) * sh + 1 : sh, kx : kx + (ow - 1) * sw + 1 : sw]
        better = (here > best) | here.isnan()  # strictly greater, so the first of a tie stays
        winners = torch.where(better, ky * w + kx, winners)
        best = torch.maximum(best, here)
    return winners


def _unpooled_size(x: Tensor, factor: Pair, size: Pair | None) -> tuple[int, int]:
    """The size to restore, checked to be one that windows of `factor` pool to x's."""
    _check_images(x)
    (fh, fw), (oh, ow) = pair(factor, "factor", 1), x.shape[2:]
    h, w = (oh * fh, ow * fw) if size is None else pair(size, "size", 1)
    if (h // fh, w // fw) != (oh, ow):
        raise ValueError(
            f"size {(h, w)} pools to {(h // fh, w // fw)} with windows of {(fh, fw)}, but x has {(oh, ow)}; "
            "give the size of the image that was pooled"
        )
    return h, w


def _check_images(x: Tensor) -> None:
    if x.ndim != 4:
        raise ValueError(f"x has shape {tuple(x.shape)}; give (n, c, h, w), with x[None] for a single image")
