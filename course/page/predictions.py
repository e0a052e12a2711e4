"""A question to answer in the head before the next cell gives the answer away.

The card is plain HTML, with folds instead of buttons: it works in a Markdown cell, without a kernel and without
JavaScript, and it uses only the tags and styles that JupyterLab lets through.
"""

import html
import re

from IPython.display import HTML, display

_CARD = (
    "border-left:4px solid #0072b2; background-color:rgba(0,114,178,0.08); border-radius:4px; "
    "padding:10px 16px; margin:10px 0px; line-height:1.5"
)
_CHOICE = "margin:6px 0px; padding:4px 10px; border:1px solid rgba(128,128,140,0.4); border-radius:4px"
_REASON = "margin:6px 0px 4px 18px"
_BADGE = "color:#ffffff; background-color:{colour}; border-radius:3px; padding:1px 7px; margin-right:6px"
_RIGHT, _WRONG = "#00674a", "#b03a00"


def _marked_up(text):
    """Escape a text for HTML; `code` becomes code; $formulas$ stay for MathJax."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(text.split()), quote=False))


def _choice(text, right, reason):
    badge = (
        f"<b style='{_BADGE.format(colour=_RIGHT if right else _WRONG)}'>{'✓ Right' if right else '✗ Not quite'}</b>"
    )
    return (
        f"<details style='{_CHOICE}'><summary style='cursor:pointer'>{_marked_up(text)}</summary>"
        f"<div style='{_REASON}'>{badge}{_marked_up(reason)}</div></details>"
    )


def predict_html(question, choices):
    """The card of a question, as HTML on lines without gaps, ready for a Markdown cell.

    Args:
        question: text; `code` and $formulas$ are set as such.
        choices: (text, right, reason) for each; the reason shows, marked right or wrong, when the choice is opened.

    Returns:
        HTML text.

    Raises:
        ValueError: with fewer than two choices, or none that is right.
    """
    choices = list(choices)
    if len(choices) < 2 or not any(right for _, right, _ in choices):
        raise ValueError(
            f"a prediction needs two choices or more, one of them right: got {len(choices)}, "
            f"{sum(bool(right) for _, right, _ in choices)} right"
        )
    lines = [
        f"<div style='{_CARD}'>",
        f"<div><b style='color:#0072b2'>Predict first</b> · {_marked_up(question)}</div>",
        *(_choice(*choice) for choice in choices),
        "</div>",
    ]
    return "\n".join(lines)


def predict(question, choices):
    """Show the card of `predict_html` below the cell.

    Args:
        question, choices: as for `predict_html`.
    """
    display(HTML(predict_html(question, choices)))
