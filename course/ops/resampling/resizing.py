"""Resizing to any size: every output pixel is a weighted mean of the input pixels under its kernel.

Each axis has a matrix (n_out, n_in), a band along the diagonal; an image is resized by A_h @ image @ A_w.T. On the way
down `antialias` widens the kernel until it covers the input pixels that an output pixel stands for; without it most of
them are skipped, and fine stripes turn into coarse ones.

Borders are treated as the libraries do. With antialias (Pillow) the part of the kernel beyond the image is cut off and
the rest normalized again. Without it (`F.interpolate`) the border pixel stands in for all pixels beyond.
"""

from collections.abc import Iterator
from math import ceil

import torch
from torch import Tensor

from course.ops.arguments import check_axes, image_size, whole
from course.ops.resampling.arguments import check_image, check_kernel
from course.ops.resampling.kernels import Kernel, area

BAND = 32  # rows multiplied at a time: enough to keep a matrix product busy, few enough to skip most of the zeros


def resize(
    image: Tensor, size: tuple[int, int], kernel: Kernel, *, align_corners: bool = False, antialias: bool = True
) -> Tensor:
    """Resize an image, up or down, one axis after the other.

    The package's table says which library call each kernel equals. Three warnings. `box` without antialias is
    `F.interpolate`'s "nearest-exact" (its "nearest" is `resize_nearest_floor`; both agree when upsampling by a whole
    factor). `F.interpolate(antialias=True, align_corners=True)` does not align the corners (torch 2.15); here the two
    flags keep their meaning together. And `F.interpolate` rounds the positions of pixels to the image's precision, so
    in float32 it differs by some 1e-5, and at an exact tie its two nearest modes sometimes take the neighbor.

    Args:
        image: (..., h, w) floating point; half precision is computed in float32.
        size: (h, w) of the result, each at least 1.
        kernel: the curve, in input pixels, or in output pixels where antialias widens it.
        align_corners: the grid, see the package; an axis of length 1 then takes the first pixel.
        antialias: widen the kernel on the way down. It also decides how borders are treated, see above.

    Returns:
        (..., *size), of the image's dtype and on its device. Keys, Mitchell and Lanczos can overshoot its range.

    Raises:
        ValueError: an argument is not as above.

    Example:
        >>> from course.ops.resampling import box, triangle
        >>> image = torch.tensor([[10.0, 20.0], [30.0, 40.0]])
        >>> resize(image, (4, 4), box())[:2].tolist()
        [[10.0, 10.0, 20.0, 20.0], [10.0, 10.0, 20.0, 20.0]]
        >>> resize(image, (4, 4), triangle(), antialias=False)[:2].tolist()
        [[10.0, 12.5, 17.5, 20.0], [15.0, 17.5, 22.5, 25.0]]
    """
    check_image(image)
    size = image_size(size)
    h, w = image.shape[-2:]
    rows = _band(h, size[0], kernel, align_corners, antialias)
    columns = _band(w, size[1], kernel, align_corners, antialias)
    return _apply(image, size, rows, columns)


