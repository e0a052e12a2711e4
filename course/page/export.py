"""A notebook as one HTML file that asks no other host: formulas as MathML, pictures and explorers as what they are."""

from __future__ import annotations

import base64
import copy
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

from course.page.mathml import with_mathml

HERE = Path(__file__).parent
TEMPLATES, TEMPLATE = HERE / "templates", "course_page"
FONT = HERE / "fonts" / "STIXTwoMath-subset.woff2"
_VIEW = "application/vnd.jupyter.widget-view+json"


class PageExporter(HTMLExporter):
    """nbconvert's exporter of HTML, without anything that comes from elsewhere.

    Of a widget the HTML that it brings is shown; one that brings none is left out.
    """

    export_from_notebook = None

    @default("template_name")
    def _template_name_default(self) -> str:
        return TEMPLATE

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    @property
    def default_config(self) -> Config:
        """nbconvert's, but HTML comes first and neither scripts nor widgets are shown."""
        kinds = "text/html text/markdown image/svg+xml text/latex image/png image/jpeg text/plain"
        config = Config({"NbConvertBase": {"display_data_priority": kinds.split()}})
        merged = super().default_config.copy()
        merged.merge(config)
        return merged

    @pass_context
    def markdown2html(self, context: dict, source: str) -> str:
        """Markdown as HTML with MathML."""
        return with_mathml(super().markdown2html(context, source))

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page's text, and nbconvert's resources."""
        return super().from_notebook_node(without_widgets(nb), resources, **kwargs)

    def _init_resources(self, resources: dict[str, Any] | None) -> dict[str, Any]:
        resources = super()._init_resources(resources)
        font = base64.b64encode(FONT.read_bytes()).decode("ascii")
        resources["math_font"] = f"data:font/woff2;base64,{font}"
        return resources


def without_widgets(nb: NotebookNode) -> NotebookNode:
    """A copy of a notebook in which each widget is the HTML that it brings, or nothing."""
    nb = copy.deepcopy(nb)
    nb.metadata.pop("widgets", None)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_shown(output.get("data", {}))]
    return nb


def _is_shown(data: dict) -> bool:
    """Take the widget out of an output; whether anything is left to show."""
    return data.pop(_VIEW, None) is None or "text/html" in data


def write_page(notebook: NotebookNode, target: Path, *, title: str) -> None:
    """Write a notebook as a page.

    Args:
        notebook: with its outputs, as it was saved.
        target: of the HTML file; its folder is made.
        title: of the page.
    """
    html, _ = PageExporter().from_notebook_node(notebook, {"metadata": {"name": title}})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html, encoding="utf-8")
