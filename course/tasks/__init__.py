"""A task put together: source, objective, metric and view. The one room that sees all the others.

- `semantic`    train and evaluate a semantic network: what `course train` and `course evaluate` do
- `criteria`    the losses by name, and sums of them
- `prediction`  masks and overlays of pictures: what `course predict` does
- `shipping`    a run becomes a checkpoint that ships; what ships is scored again
"""
