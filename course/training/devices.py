"""Where a training computes: one device, several, or several machines, by Lightning Fabric."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:  # it takes seconds to import
    from lightning_fabric import Fabric


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device that a name stands for, checked to be there.

    Args:
        name: "auto" (the first there is of CUDA, MPS, CPU), "cpu", "mps", "cuda", or "cuda:1" for a given GPU.

    Returns:
        torch.device.

    Raises:
        ValueError: the name is none of these, or this machine or this PyTorch does not have the device.

    Example:
        >>> pick_device("cpu")
        device(type='cpu')
    """
    name = str(name)
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if _count(kind))
    kind, colon, index = name.partition(":")
    if kind not in ("cuda", "mps", "cpu") or (colon and not index.isdecimal()):
        raise ValueError(f"device is {name!r}; wanted 'auto', 'cpu', 'mps', 'cuda' or 'cuda:0'. Give one of these.")
    if int(index or 0) >= _count(kind):
        raise ValueError(
            f"device is {name!r}; wanted one that is here: PyTorch {torch.__version__} sees {_count('cuda')} CUDA and "
            f"{_count('mps')} MPS devices. Give 'auto' to take what there is, or 'cpu'."
        )
    return torch.device(name)


def make_fabric(device: str | torch.device = "auto", precision: str = "auto") -> Fabric:
    """A Fabric for the processes that there are: this one alone, or those that `torchrun` has started.

    Args:
        device: see `pick_device`.
        precision: "auto" (bf16 mixed on CUDA GPUs that have it, else 32 bits), or a name of Fabric's: "32-true",
            "bf16-mixed", "16-mixed", …

    Returns:
        lightning_fabric.Fabric, launched. On several machines: `torchrun --nnodes 2 --nproc-per-node 8 …` on each.

    Raises:
        ValueError: the device or the precision is not there.

    Source: https://lightning.ai/docs/fabric
    """
    from lightning_fabric import Fabric

    chosen = pick_device(device)
    world, local = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    one = chosen.index is not None and chosen.type == "cuda"
    fabric = Fabric(
        accelerator=chosen.type,
        devices=[chosen.index] if one else local,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision=choose_precision(precision, chosen.type),
    )
    fabric.launch()
    return fabric


def choose_precision(precision: str, kind: str) -> str:
    """Fabric's name for "auto" on a kind of device ("cuda", "mps", "cpu"); other names as they are."""
    if precision != "auto":
        return precision
    return "bf16-mixed" if kind == "cuda" and torch.cuda.is_bf16_supported() else "32-true"


def channels_last_on_cuda(images: torch.Tensor) -> torch.Tensor:
    """Images (n, c, h, w) in the memory layout that convolutions on their device are fastest with."""
    last = images.device.type == "cuda" and images.ndim == 4
    return images.contiguous(memory_format=torch.channels_last) if last else images


def device_name(device: torch.device) -> str:
    """What to call a device: a GPU's own name, else "CPU" or "MPS"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


@contextmanager
def deterministic_algorithms(wanted: bool) -> Iterator[None]:
    """Inside a `with`, let torch take algorithms that add in a fixed order, and warn where it has none; slower on CUDA.

    On the CPU, results are the same again in any case.
    """
    if not wanted:
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA's matrix products ask for it
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    benchmark, torch.backends.cudnn.benchmark = torch.backends.cudnn.benchmark, False
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        torch.backends.cudnn.benchmark = benchmark


def _count(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return int(kind == "cpu" or torch.backends.mps.is_available())
