"""Wrong and right answers to `first_pixel`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "first_pixel",
        "layers taken out of the list of the caller",
        fails="it_has_good_manners",
        says="layers changed in place",
        source="""
def first_pixel(layers):
    center, spacing = 0.0, 1.0
    while layers:
        kind, kernel, stride, padding = layers.pop(0)
        lead = (kernel - 1) / 2 - padding
        if kind == "down":
            center += spacing * lead
            spacing *= stride
        else:
            spacing /= stride
            center -= spacing * lead
    return center, spacing
""",
        alone=True,
    ),
    Wrong(
        "first_pixel",
        "the center alone",
        fails="poolings_and_convolutions_are_followed",
        says="It returned a float",
        edits=(("return center, spacing", "return center"),),
    ),
    Wrong(
        "first_pixel",
        "spacings in whole numbers",
        fails="transposed_convolutions_are_followed_back",
        says="divides the spacing",
        edits=(("spacing /= stride", "spacing //= stride"),),
    ),
    Wrong(
        "first_pixel",
        "the spacing multiplied before the center is moved",
        fails="poolings_and_convolutions_are_followed",
        says="its* input",
        edits=(
            (
                "            center += spacing * lead\n            spacing *= stride",
                "            spacing *= stride\n            center += spacing * lead",
            ),
        ),
    ),
    Wrong(
        "first_pixel",
        "the lead not multiplied by the spacing",
        fails="poolings_and_convolutions_are_followed",
        says="lie `spacing` apart",
        edits=(("center += spacing * lead", "center += lead"),),
    ),
    Wrong(
        "first_pixel",
        "the padding is forgotten",
        fails="padding_moves_the_first_pixel_back",
        says="Each zero of padding",
        edits=(("(kernel - 1) / 2 - padding", "(kernel - 1) / 2"),),
    ),
    Wrong(
        "first_pixel",
        "half the kernel, rounded down",
        fails="poolings_and_convolutions_are_followed",
        says="lead of a layer",
        edits=(("(kernel - 1) / 2", "(kernel - 1) // 2"),),
    ),
    Wrong(
        "first_pixel",
        "on the way up the lead is added",
        fails="transposed_convolutions_are_followed_back",
        says="subtracted",
        edits=(("center -= spacing", "center += spacing"),),
    ),
    Wrong(
        "first_pixel",
        "on the way up the old spacing is used",
        fails="transposed_convolutions_are_followed_back",
        says="divides the spacing first",
        edits=(
            (
                "            spacing /= stride\n            center -= spacing * lead",
                "            center -= spacing * lead\n            spacing /= stride",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "first_pixel",
        "first and second pixel followed as a pair",
        """
def first_pixel(layers):
    first, second = 0.0, 1.0
    for kind, kernel, stride, padding in layers:
        gap = second - first
        middle = (kernel - 1) / 2 - padding
        if kind == "down":
            first, second = first + gap * middle, first + gap * (middle + stride)
        else:
            first, second = first - gap * middle / stride, first - gap * (middle - 1) / stride
    return first, second - first
""",
    ),
    Right(
        "first_pixel",
        "recursion over the last layer",
        """
def first_pixel(layers):
    if not layers:
        return [0, 1]
    center, spacing = first_pixel(layers[:-1])
    kind, kernel, stride, padding = layers[-1]
    new = spacing * stride if kind == "down" else spacing / stride
    sign, unit = (1, spacing) if kind == "down" else (-1, new)
    return [center + sign * unit * (kernel - 1 - 2 * padding) / 2, new]
""",
    ),
]
