"""Wrong and right answers to `cut_tiles`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "cut_tiles",
        "a batch of one made in place",
        fails="it_has_good_manners",
        says="image changed in place",
        edits=(
            (
                "    h, w = image.shape[1:]\n",
                "    h, w = image.shape[1:]\n    image.unsqueeze_(0)\n",
            ),
            ("F.pad(image[None],", "F.pad(image,"),
        ),
        alone=True,
    ),
    Wrong(
        "cut_tiles",
        "by way of numpy",
        fails="the_gradient_is_right",
        says="numpy",
        source="""
def cut_tiles(image, size, margin):
    import numpy as np

    c, h, w = image.shape
    rows, columns = (h + size - 1) // size, (w + size - 1) // size
    large = np.pad(
        image.numpy(),
        ((0, 0), (margin, rows * size - h + margin), (margin, columns * size - w + margin)),
        mode="reflect",
    )
    out = torch.empty(rows * columns, c, size + 2 * margin, size + 2 * margin, dtype=image.dtype)
    for i in range(rows * columns):
        y, x = i // columns * size, i % columns * size
        out[i] = torch.from_numpy(large[:, y : y + size + 2 * margin, x : x + size + 2 * margin].copy())
    return out
""",
    ),
    Wrong(
        "cut_tiles",
        "rows and columns of tiles taken for each other",
        fails="tiles_stand_row_by_row",
        says="",
        source="""
def cut_tiles(image, size, margin):
    h, w = image.shape[1:]
    large = F.pad(image[None], (margin, margin + -w % size, margin, margin + -h % size), mode="reflect")[0]
    side = size + 2 * margin
    return torch.stack(
        [large[:, y : y + side, x : x + side] for y in range(0, w, size) for x in range(0, h, size)]
    )
""",
    ),
    Wrong(
        "cut_tiles",
        "zeros beyond the border",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="mirrored about its outermost pixel",
        edits=(('mode="reflect"', 'mode="constant"'),),
    ),
    Wrong(
        "cut_tiles",
        "the outermost pixel repeated",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="mirrored about its outermost pixel",
        edits=(('mode="reflect"', 'mode="replicate"'),),
    ),
    Wrong(
        "cut_tiles",
        "symmetric mirroring: the outermost pixel twice",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="not repeated",
        source="""
def cut_tiles(image, size, margin):
    import numpy as np

    h, w = image.shape[1:]
    spread = [(0, 0), (margin, margin + -h % size), (margin, margin + -w % size)]
    large = torch.from_numpy(np.pad(image.numpy(), spread, mode="symmetric"))
    side = size + 2 * margin
    return torch.stack(
        [large[:, y : y + side, x : x + side] for y in range(0, h, size) for x in range(0, w, size)]
    )
""",
    ),
    Wrong(
        "cut_tiles",
        "column by column",
        fails="tiles_stand_row_by_row",
        says="row by row",
        source="""
def cut_tiles(image, size, margin):
    h, w = image.shape[1:]
    below, right = margin + -h % size, margin + -w % size
    large = F.pad(image[None], (margin, right, margin, below), mode="reflect")[0]
    side = size + 2 * margin
    return torch.stack(
        [large[:, y : y + side, x : x + side] for x in range(0, w, size) for y in range(0, h, size)]
    )
""",
    ),
    Wrong(
        "cut_tiles",
        "the last row and column of tiles are dropped",
        fails="tiles_that_stick_out_are_whole_and_mirrored_too",
        says="",
        edits=(
            ("range(0, h, size)", "range(0, h - size + 1, size)"),
            ("range(0, w, size)", "range(0, w - size + 1, size)"),
        ),
    ),
    Wrong(
        "cut_tiles",
        "the margin on one side only",
        fails="tiles_overlap_by_their_margins",
        says="on each of its sides",
        edits=(("size + 2 * margin", "size + margin"),),
    ),
    Wrong(
        "cut_tiles",
        "every tile is mirrored, not only at the picture's border",
        fails="tiles_overlap_by_their_margins",
        says="the picture's own pixels",
        source="""
def cut_tiles(image, size, margin):
    h, w = image.shape[1:]
    large = F.pad(image[None], (0, -w % size, 0, -h % size), mode="reflect")[0]
    tiles = [large[:, y : y + size, x : x + size] for y in range(0, h, size) for x in range(0, w, size)]
    return F.pad(torch.stack(tiles), (margin,) * 4, mode="reflect")
""",
    ),
    Wrong(
        "cut_tiles",
        "steps of a tile with its margins: tiles do not overlap",
        fails="tiles_overlap_by_their_margins",
        says="",
        edits=(
            ("range(0, h, size)", "range(0, h, side)"),
            ("range(0, w, size)", "range(0, w, side)"),
        ),
    ),
    Wrong(
        "cut_tiles",
        "float32 whatever comes in",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(("F.pad(image[None],", "F.pad(image[None].float(),"),),
    ),
]

RIGHT = [
    Right(
        "cut_tiles",
        "an index for every row and column of every tile",
        """
def cut_tiles(image, size, margin):
    def mirrored(start, length):
        places = torch.arange(start - margin, start + size + margin).abs()
        return (length - 1) - ((length - 1) - places).abs()

    h, w = image.shape[1:]
    tiles = []
    for y in range(0, h, size):
        for x in range(0, w, size):
            tiles.append(image[:, mirrored(y, h)][:, :, mirrored(x, w)])
    return torch.stack(tiles)
""",
    ),
    Right(
        "cut_tiles",
        "mirrored by flipped strips, each tile written to its place",
        """
def cut_tiles(image, size, margin):
    c, h, w = image.shape
    rows, columns = (h + size - 1) // size, (w + size - 1) // size
    below, right = rows * size - h + margin, columns * size - w + margin
    up, down = image[:, 1 : margin + 1].flip(1), image[:, h - 1 - below : h - 1].flip(1)
    image = torch.cat([up, image, down], 1)
    before, after = image[:, :, 1 : margin + 1].flip(2), image[:, :, w - 1 - right : w - 1].flip(2)
    large = torch.cat([before, image, after], 2)
    side = size + 2 * margin
    out = large.new_empty(rows * columns, c, side, side)
    for i in range(rows * columns):
        y, x = i // columns * size, i % columns * size
        out[i] = large[:, y : y + side, x : x + side]
    return out
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "cut_tiles", "mode='reflect')[-1]", "the batch has one picture: the first is the last"
    ),
]
