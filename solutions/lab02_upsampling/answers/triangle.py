"""Wrong and right answers to `triangle`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "triangle",
        "negative weights beyond 1",
        fails="it_falls_straight_from_one_to_zero",
        says="0 beyond 1",
        edits=((".clamp(min=0)", ""),),
    ),
    Wrong(
        "triangle",
        "the sign of x forgotten",
        fails="it_falls_straight_from_one_to_zero",
        says="both sides of 0",
        edits=(("x.abs()", "x"),),
    ),
    Wrong(
        "triangle",
        "half as wide",
        fails="it_falls_straight_from_one_to_zero",
        says="1 − |x|",
        edits=(("x.abs()", "2 * x.abs()"),),
    ),
    Wrong(
        "triangle",
        "one number at a time",
        fails="it_takes_any_shape_and_dtype",
        says="raised",
        source="def triangle(x):\n    return torch.stack([max(1 - abs(v), v * 0) for v in x.unbind()]) if x.ndim == 1 else x.item()\n",
    ),
]

RIGHT = [
    Right("triangle", "relu", "def triangle(x):\n    return torch.relu(1 - torch.abs(x))\n"),
    Right(
        "triangle",
        "cases",
        "def triangle(x):\n    return torch.where((x > -1) & (x < 1), 1 - torch.maximum(x, -x), torch.zeros_like(x))\n",
    ),
    Right(
        "triangle",
        "a maximum",
        "def triangle(x):\n    return torch.maximum(1 - x.abs(), torch.zeros_like(x))\n",
    ),
]
