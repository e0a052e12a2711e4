"""Wrong and right answers to `pixel_shuffle`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "pixel_shuffle",
        "laid flat by view, which needs memory in order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(("x.reshape(n, c,", "x.view(-1).reshape(n, c,"),),
    ),
    Wrong(
        "pixel_shuffle",
        "pixels copied one by one as plain numbers",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(
            (
                "    c = channels",
                "    x = torch.tensor(x.tolist(), dtype=x.dtype)\n    c = channels",
            ),
        ),
    ),
    Wrong(
        "pixel_shuffle",
        "a table of zeros: always float32",
        fails="float64_is_computed_in_float64",
        says="wanted torch.float64",
        source="""
def pixel_shuffle(x, factor):
    n, c, h, w = x.shape
    out = torch.zeros(n, c // factor**2, factor * h, factor * w)
    for a in range(factor):
        for b in range(factor):
            out[:, :, a::factor, b::factor] = x[:, a * factor + b :: factor**2]
    return out
""",
    ),
    Wrong(
        "pixel_shuffle",
        "rows and columns of the block swapped",
        fails="four_channels_make_blocks_of_two_by_two",
        says="row a, column b",
        edits=(("permute(0, 1, 4, 2, 5, 3)", "permute(0, 1, 4, 3, 5, 2)"),),
    ),
    Wrong(
        "pixel_shuffle",
        "a reshape alone",
        fails="four_channels_make_blocks_of_two_by_two",
        says="of each block",
        edits=((".permute(0, 1, 4, 2, 5, 3)", ""),),
    ),
    Wrong(
        "pixel_shuffle",
        "the output channel counts fastest",
        fails="the_output_channel_counts_slowest",
        says="c·f²",
        edits=(
            ("x.reshape(n, c, factor, factor, h, w)", "x.reshape(n, factor, factor, c, h, w)"),
            ("permute(0, 1, 4, 2, 5, 3)", "permute(0, 3, 4, 1, 5, 2)"),
        ),
    ),
    Wrong(
        "pixel_shuffle",
        "height and width swapped",
        fails="height_and_width_are_kept_apart",
        says="(f·h, f·w)",
        edits=(("n, channels, h, w = x.shape", "n, channels, w, h = x.shape"),),
    ),
    Wrong(
        "pixel_shuffle",
        "always 2 × 2",
        fails="any_factor_will_do",
        says="each block is 4×4",
        edits=(("n, channels, h, w", "factor = 2\n    n, channels, h, w"),),
    ),
    Wrong(
        "pixel_shuffle",
        "always floats",
        fails="numbers_of_any_dtype_only_move",
        says="the dtype stays",
        edits=(("c, factor * h, factor * w)", "c, factor * h, factor * w).float()"),),
    ),
]

RIGHT = [
    Right(
        "pixel_shuffle",
        "one phase at a time, by strided slices",
        """
def pixel_shuffle(x, factor):
    n, c, h, w = x.shape
    out = x.new_empty(n, c // factor**2, h * factor, w * factor)
    for a in range(factor):
        for b in range(factor):
            out[..., a::factor, b::factor] = x[:, a * factor + b :: factor**2]
    return out
""",
    ),
    Right(
        "pixel_shuffle",
        "einops",
        """
def pixel_shuffle(x, factor):
    from einops import rearrange

    return rearrange(x, "n (c a b) h w -> n c (h a) (w b)", a=factor, b=factor)
""",
    ),
]
