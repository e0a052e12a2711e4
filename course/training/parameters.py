"""Which parameters learn, and how fast: the staged recipe as plain functions.

freeze(model.encoder)                                                    # stage 1: the decoder alone
fit(model, loader, loss, steps=500, optimizer=SGD(parameter_groups((model.decoder, 1e-2)), momentum=0.9))
unfreeze(model.encoder)                                                  # stage 2: everything, the encoder slowly
fit(model, loader, loss, steps=500,
    optimizer=SGD(parameter_groups((model.encoder, 1e-4), (model.decoder, 1e-3)), momentum=0.9))
"""

from torch import nn
from torch.nn.modules.batchnorm import _NormBase


def freeze(*modules: nn.Module) -> None:
    """Let the parameters of these modules stay as they are.

    Batch normalization with frozen weights keeps its running statistics too: `fit` leaves such layers in evaluation
    mode. (A network frozen in its weights but not in its statistics still changes its answers.)

    Args:
        modules: at least one, each with parameters.

    Raises:
        ValueError: an argument is not a module, or has no parameters.
    """
    _set(modules, False)


def unfreeze(*modules: nn.Module) -> None:
    """Let the parameters of these modules learn again; see `freeze`."""
    _set(modules, True)


def parameter_groups(*groups: tuple[nn.Module, float]) -> list[dict]:
    """Groups for an optimizer, each with its own learning rate. Frozen parameters are left out.

    Args:
        groups: pairs (module, learning rate above 0); no parameter may be in two of them.

    Returns:
        list of {"params": [...], "lr": lr}, which every optimizer of torch takes as its first argument.

    Raises:
        ValueError: a rate is not above 0, a group has nothing to learn, or a parameter is in two groups.
    """
    taken, result = {}, []
    for number, (module, lr) in enumerate(groups):
        if not lr > 0:
            raise ValueError(
                f"the learning rate of group {number} is {lr!r}; wanted above 0. To keep its weights, freeze it."
            )
        parameters = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        if not parameters:
            raise ValueError(
                f"group {number} has no parameter that learns; wanted one or more. Unfreeze its module, or drop it."
            )
        for name, parameter in parameters:
            if id(parameter) in taken:
                raise ValueError(
                    f"{name} is in the groups {taken[id(parameter)]} and {number}; wanted each parameter in one. Give "
                    "the parts of a model, not a part and the whole."
                )
            taken[id(parameter)] = number
        result.append({"params": [p for _, p in parameters], "lr": lr})
    return result


def training_mode(model: nn.Module) -> None:
    """`model.train()`, except for normalization layers whose weights are frozen: these stay in evaluation mode."""
    model.train()
    for layer in model.modules():
        if isinstance(layer, _NormBase) and layer.weight is not None and not layer.weight.requires_grad:
            layer.eval()


def _set(modules: tuple[nn.Module, ...], learns: bool) -> None:
    if not modules:
        raise ValueError("modules is empty; wanted at least one. Give a part, such as model.encoder.")
    for module in modules:
        if not isinstance(module, nn.Module) or next(module.parameters(), None) is None:
            raise ValueError(
                f"the module is a {type(module).__name__} without parameters; wanted a part of a model with weights."
            )
        module.requires_grad_(learns)
