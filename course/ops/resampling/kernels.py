"""The kernels: how much a sample at distance x, in pixels, counts towards a new pixel.

Every kernel is a function of a real number, symmetric about 0 and zero beyond its `support`. x is the position of the
sample minus that of the new pixel. Only the box depends on the sign: a new pixel exactly between two samples takes the
right one, as rounding half up does.

Sources: Keys, Cubic convolution interpolation for digital image processing (IEEE TASSP 1981); Mitchell and Netravali,
Reconstruction filters in computer graphics (SIGGRAPH 1988); Duchon, Lanczos filtering in one and two dimensions (1979).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import isfinite

import torch
from torch import Tensor

from course.ops.arguments import whole


@dataclass(frozen=True)
class Kernel:
    """A resampling kernel: a curve with a name and a support.

    Args:
        name: what tables and legends call it; two kernels with the same name and support are equal.
        support: half the width in pixels; the curve is zero where |x| is larger.
        function: weight as a function of x, on tensors of any shape.

    Example:
        >>> kernel = Kernel("parabola", 1.0, lambda x: (1 - x**2).clamp(min=0))
        >>> kernel(torch.tensor([-2.0, 0.0, 0.5])).tolist()
        [0.0, 1.0, 0.75]
    """

    name: str
    support: float
    function: Callable[[Tensor], Tensor] = field(repr=False, compare=False)

    def __call__(self, x: Tensor) -> Tensor:
        """The weight of a sample at distance x.

        Args:
            x: distances in pixels, floating point, any shape.

        Returns:
            Weights of the same shape and dtype.

        Raises:
            ValueError: x is not a floating-point tensor.
        """
        if not isinstance(x, Tensor) or not x.is_floating_point():
            kind = x.dtype if isinstance(x, Tensor) else f"a {type(x).__name__}"
            raise ValueError(f"x is {kind}; wanted a floating-point tensor of distances, such as torch.tensor(1.0).")
        return self.function(x)


def box() -> Kernel:
    """The nearest sample only: one on (-1/2, 1/2], zero elsewhere.

    Returns:
        Kernel of support 1/2.

    Example:
        >>> box()(torch.tensor([-0.5, 0.0, 0.5])).tolist()
        [0.0, 1.0, 1.0]
    """
    return Kernel("box", 0.5, _box)


def triangle() -> Kernel:
    """Linear interpolation: 1 - |x|, down to zero at the neighboring sample.

    Returns:
        Kernel of support 1.

    Example:
        >>> triangle()(torch.tensor([0.0, 0.25, 1.0])).tolist()
        [1.0, 0.75, 0.0]
    """
    return Kernel("triangle", 1.0, _triangle)


def keys(a: float = -0.5) -> Kernel:
    """Cubic interpolation from four samples a row.

    Args:
        a: slope of the curve at |x| = 1. -0.5 reproduces parabolas and is what Pillow uses; -0.75 is sharper and is
            what `F.interpolate` uses without antialias.

    Returns:
        Kernel of support 2, one at 0 and zero at every other integer.

    Raises:
        ValueError: a is not finite.

    Example:
        >>> keys(-0.5)(torch.tensor([0.0, 0.5, 1.0, 1.5])).tolist()
        [1.0, 0.5625, 0.0, -0.0625]

    Source: Keys 1981, eq. 4 (a = -0.5: eq. 15).
    """
    _check_finite("a", a)
    return Kernel(f"keys({a:g})", 2.0, partial(_keys, a=float(a)))


def mitchell(b: float = 1 / 3, c: float = 1 / 3) -> Kernel:
    """The two-parameter family of cubics; 1/3, 1/3 balances blur against ringing.

    Args:
        b: blur; 1 with c = 0 is the cubic B-spline.
        c: sharpness; b = 0 gives `keys(-c)`.

    Returns:
        Kernel of support 2. For b > 0 it does not pass through the samples: it smooths them.

    Raises:
        ValueError: b or c is not finite.

    Example:
        >>> [round(weight, 4) for weight in mitchell()(torch.tensor([0.0, 1.0, 2.0])).tolist()]  # 8/9, 1/18, 0
        [0.8889, 0.0556, 0.0]

    Source: Mitchell and Netravali 1988, eq. 8.
    """
    _check_finite("b", b)
    _check_finite("c", c)
    return Kernel(f"mitchell({b:.3g}, {c:.3g})", 2.0, partial(_mitchell, b=float(b), c=float(c)))


def lanczos(lobes: int = 3) -> Kernel:
    """The ideal low-pass sinc(x), faded out by a wider sinc(x / lobes).

    Args:
        lobes: where the curve ends, in pixels; at least 1. 3 is Pillow's LANCZOS.

    Returns:
        Kernel of support `lobes`.

    Raises:
        ValueError: lobes is not a whole number of at least 1.

    Example:
        >>> [round(weight, 4) for weight in lanczos(3)(torch.tensor([0.0, 0.5, 1.5])).tolist()]
        [1.0, 0.6079, -0.1351]

    Source: Duchon 1979.
    """
    lobes = whole(lobes, "lobes", 1, "3 and 5 are usual.")
    return Kernel(f"lanczos({lobes})", float(lobes), partial(_lanczos, lobes=lobes))


def gaussian(sigma: float = 0.5) -> Kernel:
    """The bell curve, cut off at four standard deviations, where it is down to 0.03 per cent of its peak.

    Args:
        sigma: standard deviation in pixels, above 0.

    Returns:
        Kernel of support 4 sigma, with area 1 before the cut.

    Raises:
        ValueError: sigma is not a finite number above 0.

    Example:
        >>> [round(weight, 4) for weight in gaussian(0.5)(torch.tensor([0.0, 0.5, 1.0])).tolist()]
        [0.7979, 0.4839, 0.108]
    """
    if not (isfinite(sigma) and sigma > 0):
        raise ValueError(f"sigma is {sigma!r}; wanted a finite number above 0. 0.5 is half a pixel.")
    return Kernel(f"gaussian({sigma:g})", 4.0 * sigma, partial(_gaussian, sigma=float(sigma)))


def area(factor: float) -> Kernel:
    """The overlap of two pixels, one of side 1 and one of side 1 / factor.

    A trapezoid: the triangle for factor 1, nearer to the box as the factor grows. Unlike the other kernels it depends
    on the change of size, because a small pixel and a large one have different sides.

    Args:
        factor: how many times larger the larger pixel is, at least 1: n_in / n_out on the way down, n_out / n_in up.

    Returns:
        Kernel of support (1 + 1 / factor) / 2, one at its plateau.

    Raises:
        ValueError: factor is not a finite number of at least 1.

    Example:
        >>> area(2)(torch.tensor([0.0, 0.25, 0.5, 0.75])).tolist()
        [1.0, 1.0, 0.5, 0.0]
    """
    if not (isfinite(factor) and factor >= 1):
        raise ValueError(
            f"factor is {factor!r}; wanted a finite number of at least 1. Give the larger size over the smaller one."
        )
    return Kernel(f"area({factor:g})", (1 + 1 / factor) / 2, partial(_area, factor=float(factor)))


def _check_finite(name: str, value: float) -> None:
    if not isfinite(value):
        raise ValueError(f"{name} is {value!r}; wanted a finite number.")


# Module-level functions with their parameters bound by `partial`, not closures: so a kernel can be pickled.


def _box(x: Tensor) -> Tensor:
    return ((x > -0.5) & (x <= 0.5)).to(x.dtype)


def _triangle(x: Tensor) -> Tensor:
    return (1 - x.abs()).clamp(min=0)


def _keys(x: Tensor, a: float) -> Tensor:
    x = x.abs()
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def _mitchell(x: Tensor, b: float, c: float) -> Tensor:
    x = x.abs()
    near = (((12 - 9 * b - 6 * c) * x + (-18 + 12 * b + 6 * c)) * x * x + (6 - 2 * b)) / 6
    far = (((-b - 6 * c) * x + (6 * b + 30 * c)) * x * x + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6
    return torch.where(x <= 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def _lanczos(x: Tensor, lobes: int) -> Tensor:
    supported = x.abs() < lobes  # sinc(lobes) is 1e-17 in floating point; the curve must end on a true zero
    return torch.where(supported, torch.sinc(x) * torch.sinc(x / lobes), torch.zeros_like(x))


def _gaussian(x: Tensor, sigma: float) -> Tensor:
    bell = torch.exp(-0.5 * (x / sigma) ** 2) / (sigma * (2 * torch.pi) ** 0.5)
    supported = x.abs() < 4 * sigma - 1e-9  # rounding must not keep the last sample on one side alone
    return torch.where(supported, bell, torch.zeros_like(x))


def _area(x: Tensor, factor: float) -> Tensor:
    overlap = (1 + 1 / factor) / 2 - x.abs()
    return overlap.clamp(min=0, max=1 / factor) * factor
