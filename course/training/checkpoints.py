"""What a training writes: weights, all that it needs to go on, and its log.

A file of `course.tensors` holds tensors under names with a prefix ("model.", "ema.", "optimizer.") and, in its header,
everything that is not a tensor.
"""

import csv
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from course.files import write_atomically
from course.tensors import load_tensors


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
        dict: what was saved about them: "config" (as given to `fit`), "step", "scores".

    Raises:
        FileNotFoundError, ValueError: see `load_tensors`; also when the weights are another model's.
    """
    tensors, about = load_tensors(path)
    load_state(model, tensors, path)
    return about


def load_state(model: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """`load_state_dict` with a ValueError that names the file when the weights are another model's."""
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ValueError(
            f"{path} holds the weights of another model ({reason}); wanted those of a {type(model).__name__}. Build "
            "the model as it was trained."
        ) from error


def pack_optimizer(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict]:
    """An optimizer's state as tensors by name and a dict for JSON."""
    state = optimizer.state_dict()
    tensors, numbers = {}, {}
    for index, entries in state["state"].items():
        for key, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"{index}.{key}"] = value
            else:
                numbers[f"{index}.{key}"] = value
    return tensors, {"numbers": numbers, "groups": state["param_groups"]}


def unpack_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor], about: dict) -> None:
    """Give an optimizer the state that `pack_optimizer` took; ValueError if its groups are others."""
    state: dict[int, dict] = {}
    for name, value in (tensors | about["numbers"]).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    groups = [{k: tuple(v) if k == "betas" else v for k, v in group.items()} for group in about["groups"]]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    for parameter, entries in optimizer.state.items():
        for key, value in entries.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                entries[key] = torch.empty_like(parameter).copy_(value)  # in the parameter's memory layout


def write_table(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV, whole or not at all; the columns are the keys of all rows, in the order they come up."""
    columns = list(dict.fromkeys(key for row in rows for key in row))

    def write(part: Path) -> None:
        with part.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(rows)

    write_atomically(path, write)
