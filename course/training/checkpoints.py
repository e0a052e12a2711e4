"""Checkpoints in safetensors, written so that a crash at any moment leaves a whole file: the old one or the new one.

A file holds tensors under names with a prefix ("model.", "ema.", "optimiser.") and, as JSON in its header, everything
that is no tensor. There is no pickle in it, so opening somebody else's checkpoint runs nothing.
"""

import csv
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from course.files import write_atomically


def save(path: Path, tensors: dict[str, Tensor], about: dict) -> None:
    """Write tensors, and what is to be said about them, in one file.

    Args:
        path: usually NAME.safetensors.
        tensors: by name, on any device; tensors that share memory are written twice.
        about: anything that JSON holds.
    """
    copies = {name: value.detach().to("cpu", copy=True).contiguous() for name, value in tensors.items()}
    header = {"format": "pt", "about": json.dumps(about)}

    def write(part):
        part.touch()
        mode = part.stat().st_mode
        save_file(copies, part, metadata=header)
        part.chmod(mode)  # safetensors lets nobody else read it

    write_atomically(path, write)


def load(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Read what `save` wrote.

    Returns:
        tensors by name, on the CPU, and the dict about them (empty where another program wrote the file).

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a safetensors file, or one that is cut short.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("about", "{}"))
            return {name: file.get_tensor(name).clone() for name in file.keys()}, about  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} is not a whole safetensors file ({error}); copy it again, or train again.") from error


def section(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with "prefix.", without it."""
    return {name.removeprefix(prefix + "."): t for name, t in tensors.items() if name.startswith(prefix + ".")}


def prefixed(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors, each name with "prefix." before it."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def load_weights(model: nn.Module, path: Path) -> dict:
    """Give a model the weights of `best.safetensors`.

    Args:
        model: built as the one that was trained.
        path: a file of weights.

    Returns:
        dict: what was saved about them: "config" (as given to `fit`), "step", "score".

    Raises:
        FileNotFoundError, ValueError: see `load`; also when the weights are another model's.
    """
    tensors, about = load(path)
    give(model, tensors, path)
    return about


def give(model: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """`load_state_dict` with a ValueError that names the file when the weights are another model's."""
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"{path} holds the weights of another model than {type(model).__name__}: {reason}") from error


def pack_optimiser(optimiser: Optimizer) -> tuple[dict[str, Tensor], dict]:
    """An optimiser's state as tensors by name and a dict for JSON."""
    state = optimiser.state_dict()
    tensors, numbers = {}, {}
    for index, entries in state["state"].items():
        for key, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"{index}.{key}"] = value
            else:
                numbers[f"{index}.{key}"] = value
    return tensors, {"numbers": numbers, "groups": state["param_groups"]}


def unpack_optimiser(optimiser: Optimizer, tensors: dict[str, Tensor], about: dict) -> None:
    """Give an optimiser the state that `pack_optimiser` took; ValueError if its groups are others."""
    state: dict[int, dict] = {}
    for name, value in (tensors | about["numbers"]).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    groups = [{k: tuple(v) if k == "betas" else v for k, v in group.items()} for group in about["groups"]]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    for parameter, entries in optimiser.state.items():
        for key, value in entries.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                entries[key] = torch.empty_like(parameter).copy_(value)  # in the parameter's memory layout


def write_table(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV, whole or not at all; the columns are the keys of all rows, in the order they come up."""
    columns = list(dict.fromkeys(key for row in rows for key in row))

    def write(part):
        with part.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(rows)

    write_atomically(path, write)
