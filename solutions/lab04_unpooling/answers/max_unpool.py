"""Wrong and right answers to `max_unpool`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "max_unpool",
        "values copied one by one as plain numbers",
        fails="the_gradient_is_right",
        says=".item()",
        source="""
def max_unpool(values, switches, size):
    n, c, a, b = values.shape
    out = torch.zeros(n, c, *size, dtype=values.dtype)
    for i in range(n):
        for j in range(c):
            for y in range(a):
                for x in range(b):
                    row, column = divmod(switches[i, j, y, x].item(), size[1])
                    out[i, j, row, column] = values[i, j, y, x].item()
    return out
""",
    ),
    Wrong(
        "max_unpool",
        "always the upper left corner (bed of nails)",
        fails="values_return_to_the_places_of_the_maxima",
        says="where its switch points",
        source="""
def max_unpool(values, switches, size):
    out = values.new_zeros(*values.shape[:2], *size)
    a, b = values.shape[-2:]
    out[..., : 2 * a : 2, : 2 * b : 2] = values
    return out
""",
    ),
    Wrong(
        "max_unpool",
        "the size is always twice the small one",
        fails="the_result_has_the_size_that_was_asked_for",
        says="odd size",
        edits=(("h, w = size", "h, w = 2 * values.shape[2], 2 * values.shape[3]"),),
    ),
    Wrong(
        "max_unpool",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            ("values.new_zeros(n, c, h * w)", "torch.zeros(n, c, h * w)"),
            ("values.flatten(2))", "values.flatten(2).float())"),
        ),
    ),
    Wrong(
        "max_unpool",
        "height and width swapped",
        fails="the_result_has_the_size_that_was_asked_for",
        says="odd size",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "max_unpool",
        "negative values are lost",
        fails="other_values_can_travel_with_the_same_switches",
        says="negative ones too",
        edits=(("values.flatten(2))", "values.flatten(2).clamp(min=0))"),),
    ),
]

RIGHT = [
    Right(
        "max_unpool",
        "rows and columns, advanced indexing",
        """
def max_unpool(values, switches, size):
    n, c, a, b = values.shape
    out = torch.zeros((n, c, *size), dtype=values.dtype, device=values.device)
    batch = torch.arange(n).view(n, 1, 1, 1)
    channel = torch.arange(c).view(1, c, 1, 1)
    out[batch, channel, switches // size[1], switches % size[1]] = values
    return out
""",
    ),
    Right(
        "max_unpool",
        "one long vector and put_",
        """
def max_unpool(values, switches, size):
    n, c = values.shape[:2]
    plane = size[0] * size[1]
    offset = torch.arange(n * c).reshape(n, c, 1, 1) * plane
    out = torch.zeros(n * c * plane, dtype=values.dtype)
    out[(switches + offset).reshape(-1)] = values.reshape(-1)
    return out.view(n, c, *size)
""",
    ),
]
