"""The panel at the top of a lab that fills as checks pass."""

from __future__ import annotations

import html

import ipywidgets
from IPython import get_ipython
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from IPython.display import display

from course.page.check_cells import check_of
from course.page.comparisons import NAME, Seen
from course.page.failures import show_exception

_GREEN, _RED, _BLUE = "#00674a", "#b03a00", "#0072b2"
_BADGE = "color:#ffffff; border-radius:3px; padding:1px 7px; background-color:"  # white on dark: for any theme
_MARKS = {
    "open": "○ to do",
    "passed": f"<b style='{_BADGE}{_GREEN}'>✓ passed</b>",
    "failed": f"<b style='{_BADGE}{_RED}'>✗ not yet</b>",
}
_BAR = "height:8px; border-radius:4px"
_CELL = "padding:2px 18px 2px 0px; line-height:1.45"


class Progress:
    """A panel with a lab's exercises, their points and minutes, and a bar that fills as their checks pass.

    In a notebook it shows itself where it is made, and from then on watches the check cells. Made again, it takes the
    place of the earlier one. Outside of IPython it does nothing.

    Args:
        title: of the lab.
        exercises: {name: (number, points, minutes)}, such as {"conv_matrix": ("3.1", 4, 15)}.

    Raises:
        ValueError: if there is no exercise, or its points or minutes are not positive.
    """

    def __init__(self, title: str, exercises: dict[str, tuple[str, int, int]]):
        for name, (number, points, minutes) in exercises.items():
            if points <= 0 or minutes <= 0:
                raise ValueError(
                    f"points and minutes of {number} {name} are {points} and {minutes}; wanted both above 0"
                )
        if not exercises:
            raise ValueError("exercises are {}; wanted one or more. Give {name: (number, points, minutes)}")
        self.title, self.exercises = title, dict(exercises)
        self.state = dict.fromkeys(exercises, "open")
        self.widget, self.seen = None, Seen()
        shell = get_ipython()
        if shell is not None:
            self.widget = ipywidgets.HTML(self.panel())
            self._watch(shell)
            self._shown = display(self._bundle(), raw=True, display_id=True)

    def _bundle(self) -> dict[str, object]:
        """The widget, and what it shows now as HTML and text: for pages without a kernel."""
        text = f"{self.title}: {self._won()} of {self._total()} points"
        return self.widget._repr_mimebundle_() | {"text/html": self.panel(), "text/plain": text}

    def _total(self) -> int:
        return sum(points for _, points, _ in self.exercises.values())

    def _won(self) -> int:
        return sum(points for name, (_, points, _) in self.exercises.items() if self.state[name] == "passed")

    def _watch(self, shell: InteractiveShell) -> None:
        """Have IPython call us around each cell, in the place of an earlier panel, and report check cells our way."""
        for event, hook in (("pre_run_cell", self._before_cell), ("post_run_cell", self._after_cell)):
            for old in list(shell.events.callbacks[event]):
                if hasattr(old, "_watches_checks"):  # by mark, not by class: a reloaded module has another class
                    shell.events.unregister(event, old)
            shell.events.register(event, hook)
        shell.ast_transformers[:] = [step for step in shell.ast_transformers if not hasattr(step, "told")]
        shell.ast_transformers.append(self.seen)
        shell.set_custom_exc((Exception,), show_exception)

    def _before_cell(self, info: ExecutionInfo) -> None:
        self.seen.marks = check_of(info.raw_cell or "") is not None
        if self.seen.marks:
            get_ipython().user_ns[NAME] = self.seen

    def _after_cell(self, result: ExecutionResult) -> None:
        self.seen.marks = False
        self.seen.values.clear()  # what an answer gave is not to live longer than the check
        check = check_of(result.info.raw_cell or "") if result.info is not None else None
        if check is None or check.name not in self.exercises:
            return
        self.state[check.name] = "passed" if result.success else "failed"
        self.widget.value = self.panel()
        self._shown.update(self._bundle(), raw=True)
        if result.success:
            line = f"✓ {check.number} {check.name}: all visible checks pass"
            rich = f"<b style='{_BADGE}{_GREEN}'>{html.escape(line)}</b>"
            display({"text/html": rich, "text/plain": line}, raw=True)

    _before_cell._watches_checks = _after_cell._watches_checks = True

    def _ipython_display_(self) -> None:
        """Nothing: the panel is on the page already, and `Progress(…)` as a cell's last line must not show it twice."""

    def panel(self) -> str:
        """The panel as HTML."""
        won, total = self._won(), self._total()
        minutes = sum(minutes for _, _, minutes in self.exercises.values())
        rows = "".join(self._row(name) for name in self.exercises)
        return (
            "<div style='border:1px solid rgba(128,128,140,0.4); border-radius:6px; padding:10px 16px; max-width:46em'>"
            f"<div style='line-height:1.5'><b>{html.escape(self.title)}</b>"
            f" · {won} of {total} points in the visible checks · about {minutes} minutes of exercises</div>"
            f"<div role='progressbar' aria-valuemin='0' aria-valuemax='{total}' aria-valuenow='{won}'"
            " aria-label='points of passed checks'"
            f" style='{_BAR}; margin:6px 0px 8px 0px; background-color:rgba(128,128,140,0.25)'>"
            f"<div style='{_BAR}; width:{100 * won / total:.0f}%; background-color:{_BLUE}'></div>"
            f"</div><table style='border-collapse:collapse'>{rows}</table></div>"
        )

    def _row(self, name: str) -> str:
        number, points, minutes = self.exercises[name]
        texts = (_MARKS[self.state[name]], html.escape(f"{number} {name}"), _count(points, "point"), f"{minutes} min")
        styles = ("text-align:left", "text-align:left; font-family:monospace", "text-align:right", "text-align:right")
        cells = zip(texts, styles, strict=True)
        return "<tr>" + "".join(f"<td style='{_CELL}; {style}'>{text}</td>" for text, style in cells) + "</tr>"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
