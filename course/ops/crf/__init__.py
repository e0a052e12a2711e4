"""The dense CRF: `dense_crf` sharpens a prediction, by mean field with two Gaussian kernels over all pairs of pixels.

- `mean_field`  the step and the loop: `mean_field_step`, `dense_crf`.
- `kernels`     what pixels are compared by, and the exact kernel: `Pairwise`.
- `lattice`     the fast kernel: `Lattice`.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "mean_field": "mean_field_step dense_crf",
        "kernels": "Pairwise appearance_features position_features",
        "lattice": "Lattice",
    },
)
