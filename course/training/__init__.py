"""Training and evaluation, handed everything: model, loader, loss, metric.

- `loop`         `fit`: steps, validations, checkpoints, in order
- `evaluation`   `evaluate`: a model over a data set into a metric
- `sampling`     `batches`: an order that can be continued anywhere
- `schedules`    learning rates as pure functions of the step
- `parameters`   freezing, and learning rates per part
- `ema`          averaged weights
- `checkpoints`  safetensors, written atomically
- `devices`      one device, several, several machines
- `history`      what a training tells
- `run`          what a step, an entry of the log, a validation and a checkpoint are
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "checkpoints": "load_weights",
        "devices": "make_fabric",
        "ema": "EMA",
        "evaluation": "Metric evaluate",
        "history": "History Progress",
        "loop": "fit",
        "parameters": "freeze parameter_groups unfreeze",
        "run": "Validation",
        "sampling": "batches",
        "schedules": "constant cosine poly",
    },
)
