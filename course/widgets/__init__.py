"""What moves in a notebook: the panel of a lab's progress, questions to predict, and one explorer a lab.

An explorer is a function `picture` of plain values that draws a figure, and controls over it.
"""

from course.widgets.confusion import confusion_explorer
from course.widgets.fcn import stride_explorer
from course.widgets.losses import loss_explorer
from course.widgets.predict import predict, predict_html
from course.widgets.progress import Progress
from course.widgets.resampling import resampling_explorer
from course.widgets.tiling import tiling_explorer
from course.widgets.transposed_convolution import transposed_explorer
from course.widgets.unet import unet_explorer
from course.widgets.unpooling import unpooling_explorer

__all__ = [
    "Progress",
    "confusion_explorer",
    "loss_explorer",
    "predict",
    "predict_html",
    "resampling_explorer",
    "stride_explorer",
    "tiling_explorer",
    "transposed_explorer",
    "unet_explorer",
    "unpooling_explorer",
]
