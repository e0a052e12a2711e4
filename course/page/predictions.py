"""A question to answer in the head before the next cell gives the answer away.

The card is plain HTML, with folds instead of buttons: it works in a Markdown cell, without a kernel and without
JavaScript, and it uses only the tags and styles that JupyterLab lets through. Its texts are Markdown, rendered here,
for Markdown is not read inside of a block of HTML; formulas are left to the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbconvert.filters.markdown_mistune import markdown2html_mistune

_CARD = (
    "border-left:4px solid #0072b2; background-color:rgba(0,114,178,0.08); border-radius:4px; "
    "padding:10px 16px; margin:10px 0px; line-height:1.5"
)
_CHOICE = "margin:6px 0px; padding:4px 10px; border:1px solid rgba(128,128,140,0.4); border-radius:4px"
_REASON = "margin:6px 0px 4px 18px"
_BADGE = "color:#ffffff; background-color:{color}; border-radius:3px; padding:1px 7px; margin-right:6px"
_RIGHT, _WRONG = "#00674a", "#b03a00"


def _rendered(text: str) -> str:
    """One paragraph of Markdown as HTML; $formulas$ stay, `<` in them as \\lt, which no renderer escapes again."""
    line = re.sub(r"\$[^$]+\$", lambda formula: _without_signs(formula[0]), " ".join(text.split()))
    return markdown2html_mistune(line).strip().removeprefix("<p>").removesuffix("</p>")


def _without_signs(formula: str) -> str:
    return formula.replace("<", r"\lt ").replace(">", r"\gt ")


def _choice(text: str, right: bool, reason: str) -> str:
    badge = f"<b style='{_BADGE.format(color=_RIGHT if right else _WRONG)}'>{'✓ Right' if right else '✗ Not quite'}</b>"
    return (
        f"<details style='{_CHOICE}'><summary style='cursor:pointer'>{_rendered(text)}</summary>"
        f"<div style='{_REASON}'>{badge}{_rendered(reason)}</div></details>"
    )


def predict_html(question: str, choices: Iterable[tuple[str, bool, str]]) -> str:
    """The card of a question, as HTML on lines without gaps, ready for a Markdown cell.

    Args:
        question: Markdown of one paragraph, formulas between $ signs.
        choices: (text, right, reason) for each; the reason shows, marked right or wrong, when the choice is opened.

    Returns:
        HTML text.

    Raises:
        ValueError: with fewer than two choices, or none that is right.
    """
    choices = list(choices)
    if len(choices) < 2 or not any(right for _, right, _ in choices):
        raise ValueError(
            f"choices are {len(choices)}, {sum(bool(right) for _, right, _ in choices)} of them right; "
            "wanted two or more, one of them right. Give (text, right, reason) for each"
        )
    lines = [
        f"<div style='{_CARD}'>",
        f"<div><b style='color:#0072b2'>Predict first</b> · {_rendered(question)}</div>",
        *(_choice(*choice) for choice in choices),
        "</div>",
    ]
    return "\n".join(lines)
