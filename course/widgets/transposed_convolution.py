"""Lab 3: kernel size, stride and padding make the matrix of a transposed convolution, and its overlaps."""

import numpy as np
import torch
from matplotlib.ticker import MaxNLocator

from course.ops.convolution import conv_matrix_1d, overlap_counts, transposed_output_size
from course.viz.grids import LIGHT_TO_BLUE, cells
from course.viz.style import COLOURS, DIM, RULE, WIDEST, WRONG, Drawing, house_style
from course.widgets.explorer import Explorer, slider

INPUTS = 4
_TAPS = "xyzuvw"


def _matrix(kernel_size, stride, padding):
    """Which tap stands where, counted from 1, 0 for none: (outputs, inputs)."""
    outputs = transposed_output_size(INPUTS, kernel_size, stride, padding)
    numbers = torch.arange(1.0, kernel_size + 1)
    return conv_matrix_1d(numbers, outputs, stride, padding).T.numpy()


def _draw_matrix(axes, matrix, kernel_size):
    texts = np.array(["", *_TAPS], dtype=object)[matrix.astype(int)]
    shades = LIGHT_TO_BLUE(np.where(matrix > 0, 0.12 + 0.6 * matrix / kernel_size, 0))
    height, width = matrix.shape
    cells(axes, matrix, texts, shades, fontsize=10 if height <= 13 else 9)
    axes.set_xticks(np.arange(width) + 0.5, "abcd"[:width])
    axes.set(xlim=(0, width), ylim=(height, 0), title="matrix", xlabel="input", ylabel="output", yticks=[])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_counts(axes, counts):
    most = counts.max()
    axes.barh(np.arange(len(counts)) + 0.5, counts, height=0.78, color=np.where(counts == most, COLOURS[0], WRONG))
    axes.set(ylim=(len(counts), 0), xlim=(0, max(most, 1) * 1.05), title="terms per output", yticks=[])
    axes.set_xlabel("terms (orange: fewer)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(length=0)


def _draw_overlap(axes, counts):
    texts = np.array([[str(count) for count in row] for row in counts], dtype=object)
    size = len(counts)
    if size > 13:
        texts[:] = ""
    shades = LIGHT_TO_BLUE(0.85 * counts / max(counts.max(), 1))
    cells(axes, counts.astype(float), texts, shades, fontsize=9, rule=size <= 13)
    axes.set(xlim=(0, size), ylim=(size, 0), xticks=[], yticks=[], title="the same in 2-D")
    axes.spines[:].set(visible=True, color=RULE)


def _verdict(kernel_size, stride):
    """What overlap theory says about the inner pixels."""
    if kernel_size < stride:
        return "The kernel is shorter than the stride: between the inputs lie outputs without any term."
    if kernel_size % stride == 0:
        terms = kernel_size // stride
        return f"{kernel_size} is a multiple of {stride}: away from the border every output gets {terms} terms."
    return (
        f"{kernel_size} is no multiple of {stride}: neighbours get different numbers of terms, a checkerboard in 2-D."
    )


@house_style
def picture(kernel_size, stride, padding):
    """The transposed convolution of 4 inputs as a matrix, and how many terms reach each output.

    Args:
        kernel_size: 2 to 6.
        stride: at least 1.
        padding: of the convolution that it transposes, so here it cuts outputs off; one at least must remain.

    Returns:
        the figure, always of one size.
    """
    matrix = _matrix(kernel_size, stride, padding)
    square = overlap_counts((INPUTS, INPUTS), kernel_size, stride, padding).numpy()
    figure = Drawing(WIDEST, 4.2, layout=None)
    left, middle, right = (figure.add_axes(place) for place in _PLACES)
    _draw_matrix(left, matrix, kernel_size)
    left.set_anchor("NE")
    _draw_counts(middle, (matrix > 0).sum(axis=1))
    left.set_aspect("auto")
    _draw_overlap(right, square)
    right.set_anchor("N")
    right.text(0, -0.02, "terms per output pixel", transform=right.transAxes, va="top", fontsize=9, color=DIM)
    figure.caption = (
        f"Kernel {kernel_size}, stride {stride}, padding {padding}: {INPUTS} inputs become {len(matrix)} outputs. "
        f"{_verdict(kernel_size, stride)}"
    )
    return figure


_PLACES = ((0.04, 0.13, 0.24, 0.79), (0.31, 0.13, 0.20, 0.79), (0.57, 0.08, 0.40, 0.84))


def transposed_explorer():
    """Kernel size, stride and padding to choose; matrix and overlaps to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "kernel_size": slider("kernel size", 3, 2, 6),
            "stride": slider("stride", 2, 1, 4),
            "padding": slider("padding", 0, 0, 2),
        },
    )
