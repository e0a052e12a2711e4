"""Pooling that remembers where, and three ways back up.

Max pooling keeps the largest value of each window; the switch is where in the plane that value stood. On the way up

- `nearest_unpool` repeats each value over its window,
- `bed_of_nails` puts it at the window's top left corner, zeros elsewhere,
- `max_unpool` puts it where the switch says, zeros elsewhere: what the network knew about edges survives.

SegNet hands its decoder nothing but the switches; `switches` packs them into 2 bits a window.

Ties go to the first pixel of the window, row by row, as in torch; so where a ReLU left zeros, the switch points to the
top left. Windows do not hang over the edge: with odd sizes the last row or column is in none, and every way up takes
the size to restore.

Source: Zeiler and Fergus, arXiv:1311.2901 (switches); Noh et al., arXiv:1505.04366 (DeconvNet);
Badrinarayanan et al., arXiv:1511.00561 (SegNet).
"""

from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from course.ops.arguments import Pair, check_axes, image_size, pair
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
    """Max pooling that also returns where each maximum stood.

    Args:
        x: (n, c, h, w) float.
        kernel_size: rows and columns of a window, at least 1; an int, or a pair (h, w).
        stride: pixels from one window to the next, at least 1; None for the kernel_size.

    Returns:
        pooled (n, c, oh, ow), and switches of the same shape, int64: row * w + column of the first pixel that holds the
        maximum of its window. `F.max_pool2d(return_indices=True)` gives the same, also for NaN (the last one wins).
        The gradient of pooled goes to the winning pixels.

    Raises:
        ValueError: x is not 4-D, a number is below 1, or a window is larger than the image.

    Example:
        >>> x = torch.tensor([[[[1, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]]]])
        >>> pooled, switches = max_pool_with_switches(x)
        >>> pooled.tolist(), switches.tolist()
        ([[[[5, 6], [7, 8]]]], [[[[5, 2], [12, 15]]]])

    Source: Zeiler and Fergus, arXiv:1311.2901, section 2.1.
    """
    check_axes(x, "x", "(n, c, h, w)")
    h, w = x.shape[2:]
    kh, kw = pair(kernel_size, "kernel_size", 1)
    sh, sw = pair(kernel_size if stride is None else stride, "stride", 1)
    oh, ow = conv_output_size((h, w), (kh, kw), (sh, sw))
    switches = window_corners((oh, ow), (sh, sw), w, x.device) + _winners(x.detach(), (oh, ow), (kh, kw), (sh, sw))
    # Gathering at the switches is the transpose of max_unpool: its gradient goes to the winners alone.
    return x.flatten(2).gather(2, switches.flatten(2)).view_as(switches), switches


