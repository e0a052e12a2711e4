"""Formulas of a page as MathML, which a browser lays out by itself."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from bs4 import BeautifulSoup, NavigableString
from latex2mathml.converter import convert

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(?!\s)([^$]+?)(?<!\s)\$", re.DOTALL)
_NAMES = ("max", "min", "sup", "inf", "lim", "softmax", "argmax", "argmin")
_VERBATIM = ("code", "pre", "script", "style", "math", "textarea")


def mathml(formula: str, *, block: bool = False) -> str:
    """A formula of TeX as MathML.

    Args:
        formula: without its $ signs.
        block: on a line of its own.

    Raises:
        ValueError: it holds a command that has no MathML; the message names the formula.
    """
    try:
        made = convert(formula.strip(), display="block" if block else "inline")
    except Exception as error:
        raise ValueError(f"the formula is {formula!r}; wanted TeX that can be read ({type(error).__name__})") from None
    if "\\" in made:
        raise ValueError(f"the formula is {formula!r}; wanted commands that MathML has: {made}")
    return _for_browsers(made)


def _for_browsers(made: str) -> str:
    """latex2mathml's element in MathML Core, which is what browsers know: their letters and spaces, as TeX has them."""
    made = re.sub(r'<mi mathvariant="([\w-]+)">(.+?)</mi>', _letter, made)
    made = made.replace('width="negativethinmathspace"', 'width="-0.167em"')
    made = re.sub(r"<mo([^>]*)>(&#x0007C;|&#x0002F;)</mo>", r'<mo\1 lspace="0em" rspace="0em">\2</mo>', made)
    call = rf"<mo>({'|'.join(_NAMES)})</mo>(?=(?:<mrow>)?<mo[^>]*>&#x00028;)"
    made = re.sub(call, r'<mo lspace="0.167em" rspace="0em">\1</mo>', made)
    return re.sub(rf"<mo>({'|'.join(_NAMES)})</mo>", r'<mo lspace="0.167em" rspace="0.167em">\1</mo>', made)


def _letter(match: re.Match) -> str:
    """A letter of another alphabet as the character that Unicode has for it: bold 𝐱, double-struck ℝ, script ℒ."""
    kind, letter = match[1].upper().replace("BOLD-", "BOLD "), unescape(match[2])
    if kind == "NORMAL" or len(letter) > 1:
        return match[0]
    plain = re.sub(r"^(LATIN|GREEK) (CAPITAL|SMALL) LETTER", r"\2", unicodedata.name(letter))
    for name in (f"MATHEMATICAL {kind} {plain}", f"{kind} {plain}"):
        try:
            return f'<mi mathvariant="normal">{unicodedata.lookup(name)}</mi>'
        except KeyError:
            continue
    return match[0]


def with_mathml(html: str) -> str:
    """Text of HTML with each `$formula$` and `$$formula$$` as MathML; code and what cannot be read stay as they are."""
    soup = BeautifulSoup(html, "html.parser")
    for text in soup.find_all(string=FORMULA):
        if not any(parent.name in _VERBATIM for parent in text.parents):
            _replace(text)
    return soup.decode(formatter="minimal")


def _replace(text: NavigableString) -> None:
    """Put parts, plain and MathML by turns, where a text was."""
    end = 0
    for match in FORMULA.finditer(text):
        text.insert_before(NavigableString(text[end : match.start()]))
        text.insert_before(_element(match))
        end = match.end()
    text.replace_with(NavigableString(text[end:]))


def _element(match: re.Match) -> BeautifulSoup | NavigableString:
    try:
        made = mathml(match[1] or match[2], block=bool(match[1]))
    except ValueError:  # in a student's own note; the labs' formulas are tested
        return NavigableString(match[0])
    return BeautifulSoup(made, "html.parser")