def resize_area(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize by exact overlap: each output pixel is the mean of the image over its area.

    It is `resize` with the kernel `area` of each axis' own factor. It equals `F.interpolate(mode="area")` where one
    size divides the other; elsewhere that mode counts pixels that overlap in part as if they did in full.

    Args:
        image: (..., h, w) floating point; half precision is computed in float32.
        size: (h, w) of the result, each at least 1.

    Returns:
        (..., *size), with the mean of the image.

    Raises:
        ValueError: an argument is not as above.

    Example:
        >>> resize_area(torch.tensor([[10.0, 20.0], [30.0, 40.0]]), (1, 2)).tolist()
        [[20.0, 30.0]]
    """
    check_image(image)
    size = image_size(size)
    bands = [
        _band(n_in, n_out, area(max(n_in / n_out, n_out / n_in)), False, True)
        for n_in, n_out in zip(image.shape[-2:], size, strict=True)
    ]
    return _apply(image, size, *bands)


def resize_nearest_floor(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Pick pixel floor(i * n_in / n_out): `F.interpolate`'s mode "nearest", which is half a pixel off the center.

    It is here because so much code uses it. It copies values and mixes none, so it is safe for label maps.

    Args:
        image: (..., h, w), any dtype.
        size: (h, w) of the result, each at least 1.

    Returns:
        (..., *size), values of the image only.

    Raises:
        ValueError: image has no pixels, or size is not (h, w).

    Example:
        >>> resize_nearest_floor(torch.tensor([[0, 255], [7, 3]]), (3, 3)).tolist()
        [[0, 0, 255], [0, 0, 255], [7, 7, 3]]
    """
    check_axes(image, "image", "(..., h, w)", pixels=True)
    size = image_size(size)
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
        ValueError: a length is below 1, kernel is not a Kernel, or no pixel is in its reach for some row.

    Example:
        >>> from course.ops.resampling import triangle
        >>> resize_matrix(2, 4, triangle()).tolist()
        [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    n_in, n_out = whole(n_in, "n_in", 1), whole(n_out, "n_out", 1)
    weights, index = _band(n_in, n_out, kernel, align_corners, antialias)
    return _dense(weights, index, n_in).to(dtype)


def _band(n_in: int, n_out: int, kernel: Kernel, align_corners: bool, antialias: bool) -> tuple[Tensor, Tensor]:
    """For each output pixel, the weights and the indices of the input pixels under the kernel, both (n_out, taps)."""
    check_kernel(kernel)
    out = torch.arange(n_out, dtype=torch.float64)
    cells = max(n_out - 1, 1) if align_corners else n_out
    if align_corners:
        ratio = (n_in - 1) / cells if n_out > 1 else 0.0
        center = out * ratio + 0.5
    else:
        ratio = n_in / n_out
        center = (out + 0.5) * ratio
    if antialias:
        weights, index = _cut_off(center, max(ratio, 1.0), n_in, kernel)
    else:
        # Centers are multiples of 1 / (2 cells). Undo the rounding, so that a tie of the box is a tie.
        weights, index = _replicated((center * 2 * cells).round() / (2 * cells), n_in, kernel)
    total = weights.sum(dim=1, keepdim=True)
    if (total.abs() < 1e-6).any():
        raise ValueError(f"{kernel.name} reaches no pixel from some of {n_out} out of {n_in}; wanted a wider kernel.")
    return weights / total, index


def _replicated(center: Tensor, n_in: int, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """The kernel as it is; what falls beyond the border goes to the border pixel."""
    reach = ceil(kernel.support) + 1
    index = center.floor().long()[:, None] + torch.arange(-reach, reach + 1)
    return kernel(index + 0.5 - center[:, None]), index.clamp(0, n_in - 1)


def _cut_off(center: Tensor, stretch: float, n_in: int, kernel: Kernel) -> tuple[Tensor, Tensor]:
    """The kernel stretched; what falls beyond the border is dropped.

    Window and order of operations are Pillow's to the last bit: where a pixel lies on the very edge of a stretched
    box, rounding decides whether all of it counts.
    """
    reach = kernel.support * stretch
    first, last = (center - reach + 0.5).clamp(min=0).floor(), (center + reach + 0.5).clamp(max=n_in).floor()
    index = first.long()[:, None] + torch.arange(2 * ceil(reach) + 1)
    weights = kernel((index - center[:, None] + 0.5) * (1.0 / stretch))
    return weights * (index < last[:, None]), index.clamp(max=n_in - 1)


def _dense(weights: Tensor, index: Tensor, n_in: int) -> Tensor:
    """The matrix of a band; weights that were clamped to the same pixel add up."""
    return weights.new_zeros(len(weights), n_in).scatter_add_(1, index, weights)


def _apply(image: Tensor, size: tuple[int, int], rows: tuple[Tensor, Tensor], columns: tuple[Tensor, Tensor]) -> Tensor:
    """Resize both axes, the one that shrinks more first: that leaves less work for the other."""
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
    """The matrix in blocks of BAND rows, each without the zero columns to its left and right."""
    for start in range(0, len(weights), BAND):
        rows = slice(start, start + BAND)
        low, high = int(index[rows].min()), int(index[rows].max()) + 1
        block = _dense(weights[rows], index[rows] - low, high - low)
        yield block.to(image.dtype).to(image.device), low, high
