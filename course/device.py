"""Which processor to compute on."""

import torch


def pick_device(name="auto"):
    """The device that a name stands for, checked to be there.

    Args:
        name: "auto" (the first there is of CUDA, MPS, CPU), "cpu", "mps", "cuda", or "cuda:1" for a given card.

    Returns:
        torch.device.

    Raises:
        ValueError: a name that is none of these, or a device that this machine or this PyTorch does not have.
    """
    if isinstance(name, torch.device):
        name = str(name)
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if _count(kind))
    kind, _, index = name.partition(":") if isinstance(name, str) else ("", "", "")
    if kind not in ("cuda", "mps", "cpu") or (":" in str(name) and not index.isdecimal()):
        raise ValueError(f"device is {name!r}; wanted 'auto', 'cpu', 'mps', 'cuda' or 'cuda:0'.")
    if int(index or 0) >= _count(kind):
        raise ValueError(
            f"device {name!r} is not here: this PyTorch ({torch.__version__}) sees {_count('cuda')} CUDA and "
            f"{_count('mps')} MPS devices. Use 'auto' to take what there is, or 'cpu'."
        )
    return torch.device(name)


def _count(kind):
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    return 1
