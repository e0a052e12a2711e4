"""Wrong and right answers to `dense_to_conv`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "dense_to_conv",
        "copied into a float32 layer",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=((", dtype=weight.dtype", ""),),
        alone=True,
    ),
    Wrong(
        "dense_to_conv",
        "the dense weight reshaped in place",
        fails="it_has_good_manners",
        says="weight changed in place",
        edits=(
            (
                '    conv.load_state_dict({"weight": kernel, "bias": bias})',
                '    weight.resize_(len(weight), channels, h, w)\n    conv.load_state_dict({"weight": weight, "bias": bias})',
            ),
        ),
    ),
    Wrong(
        "dense_to_conv",
        "one layer for all calls",
        fails="it_has_good_manners",
        says="remembered from the first call",
        source="""
layers = {}


def dense_to_conv(weight, bias, channels, size, padding=0):
    h, w = size
    if weight.shape[1] != channels * h * w:
        raise ValueError("the weight does not fit")
    key = (tuple(weight.shape), channels, tuple(size), padding, weight.dtype)
    if key not in layers:
        layers[key] = nn.Conv2d(channels, len(weight), (h, w), padding=padding, dtype=weight.dtype)
        layers[key].load_state_dict({"weight": weight.reshape(-1, channels, h, w), "bias": bias})
    return layers[key]
""",
    ),
    Wrong(
        "dense_to_conv",
        "the channels taken for the last of the flattened dimensions",
        fails="on_one_map_it_says_what_the_dense_layer_said",
        says="what the dense layer says",
        edits=(
            (
                "weight.reshape(-1, channels, h, w)",
                "weight.reshape(-1, h, w, channels).permute(0, 3, 1, 2)",
            ),
        ),
    ),
    Wrong(
        "dense_to_conv",
        "height and width swapped",
        fails="on_a_larger_map_it_slides",
        says="one answer for each window",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "dense_to_conv",
        "the bias is forgotten",
        fails="on_a_larger_map_it_slides",
        says="one answer for each window",
        edits=(('"bias": bias', '"bias": 0 * bias'),),
    ),
    Wrong(
        "dense_to_conv",
        "windows side by side instead of sliding",
        fails="on_a_larger_map_it_slides",
        says="one pixel apart",
        edits=(("padding=padding,", "stride=(h, w), padding=padding,"),),
    ),
    Wrong(
        "dense_to_conv",
        "the padding is forgotten",
        fails="padding_puts_zeros_around_the_map",
        says="on each side",
        edits=((", padding=padding", ""),),
    ),
    Wrong(
        "dense_to_conv",
        "nothing is checked: the channels follow from the weight",
        fails="a_weight_that_does_not_fit_is_refused",
        says="must be refused",
        edits=(
            ("if weight.shape[1] != channels * h * w:", "if False:"),
            ("channels, len(weight)", "weight.shape[1] // (h * w), len(weight)"),
            (
                "reshape(-1, channels, h, w)",
                "flatten()[: len(weight) * (weight.shape[1] // (h * w)) * h * w].reshape(len(weight), -1, h, w)",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "dense_to_conv",
        "parameters put in by hand",
        """
def dense_to_conv(weight, bias, channels, size, padding=0):
    out, columns = weight.shape
    if columns != channels * size[0] * size[1]:
        raise ValueError("this weight belongs to another map")
    conv = nn.Conv2d(channels, out, size, 1, padding)
    conv.weight = nn.Parameter(weight.detach().clone().reshape(out, channels, *size))
    conv.bias = nn.Parameter(bias.detach().clone())
    return conv
""",
    ),
    Right(
        "dense_to_conv",
        "unflattened, copied without gradient",
        """
def dense_to_conv(weight, bias, channels, size, padding=0):
    try:
        kernel = weight.unflatten(1, (channels, *size))
    except RuntimeError as error:
        raise ValueError(f"the weight does not fit: {error}") from None
    conv = nn.Conv2d(channels, weight.size(0), tuple(size), padding=(padding, padding)).to(weight)
    with torch.no_grad():
        conv.weight.copy_(kernel)
        conv.bias.copy_(bias)
    return conv
""",
    ),
]
