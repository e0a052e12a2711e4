"""Wrong and right answers to `discrepancy_map`."""

from autograder.audit.answers import Equivalent, Right, Wrong

NAME = "discrepancy_map"
_MEAN = "a_pixel_gets_the_mean_of_the_patches_that_covered_it"
_XY = "boxes_are_read_as_x_then_y"

WRONG = [
    Wrong(
        NAME,
        "the sum",
        fails=_MEAN,
        says="not the sum",
        edits=(("return total / count.clamp(min=1)", "return total"),),
    ),
    Wrong(
        NAME,
        "divided by the number of all patches",
        fails=_MEAN,
        says="that covered it",
        edits=(("total / count.clamp(min=1)", "total / len(boxes)"),),
    ),
    Wrong(
        NAME,
        "the largest change",
        fails=_MEAN,
        says="mean",
        source="""
def discrepancy_map(changes, boxes, size):
    total = changes.new_zeros(size)
    for change, (x1, y1, x2, y2) in zip(changes, boxes.tolist()):
        total[y1:y2, x1:x2] = total[y1:y2, x1:x2].clone().clamp(min=change)
    return total
""",
    ),
    Wrong(
        NAME,
        "the last patch wins",
        fails=_MEAN,
        says="all patches",
        edits=(
            ("total[y1:y2, x1:x2] += change", "total[y1:y2, x1:x2] = change"),
            ("total / count.clamp(min=1)", "total"),
        ),
    ),
    Wrong(
        NAME,
        "0 / 0",
        fails="where_no_patch_was_there_is_0",
        says="NaN came",
        edits=(("count.clamp(min=1)", "count"),),
    ),
    Wrong(
        NAME,
        "one added to every count",
        fails=_MEAN,
        says="mean",
        edits=(("count.clamp(min=1)", "(count + 1)"),),
    ),
    Wrong(
        NAME,
        "x and y swapped",
        fails=_XY,
        says="columns x1 to x2",
        edits=(("(x1, y1, x2, y2) in", "(y1, x1, y2, x2) in"),),
    ),
    Wrong(
        NAME,
        "boxes that include their end",
        fails=_XY,
        says="x2 − 1",
        edits=(("[y1:y2, x1:x2]", "[y1 : y2 + 1, x1 : x2 + 1]"),),
    ),
    Wrong(
        NAME,
        "boxes as (x, y, width, height)",
        fails=_XY,
        says="rows y1 to y2",
        edits=(("[y1:y2, x1:x2]", "[y1 : y1 + y2, x1 : x1 + x2]"),),
    ),
    Wrong(
        NAME,
        "(w, h) for (h, w)",
        fails="where_no_patch_was_there_is_0",
        says="the image's size",
        edits=(
            (
                "changes.new_zeros(size), changes.new_zeros(size)",
                "changes.new_zeros(size[::-1]), changes.new_zeros(size[::-1])",
            ),
        ),
    ),
    Wrong(
        NAME,
        "scaled to 1",
        fails="changes_may_have_any_size_and_sign",
        says="not scaled",
        edits=(
            (
                "return total / count.clamp(min=1)",
                "total = total / count.clamp(min=1)\n    return total / total.max()",
            ),
        ),
    ),
    Wrong(
        NAME,
        "absolute values",
        fails="changes_may_have_any_size_and_sign",
        says="signs kept",
        edits=(("+= change", "+= change.abs()"),),
    ),
    Wrong(
        NAME,
        "plain numbers, out of the graph",
        fails="the_gradient_is_right",
        says="No gradient",
        edits=(
            (
                "zip(changes, boxes.tolist(), strict=True)",
                "zip(changes.tolist(), boxes.tolist(), strict=True)",
            ),
        ),
    ),
    Wrong(
        NAME,
        "always float32",
        fails="float64_is_computed_in_float64",
        says="float64",
        edits=(
            (
                "changes.new_zeros(size), changes.new_zeros(size)",
                "torch.zeros(size), torch.zeros(size)",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        NAME,
        "masks and a product of matrices",
        """
def discrepancy_map(changes, boxes, size):
    h, w = size
    y, x = torch.arange(h), torch.arange(w)
    rows = ((y >= boxes[:, 1:2]) & (y < boxes[:, 3:4])).to(changes.dtype)
    columns = ((x >= boxes[:, 0:1]) & (x < boxes[:, 2:3])).to(changes.dtype)
    total, count = (rows * changes[:, None]).T @ columns, rows.T @ columns
    return torch.where(count > 0, total / count.clamp(min=1), torch.zeros_like(total))
""",
    ),
    Right(
        NAME,
        "pixel by pixel",
        """
def discrepancy_map(changes, boxes, size):
    rows = []
    for y in range(size[0]):
        row = []
        for x in range(size[1]):
            over = (boxes[:, 0] <= x) & (x < boxes[:, 2]) & (boxes[:, 1] <= y) & (y < boxes[:, 3])
            row.append(changes[over].mean() if over.any() else changes.new_zeros(()))
        rows.append(torch.stack(row))
    return torch.stack(rows)
""",
    ),
]

EQUIVALENT = [
    Equivalent(NAME, "strict=False", "there is one change for each box"),
]
