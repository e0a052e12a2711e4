"""Wrong and right answers to `border_weights`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "border_weights",
        "the second distance added in place",
        fails="it_has_good_manners",
        says="d1 changed in place",
        source="""
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    inside = d1 == 0
    d1 += d2
    border = w0 * torch.exp(-(d1**2) / (2 * sigma**2))
    return class_weight + torch.where(inside, 0, border)
""",
    ),
    Wrong(
        "border_weights",
        "a float32 map to write into",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            (
                "    return class_weight + torch.where(d1 > 0, border, 0)",
                "    weight = torch.zeros(d1.shape)\n    weight += class_weight\n    weight += torch.where(d1 > 0, border, 0)\n    return weight",
            ),
        ),
    ),
    Wrong(
        "border_weights",
        "through numpy, where class weights cannot learn",
        fails="the_gradient_is_right",
        says="No gradient reaches",
        edits=(("class_weight + torch", "class_weight.detach() + torch"),),
    ),
    Wrong(
        "border_weights",
        "σ² above the line",
        fails="background_between_cells_weighs_more",
        says="exp(−(d1 + d2)² / (2 σ²))",
        edits=(("/ (2 * sigma**2)", "/ 2 * sigma**2"),),
    ),
    Wrong(
        "border_weights",
        "squares added instead of the sum squared",
        fails="background_between_cells_weighs_more",
        says="(d1 + d2)²",
        edits=(("((d1 + d2) ** 2)", "(d1**2 + d2**2)"),),
    ),
    Wrong(
        "border_weights",
        "inside of cells as well",
        fails="inside_a_cell_and_without_a_second_one_only_the_class_counts",
        says="Inside a cell",
        edits=(("torch.where(d1 > 0, border, 0)", "border"),),
    ),
    Wrong(
        "border_weights",
        "the class weight multiplies",
        fails="background_between_cells_weighs_more",
        says="w_c + w0",
        edits=(("class_weight + torch", "class_weight * torch"),),
    ),
    Wrong(
        "border_weights",
        "the paper's numbers always",
        fails="height_and_width_can_be_chosen",
        says="another σ",
        edits=(("w0 * torch", "10 * torch"), ("sigma**2", "5**2")),
    ),
    Wrong(
        "border_weights",
        "only the nearest cell",
        fails="background_between_cells_weighs_more",
        says="d2",
        edits=(("(d1 + d2)", "(d1 + d1)"),),
    ),
]

RIGHT = [
    Right(
        "border_weights",
        "Gauss first, cells masked afterwards",
        """
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    z = (d1 + d2) / sigma
    bump = (-0.5 * z * z).exp() * w0
    bump[d1 == 0] = 0
    return bump + class_weight
""",
    ),
    Right(
        "border_weights",
        "pixel by pixel",
        """
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    import math

    out = class_weight.clone()
    for y in range(d1.shape[0]):
        for x in range(d1.shape[1]):
            a, b = d1[y, x].item(), d2[y, x].item()
            if a > 0:
                out[y, x] += w0 * math.exp(-((a + b) ** 2) / (2 * sigma * sigma))
    return out
""",
    ),
]
