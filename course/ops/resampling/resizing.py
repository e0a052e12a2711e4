"""Resizing to any size: every output pixel is a weighted mean of the input pixels under its kernel.

One axis is one matrix (n_out, n_in), a band along the diagonal; a picture is resized by A_h @ image @ A_w.T. On the way
down `antialias` widens the kernel until it covers the input pixels that an output pixel stands for; without it most of
them would be skipped, and fine stripes would turn into coarse ones.

Borders, as the libraries do them. With antialias (Pillow) the part of the kernel beyond the picture is cut off and the
rest renormalised. Without (`F.interpolate`) the border pixel stands in for all pixels beyond.
"""

from collections.abc import Iterator
from math import ceil

import torch
from torch import Tensor

from course.ops.resampling._validate import check_floating, check_image, check_kernel, check_size
from course.ops.resampling.kernels import Kernel, area

BAND = 32  # rows multiplied at a time: enough to fill a matrix product, few enough to leave out most of the zeros


def resize(
    image: Tensor, size: tuple[int, int], kernel: Kernel, *, align_corners: bool = False, antialias: bool = True
) -> Tensor:
    """Resize a picture, up or down, each axis for itself.

    The package's table says which library call each kernel equals. Three warnings. `box` without antialias is
    `F.interpolate`'s "nearest-exact" (its "nearest" is `resize_nearest_floor`; both agree when upsampling by a whole
    factor). `F.interpolate(antialias=True, align_corners=True)` does not align the corners (torch 2.15); here both
    flags keep their meaning together. And `F.interpolate` rounds the places of pixels to the image's precision, so
    in float32 it differs by some 1e-5, and its two nearest modes now and then take the neighbour at an exact tie.

    Args:
        image: (..., h, w) floating point; half precision is computed in float32.
        size: (h, w) of the result, each at least 1.
        kernel: the curve, in input pixels, or in output pixels where antialias widens it.
        align_corners: the grid, see the package; an axis of length 1 then takes the first pixel.
        antialias: widen the kernel on the way down. Also decides about the borders, see above.

    Returns:
        (..., *size), the image's dtype and device. Keys, Mitchell and Lanczos can overshoot the image's range.

    Raises:
        ValueError: if an argument is not what is named above.
    """
    check_image(image)
    check_floating(image)
    check_size(size)
    h, w = image.shape[-2:]
    rows = _band(h, size[0], kernel, align_corners, antialias)
    columns = _band(w, size[1], kernel, align_corners, antialias)
    return _apply(image, size, rows, columns)


