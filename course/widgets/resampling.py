"""Lab 2: a kernel, a factor and a sample grid make taps, a spectrum and a picture."""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

from course.ops.resampling import box, gaussian, keys, lanczos, mitchell, taps, triangle, upsample_polyphase
from course.viz.filters import draw_spectrum, draw_stems, mark_cutoff
from course.viz.style import DIM, WIDEST, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, choice, slider

KERNELS = {
    "triangle (bilinear)": triangle(),
    "box (nearest)": box(),
    "Keys −0.5 (bicubic)": keys(-0.5),
    "Keys −0.75 (bicubic)": keys(-0.75),
    "Mitchell": mitchell(),
    "Lanczos-3": lanczos(3),
    "Lanczos-5": lanczos(5),
    "Gaussian": gaussian(),
}
GRIDS = {"half-pixel centres": False, "aligned corners": True}


@cache
def _eye():
    """An eye of Chelsea, skimage's cat, as 16 × 20 pixels: (3, 16, 20) in [0, 1]."""
    from skimage import data  # here, for it takes a while to import

    crop = torch.from_numpy(data.chelsea()[70:166, 100:220] / 255).permute(2, 0, 1)
    return F.avg_pool2d(crop.float(), 6)


def _draw_picture(axes, image, enlarged, factor, aligned):
    """The enlarged picture where its pixels lie, in pixels of the small one, and the samples as points."""
    _, h, w = image.shape
    inset = 0.5 - 0.5 / factor if aligned else 0.0  # corner pixels shrink onto the corner samples
    axes.imshow(enlarged.clamp(0, 1).permute(1, 2, 0).numpy(), extent=(inset, w - inset, h - inset, inset))
    rows, columns = np.mgrid[0.5:h, 0.5:w]
    axes.plot(columns.ravel(), rows.ravel(), ".", color="white", markersize=2.4, markeredgewidth=0, alpha=0.7)
    axes.set(xlim=(0, w), ylim=(h, 0))
    quiet(axes)


@house_style
def picture(kernel, factor, align_corners):
    """Taps, spectrum and enlarged picture of a kernel.

    Args:
        kernel: a `Kernel`.
        factor: pixels made of each pixel along an axis, at least 1.
        align_corners: the sample grid, see `course.ops.resampling`.

    Returns:
        the figure, always of one size.
    """
    weights = taps(kernel, factor, align_corners=align_corners)
    image = _eye()
    enlarged = upsample_polyphase(image, factor, kernel, align_corners=align_corners)
    (h, w), (new_h, new_w) = image.shape[1:], enlarged.shape[1:]
    figure = Drawing(WIDEST, 3.0, layout=None)
    left, middle, right = (figure.add_axes(place) for place in _PLACES)
    draw_stems(left, weights, 2.1)
    left.set(ylim=(-0.25, 1.15), title=f"{len(weights)} taps")
    draw_spectrum(middle, {kernel.name: weights}, 2)
    middle.set(ylim=(0, 1.15), title="their spectrum", xlabel="cycles per new pixel")
    mark_cutoff(middle, 0.5 / factor)
    _draw_picture(right, image, enlarged, factor, align_corners)
    right.set_title(f"{h} × {w} → {new_h} × {new_w} pixels")
    right.text(0, -0.03, "white points: the samples", transform=right.transAxes, va="top", fontsize=9, color=DIM)
    phases = f"every {factor}th tap meets a sample, the others meet zeros" if factor > 1 else "nothing is inserted"
    lowest = " Some taps are negative: edges ring." if (weights < -1e-6).any() else ""
    figure.caption = (
        f"Kernel {kernel.name}, factor {factor}: {len(weights)} taps; {phases}. "
        f"What passes in the shaded part of the spectrum are copies that the zeros made.{lowest}"
    )
    return figure


_PLACES = ((0.06, 0.19, 0.25, 0.70), (0.38, 0.19, 0.25, 0.70), (0.655, 0.19, 0.335, 0.70))


def resampling_explorer():
    """Kernel, factor and sample grid to choose; taps, spectrum and picture to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "kernel": choice("kernel", KERNELS),
            "factor": slider("factor", 4, 1, 8),
            "align_corners": choice("sample grid", GRIDS),
        },
    )
