"""The README's table of labs, drawn from the masters, so that it cannot say anything else than they do."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.master import Lab, all_labs
from course.work.labs import question_in

BEGIN, END = "<!-- labs -->", "<!-- end of labs -->"


def question_of(lab: Lab) -> str:
    """The last question of the lab's opening paragraph.

    Raises:
        ValueError: the first cell has no paragraph that begins with **The question.**
    """
    question = question_in(lab.cells[0].source)
    if not question:
        raise ValueError(f"{lab.path.name}: its first cell asks nothing after **The question.**")
    return question


def table(labs: list[Lab]) -> str:
    """One row a lab: title, question, exercises, the minutes they take, the points they bring."""
    head = ["| lab | the question | you build | exercises | points |", "|---|---|---|---|---|"]
    rows = []
    for lab in labs:
        built = ", ".join(f"`{name}`" for name in lab.exercises)
        minutes = sum(exercise.minutes for exercise in lab.exercises.values())
        title = f"[{lab.title}](notebooks/{lab.name}/{lab.name}.ipynb)"
        rows.append(f"| {title} | {question_of(lab)} | {built} | {minutes} min | {lab.points} |")
    return "\n".join([*head, *rows])


def readme_with_table(root: Path) -> str:
    """The README's text with today's table between its two markers."""
    text = (root / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(all_labs(root))}\n{END}{after}"
