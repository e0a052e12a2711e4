"""`course zoo`: the trained networks that the course ships."""


def zoo():
    """List the checkpoints that the course ships, with their scores on scenes that training never saw."""
    from rich.console import Console
    from rich.table import Table

    from course.models.zoo import WEIGHTS, read_card, shipped

    console = Console()
    if not shipped():
        console.print(f"There is no checkpoint in {WEIGHTS}: is this a whole checkout of the course?")
        return
    table = Table(title="Checkpoints, trained on scenes; IoU in per cent on 500 held-out ones", title_justify="left")
    table.add_column("name")
    for column in ("parameters", "mean IoU", "person", "sign", "steps", "minutes", "device"):
        table.add_column(column, justify="right")
    for name in shipped():
        card = read_card(name)
        scores = [f"{card.scores[key]:.1f}" for key in ("mean IoU", "person", "sign")]
        table.add_row(name, f"{card.parameters:,}", *scores, str(card.steps), f"{card.minutes:g}", card.device)
    console.print(table)
    console.print(
        "Load one: from course.models.zoo import load; model, card = load(NAME). Score it: course evaluate NAME"
    )
