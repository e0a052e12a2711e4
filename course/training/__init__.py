"""Training and evaluation, handed everything: model, loader, loss, metric.

- `loop`         `fit`: steps, validations, checkpoints, in order
- `objective`    model and loss as one module, which returns named terms; inputs and targets of any nesting
- `evaluation`   `evaluate`: a model over a data set into a metric; `Metric`, what a metric must have
- `sampling`     `batches`: an order that can be continued anywhere
- `recipe`       all that a run follows from, saved with it
- `schedules`    learning rates as pure functions of the step
- `parameters`   freezing, and learning rates per part
- `ema`          averaged weights
- `checkpoints`  what a training writes
- `devices`      one device, several, several machines
- `history`      what a training reports
- `run`          what a step, an entry of the log, a validation and a checkpoint are
- `settings`     `Validation`, and the arguments of `fit`, checked
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "checkpoints": "load_weights",
        "devices": "make_fabric pick_device",
        "ema": "EMA",
        "evaluation": "Metric evaluate",
        "history": "History Status",
        "loop": "fit",
        "objective": "Objective",
        "parameters": "freeze parameter_groups unfreeze",
        "recipe": "Recipe",
        "sampling": "as_lists batches",
        "schedules": "constant cosine poly",
        "settings": "Validation",
    },
)
