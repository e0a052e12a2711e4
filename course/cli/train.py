"""`course train NETWORK`: train a network of the course on its data or on yours."""

from pathlib import Path
from typing import Annotated

import typer

from course.cli.losses import LOSSES, find_loss
from course.models.networks import NETWORKS, build

_ABOUT = ("network", "data", "size", "batch", "steps", "lr", "loss", "pictures", "seed", "workers")


def train(
    network: Annotated[str, typer.Argument(help=f"One of: {', '.join(NETWORKS)}.")],
    data: Annotated[str, typer.Option(help="scenes, camvid, voc, membranes, or a folder with images/ and masks/.")],
    out: Annotated[Path, typer.Option(help="Folder of the run, made by this command.", file_okay=False)],
    steps: Annotated[int, typer.Option(help="Updates of the weights.", min=1)] = 1000,
    batch: Annotated[int, typer.Option(help="Pictures in a batch.", min=1)] = 8,
    size: Annotated[str | None, typer.Option(help="Height x width of the crops: 360x480. Default: the data's.")] = None,
    lr: Annotated[float, typer.Option(help="Highest learning rate (AdamW, warm-up, then poly).")] = 1e-3,
    loss: Annotated[str, typer.Option(help=f"One of: {', '.join(LOSSES)}.")] = "cross-entropy",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:0 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, 32-true, bf16-mixed or 16-mixed.")] = "auto",
    pictures: Annotated[int, typer.Option(help="How many scenes to draw for training.", min=1)] = 1000,
    workers: Annotated[int, typer.Option(help="Processes that read ahead.", min=0)] = 0,
    every: Annotated[int | None, typer.Option(help="Steps between checkpoints; 50 or a tenth.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Everything random follows from it.", min=0)] = 0,
    compile: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out stopped.")] = False,
):
    """Train a network, and print its IoU per class. Several cards: torchrun --nproc-per-node 4 -m course train …

    The folder gets config.json, log.csv, progress.png (curves and predictions, drawn anew as it goes),
    last.safetensors (to go on from) and best.safetensors (the weights).
    Exit status: 0 trained, 1 something was wrong, 130 stopped by Ctrl-C; run the same with --resume to go on.
    """
    config = dict(zip(_ABOUT, (network, data, size, batch, steps, lr, loss, pictures, seed, workers), strict=True))
    try:
        _train(config, out, device, precision, every or max(50, steps // 10), compile, resume)
    except KeyboardInterrupt:
        typer.echo(f"Stopped. Run the same with --resume to go on from the last checkpoint in {out}.", err=True)
        raise typer.Exit(130) from None
    except (OSError, ValueError, ArithmeticError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _train(config, out, device, precision, every, compiled, resume):
    criterion = find_loss(config["loss"])  # before anything takes time
    _check_name(config["network"])
    from course.cli.evaluate import table
    from course.cli.sources import open_source, size_of
    from course.metrics import ConfusionMatrix
    from course.training import evaluate, fit, load_weights, make_fabric, poly

    size = size_of(config["size"], config["data"])
    config = config | {"size": f"{size[0]}x{size[1]}"}
    _check_same(out, config, resume)
    fabric = make_fabric(device, precision)
    source = open_source(config["data"], pictures=min(config["pictures"], config["steps"] * config["batch"]))
    config["names"] = list(source.names)
    loader, judge, prepare = _loaders(source, config, size, fabric)
    model, optimiser = _model(config)
    if fabric.is_global_zero:
        _write_config(out, config)
    history = fit(
        model,
        loader,
        criterion,
        steps=config["steps"],
        optimiser=optimiser,
        schedule=poly(config["steps"], warmup=min(100, config["steps"] // 10)),
        clip=1.0,
        ema=0.999,
        validation=judge,
        every=every,
        prepare=prepare,
        seed=config["seed"],
        compile=compiled,
        fabric=fabric,
        folder=out,
        resume=resume,
        config=config,
        on_progress=_view(judge, config["names"], out / "progress.png"),
    )
    load_weights(model, out / "best.safetensors")
    metric = ConfusionMatrix(len(source.names), names=source.names)
    scored = evaluate(model, judge.loader, metric, prepare=judge.prepare, fabric=fabric)
    if fabric.is_global_zero:
        table(scored, f"{config['network']} on {config['data']}, step {history.best['step']} of {config['steps']}")
        typer.echo(f"The run is in {out}. Evaluate it again with: course evaluate {out} --data {config['data']}")


def _check_name(network):
    if network not in NETWORKS:
        raise ValueError(f"There is no network called {network!r}. Choose one of: {', '.join(NETWORKS)}.")


def _check_same(out, config, resume):
    """A run is resumed with its own settings, or not at all; a folder of another's things is left alone."""
    import json

    file = out / "config.json"
    if resume and file.is_file():
        before = json.loads(file.read_text(encoding="utf-8"))
        changed = [name for name in _ABOUT if before.get(name) != config[name]]
        if changed:
            what = "; ".join(f"{name} {before.get(name)!r}, now {config[name]!r}" for name in changed)
            raise ValueError(f"{out} was begun with {what}. Resume it with the same, or take another --out.")
    if not resume and (out / "last.safetensors").is_file():
        raise ValueError(f"{out} holds a run already. Go on with --resume, or take another --out.")


def _loaders(source, config, size, fabric):
    """The loader, the validation, and what is done to a batch on its device."""
    from course.cli.sources import Changed
    from course.data.augmentation import augment
    from course.data.cache import Cached
    from course.data.transforms import evaluation, normalise, training
    from course.metrics import ConfusionMatrix
    from course.training import Validation, batches

    on_device = source.uniform and fabric.device.type == "cuda"  # there the processor would hold the card up
    train = Cached(source.train) if source.uniform else source.train  # mixed sizes: VOC and folders may be large
    judged = Cached(Changed(source.validation, evaluation(size)))
    if source.drawn:
        train.fill(bar=fabric.is_global_zero)
        judged.fill(bar=fabric.is_global_zero)
    pictures = train if on_device else Changed(train, training(size))
    loader = batches(pictures, config["batch"], seed=config["seed"], workers=config["workers"])

    def prepare(images, labels):
        images, labels = augment(images, labels, size) if on_device else (images, labels)
        return normalise(images), labels

    def plain(images, labels):
        return normalise(images), labels

    metric = ConfusionMatrix(len(source.names), names=source.names)
    whole = fabric.world_size * max(1, config["batch"] // fabric.world_size)
    return loader, Validation(batches(judged, whole, shuffle=False), metric, plain), prepare


def _view(judge, names, path):
    """What draws curves, and predictions of two pictures that are judged, into a file."""
    import torch

    from course.data.palettes import palette_for
    from course.viz import TrainingView

    judged = judge.loader.dataset.dataset
    shown = [judged[number] for number in {0, len(judged) // 2}]  # neighbours of a film would be alike
    images, labels = (torch.stack(part) for part in zip(*shown, strict=True))
    return TrainingView(images, labels, palette_for(names), prepare=judge.prepare, seconds=30.0, path=path)


def _model(config):
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(config["seed"])
        model = build(config["network"], len(config["names"]))
    return model, torch.optim.AdamW(model.parameters(), lr=config["lr"], weight_decay=1e-2)


def _write_config(out, config):
    import json

    from course.files import write_atomically

    text = json.dumps(config, indent=2, ensure_ascii=False)
    write_atomically(out / "config.json", lambda part: part.write_text(text + "\n", encoding="utf-8"))
