"""Weights of trained classifiers, and how they get into an encoder.

Nothing is downloaded unless `torchvision_weights` is called; a file that was fetched elsewhere does as well:

    encoder = resnet50()
    encoder.load_classifier(torchvision_weights("resnet50"))
    encoder.load_classifier(read_weights("resnet50-11ad3fa6.pth"))
"""

import pickle
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn


def torchvision_weights(name: str, weights: str = "DEFAULT") -> dict[str, Tensor]:
    """The state_dict of one of torchvision's trained networks; fetched the first time, then read from torch's cache.

    Args:
        name: as torchvision calls the network: "vgg16", "vgg16_bn", "resnet50", "fcn_resnet50", …
        weights: which of its trainings, such as "IMAGENET1K_V1"; "DEFAULT" is the best that torchvision has.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        ValueError: torchvision has no such network, or no such training of it.
        ConnectionError: the weights are not in the cache and cannot be fetched; says what to put where.
    """
    from torchvision.models import get_model_weights  # slow to import, and only needed here

    try:
        choices = get_model_weights(name)
    except ValueError:
        raise ValueError(
            f"name is {name!r}; wanted a network of torchvision, see torchvision.models.list_models()."
        ) from None
    if weights not in choices.__members__:
        raise ValueError(f"weights is {weights!r}; wanted one of {name}'s: {', '.join(choices.__members__) or 'none'}.")
    chosen = choices[weights]
    try:
        return dict(chosen.get_state_dict(progress=False, check_hash=True, map_location="cpu"))
    except (OSError, HTTPException) as error:
        cache = Path(torch.hub.get_dir()) / "checkpoints"
        raise ConnectionError(
            f"the weights of {name} are not here and could not be fetched ({error}); wanted them in {cache}. Connect "
            f"to the network, or fetch {chosen.url} elsewhere and put it there, or give its path to read_weights."
        ) from error


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """A state_dict from a file.

    Args:
        path: of a file that ends in .safetensors, .pth or .pt. Of the latter two only tensors are read; code that
            such a file may carry is refused.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the ending is another, the file cannot be read, or holds something else than named tensors.
    """
    path = Path(path)
    if path.suffix not in (".safetensors", ".pth", ".pt"):
        raise ValueError(f"path is {path.name!r}; wanted a file that ends in .safetensors, .pth or .pt.")
    if not path.is_file():
        raise FileNotFoundError(f"path is {path}; wanted a file that is there. Look at it, or fetch the weights first.")
    try:
        state_dict = _read(path)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        kind = type(error).__name__
        raise ValueError(f"{path} is damaged or holds code ({kind}); wanted tensors alone. Fetch it again.") from error
    if not isinstance(state_dict, Mapping) or not all(isinstance(v, Tensor) for v in state_dict.values()):
        raise ValueError(
            f"{path} holds a {type(state_dict).__name__}; wanted tensors by name. Save model.state_dict() rather than "
            "the model or a whole training checkpoint."
        )
    return dict(state_dict)


def load_encoder(encoder: nn.Module, state_dict: Mapping[str, Tensor], without: tuple[str, ...]) -> None:
    """Load a classifier's weights into the encoder that is its first part; all of the encoder, or nothing.

    Args:
        encoder: the module to fill, in place.
        state_dict: tensors by name.
        without: how the names begin that belong to the classifier alone, and are left out.

    Raises:
        ValueError: a name is missing or unknown, or a tensor has another shape.
    """
    given = {name: tensor for name, tensor in state_dict.items() if not name.startswith(without)}
    wanted = encoder.state_dict()
    # Weights saved before 2018 do not count batches, and nothing but a training loop that was cut off needs it.
    missing = [name for name in wanted if name not in given and not name.endswith("num_batches_tracked")]
    extra = [name for name in given if name not in wanted]
    shapes = [name for name in wanted if name in given and given[name].shape != wanted[name].shape]
    for names, what in ((missing, "are missing"), (extra, "are unknown to it"), (shapes, "have another shape")):
        if names:
            raise ValueError(
                f"the weights are not this {type(encoder).__name__}'s: {len(names)} tensors {what}, the first is "
                f"{names[0]!r}; wanted the state_dict of torchvision's network of the same name and width."
            )
    encoder.load_state_dict({**wanted, **given})


def _read(path: Path) -> object:
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)
