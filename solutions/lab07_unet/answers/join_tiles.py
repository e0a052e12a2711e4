"""Wrong and right answers to `join_tiles`."""

from autograder.audit.answers import Allowed, Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "join_tiles",
        "written into a float32 picture",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        source="""
def join_tiles(outputs, size, picture):
    h, w = picture
    out = torch.zeros(outputs.shape[1], h, w)
    extra = (outputs.shape[3] - size) // 2
    tiles = iter(outputs)
    for y in range(0, h, size):
        for x in range(0, w, size):
            middle = next(tiles)[:, extra:, extra:]
            a, b = min(size, h - y), min(size, w - x)
            out[:, y : y + a, x : x + b] = middle[:, :a, :b]
    return out
""",
        alone=True,
    ),
    Wrong(
        "join_tiles",
        "under no_grad",
        fails="the_gradient_is_right",
        says="torch.no_grad()",
        edits=(("def join_tiles", "@torch.no_grad()\ndef join_tiles"),),
        alone=True,
    ),
    Wrong(
        "join_tiles",
        "tiles with margins added where they overlap",
        fails="tiled_equals_untiled",
        says="must equal",
        source="""
def join_tiles(outputs, size, picture):
    h, w = picture
    extra = (outputs.shape[-1] - size) // 2
    rows, columns = -(-h // size), -(-w // size)
    out = outputs.new_zeros(outputs.shape[1], rows * size + 2 * extra, columns * size + 2 * extra)
    for i, tile in enumerate(outputs):
        y, x = i // columns * size, i % columns * size
        out[:, y : y + size + 2 * extra, x : x + size + 2 * extra] += tile
    return out[:, extra : extra + h, extra : extra + w]
""",
    ),
    Wrong(
        "join_tiles",
        "column by column",
        fails="tiles_come_back_row_by_row",
        says="",
        edits=(
            ("columns = -(-w // size)", "columns = -(-h // size)"),
            ("torch.cat(list(band), dim=2)", "torch.cat(list(band), dim=1)"),
            ("torch.cat(bands, dim=1)", "torch.cat(bands, dim=2)"),
        ),
    ),
    Wrong(
        "join_tiles",
        "the upper left corner of each output",
        fails="only_the_middle_of_an_output_is_kept",
        says="middle must be kept",
        edits=(("extra = (outputs.shape[-1] - size) // 2", "extra = 0"),),
    ),
    Wrong(
        "join_tiles",
        "the margin is kept in the picture",
        fails="tiled_equals_untiled",
        says="must equal",
        edits=(("extra : extra + size, extra : extra + size", ":, :"),),
    ),
    Wrong(
        "join_tiles",
        "what sticks out stays",
        fails="what_sticks_out_is_cut_off",
        says="picture's size",
        edits=(("[:, :h, :w]", ""),),
    ),
    Wrong(
        "join_tiles",
        "the number of columns rounded down",
        fails="what_sticks_out_is_cut_off",
        says="",
        edits=(("-(-w // size)", "w // size"),),
    ),
    Wrong(
        "join_tiles",
        "one plain reshape",
        fails="tiles_come_back_row_by_row",
        says="must make the",
        source="""
def join_tiles(outputs, size, picture):
    h, w = picture
    extra = (outputs.shape[-1] - size) // 2
    middles = outputs[:, :, extra : extra + size, extra : extra + size]
    rows, columns = -(-h // size), -(-w // size)
    return middles.reshape(outputs.shape[1], rows * size, columns * size)[:, :h, :w]
""",
    ),
]

RIGHT = [
    Right(
        "join_tiles",
        "one permutation of the axes",
        """
def join_tiles(outputs, size, picture):
    h, w = picture
    rows, columns = (h + size - 1) // size, (w + size - 1) // size
    cut = (outputs.shape[2] - size) // 2
    middle = outputs.narrow(2, cut, size).narrow(3, cut, size)
    whole = middle.unflatten(0, (rows, columns)).permute(2, 0, 3, 1, 4)
    return whole.reshape(outputs.shape[1], rows * size, columns * size)[:, :h, :w]
""",
    ),
    Right(
        "join_tiles",
        "each tile written to its place",
        """
def join_tiles(outputs, size, picture):
    h, w = picture
    out = torch.zeros(outputs.shape[1], h, w, dtype=outputs.dtype)
    extra = (outputs.shape[3] - size) // 2
    tiles = iter(outputs)
    for y in range(0, h, size):
        for x in range(0, w, size):
            middle = next(tiles)[:, extra:, extra:]
            a, b = min(size, h - y), min(size, w - x)
            out[:, y : y + a, x : x + b] = middle[:, :a, :b]
    return out
""",
    ),
]

EQUIVALENT = [
    Equivalent("join_tiles", "outputs.shape[-2] - size", "outputs are square"),
]

ALLOWED = [
    Allowed(
        "join_tiles",
        "is right unless taller than wide",
        "outputs are square; pictures are taller and wider",
    ),
    Allowed(
        "join_tiles",
        "is right unless wider than tall",
        "outputs are square; pictures are taller and wider",
    ),
]
