"""`course predict WEIGHTS PICTURES…`: a mask and an overlay for each picture."""

from pathlib import Path
from typing import Annotated

import typer


def predict(
    weights: Annotated[str, typer.Argument(help="A run's folder, a .safetensors file, or a name from `course zoo`.")],
    pictures: Annotated[list[Path], typer.Argument(help="Pictures, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.", file_okay=False)] = Path("predictions"),
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:0 or mps.")] = "auto",
) -> None:
    """Label your own pictures: OUT/masks/NAME.png and OUT/overlays/NAME.png for each.

    A mask holds class numbers, with the classes' colors as its palette. Exit status: 0 all labeled, 1 something was
    wrong.
    """
    try:
        from course.tasks.prediction import predict as predict_pictures

        masks = predict_pictures(weights, pictures, out, device=device)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    count = "1 picture" if len(masks) == 1 else f"{len(masks)} pictures"
    typer.echo(f"Labeled {count}: {out / 'masks'} and {out / 'overlays'}.")
