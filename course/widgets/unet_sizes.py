"""Lab 7: a picture's size on its way through the U, level by level."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from course.models.semantic.unet import WIDTHS
from course.viz.style import COLOURS, DIM, INK, WIDEST, WRONG, Drawing, house_style
from course.widgets.explorer import Explorer, slider


def walk(size, poolings):
    """The sizes along a U without padding.

    Args:
        size: pixels across the picture.
        poolings: levels below the first.

    Returns:
        down: per level (before, after) its two convolutions; a half where a pooling would leave half a window, and
            nothing below it.
        up: likewise on the way up, the finest level first; empty where the way down broke off.
    """
    down, up = [(size, size - 4)], []
    for _ in range(poolings):
        below = down[-1][1] / 2
        if below != int(below) or below <= 4:
            return [*down, (below, None)], []
        down.append((int(below), int(below) - 4))
    out = down[-1][1]
    for _ in range(poolings):
        up.insert(0, (2 * out, 2 * out - 4))
        out = 2 * out - 4
    return down, up


def _box(axes, x, level, sizes, largest, colour):
    """A level's features as a bar as high as they are wide in the picture's pixels, its numbers beside it."""
    height = 0.08 + 0.6 * sizes[1] / largest
    axes.add_patch(Rectangle((x - 0.16, -level - height / 2), 0.32, height, facecolor=colour, edgecolor="none"))
    axes.text(x + 0.22, -level + 0.1, f"{sizes[0]} → {sizes[1]}", fontsize=10, color=INK, va="center")
    axes.text(x + 0.22, -level - 0.16, f"{WIDTHS[level]} channels", fontsize=9, color=DIM, va="center")


def _arrow(axes, start, end, colour, dash="-"):
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour, linestyle=dash, linewidth=1.4)
    )


@house_style
def picture(size, poolings):
    """The U with the size before and after the two convolutions of each level.

    Args:
        size: pixels across the picture, at least 188.
        poolings: 1 to 4.

    Returns:
        the figure, always of one size.
    """
    down, up = walk(size, poolings)
    figure = Drawing(WIDEST, 4.3, layout=None)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, 9), ylim=(-4.5, 0.5))
    axes.set_axis_off()
    step = 3.4 / poolings
    for level, sizes in enumerate(down):
        x = 0.4 + step * level
        if sizes[1] is None:
            problem = f"{sizes[0]:g}: half a window" if sizes[0] % 1 else f"{sizes[0]:g}: nothing would be left"
            axes.text(x, -level, problem, fontsize=11, color=INK, fontweight="bold", va="center")
            break
        _box(axes, x, level, sizes, size, COLOURS[0])
        if level < poolings:
            _arrow(axes, (x, -level - 0.4), (x + step - 0.1, -level - 0.72), WRONG)
    for level, sizes in enumerate(up):
        x = 7.6 - step * level
        _box(axes, x, level, sizes, size, COLOURS[2])
        below = x - step if level < poolings - 1 else 4.35
        _arrow(axes, (below + 0.1, -level - 0.72), (x, -level - 0.4), INK)
        start = 1.75 + step * level
        _arrow(axes, (start, -level), (x - 0.25, -level), DIM, (0, (3, 2)))
        kept = f"crop {down[level][1]} to {sizes[0]}"
        axes.text((start + x - 0.25) / 2, -level + 0.12, kept, fontsize=9, color=DIM, ha="center")
    figure.caption = _caption(size, poolings, down, up)
    return figure


def _caption(size, poolings, down, up):
    if not up:
        return (
            f"{size} pixels do not fit {poolings} poolings: level {len(down)} would get {down[-1][0]:g}. "
            "Move on until every level gets a whole number and something is left."
        )
    return (
        f"{size} pixels go in, {up[0][1]} come out: {size - up[0][1]} are lost, half of them on each side. Orange: "
        "pooling; black: doubling; dashed: the bridges, whose middle is kept. Each box names the size before and after "
        "two 3×3 convolutions."
    )


def unet_explorer():
    """The picture's size and the number of poolings to choose; the sizes along the U to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(picture, {"size": slider("picture", 572, 188, 700, 2), "poolings": slider("poolings", 4, 1, 4)})
