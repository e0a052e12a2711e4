"""Wrong and right answers to `lanczos`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "lanczos",
        "number by number, with math",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        source="""
def lanczos(x, lobes):
    import math

    def sinc(t):
        return math.sin(math.pi * t) / (math.pi * t) if t else 1.0

    weights = [sinc(t) * sinc(t / lobes) if abs(t) < lobes else 0.0 for t in x.flatten().tolist()]
    return torch.tensor(weights, dtype=x.dtype, device=x.device).reshape(x.shape)
""",
    ),
    Wrong(
        "lanczos",
        "x multiplied by π in place",
        fails="it_has_good_manners",
        says="x changed in place",
        edits=(
            ("t = torch.pi * x", "t = x.mul_(torch.pi)"),
            ("x.abs() < lobes", "x.abs() < torch.pi * lobes"),
        ),
    ),
    Wrong(
        "lanczos",
        "a small number added against 0 / 0",
        fails="float64_is_computed_in_float64",
        says="a small number is added",
        edits=(("t = torch.pi * x", "t = torch.pi * x + 1e-7"),),
    ),
    Wrong(
        "lanczos",
        "NaN at 0",
        fails="at_zero_it_is_one",
        says="not NaN",
        source="""
def lanczos(x, lobes):
    t = torch.pi * x
    weights = torch.sin(t) / t * torch.sin(t / lobes) / (t / lobes)
    return torch.where(x.abs() < lobes, weights, torch.zeros_like(x))
""",
    ),
    Wrong(
        "lanczos",
        "0 at 0",
        fails="at_zero_it_is_one",
        says="limit of sin",
        edits=(("torch.where(x == 0, 1.0,", "torch.where(x == 0, 0.0,"),),
    ),
    Wrong(
        "lanczos",
        "a rest of rounding at the end",
        fails="it_ends_where_the_lobes_end",
        says="exactly 0",
        edits=(("torch.where(x.abs() < lobes, weights, 0.0)", "weights"),),
    ),
    Wrong(
        "lanczos",
        "the sine without π",
        fails="it_is_a_sinc_faded_out_by_a_wider_one",
        says="sin(πx)",
        edits=(("torch.pi * x", "1.0 * x"),),
    ),
    Wrong(
        "lanczos",
        "a plain sinc, not faded out",
        fails="it_is_a_sinc_faded_out_by_a_wider_one",
        says="sinc(x / lobes)",
        edits=((" * torch.sin(t / lobes) / (t / lobes)", ""),),
    ),
    Wrong(
        "lanczos",
        "always three lobes",
        fails="it_has_as_many_lobes_as_one_likes",
        says="lobes the curve is not right",
        edits=(("    t = ", "    lobes = 3\n    t = "),),
    ),
]

RIGHT = [
    Right(
        "lanczos",
        "two sincs, filled in by masks",
        """
def lanczos(x, lobes):
    def sinc_of(t):
        out = torch.ones_like(t)
        some = t != 0
        out[some] = torch.sin(torch.pi * t[some]) / (torch.pi * t[some])
        return out

    weights = sinc_of(x) * sinc_of(x / lobes)
    weights[x.abs() >= lobes] = 0
    return weights
""",
    ),
    Right(
        "lanczos",
        "NaN replaced afterwards",
        """
def lanczos(x, lobes):
    t = torch.pi * x
    weights = (lobes * torch.sin(t) * torch.sin(t / lobes) / t**2).masked_fill(x == 0, 1.0)
    return weights * (x.abs() < lobes)
""",
    ),
]
