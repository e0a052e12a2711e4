"""Resampling: change the number of pixels and keep the image.

One idea carries the package. Upsampling by an integer factor is two steps: put zeros between the samples, then convolve
with a filter. The filter is a continuous curve, the kernel, sampled at the positions of the output pixels; the choice
of the curve is all that separates nearest, bilinear and bicubic. A general resize samples the same curve, with other
weights for every output pixel.

The files, in reading order:

- `kernels`         the curves, weight against distance in pixels:
                    `box triangle keys mitchell lanczos gaussian area`, all of them a `Kernel`.
- `filters`         a curve sampled on a grid: `taps`, and what the taps do to each frequency: `frequency_response`.
- `zero_insertion`  integer factors: `zero_insert`, `upsample` (zeros, then the filter, literally),
                    `upsample_polyphase` (the same numbers, without a product with zero).
- `resizing`        any size, up and down: `resize`, `resize_area`, `resize_nearest_floor`, and the matrix behind
                    one axis, `resize_matrix`.

What each equals in other libraries (tests hold them to 1e-5 on photographs; `F.interpolate` in float64, because it
rounds the positions of pixels to the image's precision):

| here                                                 | elsewhere                                                  |
|------------------------------------------------------|------------------------------------------------------------|
| `resize(x, size, box(), antialias=False)`            | `F.interpolate(mode="nearest-exact")`                      |
| `resize_nearest_floor(x, size)`                      | `F.interpolate(mode="nearest")`                            |
| `resize(x, size, triangle(), antialias=False)`       | `F.interpolate(mode="bilinear")`, `align_corners` as given |
| `resize(x, size, keys(-0.75), antialias=False)`      | `F.interpolate(mode="bicubic")`, `align_corners` as given  |
| `resize(x, size, triangle())`, `keys(-0.5)`          | the same modes with `antialias=True`                       |
| `resize(x, size, box())`, `triangle keys(-0.5) lanczos` | Pillow's `BOX`, `BILINEAR`, `BICUBIC`, `LANCZOS`        |
| `upsample(x, factor, kernel)`                        | `resize` to that size with `antialias=False`               |

The sample grid. With `align_corners=False` a pixel is a square of side one and its value sits in the middle: pixel i
lies at i + 1/2, and input and output cover the same area. With `align_corners=True` a pixel is a point, and the corner
points of input and output coincide; n samples then have n - 1 gaps, and upsampling by f gives (n - 1) * f + 1.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "filters": "frequency_response taps",
        "kernels": "Kernel area box gaussian keys lanczos mitchell triangle",
        "resizing": "resize resize_area resize_matrix resize_nearest_floor",
        "zero_insertion": "upsample upsample_polyphase zero_insert",
    },
)
