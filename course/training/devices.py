"""Where a training computes: one device, several, or several machines, by Lightning Fabric."""

import os
from contextlib import contextmanager

import torch


def make_fabric(device: str = "auto", precision: str = "auto"):
    """A Fabric for the processes that there are: this one alone, or those that `torchrun` has started.

    Args:
        device: "auto" (CUDA, MPS or CPU, the first there is), "cpu", "cuda", "mps", or "cuda:1" for a given card.
        precision: "auto" (bf16 mixed on CUDA cards that have it, else 32 bits), or a name of Fabric's: "32-true",
            "bf16-mixed", "16-mixed", …

    Returns:
        lightning_fabric.Fabric, launched. On several machines: `torchrun --nnodes 2 --nproc-per-node 8 …` on each.

    Raises:
        ValueError: a device or a precision that is not here.
    Source: https://lightning.ai/docs/fabric
    """
    from lightning_fabric import Fabric  # here, as it takes seconds to import

    kind, _, index = device.partition(":")
    world, local = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    if kind not in ("auto", "cpu", "cuda", "mps") or (index and not index.isdecimal()):
        raise ValueError(f"device is {device!r}; wanted 'auto', 'cpu', 'cuda', 'mps' or 'cuda:0'.")
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if not here[kind]:
        raise ValueError(f"device {device!r} is not here: this PyTorch ({torch.__version__}) sees none. Use 'auto'.")
    fabric = Fabric(
        accelerator=kind,
        devices=[int(index)] if index else local,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision=choose_precision(precision, kind),
    )
    fabric.launch()
    return fabric


def choose_precision(precision: str, kind: str) -> str:
    """Fabric's name for "auto" on a kind of device ("cuda", "mps", "cpu"); other names as they are."""
    if precision != "auto":
        return precision
    return "bf16-mixed" if kind == "cuda" and torch.cuda.is_bf16_supported() else "32-true"


def images_like(images: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Images in the memory layout that convolutions on the device are fastest with: channels last on CUDA."""
    last = device.type == "cuda" and images.ndim == 4
    return images.contiguous(memory_format=torch.channels_last) if last else images


@contextmanager
def deterministic_algorithms(wanted: bool):
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
