"""What a training minimizes: a model and its loss in one module.

`fit` gives this module to Fabric, and not the model alone, so that several processes and `torch.compile` see one
forward pass, whatever happens in it. Inputs and targets may be nested as a task needs them: a tensor, or lists of
images, boxes and masks. The loss is a scalar, or several by name; their sum is minimized, and the log has a column for
each.

A detector needs its targets in the middle of its forward pass. Its objective is a function of (model, inputs, targets)
that calls the model's parts. So a model gives the same outputs in training and in evaluation mode.

    def detection_losses(model, images, targets):
        features = model.features(images)
        proposals = model.propose(features, targets)
        return {"boxes": box_loss(model.boxes(features, proposals), targets), "masks": …}

    fit(model, loader, objective=detection_losses, steps=1000)
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Terms = dict[str, Tensor]
Loss = Callable[[Any, Any], Tensor | Terms]
TaskLoss = Callable[[nn.Module, Any, Any], Tensor | Terms]
_COLUMNS = ("step", "loss", "lr")  # of the log; no term may take their place


class Objective(nn.Module):
    """A model and what it is trained by.

    Args:
        model: any module.
        task_loss: task_loss(model, inputs, targets) -> a scalar, or scalars by name.

    Call with inputs and targets as the loader gives them; returns the terms of the loss by name.

    Raises:
        ValueError: in the call: a term that is not a scalar, no term, or one that is called as a column of the log.
    """

    def __init__(self, model: nn.Module, task_loss: TaskLoss):
        super().__init__()
        self.model, self.task_loss = model, task_loss

    def forward(self, inputs: Any, targets: Any) -> Terms:
        """The terms of the loss."""
        return _named(self.task_loss(self.model, inputs, targets))


class OutputLoss(nn.Module):
    """The usual objective: a loss of the model's outputs and the targets, computed in at least float32.

    Args:
        loss: loss(outputs, targets) -> a scalar, or scalars by name.

    Call with model, inputs and targets; returns what the loss returns.
    """

    def __init__(self, loss: Loss):
        super().__init__()
        self.loss = loss

    def forward(self, model: nn.Module, inputs: Any, targets: Any) -> Tensor | Terms:
        """The loss of model(inputs)."""
        outputs = map_tensors(at_least_float32, model(inputs))
        with torch.autocast(next(model.parameters()).device.type, enabled=False):
            return self.loss(outputs, targets)


def map_tensors(function: Callable[[Tensor], Tensor], nested: Any) -> Any:
    """Apply a function to every tensor in nested tuples, lists and dicts; other things stay as they are."""
    if isinstance(nested, Tensor):
        return function(nested)
    if isinstance(nested, dict):
        return {key: map_tensors(function, value) for key, value in nested.items()}
    if isinstance(nested, list | tuple):
        mapped = [map_tensors(function, value) for value in nested]
        return type(nested)(*mapped) if hasattr(nested, "_fields") else type(nested)(mapped)
    return nested


def at_least_float32(tensor: Tensor) -> Tensor:
    """The tensor; in float32 where it is float16 or bfloat16."""
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor


def _named(loss: Tensor | Mapping[str, Tensor]) -> Terms:
    terms = {"loss": loss} if isinstance(loss, Tensor) else dict(loss)
    taken = [name for name in terms if name in _COLUMNS and len(terms) > 1]
    if not terms or taken:
        raise ValueError(
            f"the loss has the terms {list(terms)}; wanted at least one, and none called {', '.join(_COLUMNS)}, which "
            "are columns of the log. Give it another name."
        )
    for name, term in terms.items():
        if term.ndim:
            raise ValueError(f"the term {name!r} has shape {tuple(term.shape)}; wanted a scalar. Take its mean.")
    return terms
