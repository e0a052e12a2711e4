"""Wrong and right answers to `resize`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "resize",
        "float32 out, whatever came in",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(
            (".to(image)", ".float()"),
            ("rows @ image @", "rows @ image.float() @"),
        ),
    ),
    Wrong(
        "resize",
        "planes by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(
            (
                "rows @ image @ columns.T",
                "(rows @ image.view(-1, h, w) @ columns.T).view(*image.shape[:-2], *size)",
            ),
        ),
    ),
    Wrong(
        "resize",
        "clamped to the range of a picture",
        fails="numbers_of_any_size_and_sign_are_resized",
        says="Where the numbers are",
        edits=(
            (
                "    return rows @ image @ columns.T",
                "    return (rows @ image @ columns.T).clamp(0, 1)",
            ),
        ),
    ),
    Wrong(
        "resize",
        "height and width exchanged",
        fails="height_comes_first_and_other_dimensions_stay",
        says="(h, w)",
        edits=(("size[0]", "size[2 - 1]"), ("size[1]", "size[0]"), ("size[2 - 1]", "size[1]")),
    ),
    Wrong(
        "resize",
        "only the width",
        fails="height_comes_first_and_other_dimensions_stay",
        says="shape",
        edits=(("rows @ image @ columns.T", "image @ columns.T"),),
    ),
    Wrong(
        "resize",
        "the picture turned by the wrong transposition",
        fails="up_and_down_it_gives_the_pictures_of_pillow",
        says="is not Pillow's picture",
        edits=(("rows @ image @ columns.T", "(columns @ image.mT @ rows.T)"),),
    ),
    Wrong(
        "resize",
        "float64 out, whatever came in",
        fails="it_has_good_manners",
        says="Given torch.float32, it must return the same dtype",
        alone=True,
        edits=(
            ("(h, size[0], kernel).to(image)", "(h, size[0], kernel)"),
            ("(w, size[1], kernel).to(image)", "(w, size[1], kernel)"),
            ("rows @ image @", "rows @ image.double() @"),
        ),
    ),
    Wrong(
        "resize",
        "the matrix for the rows used for both axes",
        fails="height_comes_first_and_other_dimensions_stay",
        says="the height comes first",
        edits=(
            (
                "columns = resize_weights(w, size[1], kernel)",
                "columns = resize_weights(h, size[0], kernel)",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "resize",
        "einsum",
        """
def resize(image, size, kernel):
    rows = resize_weights(image.shape[-2], size[0], kernel)
    columns = resize_weights(image.shape[-1], size[1], kernel)
    return torch.einsum("ih,...hw,jw->...ij", rows, image.double(), columns).to(image.dtype)
""",
    ),
    Right(
        "resize",
        "the columns first, transposed",
        """
def resize(image, size, kernel):
    for length in reversed(size):
        matrix = resize_weights(image.shape[-1], length, kernel).to(image.dtype)
        image = torch.matmul(image, matrix.mT).transpose(-1, -2)
    return image
""",
    ),
]
