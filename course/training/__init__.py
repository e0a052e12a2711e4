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

from course.training.checkpoints import load_weights
from course.training.devices import make_fabric
from course.training.ema import EMA
from course.training.evaluation import Metric, evaluate
from course.training.history import History, Progress
from course.training.loop import fit
from course.training.parameters import freeze, parameter_groups, unfreeze
from course.training.run import Validation
from course.training.sampling import batches
from course.training.schedules import constant, cosine, poly

__all__ = [
    "EMA",
    "History",
    "Metric",
    "Progress",
    "Validation",
    "batches",
    "constant",
    "cosine",
    "evaluate",
    "fit",
    "freeze",
    "load_weights",
    "make_fabric",
    "parameter_groups",
    "poly",
    "unfreeze",
]
