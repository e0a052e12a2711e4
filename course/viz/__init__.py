"""Figures of the course: pictures, label maps, grids of numbers, matrices, plots.

Each function returns its figure, which a notebook shows where it is the value of a cell;
`overlay` and `error_map` return arrays for `show`. `TrainingView` draws a training as it goes.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "confusion_matrix": "confusion",
        "filters": "spectrum stems",
        "grids": "matrix numbers",
        "label_maps": "error_map labels legend overlay",
        "pictures": "show",
        "plots": "bars curves",
        "samples": "sample_grids",
        "training": "TrainingView",
    },
)