def max_unpool(values: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:
    """Put each value where its switch says, zeros elsewhere.

    Args:
        values: (n, c, h, w), of any dtype.
        switches: int64 of the same shape, as `max_pool_with_switches` gives them.
        size: (h, w) of the image that was pooled. The switches count its pixels row by row, so a size that is only
            nearly right puts the values into the wrong places.

    Returns:
        (n, c, *size). Where windows overlap and two of them name the same pixel, it holds one of their values.
        `F.max_unpool2d(output_size=size)` gives the same. Gradients reach the values.

    Raises:
        ValueError: the shapes differ, switches are not int64, or a switch lies outside the size.

    Example:
        >>> values, switches = torch.tensor([[[[1, 2], [3, 4]]]]), torch.tensor([[[[5, 2], [12, 15]]]])
        >>> max_unpool(values, switches, (4, 4)).tolist()
        [[[[0, 0, 2, 0],
           [0, 1, 0, 0],
           [0, 0, 0, 0],
           [3, 0, 0, 4]]]]

    Source: Noh et al., arXiv:1505.04366, section 3.2.1.
    """
    check_axes(values, "values", "(n, c, h, w)")
    h, w = image_size(size)
    if switches.shape != values.shape or switches.dtype != torch.int64:
        raise ValueError(
            f"switches are {switches.dtype} of shape {tuple(switches.shape)}; wanted int64 of the shape of values, "
            f"{tuple(values.shape)}."
        )
    if switches.numel() and not switches.is_meta:
        first, last = (int(v) for v in switches.aminmax())
        if first < 0 or last >= h * w:
            raise ValueError(
                f"switches run from {first} to {last}; wanted 0 to {h * w - 1}, the numbers of {h} x {w} pixels. Give "
                "the size of the image that was pooled."
            )
    planes = values.new_zeros(*values.shape[:2], h * w)
    return planes.scatter(2, switches.flatten(2), values.flatten(2)).unflatten(2, (h, w))


def nearest_unpool(values: Tensor, factor: Pair = 2, size: tuple[int, int] | None = None) -> Tensor:
    """Repeat each value over its window.

    Args:
        values: (n, c, h, w) float.
        factor: rows and columns of a window, at least 1; an int, or a pair (h, w).
        size: (h, w) of the image that was pooled, less than one window larger than the whole windows; None for those.

    Returns:
        (n, c, *size); pixels beyond the last whole window repeat its values. Gradients reach the values.

    Raises:
        ValueError: values is not 4-D, factor is below 1, or an image of that size is not pooled to this one.

    Example:
        >>> nearest_unpool(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).tolist()
        [[[[1.0, 1.0, 2.0, 2.0],
           [1.0, 1.0, 2.0, 2.0],
           [3.0, 3.0, 4.0, 4.0],
           [3.0, 3.0, 4.0, 4.0]]]]

    Source: Lin et al., Feature pyramid networks, arXiv:1612.03144, section 3 (its way up).
    """
    (fh, fw), (h, w) = pair(factor, "factor", 1), _unpooled_size(values, factor, size)
    n, c, oh, ow = values.shape
    blocks = values[:, :, :, None, :, None].expand(n, c, oh, fh, ow, fw).reshape(n, c, oh * fh, ow * fw)
    if (h, w) == (oh * fh, ow * fw):
        return blocks
    return F.pad(blocks, (0, w - ow * fw, 0, h - oh * fh), mode="replicate")


def bed_of_nails(values: Tensor, factor: Pair = 2, size: tuple[int, int] | None = None) -> Tensor:
    """Put each value at the top left corner of its window, zeros elsewhere.

    Args:
        values: (n, c, h, w), of any dtype.
        factor: rows and columns of a window, at least 1; an int, or a pair (h, w).
        size: (h, w) of the image that was pooled, less than one window larger than the whole windows; None for those.

    Returns:
        (n, c, *size). Gradients reach the values.

    Raises:
        ValueError: values is not 4-D, factor is below 1, or an image of that size is not pooled to this one.

    Example:
        >>> bed_of_nails(torch.tensor([[[[1, 2], [3, 4]]]])).tolist()
        [[[[1, 0, 2, 0],
           [0, 0, 0, 0],
           [3, 0, 4, 0],
           [0, 0, 0, 0]]]]

    Source: Dosovitskiy et al., Learning to generate chairs, CVPR 2015 (unpooling at fixed places).
    """
    (fh, fw), (h, w) = pair(factor, "factor", 1), _unpooled_size(values, factor, size)
    nails = values.new_zeros(*values.shape[:2], h, w)
    nails[:, :, : values.shape[2] * fh : fh, : values.shape[3] * fw : fw] = values
    return nails


def _winners(x: Tensor, windows: tuple[int, int], kernel_size: tuple[int, int], stride: tuple[int, int]) -> Tensor:
    """How many pixels each maximum stands after its window's corner, counted along the rows of the plane."""
    (oh, ow), (sh, sw), w = windows, stride, x.shape[3]
    best = x[..., : (oh - 1) * sh + 1 : sh, : (ow - 1) * sw + 1 : sw]
    winners = torch.zeros_like(best, dtype=torch.int64)
    for ky, kx in product(*map(range, kernel_size)):  # one pixel of all the windows at a time
        here = x[..., ky : ky + (oh - 1) * sh + 1 : sh, kx : kx + (ow - 1) * sw + 1 : sw]
        better = (here > best) | here.isnan()  # strictly greater, so the first of a tie stays
        winners = torch.where(better, ky * w + kx, winners)
        best = torch.maximum(best, here)
    return winners


def _unpooled_size(values: Tensor, factor: Pair, size: tuple[int, int] | None) -> tuple[int, int]:
    """The size to restore: one that windows of `factor` pool to the size of values."""
    check_axes(values, "values", "(n, c, h, w)")
    (fh, fw), (oh, ow) = pair(factor, "factor", 1), values.shape[2:]
    h, w = (oh * fh, ow * fw) if size is None else image_size(size)
    if (h // fh, w // fw) != (oh, ow):
        raise ValueError(
            f"size is {(h, w)}, which windows of {(fh, fw)} pool to {(h // fh, w // fw)}; wanted one that they pool to "
            f"{(oh, ow)}. Give the size of the image that was pooled."
        )
    return h, w
