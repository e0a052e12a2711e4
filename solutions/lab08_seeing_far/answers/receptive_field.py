"""Wrong and right answers to `receptive_field`."""

from autograder.audit.answers import Right, Wrong

NAME = "receptive_field"
_STRIDE = "a_stride_acts_on_the_layers_behind_it"
_DILATION = "dilation_spreads_the_taps"

WRONG = [
    Wrong(
        NAME,
        "the stride multiplied first",
        fails=_STRIDE,
        says="its own not among them",
        edits=(
            ("        reach = dilation", "        step *= stride\n        reach = dilation"),
            ("        step *= stride\n    return", "    return"),
        ),
    ),
    Wrong(
        NAME,
        "the strides of the layers before are forgotten",
        fails=_STRIDE,
        says="A step of a layer",
        edits=(("size += step * reach", "size += reach"),),
    ),
    Wrong(
        NAME,
        "strides added, not multiplied",
        fails=_STRIDE,
        says="product",
        edits=(("step *= stride", "step += stride - 1"),),
    ),
    Wrong(
        NAME,
        "a step for each tap, the first one too",
        fails="it_begins_with_one_pixel",
        says="1×1",
        edits=(("dilation * (kernel_size - 1)", "dilation * kernel_size - 1"),),
    ),
    Wrong(
        NAME,
        "dilation forgotten",
        fails=_DILATION,
        says="span",
        edits=(("reach = dilation * (kernel_size - 1)", "reach = kernel_size - 1"),),
    ),
    Wrong(
        NAME,
        "begins with a field of 0",
        fails="it_begins_with_one_pixel",
        says="sees itself",
        edits=(("size, step, offset = 1, 1, 0", "size, step, offset = 0, 1, 0"),),
    ),
    Wrong(
        NAME,
        "padding forgotten",
        fails="padding_moves_the_first_field_back",
        says="Each zero of padding",
        edits=(("(reach / 2 - padding)", "reach / 2"),),
    ),
    Wrong(
        NAME,
        "padding added",
        fails="padding_moves_the_first_field_back",
        says="moves the first field back",
        edits=(("reach / 2 - padding", "reach / 2 + padding"),),
    ),
    Wrong(
        NAME,
        "padding not in steps of the layer",
        fails="padding_moves_the_first_field_back",
        says="one step of the layer",
        edits=(("step * (reach / 2 - padding)", "step * reach / 2 - padding"),),
    ),
    Wrong(
        NAME,
        "half of the reach rounded down",
        fails="the_poolings_of_vgg16_are_those_of_the_papers",
        says="VGG16",
        edits=(("reach / 2", "reach // 2"),),
    ),
    Wrong(
        NAME,
        "dilation in the size, not in the offset",
        fails=_DILATION,
        says="offset",
        edits=(("reach / 2 - padding", "(kernel_size - 1) / 2 - padding"),),
    ),
    Wrong(
        NAME,
        "padding makes the field larger",
        fails="the_poolings_of_vgg16_are_those_of_the_papers",
        says="VGG16",
        edits=(("size += step * reach", "size += step * (reach + 2 * padding)"),),
    ),
    Wrong(
        NAME,
        "the size alone",
        fails="it_begins_with_one_pixel",
        says="Return three numbers",
        edits=(("return size, step, offset", "return size"),),
    ),
    Wrong(
        NAME,
        "layers taken out of the caller's list",
        fails="it_has_good_manners",
        says="layers changed in place",
        source="""
def receptive_field(layers):
    size, step, offset = 1, 1, 0
    while layers:
        kernel_size, stride, padding, dilation = layers.pop(0)
        reach = dilation * (kernel_size - 1)
        size += step * reach
        offset += step * (reach / 2 - padding)
        step *= stride
    return size, step, offset
""",
        alone=True,
    ),
]

RIGHT = [
    Right(
        NAME,
        "from the last layer back to the image",
        """
def receptive_field(layers):
    low, high, stride = 0, 0, 1
    for kernel_size, s, padding, dilation in layers[::-1]:
        low = low * s - padding
        high = high * s - padding + dilation * (kernel_size - 1)
        stride = stride * s
    return [high - low + 1, stride, (low + high) / 2]
""",
    ),
    Right(
        NAME,
        "recursion over the last layer",
        """
def receptive_field(layers):
    if len(layers) == 0:
        return 1, 1, 0.0
    *before, (kernel, stride, padding, dilation) = layers
    size, step, offset = receptive_field(before)
    half = dilation * (kernel - 1) / 2
    return size + int(2 * half) * step, step * stride, offset + step * half - step * padding
""",
    ),
]
