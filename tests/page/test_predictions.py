from html.parser import HTMLParser

import pytest

from course.page.predictions import predict_html

# What JupyterLab 4 keeps of a Markdown cell's HTML (its sanitiser's lists, abridged to what a card could want).
KEPT_TAGS = {"a", "b", "code", "details", "div", "em", "p", "span", "strong", "sub", "summary", "sup"}
KEPT_STYLES = {
    *("background-color", "border", "border-left", "border-radius", "color", "cursor", "font-weight"),
    *("line-height", "margin", "margin-right", "padding"),
}
CHOICES = [("It grows", False, "Nothing is added."), ("It stays", True, "The taps sum to `factor`, as $f = 2$ < 3.")]


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.styles, self.open, self.texts = set(), set(), [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)
        assert set(dict(attributes)) <= {"style", "href"}
        rules = [rule for rule in dict(attributes).get("style", "").split(";") if rule.strip()]
        self.styles.update(rule.split(":")[0].strip() for rule in rules)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append((text, "summary" in self.open))


def test_the_card_uses_only_what_jupyterlab_lets_through():
    card = Reader(predict_html("What happens to the mean?", CHOICES))
    assert card.tags <= KEPT_TAGS
    assert card.styles <= KEPT_STYLES


def test_right_and_wrong_are_told_only_once_a_choice_is_opened():
    card = Reader(predict_html("What happens?", CHOICES))
    seen_at_once = " ".join(text for text, in_summary in card.texts if in_summary)
    assert "It grows" in seen_at_once
    assert not any(mark in seen_at_once for mark in "✓✗")
    folded = " ".join(text for text, in_summary in card.texts if not in_summary)
    assert folded.index("✗ Not quite") < folded.index("Nothing is added") < folded.index("✓ Right")


def test_all_choices_look_the_same_while_closed():
    lines = [line for line in predict_html("?", CHOICES).splitlines() if line.startswith("<details")]
    heads = {line[: line.index("</summary>")].replace("It grows", "").replace("It stays", "") for line in lines}
    assert len(heads) == 1


def test_a_markdown_cell_reads_the_card_as_one_block_of_html():
    text = predict_html("First line\n\n   second line?", CHOICES)
    assert text.startswith("<div")
    assert all(line.strip() and not line.startswith(" ") for line in text.split("\n"))


def test_code_and_formulas_survive_and_signs_are_escaped():
    text = predict_html("Is `a<b` so?", CHOICES)
    assert "<code>a&lt;b</code>" in text
    assert "$f = 2$ &lt; 3" in text


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("the *row* of", "the <em>row</em> of"),
        ("**all** of", "<strong>all</strong> of"),
        ("[D2L](https://d2l.ai)", '<a href="https://d2l.ai">D2L</a>'),
        ("`x*y*z`", "<code>x*y*z</code>"),
        ("3 * 4 * 5", "3 * 4 * 5"),
        ("$a_i * b_i * c_i$", "$a_i * b_i * c_i$"),
        (r"$\tfrac{1}{2}$", r"$\tfrac{1}{2}$"),
        ("$i < n$ and $n > i$", r"$i \lt  n$ and $n \gt  i$"),
    ],
)
def test_markdown_is_rendered_in_question_choice_and_reason_and_formulas_are_left_alone(markdown, html):
    card = predict_html(markdown, [(markdown, True, markdown), ("no", False, "none")])
    assert f"</b> · {html}</div>" in card
    assert f"pointer'>{html}</summary>" in card
    assert f"✓ Right</b>{html}</div>" in card


def test_a_question_without_a_right_choice_is_refused():
    with pytest.raises(ValueError, match=r"choices are 1, 1 of them right; wanted two"):
        predict_html("?", CHOICES[1:])
    with pytest.raises(ValueError, match=r"choices are 2, 0 of them right; wanted two"):
        predict_html("?", [CHOICES[0]] * 2)
