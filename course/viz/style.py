"""The look of every figure: quiet axes, text that can be read, colours for every eye.

Nothing is set globally: a function that draws wears `@house_style`, and its figures are `Drawing`s, made without
pyplot, so that a notebook shows them once, where they are the value of a cell, and none are left open.
"""

import io
import textwrap

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

INK, DIM, RULE = "#1b1b1f", "#5c5c66", "#c9c9d1"
RIGHT, WRONG = "#4d4d52", "#f58518"

# Okabe and Ito's colours, darkest contrasts first, and a dash for each, so that lines differ in print as well.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a3487c", "#8a6d00", "#4aa3d8", "#1b1b1f")
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.5, 2)), (0, (3, 1.2)), (0, (9, 3)), (0, (4, 2, 1, 2, 1, 2)))

WIDEST = 9.0  # inches; a notebook's column
CSS_PIXELS_PER_INCH = 96

house_style = rc_context(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 6,
        "axes.labelsize": 10,
        "axes.labelcolor": DIM,
        "axes.edgecolor": RULE,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "text.color": INK,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "xtick.color": RULE,
        "ytick.color": RULE,
        "xtick.labelcolor": DIM,
        "ytick.labelcolor": DIM,
        "grid.color": "#e8e8ec",
        "grid.linewidth": 0.8,
        "lines.linewidth": 2,
        "image.interpolation": "nearest",
        "hatch.linewidth": 0.6,
        "hatch.color": "#b9b9c2",
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }
)


class Drawing(Figure):
    """A figure that a notebook shows as a sharp PNG, with its caption as the text for those who cannot see it.

    Args:
        width, height: inches, the caption not counted.
        caption: one or two sentences that say what the figure shows, drawn below it; or None.
        layout: matplotlib's; "compressed" brings pictures close together, None leaves axes where they are put.
    """

    def __init__(self, width, height, caption=None, *, layout="constrained"):
        lines = textwrap.wrap(caption, max(24, int(width * 14.5))) if caption else []
        super().__init__(figsize=(width, height + 0.19 * len(lines)), dpi=144, layout=layout)
        if layout:
            self.get_layout_engine().set(w_pad=0.06, h_pad=0.06)
        self.caption = caption or ""
        if lines:
            self.supxlabel("\n".join(lines), x=0.07 / width, ha="left", fontsize=9, color=DIM, linespacing=1.3)

    def png(self, dpi=144):
        """The figure as the bytes of a PNG file, `dpi` pixels to the inch."""
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=dpi)
        return target.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in self.get_size_inches())
        data = {"image/png": self.png(), "text/plain": self.caption or "a figure without a caption"}
        return data, {"image/png": {"width": width, "height": height, "alt": self.caption}}


def array(values):
    """A tensor of any device, an array or nested lists, as a numpy array."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def quiet(axes):
    """Take the ticks and the frame off, as for a picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
