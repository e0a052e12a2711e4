"""Wrong and right answers to `remove_stride`."""

from autograder.audit.answers import Allowed, Right, Wrong

NAME = "remove_stride"
_KEPT = "strides_are_kept_until_the_output_stride"
_DILATED = "layers_behind_a_removed_stride_are_dilated"
_PADDING = "padding_grows_with_the_dilation"
_NUMBERS = "the_old_numbers_are_among_the_new_ones"

WRONG = [
    Wrong(
        NAME,
        "a layer feels its own stride",
        fails=_DILATED,
        says="its own not among them",
        edits=(
            (
                "            changed.append((weight, bias, 1, padding * spread, dilation * spread))\n            spread *= stride",
                "            spread *= stride\n            changed.append((weight, bias, 1, padding * spread, dilation * spread))",
            ),
        ),
    ),
    Wrong(
        NAME,
        "padding forgotten",
        fails=_PADDING,
        says="Padding is counted in steps",
        edits=(("padding * spread", "padding"),),
    ),
    Wrong(
        NAME,
        "padding set to the dilation, right for 3×3 with padding 1",
        fails=_PADDING,
        says="multiplied like the dilation",
        edits=(("padding * spread", "dilation * spread"),),
    ),
    Wrong(
        NAME,
        "the layer's own dilation is lost",
        fails="dilated_layers_are_dilated_further",
        says="keeps its own dilation",
        edits=(("dilation * spread", "spread"),),
    ),
    Wrong(
        NAME,
        "strides set to 1 and no dilation",
        fails=_DILATED,
        says="multiplied by the strides",
        edits=(("padding * spread, dilation * spread", "padding, dilation"),),
    ),
    Wrong(
        NAME,
        "all strides are removed",
        fails=_KEPT,
        says="are kept",
        edits=(("kept < output_stride", "False"),),
    ),
    Wrong(
        NAME,
        "one stride too many is kept",
        fails=_KEPT,
        says="are kept",
        edits=(("kept < output_stride", "kept <= output_stride"),),
    ),
    Wrong(
        NAME,
        "only the layer right behind is dilated",
        fails=_DILATED,
        says="multiplied",
        edits=(("spread *= stride", "spread = stride"),),
    ),
    Wrong(
        NAME,
        "dilation doubled, whatever the stride",
        fails="dilated_layers_are_dilated_further",
        says="keeps its own",
        edits=(("spread *= stride", "spread *= 2 if stride > 1 else 1"),),
    ),
    Wrong(
        NAME,
        "dilations added up",
        fails=_DILATED,
        says="multiplied",
        edits=(("spread *= stride", "spread += stride - 1"),),
    ),
    Wrong(
        NAME,
        "1×1 layers left out",
        fails=_PADDING,
        says="",
        edits=(
            (
                "        if kept < output_stride:",
                "        if weight.shape[2] == 1:\n            continue\n        if kept < output_stride:",
            ),
        ),
    ),
    Wrong(
        NAME,
        "weights divided among the new pixels",
        fails="weights_and_biases_stay_as_they_are",
        says="weights must stay",
        edits=(("(weight, bias, 1,", "(weight / spread, bias, 1,"),),
    ),
    Wrong(
        NAME,
        "zeros inserted into the kernels instead of dilation",
        fails=_DILATED,
        says="",
        source="""
def remove_stride(layers, output_stride):
    kept, spread, changed = 1, 1, []
    for weight, bias, stride, padding, dilation in layers:
        if kept < output_stride:
            kept *= stride
            changed.append((weight, bias, stride, padding, dilation))
        else:
            k = weight.shape[2]
            wide = weight.new_zeros(*weight.shape[:2], spread * (k - 1) + 1, spread * (k - 1) + 1)
            wide[:, :, ::spread, ::spread] = weight
            changed.append((wide, bias, 1, padding * spread, dilation))
            spread *= stride
    return changed
""",
    ),
    Wrong(
        NAME,
        "the caller's list is written over",
        fails="it_has_good_manners",
        says="changed in place",
        source="""
def remove_stride(layers, output_stride):
    kept, spread = 1, 1
    for place, (weight, bias, stride, padding, dilation) in enumerate(layers):
        if kept < output_stride:
            kept *= stride
        else:
            layers[place] = (weight, bias, 1, padding * spread, dilation * spread)
            spread *= stride
    return list(layers)
""",
        alone=True,
    ),
]

RIGHT = [
    Right(
        NAME,
        "by the product of all strides so far",
        """
def remove_stride(layers, output_stride):
    product, new = 1, []
    for layer in layers:
        weight, bias, stride, padding, dilation = layer
        if product < output_stride:
            new += [layer]
        else:
            times = product // output_stride
            new += [[weight.clone(), bias.clone(), 1, padding * times, dilation * times]]
        product = product * stride
    return new
""",
    ),
    Right(
        NAME,
        "two passes: strides, then dilations",
        """
def remove_stride(layers, output_stride):
    total = [1]
    for layer in layers:
        total.append(total[-1] * layer[2])
    first = total.index(output_stride)  # this layer and all behind it lose their strides
    head = [tuple(layer) for layer in layers[:first]]
    tail = [
        (w, b, 1, p * (before // output_stride), d * (before // output_stride))
        for (w, b, s, p, d), before in zip(layers[first:], total[first:])
    ]
    return head + tail
""",
    ),
]

ALLOWED = [
    Allowed(
        NAME,
        "returns a detached result",
        "it computes nothing: weights and biases come back as they were given, and checks give leaves without a gradient",
    ),
]
