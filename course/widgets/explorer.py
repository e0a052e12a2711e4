"""An explorer: controls over a drawing that lives in the page, with or without a kernel.

Its numbers are computed by its ES module; Python hands over the data once. It is shown as plain HTML and not as a
kernel's widget, so it moves in a notebook that was only opened, in an exported page and in a grader's feedback alike.
"""

from __future__ import annotations

from course.widgets.module import packed, stand_alone


class Explorer:
    """An explorer, shown where it is the value of a cell.

    Args:
        name: of its module, `course/widgets/NAME.mjs`.
        data: {name: tensor, or what JSON takes}, handed to the module's `compute`, `draw` and `describe`.

    Attributes:
        name: as given.
        data: as given, tensors packed; see `course.widgets.module.pack`.
    """

    def __init__(self, name: str, data: dict[str, object] | None = None):
        self.name, self.data = name, packed(data or {})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        words = f"Here is an explorer ({self.name}). Run this cell, or trust this notebook, to see it."
        return {"text/html": stand_alone(self.name, {"data": self.data}, words), "text/plain": words}
