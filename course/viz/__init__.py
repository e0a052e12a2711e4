"""Figures of the course: pictures, label maps, grids of numbers, matrices, plots.

Each function returns its figure, which a notebook shows where it is the value of a cell;
`overlay` and `error_map` return arrays for `show`. `TrainingView` draws a training as it goes.
"""

from course.viz.confusion_matrix import confusion
from course.viz.filters import spectrum, stems
from course.viz.grids import matrix, numbers
from course.viz.label_maps import error_map, labels, legend, overlay
from course.viz.pictures import show
from course.viz.plots import bars, curves
from course.viz.samples import sample_grids
from course.viz.training import TrainingView

__all__ = [
    "TrainingView",
    "bars",
    "confusion",
    "curves",
    "error_map",
    "labels",
    "legend",
    "matrix",
    "numbers",
    "overlay",
    "sample_grids",
    "show",
    "spectrum",
    "stems",
]
