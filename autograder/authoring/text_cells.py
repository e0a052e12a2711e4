"""What the text of a lab becomes: folded hints and answers, prediction cards, links to papers and to other labs."""

from __future__ import annotations

import html
import re

from autograder.authoring.master import Exercise, Lab

_ARXIV = re.compile(r"(?<![\w/\[(])arXiv:(\d{4}\.\d{4,5})")


def folded(title: str, source: str) -> str:
    """Markdown below a title that opens it; blank lines, so that Markdown is read inside."""
    return f"<details>\n<summary>{html.escape(title)}</summary>\n\n{source}\n\n</details>"


def hint_text(step: int, exercise: Exercise) -> str:
    """The folded hint number `step` of an exercise, counted from 1."""
    return folded(f"Hint {step} of {len(exercise.hints)} · {exercise.name}", exercise.hints[step - 1])


def parse_question(source: str) -> tuple[str, str]:
    """Read a question and its answer, which begins after `::` at the start of a line.

    Raises:
        ValueError: there is no answer, or no question.
    """
    question, _, answer = f"\n{source}".partition("\n::")
    if not question.strip() or not answer.strip():
        raise ValueError(f"a question reads {source[:60]!r}; wanted its text, then a line ':: answer'")
    return question.strip(), answer.strip()


def question_text(number: int, source: str) -> str:
    """A numbered question without code, its answer folded."""
    question, answer = parse_question(source)
    return f"**Question {number}.** {question}\n\n{folded(f'Answer to question {number}', answer)}"


def linked(source: str) -> str:
    """A text with each plain `arXiv:1603.07285` turned into a link."""
    return _ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", source)


def link_to(lab: Lab) -> str:
    """A link from one lab's notebook to another's."""
    return f"[{lab.title}](../{lab.name}/{lab.name}.ipynb)"


def neighbors_text(before: Lab | None, after: Lab | None) -> str:
    """One line with links to the labs before and after; empty where there is neither."""
    ways = [f"← {link_to(before)}" if before else "", f"{link_to(after)} →" if after else ""]
    return " | ".join(filter(None, ways))


def parse_prediction(source: str) -> tuple[str, list[tuple[str, bool, str]]]:
    """Read a question and its choices.

    The question comes first; each choice is a line `- [x] text :: reason`, with `[x]` for a right one and `[ ]` for
    a wrong one. A line that begins with blanks goes on where the line before it stopped.

    Returns:
        The question and, per choice, its text, whether it is right, and the reason.

    Raises:
        ValueError: a choice cannot be read, or there are fewer than two, or none is right.
    """
    question, _, rest = re.sub(r"\n[ \t]+(?=\S)", " ", source).partition("\n- [")
    choices = []
    for line in filter(str.strip, ("- [" + rest).splitlines()):
        match = re.fullmatch(r"- \[([x ])\] (.+?) :: (.+)", line.strip())
        if not match:
            raise ValueError(f"a choice reads {line!r}, wanted '- [x] text :: reason' or '- [ ] text :: reason'")
        choices.append((match[2], match[1] == "x", match[3]))
    if len(choices) < 2 or not any(right for _, right, _ in choices):
        raise ValueError(f"the prediction {question[:40]!r} needs two choices or more, one of them right")
    return question.strip(), choices
