"""Along one axis: which input pixels each pixel of a feature map has seen.

Pixel o of a map sees the input pixels low(o) to high(o). Behind convolutions and poolings both are straight lines in o,
one step for each pixel of the map. Behind a transposed convolution or an upsampling neighbors differ, but only within
a period: after `period` pixels of the map everything repeats, `step` input pixels further on. So a few whole numbers
say it exactly, whatever a network does on its way down and up.

Maps are thought endless: a pixel near the border sees padding where its field leaves the image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, gcd, lcm


@dataclass(frozen=True)
class Axis:
    """What the pixels of a map see along one axis of the input.

    low, high: first and last input pixel that pixels 0 to period - 1 see; empty where nothing is seen locally.
    step: input pixels from one period to the next. unbounded: each pixel sees the whole input besides, by a global
    branch such as image pooling.
    """

    low: tuple[int, ...] = (0,)
    high: tuple[int, ...] = (0,)
    step: int = 1
    unbounded: bool = False

    @property
    def period(self) -> int:
        """Pixels of the map after which everything repeats."""
        return len(self.low)

    @property
    def size(self) -> int:
        """Input pixels that a pixel of the map sees; of the one that sees most where they differ."""
        return max((high - low + 1 for low, high in zip(self.low, self.high, strict=True)), default=0)

    @property
    def stride(self) -> Fraction:
        """Input pixels from one pixel of the map to the next, on average."""
        return Fraction(self.step, max(1, self.period))

    @property
    def offset(self) -> Fraction:
        """Where pixel 0 of the map lies: the middle of what the first period sees, moved back to its first pixel."""
        middles = [Fraction(low + high, 2) for low, high in zip(self.low, self.high, strict=True)]
        back = [middle - place * self.stride for place, middle in enumerate(middles)]
        return sum(back, Fraction(0)) / max(1, len(back))

    def at(self, pixel: int) -> tuple[int, int]:
        """First and last input pixel that a pixel of the map sees; the map may be thought endless."""
        periods, place = divmod(pixel, self.period)
        return self.low[place] + periods * self.step, self.high[place] + periods * self.step

    def read(self, outputs: int, inputs: int, sources: Callable[[int], Iterable[int]]) -> Axis:
        """The axis of a layer whose output o reads the pixels `sources(o)` of this one.

        Args:
            outputs, inputs: after so many outputs the layer reads the same, so many inputs further on.
            sources: pixels of this axis that an output pixel reads, at least one.
        """
        if not self.low:
            return self
        times = self.period // gcd(self.period, inputs)
        seen = [[self.at(source) for source in sources(pixel)] for pixel in range(outputs * times)]
        low = tuple(min(first for first, _ in reads) for reads in seen)
        high = tuple(max(last for _, last in reads) for reads in seen)
        return _shortest(Axis(low, high, self.step * times * inputs // self.period, self.unbounded))

    def window(self, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Axis:
        """Behind a convolution or a pooling."""
        taps = range(-padding, dilation * (kernel_size - 1) - padding + 1, dilation)
        return self.read(1, stride, lambda pixel: [pixel * stride + tap for tap in taps])

    def transposed(self, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Axis:
        """Behind a transposed convolution: the stamps that reach an output pixel.

        Raises:
            ValueError: stamps that leave pixels between them.
        """

        def sources(pixel: int) -> list[int]:
            taps = range(pixel + padding - dilation * (kernel_size - 1), pixel + padding + 1, dilation)
            return [place // stride for place in taps if place % stride == 0]

        if not all(map(sources, range(stride))):
            raise ValueError(
                f"kernel_size is {kernel_size}, stride {stride} and dilation {dilation}; wanted stamps that leave no "
                "pixel without a source. Take a kernel_size of at least the stride."
            )
        return self.read(stride, 1, sources)

    def repeated(self, factor: Fraction, shift: Fraction = Fraction(0)) -> Axis:
        """Behind a resizing to `factor` times the pixels by the nearest one; "nearest-exact" shifts by a half."""
        return self.read(factor.numerator, factor.denominator, lambda pixel: [floor((pixel + shift) / factor)])

    def interpolated(self, factor: Fraction, taps: int, aligned: bool = False) -> Axis:
        """Behind a resizing to `factor` times the pixels, each of which reads the `taps` nearest ones.

        Args:
            factor: output pixels per input pixel.
            taps: 2 for bilinear, 4 for bicubic.
            aligned: corner pixels on corner pixels, `align_corners=True`; else half-pixel centers.
        """
        half = Fraction(0) if aligned else Fraction(1, 2)

        def sources(pixel: int) -> list[int]:
            place = (pixel + half) / factor - half
            if place.denominator == 1:
                return [int(place)]  # every kernel is 0 at its neighbors
            return list(range(floor(place) - taps // 2 + 1, floor(place) + taps // 2 + 1))

        return self.read(factor.numerator, factor.denominator, sources)

    def moved(self, start: int) -> Axis:
        """The axis whose pixel 0 is pixel `start` of this one, as after cropping; negative after padding."""
        return self.read(1, 1, lambda pixel: (pixel + start,))

    def joined(self, other: Axis) -> Axis:
        """Where two maps are added or stacked: what either sees.

        Raises:
            ValueError: maps of different strides.
        """
        unbounded = self.unbounded or other.unbounded
        if not self.low or not other.low:
            local = self if self.low else other
            return Axis(local.low, local.high, local.step, unbounded)
        if self.stride != other.stride:
            raise ValueError(
                f"strides are {self.stride} and {other.stride}; wanted the same for maps that are added or stacked. "
                "Give a size that all strides divide; or measure with impulse_field."
            )
        pixels = range(lcm(self.period, other.period))
        pairs = [(self.at(pixel), other.at(pixel)) for pixel in pixels]
        low, high = tuple(min(a[0], b[0]) for a, b in pairs), tuple(max(a[1], b[1]) for a, b in pairs)
        return _shortest(Axis(low, high, int(self.stride * len(pixels)), unbounded))

    def everywhere(self) -> Axis:
        """Behind something that mixes the whole map into each of its pixels."""
        return replace(self, unbounded=True)

    def whole(self) -> Axis:
        """What a global pooling leaves: everything is seen, nothing locally."""
        return Axis((), (), 0, True)


def _shortest(axis: Axis) -> Axis:
    """The same axis with the shortest period that says it."""
    for period in range(1, axis.period):
        if axis.period % period == 0 and axis.step * period % axis.period == 0:
            step = axis.step * period // axis.period
            short = Axis(axis.low[:period], axis.high[:period], step, axis.unbounded)
            if all(short.at(pixel) == axis.at(pixel) for pixel in range(axis.period)):
                return short
    return axis
