"""The look of every figure: quiet axes, text that can be read, colors for every eye.

Nothing is set globally: a function that draws wears `@house_style`, and its figures are `Drawing`s, made without
pyplot, so that a notebook shows them once, where they are the value of a cell, and none are left open.
"""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, DIM, RULE = "#1b1b1f", "#5c5c66", "#c9c9d1"
RIGHT, WRONG = "#4d4d52", "#f58518"

# Okabe and Ito's colors, darkest contrasts first, and a dash for each, so that lines differ in print as well.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#a3487c", "#8a6d00", "#4aa3d8", "#1b1b1f")
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.5, 2)), (0, (3, 1.2)), (0, (9, 3)), (0, (4, 2, 1, 2, 1, 2)))

WIDEST = 9.0  # inches; a notebook's column
CSS_PIXELS_PER_INCH = 96
_PICTURE = "display:block; margin:0px; max-width:100%; height:auto"
_CAPTION = "margin:6px 0px 10px 0px; font-size:0.93em; line-height:1.4; opacity:0.85"

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
    """A figure that a notebook shows as a sharp picture with its caption below, which is also its alternative text.

    Args:
        width, height: inches.
        caption: one or two sentences that say what the figure shows; or None.
        layout: matplotlib's; "compressed" brings pictures close together, None leaves axes where they are put.
    """

    def __init__(self, width: float, height: float, caption: str | None = None, *, layout: str | None = "constrained"):
        super().__init__(figsize=(width, height), dpi=144, layout=layout)
        if layout:
            self.get_layout_engine().set(w_pad=0.06, h_pad=0.06)
        self.caption = caption or ""

    def png(self, dpi: float = 144) -> bytes:
        """The figure as the bytes of a PNG file, `dpi` pixels to the inch."""
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=dpi)
        return target.getvalue()

    def html(self) -> str:
        """The figure as an element of HTML: its picture, with alternative text, and its caption as text."""
        width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in self.get_size_inches())
        picture = base64.b64encode(self.png()).decode("ascii")
        caption, alt = html.escape(self.caption), html.escape(self._alternative_text())
        below = f'<figcaption style="{_CAPTION}; max-width:{max(width, 360)}px">{caption}</figcaption>'
        return (
            f'<figure style="margin:0px"><img alt="{alt}" src="data:image/png;base64,{picture}" width="{width}" '
            f'height="{height}" style="{_PICTURE}">{below if caption else ""}</figure>'
        )

    def _alternative_text(self) -> str:
        titles = (axes.get_title(loc="left") for axes in self.axes)
        return self.caption or ", ".join(filter(None, titles)) or "a figure without a caption"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self._alternative_text()}


def array(values: object) -> np.ndarray:
    """A tensor of any device, an array or nested lists, as a numpy array."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def quiet(axes: Axes) -> None:
    """Take the ticks and the frame off, as for a picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
