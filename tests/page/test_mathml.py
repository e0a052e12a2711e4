"""TeX becomes MathML as browsers know it."""

import pytest
from bs4 import BeautifulSoup

from course.page.mathml import mathml, with_mathml


def parsed(formula):
    return BeautifulSoup(mathml(formula), "html.parser").math


def test_a_formula_is_one_element_that_knows_whether_it_stands_alone():
    assert parsed("x^2")["display"] == "inline"
    assert BeautifulSoup(mathml("x^2", block=True), "html.parser").math["display"] == "block"
    assert [part.name for part in parsed("x^2").find_all()] == ["mrow", "msup", "mi", "mn"]


@pytest.mark.parametrize(
    ("formula", "letter"),
    [
        (r"\mathbb R", "ℝ"),
        (r"\mathbb E", "𝔼"),
        (r"\mathcal L", "ℒ"),
        (r"\mathcal A", "𝒜"),
        (r"\mathbf x", "𝐱"),
        (r"\mathsf T", "𝖳"),
        (r"\boldsymbol\theta", "𝜽"),
    ],
)
def test_letters_of_other_alphabets_are_characters_as_browsers_ignore_variants(formula, letter):
    assert parsed(formula).text == letter
    assert parsed(formula).mi["mathvariant"] == "normal"


@pytest.mark.parametrize("formula", ["|x| < 3", "1/f"])
def test_bars_and_slashes_stand_close_as_in_tex(formula):
    marks = [mo for mo in parsed(formula).find_all("mo") if mo.text in "|/"]
    assert marks
    assert all((mo["lspace"], mo["rspace"]) == ("0em", "0em") for mo in marks)


def test_a_named_function_stands_close_to_its_bracket_and_apart_from_a_letter():
    assert parsed(r"\max(0, x)").mo["rspace"] == parsed(r"\max\left(0, \frac{a}{b}\right)").mo["rspace"] == "0em"
    assert parsed(r"\max_i x_i").mo["rspace"] == "0.167em"


def test_a_negative_space_has_a_width():
    assert parsed(r"k\!(x)").mspace["width"] == "-0.167em"


@pytest.mark.parametrize("formula", [r"\arg x", r"\text{a\_b}", r"\nosuch{x}"])
def test_a_command_that_is_not_known_is_named(formula):
    with pytest.raises(ValueError, match="wanted commands that MathML has"):
        mathml(formula)


def test_what_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"wanted TeX that can be read"):
        mathml(r"\frac{a}{")


def test_formulas_in_text_are_replaced_wherever_they_stand():
    html = "<p>Let $a &lt; b$ and <em>$c$</em>:</p><div><details>\n$$\nd\n+ e\n$$\n</details></div>"
    soup = BeautifulSoup(with_mathml(html), "html.parser")
    assert [(math["display"], math.text) for math in soup.find_all("math")] == [
        ("inline", "a<b"),
        ("inline", "c"),
        ("block", "d+e"),
    ]
    assert "$" not in soup.text
    assert soup.p.text.startswith("Let ")


@pytest.mark.parametrize(
    "html",
    [
        "<p>costs 3 $ or 4 $</p>",
        "<code>$HOME and $x$</code>",
        "<pre>$$x$$</pre>",
        "<script>const a = '$x$ < 3 && 1';</script>",
        "<p>a student's $\\nosuch{x}$ stays</p>",
    ],
)
def test_code_prices_and_what_cannot_be_read_stay_as_they_are(html):
    assert with_mathml(html) == html
