"""Wrong and right answers to `zero_insert`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "zero_insert",
        "views, which need memory in order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        source="""
def zero_insert(x, factor):
    spread = x.new_zeros(x.numel(), factor)
    spread[:, 0] = x.view(-1)
    return spread.view(*x.shape[:-1], x.shape[-1] * factor)
""",
    ),
    Wrong(
        "zero_insert",
        "an outer product, which whole numbers and bool do not have with floats",
        fails="whatever_came_in_keeps_its_dtype",
        says="zeros are torch.int64 too",
        source="""
def zero_insert(x, factor):
    first = torch.zeros(factor)
    first[0] = 1
    return (x[..., None] * first).flatten(-2)
""",
    ),
    Wrong(
        "zero_insert",
        "plain numbers in a new tensor",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        source="""
def zero_insert(x, factor):
    zeros = [0] * (factor - 1)
    flat = [number for sample in x.flatten().tolist() for number in [sample, *zeros]]
    return torch.tensor(flat, dtype=x.dtype).reshape(*x.shape[:-1], x.shape[-1] * factor)
""",
    ),
    Wrong(
        "zero_insert",
        "no zeros after the last sample",
        fails="samples_stand_at_every_factor_th_place",
        says="the last one too",
        edits=(("x.shape[-1] * factor)", "(x.shape[-1] - 1) * factor + 1)"),),
    ),
    Wrong(
        "zero_insert",
        "samples repeated instead of zeros",
        fails="samples_stand_at_every_factor_th_place",
        says="itself, then zeros",
        source="def zero_insert(x, factor):\n    return x.repeat_interleave(factor, -1)\n",
    ),
    Wrong(
        "zero_insert",
        "factor zeros after each sample, one too many",
        fails="samples_stand_at_every_factor_th_place",
        says="a sample takes",
        edits=(
            ("x.shape[-1] * factor)", "x.shape[-1] * (factor + 1))"),
            ("[..., ::factor]", "[..., :: factor + 1]"),
        ),
    ),
    Wrong(
        "zero_insert",
        "rows are pulled apart too",
        fails="only_the_last_axis_is_pulled_apart",
        says="along the last axis alone",
        source="""
def zero_insert(x, factor):
    if x.ndim == 1:
        spread = x.new_zeros(len(x) * factor)
        spread[::factor] = x
        return spread
    h, w = x.shape[-2:]
    spread = x.new_zeros(*x.shape[:-2], h * factor, w * factor)
    spread[..., ::factor, ::factor] = x
    return spread
""",
    ),
    Wrong(
        "zero_insert",
        "always float32",
        fails="whatever_came_in_keeps_its_dtype",
        says="dtype",
        edits=(("x.new_zeros(", "torch.zeros("),),
    ),
]

RIGHT = [
    Right(
        "zero_insert",
        "zeros stacked beside each sample",
        """
def zero_insert(x, factor):
    nothing = torch.zeros_like(x)
    return torch.stack([x] + [nothing] * (factor - 1), dim=-1).flatten(-2)
""",
    ),
    Right(
        "zero_insert",
        "repeated, then masked by the place",
        """
def zero_insert(x, factor):
    wide = torch.repeat_interleave(x, factor, dim=-1)
    place = torch.arange(wide.shape[-1], device=x.device)
    return wide * (place % factor == 0).to(x.dtype)
""",
    ),
    Right(
        "zero_insert",
        "pad of a new axis",
        """
def zero_insert(x, factor):
    return F.pad(x.unsqueeze(-1), (0, factor - 1)).reshape(*x.shape[:-1], x.shape[-1] * factor)
""",
    ),
]
