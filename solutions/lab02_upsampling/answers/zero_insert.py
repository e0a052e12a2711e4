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
def zero_insert(image, factor):
    spread = image.new_zeros(image.numel(), factor)
    spread[:, 0] = image.view(-1)
    return spread.view(*image.shape[:-1], image.shape[-1] * factor)
""",
    ),
    Wrong(
        "zero_insert",
        "an outer product, which whole numbers and bool do not have with floats",
        fails="whatever_came_in_keeps_its_dtype",
        says="zeros are torch.int64 too",
        source="""
def zero_insert(image, factor):
    first = torch.zeros(factor)
    first[0] = 1
    return (image[..., None] * first).flatten(-2)
""",
    ),
    Wrong(
        "zero_insert",
        "plain numbers in a new tensor",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        source="""
def zero_insert(image, factor):
    zeros = [0] * (factor - 1)
    flat = [number for sample in image.flatten().tolist() for number in [sample, *zeros]]
    return torch.tensor(flat, dtype=image.dtype).reshape(*image.shape[:-1], image.shape[-1] * factor)
""",
    ),
    Wrong(
        "zero_insert",
        "no zeros after the last sample",
        fails="samples_stand_at_every_factor_th_place",
        says="the last one too",
        edits=(("image.shape[-1] * factor)", "(image.shape[-1] - 1) * factor + 1)"),),
    ),
    Wrong(
        "zero_insert",
        "samples repeated instead of zeros",
        fails="samples_stand_at_every_factor_th_place",
        says="itself, then zeros",
        source="def zero_insert(image, factor):\n    return image.repeat_interleave(factor, -1)\n",
    ),
    Wrong(
        "zero_insert",
        "factor zeros after each sample, one too many",
        fails="samples_stand_at_every_factor_th_place",
        says="a sample takes",
        edits=(
            ("image.shape[-1] * factor)", "image.shape[-1] * (factor + 1))"),
            ("[..., ::factor]", "[..., :: factor + 1]"),
        ),
    ),
    Wrong(
        "zero_insert",
        "rows are pulled apart too",
        fails="only_the_last_axis_is_pulled_apart",
        says="along the last axis alone",
        source="""
def zero_insert(image, factor):
    if image.ndim == 1:
        spread = image.new_zeros(len(image) * factor)
        spread[::factor] = image
        return spread
    h, w = image.shape[-2:]
    spread = image.new_zeros(*image.shape[:-2], h * factor, w * factor)
    spread[..., ::factor, ::factor] = image
    return spread
""",
    ),
    Wrong(
        "zero_insert",
        "always float32",
        fails="whatever_came_in_keeps_its_dtype",
        says="dtype",
        edits=(("image.new_zeros(", "torch.zeros("),),
    ),
]

RIGHT = [
    Right(
        "zero_insert",
        "zeros stacked beside each sample",
        """
def zero_insert(image, factor):
    nothing = torch.zeros_like(image)
    return torch.stack([image] + [nothing] * (factor - 1), dim=-1).flatten(-2)
""",
    ),
    Right(
        "zero_insert",
        "repeated, then masked by the place",
        """
def zero_insert(image, factor):
    wide = torch.repeat_interleave(image, factor, dim=-1)
    place = torch.arange(wide.shape[-1], device=image.device)
    return wide * (place % factor == 0).to(image.dtype)
""",
    ),
    Right(
        "zero_insert",
        "pad of a new axis",
        """
def zero_insert(image, factor):
    return F.pad(image.unsqueeze(-1), (0, factor - 1)).reshape(*image.shape[:-1], image.shape[-1] * factor)
""",
    ),
]
