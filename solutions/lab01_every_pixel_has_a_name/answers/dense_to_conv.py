"""Wrong and right answers to `dense_to_conv`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "dense_to_conv",
        "float32, whatever the layer is",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=((", dtype=weight.dtype", ""),),
    ),
    Wrong(
        "dense_to_conv",
        "one convolution for all layers of a size",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        source="""
MADE = {}

def dense_to_conv(weight, bias, size):
    h, w = size
    if (weight.shape, size) not in MADE:
        conv = nn.Conv2d(weight.shape[1] // (h * w), len(weight), (h, w), dtype=weight.dtype)
        conv.load_state_dict({"weight": weight.reshape(len(weight), -1, h, w), "bias": bias})
        MADE[weight.shape, size] = conv
    return MADE[weight.shape, size]
""",
    ),
    Wrong(
        "dense_to_conv",
        "weights scaled in place",
        fails="it_has_good_manners",
        says="bias changed in place",
        edits=(("    return conv", "    bias -= bias.mean()\n    return conv"),),
    ),
    Wrong(
        "dense_to_conv",
        "height and width swapped",
        fails="height_comes_before_width",
        says="(out, c, h, w)",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "dense_to_conv",
        "channels taken for the last dimension",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(
            (
                ".reshape(len(weight), -1, h, w)",
                ".reshape(len(weight), h, w, -1).permute(0, 3, 1, 2)",
            ),
        ),
    ),
    Wrong(
        "dense_to_conv",
        "the kernel is flipped",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(
            (".reshape(len(weight), -1, h, w)", ".reshape(len(weight), -1, h, w).flip(2, 3)"),
        ),
    ),
    Wrong(
        "dense_to_conv",
        "the bias is forgotten",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(('"bias": bias}', '"bias": 0 * bias}'),),
    ),
    Wrong(
        "dense_to_conv",
        "padding keeps the size",
        fails="on_one_map_it_is_the_dense_layer",
        says="shape",
        edits=(("(h, w), dtype", "(h, w), padding='same', dtype"),),
    ),
    Wrong(
        "dense_to_conv",
        "the stride of a sliding window without overlap",
        fails="it_slides_over_a_larger_map",
        says="stride 1",
        edits=(("(h, w), dtype", "(h, w), stride=(h, w), dtype"),),
    ),
    Wrong(
        "dense_to_conv",
        "fresh random weights",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(('    conv.load_state_dict({"weight": kernel, "bias": bias})\n', ""),),
    ),
]

RIGHT = [
    Right(
        "dense_to_conv",
        "copied under no_grad",
        """
def dense_to_conv(weight, bias, size):
    outputs, inputs = weight.shape
    channels = inputs // (size[0] * size[1])
    conv = nn.Conv2d(channels, outputs, kernel_size=size, stride=1, padding=0).to(weight)
    with torch.no_grad():
        conv.weight.copy_(weight.view(outputs, channels, *size))
        conv.bias.copy_(bias)
    return conv
""",
    ),
    Right(
        "dense_to_conv",
        "fresh parameters put in",
        """
def dense_to_conv(weight, bias, size):
    kernel = weight.unflatten(1, (-1, size[0], size[1]))
    conv = nn.Conv2d(kernel.size(1), kernel.size(0), tuple(size))
    conv.weight = nn.Parameter(kernel.clone())
    conv.bias = nn.Parameter(bias.clone())
    return conv
""",
    ),
]