def resize_area(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize by exact overlap: each output pixel is the mean of the picture over its area.

    `resize` with the kernel `area` of each axis' own factor. Equals `F.interpolate(mode="area")` where the sizes
    divide; elsewhere that mode counts pixels that overlap by a part as if they did in full.

    Args:
        image: (..., h, w) floating point; half precision is computed in float32.
        size: (h, w) of the result, each at least 1.

    Returns:
        (..., *size), with the mean of the image.

    Raises:
        ValueError: if an argument is not what is named above.
    """
    check_image(image)
    check_floating(image)
    check_size(size)
    bands = [
        _band(n_in, n_out, area(max(n_in / n_out, n_out / n_in)), False, True)
        for n_in, n_out in zip(image.shape[-2:], size, strict=True)
    ]
    return _apply(image, size, *bands)


def resize_nearest_floor(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Pick pixel floor(i * n_in / n_out): `F.interpolate`'s mode "nearest", which is half a pixel off the centre.

    Kept because so much code uses it. It computes nothing, so label maps pass through unmixed.

    Args:
        image: (..., h, w), any dtype.
        size: (h, w) of the result, each at least 1.

    Returns:
        (..., *size), values of the image only.

    Raises:
        ValueError: if image has no pixels or size is not (h, w).
    """
    check_image(image)
    check_size(size)
    for axis, n_out in zip((-2, -1), size, strict=True):
        index = torch.arange(n_out, device=image.device) * image.shape[axis] // n_out
        image = image.index_select(axis, index)
    return image


def resize_matrix(
    n_in: int,
    n_out: int,
    kernel: Kernel,
    *,
    align_corners: bool = False,
    antialias: bool = True,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """The matrix that resizes one axis.

    Args:
        n_in: length before, at least 1.
        n_out: length after, at least 1.
        kernel: the curve.
        align_corners: as in `resize`.
        antialias: as in `resize`.
        dtype: of the result.

    Returns:
        (n_out, n_in) on the CPU: row i holds the weights of output pixel i, and sums to 1.

    Raises:
        ValueError: if a length is below 1, kernel is no Kernel, or the kernel reaches no pixel from some row.
    """
    check_size((n_in, n_out))
    weights, index = _band(n_in, n_out, kernel, align_corners, antialias)
    return _dense(weights, index, n_in).to(dtype)


def _band(n_in: int, n_out: int, kernel: Kernel, align_corners: bool, antialias: bool) -> tuple[Tensor, Tensor]:
    """Per output pixel, the weights (n_out, k) and the columns (n_out, k) of the input pixels under the kernel."""
    check_kernel(kernel)
    out = torch.arange(n_out, dtype=torch.float64)
    cells = max(n_out - 1, 1) if align_corners else n_out
    if align_corners:
        ratio = (n_in - 1) / cells if n_out > 1 else 0.0
        centre = out * ratio + 0.5
    else:
        ratio = n_in / n_out
        centre = (out + 0.5) * ratio
    if antialias:
        weights, index = _renormalised(centre, max(ratio, 1.0), n_in, kernel)
    else:
        # Centres are multiples of 1 / (2 cells). Undo the rounding, so that a tie of the box is a tie.
        weights, index = _replicated((centre * 2 * cells).round() / (2 * cells), n_in, kernel)
    total = weights.sum(dim=1, keepdim=True)
    if (total.abs() < 1e-6).any():
        raise ValueError(f"{kernel.name} reaches no pixel from some of {n_out} out of {n_in}; take a wider kernel")
    return weights / total, index


def _replicated(centre: Tensor, n_in: int, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """The kernel as it is; what falls beyond the border goes to the border pixel."""
    reach = ceil(kernel.support) + 1
    index = centre.floor().long()[:, None] + torch.arange(-reach, reach + 1)
    return kernel(index + 0.5 - centre[:, None]), index.clamp(0, n_in - 1)


def _renormalised(centre: Tensor, stretch: float, n_in: int, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """The kernel stretched; what falls beyond the border is dropped.

    Order of operations and window are Pillow's to the last bit: where a pixel lies on the very edge of a stretched
    box, rounding decides whether all of it counts.
    """
    reach = kernel.support * stretch
    first, last = (centre - reach + 0.5).clamp(min=0).floor(), (centre + reach + 0.5).clamp(max=n_in).floor()
    index = first.long()[:, None] + torch.arange(2 * ceil(reach) + 1)
    weights = kernel((index - centre[:, None] + 0.5) * (1.0 / stretch))
    return weights * (index < last[:, None]), index.clamp(max=n_in - 1)


def _dense(weights: Tensor, index: Tensor, n_in: int) -> Tensor:
    """Write a band into its matrix; columns that were clamped to the same pixel add up."""
    return weights.new_zeros(len(weights), n_in).scatter_add_(1, index, weights)


def _apply(image: Tensor, size: tuple[int, int], rows: tuple[Tensor, Tensor], columns: tuple[Tensor, Tensor]) -> Tensor:
    """Both axes, the one that shrinks more first: it leaves less to do for the other."""
    result = image if image.dtype == torch.float64 else image.float()
    h, w = image.shape[-2:]
    if size[0] * w <= size[1] * h:
        result = _resize_columns(_resize_rows(result, *rows), *columns)
    else:
        result = _resize_rows(_resize_columns(result, *columns), *rows)
    return result.to(image.dtype)


def _resize_rows(image: Tensor, weights: Tensor, index: Tensor) -> Tensor:
    """matrix @ image, (..., h, w) -> (..., h_out, w), a band of rows at a time."""
    blocks = [matrix @ image[..., low:high, :] for matrix, low, high in _blocks(image, weights, index)]
    return torch.cat(blocks, dim=-2)


def _resize_columns(image: Tensor, weights: Tensor, index: Tensor) -> Tensor:
    """image @ matrix.T, (..., h, w) -> (..., h, w_out), a band of columns at a time."""
    blocks = [image[..., low:high] @ matrix.T for matrix, low, high in _blocks(image, weights, index)]
    return torch.cat(blocks, dim=-1)


def _blocks(image: Tensor, weights: Tensor, index: Tensor) -> Iterator[tuple[Tensor, int, int]]:
    """Cut the matrix into blocks of BAND rows, each without the zero columns to its left and right."""
    for start in range(0, len(weights), BAND):
        rows = slice(start, start + BAND)
        low, high = int(index[rows].min()), int(index[rows].max()) + 1
        block = _dense(weights[rows], index[rows] - low, high - low)
        yield block.to(image.dtype).to(image.device), low, high
