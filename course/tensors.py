"""Named tensors in one safetensors file, with a dict of JSON about them in its header.

There is no pickle in such a file, so opening somebody else's runs nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from course.files import write_atomically

if TYPE_CHECKING:  # the command line imports what imports this, and must stay quick
    from torch import Tensor


def save_tensors(path: Path, tensors: dict[str, Tensor], about: dict) -> None:
    """Write tensors, and what is to be said about them, whole or not at all.

    Args:
        path: usually NAME.safetensors.
        tensors: by name, on any device; tensors that share memory are written twice.
        about: anything that JSON holds.
    """
    from safetensors.torch import save_file

    copies = {name: value.detach().to("cpu", copy=True).contiguous() for name, value in tensors.items()}
    header = {"format": "pt", "about": json.dumps(about)}

    def write(part: Path) -> None:
        part.touch()
        mode = part.stat().st_mode
        save_file(copies, part, metadata=header)
        part.chmod(mode)  # safetensors lets nobody else read it

    write_atomically(path, write)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Read what `save_tensors` wrote.

    Args:
        path: of a safetensors file.

    Returns:
        tensors by name, on the CPU, and the dict about them (empty where another program wrote the file).

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a safetensors file, or is cut short.
    """
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"checkpoint is {path}; wanted a file that is there. Look at the path.")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("about", "{}"))
            return {name: file.get_tensor(name).clone() for name in file.keys()}, about  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged ({error}); wanted a whole safetensors file. Copy it again, or train again."
        ) from error
