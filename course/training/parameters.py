"""Which parameters learn, and how fast: the staged recipe as plain functions.

freeze(model.encoder)                                                    # stage 1: the decoder alone
fit(model, loader, loss, steps=500, optimiser=SGD(parameter_groups((model.decoder, 1e-2)), momentum=0.9))
unfreeze(model.encoder)                                                  # stage 2: everything, the encoder slowly
fit(model, loader, loss, steps=500,
    optimiser=SGD(parameter_groups((model.encoder, 1e-4), (model.decoder, 1e-3)), momentum=0.9))
"""

from torch import nn
from torch.nn.modules.batchnorm import _NormBase


def freeze(*modules: nn.Module) -> None:
    """Let the parameters of these modules stay as they are.

    Batch normalisation with frozen weights keeps its running statistics too: `fit` leaves such layers in evaluation
    mode. (A network frozen in its weights but not in its statistics still changes its answers.)

    Args:
        modules: at least one, each with parameters.

    Raises:
        ValueError: something else than a module, or a module without parameters.
    """
    _set(modules, False)


def unfreeze(*modules: nn.Module) -> None:
    """Let the parameters of these modules learn again; see `freeze`."""
    _set(modules, True)


def parameter_groups(*groups: tuple[nn.Module, float]) -> list[dict]:
    """Groups for an optimiser, each with its own learning rate. Frozen parameters are left out.

    Args:
        groups: pairs (module, learning rate above 0); no parameter may be in two of them.

    Returns:
        list of {"params": [...], "lr": rate}, which every optimiser of torch takes as its first argument.

    Raises:
        ValueError: a rate that is not above 0, nothing to learn in a group, a parameter in two groups.
    """
    taken, result = {}, []
    for number, (module, rate) in enumerate(groups):
        if not rate > 0:
            raise ValueError(f"group {number} has the learning rate {rate!r}; wanted a number above 0, or freeze it.")
        parameters = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        if not parameters:
            raise ValueError(f"group {number} has no parameter that learns; unfreeze its module, or leave it out.")
        for name, parameter in parameters:
            if id(parameter) in taken:
                raise ValueError(
                    f"{name} of group {number} is in group {taken[id(parameter)]} already; give each parameter to one "
                    "group: the parts of a model, not a part and the whole."
                )
            taken[id(parameter)] = number
        result.append({"params": [p for _, p in parameters], "lr": rate})
    return result


def training_mode(model: nn.Module) -> None:
    """`model.train()`, except for normalisation layers whose weights are frozen: these stay in evaluation mode."""
    model.train()
    for layer in model.modules():
        if isinstance(layer, _NormBase) and layer.weight is not None and not layer.weight.requires_grad:
            layer.eval()


def _set(modules, learns):
    if not modules:
        raise ValueError("got no module; name at least one, such as model.encoder.")
    for module in modules:
        if not isinstance(module, nn.Module) or next(module.parameters(), None) is None:
            raise ValueError(f"got {type(module).__name__} without parameters; wanted a part of a model with weights.")
        module.requires_grad_(learns)
