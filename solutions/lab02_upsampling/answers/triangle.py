"""Wrong and right answers to `triangle`."""

from autograder.audit.answers import Allowed, Right, Wrong

WRONG = [
    Wrong(
        "triangle",
        "|x| in place",
        fails="it_has_good_manners",
        says="x changed in place",
        alone=True,
        edits=(("x.abs()", "x.abs_()"),),
    ),
    Wrong(
        "triangle",
        "weights into a table of zeros: always float32",
        fails="float64_is_computed_in_float64",
        says="wanted torch.float64",
        alone=True,
        source="""
def triangle(x):
    weights = torch.zeros(x.shape)
    inside = x.abs() < 1
    weights[inside] = 1 - x[inside].abs().float()
    return weights
""",
    ),
    Wrong(
        "triangle",
        "numpy's interpolation",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        source="""
def triangle(x):
    weights = np.interp(x.numpy(), [-1, 0, 1], [0, 1, 0])
    return torch.tensor(weights, dtype=x.dtype)
""",
    ),
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
        fails="it_takes_any_shape",
        says="a float, wanted a tensor",
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

ALLOWED = [
    Allowed("triangle", "cuts large numbers off", "beyond a distance of 1 every weight is 0"),
]
