"""Wrong and right answers to `resize_weights`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "resize_weights",
        "centers and places in float32",
        fails="the_matrix_is_computed_in_float64",
        says="not exact to ten digits",
        edits=(
            ("dtype=torch.float64", "dtype=torch.float32"),
            ("return weights /", "weights = weights.double()\n    return weights /"),
        ),
    ),
    Wrong(
        "resize_weights",
        "the half pixel forgotten in the new picture",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="(i + ½)",
        edits=(("torch.float64) + 0.5) * ratio", "torch.float64)) * ratio"),),
    ),
    Wrong(
        "resize_weights",
        "the half pixel forgotten in both pictures",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="(i + ½)",
        edits=(
            ("torch.float64) + 0.5) * ratio", "torch.float64)) * ratio"),
            ("dtype=torch.float64) + 0.5\n", "dtype=torch.float64)\n"),
        ),
    ),
    Wrong(
        "resize_weights",
        "aligned corners",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="centers lie at",
        edits=(
            (
                "(torch.arange(n_out, dtype=torch.float64) + 0.5) * ratio",
                "torch.linspace(0.5, n_in - 0.5, n_out, dtype=torch.float64)",
            ),
        ),
    ),
    Wrong(
        "resize_weights",
        "the kernel never widened (no anti-aliasing)",
        fails="on_the_way_down_the_kernel_grows",
        says="must be widened",
        edits=(("max(1.0, ratio)", "1.0"),),
    ),
    Wrong(
        "resize_weights",
        "the kernel narrowed on the way up",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="keeps its width",
        edits=(("max(1.0, ratio)", "ratio"),),
    ),
    Wrong(
        "resize_weights",
        "rows not divided by their sums",
        fails="every_row_sums_to_one",
        says="sum to 1",
        edits=(("weights / weights.sum(dim=1, keepdim=True)", "weights / max(1.0, ratio)"),),
    ),
    Wrong(
        "resize_weights",
        "columns divided by their sums",
        fails="every_row_sums_to_one",
        says="row must sum to 1",
        edits=(("dim=1", "dim=0"),),
    ),
    Wrong(
        "resize_weights",
        "the matrix transposed",
        fails="the_matrix_is_computed_in_float64",
        says="(n_out, n_in)",
        edits=(
            ("keepdim=True)", "keepdim=True)).mT"),
            ("return weights /", "return (weights /"),
        ),
    ),
    Wrong(
        "resize_weights",
        "float32 all the way",
        fails="the_matrix_is_computed_in_float64",
        says="dtype",
        alone=True,
        edits=(("torch.float64", "torch.float32"),),
    ),
]

RIGHT = [
    Right(
        "resize_weights",
        "row by row",
        """
def resize_weights(n_in, n_out, kernel):
    curve, scale = KERNELS[kernel], n_in / n_out
    matrix = torch.zeros(n_out, n_in, dtype=torch.float64)
    for i in range(n_out):
        for j in range(n_in):
            distance = torch.tensor(j + 0.5 - (i + 0.5) * scale, dtype=torch.float64)
            matrix[i, j] = curve(distance / scale if scale > 1 else distance)
        matrix[i] /= matrix[i].sum()
    return matrix
""",
    ),
    Right(
        "resize_weights",
        "pixels as points at whole numbers, einsum's order",
        """
def resize_weights(n_in, n_out, kernel):
    ratio = n_in / n_out
    center = ratio * torch.arange(n_out).double() + (ratio - 1) / 2
    gap = torch.arange(n_in).double().unsqueeze(0) - center.unsqueeze(1)
    weights = KERNELS[kernel](gap * min(1.0, n_out / n_in))
    return torch.einsum("ij,i->ij", weights, 1 / weights.sum(1))
""",
    ),
]
