"""Hidden checks of Lab 8: dilated convolution, receptive fields, the context module, strides removed, occlusion."""

from itertools import product

import torch
import torch.nn.functional as F

from autograder.checking.draws import normal, pick, sizes, uniform
from autograder.checking.expect import (
    expect,
    expect_close,
    expect_equal,
    expect_number,
    expect_parts,
    expect_tensor,
    result_of,
)
from autograder.checking.modules import fill, learned
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth

# --- dilated_conv


def _dilated(x, weight, dilation):
    return F.conv2d(x, weight, dilation=dilation)


def _conv_inputs(rng, size, kernel, n=2, c=3, o=4, dtype=torch.float32):
    return normal(rng, n, c, *size, dtype=dtype), normal(rng, o, c, *kernel, dtype=dtype)


@worth(1, "dilated_conv")
def the_result_has_the_size_that_the_span_leaves(conv, rng):
    for size in sizes(rng, least=7):
        for kernel, dilation in (((3, 3), 1), ((3, 3), 3), ((2, 3), 2), ((3, 2), 2)):
            x, weight = _conv_inputs(rng, size, kernel)
            shape = (
                2,
                4,
                *(have - dilation * (k - 1) for have, k in zip(size, kernel, strict=True)),
            )
            says = f"A kernel of {kernel} taps at dilation {dilation} loses dilation · (taps − 1) pixels of each axis."
            expect_tensor(conv(x, weight, dilation), says, shape=shape)


@worth(1, "dilated_conv")
def at_dilation_1_it_is_the_usual_convolution(conv, rng):
    for size, kernel in (((9, 6), (3, 3)), ((6, 9), (1, 3)), ((9, 7), (4, 2))):
        x, weight = _conv_inputs(rng, size, kernel)
        says = "At dilation 1 it must be the convolution of the networks: not flipped, summed over channels."
        expect_close(conv(x, weight, 1), _dilated(x, weight, 1), says, tol=1e-4)


@worth(1, "dilated_conv")
def taps_lie_dilation_pixels_apart(conv, rng):
    for dilation in (2, 3, pick(rng, 4, 6)):
        x, weight = _conv_inputs(rng, (15, 19), (3, 3))
        says = f"At dilation {dilation} the tap (i, j) must read the pixel {dilation}·i rows down and {dilation}·j columns right."
        expect_close(conv(x, weight, dilation), _dilated(x, weight, dilation), says, tol=1e-4)


@worth(1, "dilated_conv")
def kernels_need_not_be_square(conv, rng):
    for kernel in ((1, 5), (5, 1), (2, 3), (4, 2), (1, 1)):
        x, weight = _conv_inputs(rng, (14, 13), kernel)
        says = f"A kernel of {kernel[0]}×{kernel[1]} taps at dilation 2 is not right."
        expect_close(conv(x, weight, 2), _dilated(x, weight, 2), says, tol=1e-4)


@worth(1, "dilated_conv")
def each_image_and_each_channel_counts(conv, rng):
    for n, c, o in ((1, 1, 1), (3, 1, 2), (2, 5, 1), (1, 2, 6)):
        x, weight = _conv_inputs(rng, (7, 300 if n == 1 else 8), (3, 3), n, c, o)
        x = 3000 * x
        says = f"With {n} images of {c} channels, and {o} out, the result is not right: sum over channels, not images."
        expect_close(conv(x, weight, 3) / 3000, _dilated(x, weight, 3) / 3000, says, tol=1e-4)


def _conv_case(conv, rng, dtype, training):
    return Case(conv, (*_conv_inputs(rng, (11, 8), (3, 2), dtype=dtype), 3), _dilated)


shared("dilated_conv", _conv_case, wrt=(0, 1))


# --- receptive_field


def _field(layers):
    """Size, stride and offset from the first and last pixel that outputs 0 and 1 see, followed back to the image."""
    ends = []
    for output in (0, 1):
        low = high = output
        for kernel_size, stride, padding, dilation in reversed(layers):
            low, high = (
                low * stride - padding,
                high * stride - padding + dilation * (kernel_size - 1),
            )
        ends.append((low, high))
    (low, high), (second, _) = ends
    return high - low + 1, second - low, (low + high) / 2


def _expect_field(field, layers, says, parts=("size", "stride", "offset")):
    three = expect_parts(field(layers), 3, "Return three numbers: size, stride and offset.")
    want = dict(zip(("size", "stride", "offset"), _field(layers), strict=True))
    for name, got in zip(want, three, strict=True):
        if name in parts:
            expect_number(got, want[name], f"{says} The {name}, for {layers}:", tol=1e-9)


def _drawn_layers(
    rng, count, kernels=(1, 5), strides=(1, 3), paddings=(0, 2), dilations=(1, 3)
):
    ranges = (kernels, strides, paddings, dilations)
    return [tuple(pick(rng, *ends) for ends in ranges) for _ in range(count)]


@worth(1, "receptive_field")
def it_begins_with_one_pixel(field, rng):
    _expect_field(field, [], "Without a layer a pixel sees itself: 1, 1 and 0.")
    _expect_field(field, [(1, 1, 0, 1)], "A 1×1 layer sees one pixel.")
    _expect_field(field, [(1, 2, 0, 3)], "A 1×1 layer sees one pixel, whatever its dilation.")


@worth(1, "receptive_field")
def the_poolings_of_vgg16_are_those_of_the_papers(field, rng):
    layers, reported = (
        [],
        [(6, 2, 0.5), (16, 4, 1.5), (44, 8, 3.5), (100, 16, 7.5), (212, 32, 15.5)],
    )
    for convolutions, want in zip((2, 2, 3, 3, 3), reported, strict=True):
        layers = [*layers, *[(3, 1, 1, 1)] * convolutions, (2, 2, 0, 1)]
        three = expect_parts(field(layers), 3, "Return three numbers: size, stride and offset.")
        for got, number in zip(three, want, strict=True):
            says = f"VGG16 after {len(layers)} layers has size, stride and offset {want}."
            expect_number(got, number, says, tol=1e-9)


@worth(1, "receptive_field")
def dilation_spreads_the_taps(field, rng):
    says = "A layer's taps span dilation · (kernel_size − 1) steps more than one."
    for dilations in ((1, 2, 4), (1, 1, 2, 4, 8, 16, 1), (2, pick(rng, 2, 5), 3)):
        _expect_field(field, [(3, 1, d, d) for d in dilations], says)
    _expect_field(field, [(5, 1, 0, 3), (2, 1, 0, 4)], says, ("size",))


@worth(1, "receptive_field")
def a_stride_acts_on_the_layers_behind_it(field, rng):
    says = "A step of a layer is as many pixels as the product of the strides before it, its own not among them."
    for layers in (
        [(3, 2, 1, 1)] * 3,
        [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2)],
        [(2, 3, 0, 1), (4, 2, 0, 1)],
    ):
        _expect_field(field, layers, says, ("size", "stride"))
    _expect_field(field, _drawn_layers(rng, 4, strides=(2, 3)), says, ("size", "stride"))


@worth(1, "receptive_field")
def padding_moves_the_first_field_back(field, rng):
    says = "Each zero of padding moves the first field back by one step of the layer; it changes no size."
    for layers in (
        [(3, 1, 0, 1)],
        [(3, 1, 4, 1)],
        [(3, 2, 0, 1), (3, 1, 2, 1)],
        [(11, 4, 2, 1), (3, 2, 0, 1)],
    ):
        _expect_field(field, layers, says)
    says = "Half of the reach may be half a pixel: the middle of an even kernel lies between two pixels."
    _expect_field(field, [(2, 1, 0, 1), (4, 2, 1, 1), (2, 1, 0, 3)], says)


@worth(1, "receptive_field")
def whole_stacks_are_followed(field, rng):
    for count in (1, 3, 6):
        _expect_field(
            field, _drawn_layers(rng, count), "The recurrence, layer by layer, is not right."
        )
    _expect_field(
        field,
        _drawn_layers(rng, 9, strides=(2, 2), kernels=(3, 5)),
        "A deep stack is not right.",
    )


def _field_case(field, rng, dtype, training):
    return Case(field, (_drawn_layers(rng, 5),), _field)


shared("receptive_field", _field_case, float64=0, gradient=0)


# --- ContextModule

_PAPER = (1, 1, 2, 4, 8, 16, 1)


def _shapes(channels, count):
    return [(channels, channels, 3, 3)] * count + [(channels, channels, 1, 1)]


def _context(module_class, rng, channels, dilations, dtype=torch.float32, training=True):
    """A module of the student's with random numbers, and what it must compute."""
    module = (
        module_class(channels, dilations) if dilations != _PAPER else module_class(channels)
    )
    made = fill(
        module, rng, _shapes(channels, len(dilations)), biases=len(dilations) + 1, dtype=dtype
    )
    module.train() if training else module.eval()
    square, point = (channels, channels, 3, 3), (channels, channels, 1, 1)

    def forward(x):
        for dilation in dilations:
            x = F.conv2d(
                x, made.weights[square], made.biases[square], 1, dilation, dilation
            ).relu()
        return F.conv2d(x, made.weights[point], made.biases[point])

    return module, forward


@worth(1, "ContextModule")
def it_has_64_times_the_squared_channels(module_class, rng):
    for channels in (1, pick(rng, 3, 6)):
        module = module_class(channels)
        fill(module, rng, _shapes(channels, 7), biases=8)
        says = f"For {channels} channels the module must learn 64·C² weights and 8·C biases."
        expect_equal(learned(module), 64 * channels**2 + 8 * channels, says)


@worth(1, "ContextModule")
def it_begins_as_the_identity(module_class, rng):
    for channels, size in ((1, (9, 5)), (pick(rng, 3, 5), (6, 11))):
        x = 5 * uniform(rng, 2, channels, *size)
        says = "At first the module must copy what is not negative: 1 at the middle tap from a channel to itself."
        expect_close(module_class(channels)(x), x, says)
        expect_close(
            module_class(channels)(x - 9), 0 * x, "At first ReLU makes 0 of what is negative."
        )


@worth(1, "ContextModule")
def its_weights_are_exactly_those_of_the_identity(module_class, rng):
    for name, value in module_class(3).state_dict().items():
        want = torch.zeros_like(value)
        if value.ndim == 4:
            middle = value.shape[2] // 2
            want[:, :, middle, middle] = torch.eye(3)
        expect_equal(
            value, want, f"Of {name}: every layer begins as the identity, with biases of 0."
        )


@worth(1, "ContextModule")
def it_keeps_the_size_of_the_map(module_class, rng):
    module = module_class(2)
    for size in sizes(rng):
        x, says = normal(rng, 1, 2, *size), "Padding must keep the size at every dilation."
        expect_tensor(result_of(lambda x=x: module(x), says), says, shape=(1, 2, *size))


@worth(1, "ContextModule")
def the_dilations_are_those_of_the_paper_in_order(module_class, rng):
    for size in ((41, 38), (38, 41)):
        module, forward = _context(module_class, rng, 3, _PAPER)
        x = 3 * normal(rng, 2, 3, *size)
        says = "Seven 3×3 convolutions of dilation 1, 1, 2, 4, 8, 16, 1, each with zero padding and a ReLU, then 1×1 without."
        expect_close(module(x), forward(x), says, tol=1e-4)


@worth(1, "ContextModule")
def other_dilations_can_be_chosen(module_class, rng):
    for dilations in ((1,), (2, 3), (1, 2, 5, 1)):
        module, forward = _context(module_class, rng, 2, dilations)
        x = 3 * normal(rng, 2, 2, 13, 17)
        says = (
            f"With dilations={dilations} there is one 3×3 convolution for each, in this order."
        )
        expect_close(module(x), forward(x), says, tol=1e-4)


def _context_case(module_class, rng, dtype, training):
    module, forward = _context(module_class, rng, 3, (1, 2, 1), dtype, training)
    return Case(module, (3 * normal(rng, 2, 3, 8, 11, dtype=dtype),), forward)


shared("ContextModule", _context_case)


# --- remove_stride


def _network(rng, numbers, dtype=torch.float32):
    """Layers of (kernel_size, stride, padding, dilation) with random weights; the first one takes 2 channels."""
    layers, channels = [], 2
    for place, (kernel_size, stride, padding, dilation) in enumerate(numbers):
        out = 3 + place % 2
        weight = normal(rng, out, channels, kernel_size, kernel_size, dtype=dtype) / (
            kernel_size * channels**0.5
        )
        layers.append((weight, 0.3 * normal(rng, out, dtype=dtype), stride, padding, dilation))
        channels = out
    return layers


def _run(layers, x):
    for weight, bias, stride, padding, dilation in layers:
        x = F.conv2d(x, weight, bias, stride, padding, dilation).relu()
    return x


def _without_stride(layers, output_stride):
    changed, before = [], 1
    for weight, bias, stride, padding, dilation in layers:
        spread = max(1, before // output_stride)
        own = stride if before < output_stride else 1
        changed.append((weight, bias, own, padding * spread, dilation * spread))
        before *= stride
    return changed


def _expect_layers(got, want, says, part):
    expect_parts(got, len(want), "One layer comes back for each.")
    for place, (layer, wanted) in enumerate(zip(got, want, strict=True)):
        expect_parts(layer, 5, "A layer is (weight, bias, stride, padding, dilation).")
        expect_equal(layer[part], wanted[part], f"{says} Layer {place + 1}:")


_STRIDED = [(3, 2, 1, 1), (3, 1, 1, 1), (3, 2, 1, 1), (3, 1, 1, 1), (3, 2, 1, 1), (3, 1, 1, 1)]


@worth(1, "remove_stride")
def strides_are_kept_until_the_output_stride(remove, rng):
    layers = _network(rng, _STRIDED)
    for output_stride in (8, 4, 2, 1):
        says = f"At output stride {output_stride} the first strides up to that product are kept, all others are 1."
        _expect_layers(
            remove(layers, output_stride), _without_stride(layers, output_stride), says, 2
        )
    layers = _network(rng, [(2, 3, 0, 1), (3, 2, 1, 1), (3, 2, 1, 1)])
    for output_stride in (1, 3, 6, 12):
        says = "Strides need not be 2."
        _expect_layers(
            remove(layers, output_stride), _without_stride(layers, output_stride), says, 2
        )


@worth(1, "remove_stride")
def layers_behind_a_removed_stride_are_dilated(remove, rng):
    layers = _network(rng, _STRIDED)
    says = "The dilation of a layer is multiplied by the strides that were removed before it, its own not among them."
    for output_stride in (8, 4, 2, 1):
        _expect_layers(
            remove(layers, output_stride), _without_stride(layers, output_stride), says, 4
        )


@worth(1, "remove_stride")
def padding_grows_with_the_dilation(remove, rng):
    layers = _network(
        rng, [(5, 2, 2, 1), (3, 2, 0, 1), (3, 2, 1, 1), (1, 1, 0, 1), (3, 1, 3, 1)]
    )
    says = "Padding is counted in steps of the layer too: it is multiplied like the dilation."
    for output_stride in (4, 2, 1):
        _expect_layers(
            remove(layers, output_stride), _without_stride(layers, output_stride), says, 3
        )


@worth(1, "remove_stride")
def dilated_layers_are_dilated_further(remove, rng):
    layers = _network(
        rng, [(3, 2, 2, 2), (3, 3, 3, 3), (3, 1, 4, 2), (2, 2, 1, 1), (3, 1, 2, 2)]
    )
    for output_stride in (6, 2, 1):
        want = _without_stride(layers, output_stride)
        for part, name in ((4, "dilation"), (3, "padding"), (2, "stride")):
            says = f"A layer that is dilated already keeps its own {name} as a factor."
            _expect_layers(remove(layers, output_stride), want, says, part)


@worth(1, "remove_stride")
def weights_and_biases_stay_as_they_are(remove, rng):
    layers = _network(rng, _STRIDED)
    for place, kernel in ((2, (5, 3)), (3, (3, 5)), (4, (1, 7))):
        weight, *rest = layers[place]
        layers[place] = (3000 * normal(rng, *weight.shape[:2], *kernel), *rest)
    for output_stride in (8, 1):
        got = remove(layers, output_stride)
        for part, name in ((0, "weights"), (1, "biases")):
            _expect_layers(got, layers, f"The {name} must stay as they are.", part)


@worth(1, "remove_stride")
def the_old_numbers_are_among_the_new_ones(remove, rng):
    network = _network(
        rng, [(3, 2, 1, 1), (4, 2, 1, 1), (3, 1, 2, 2), (3, 2, 1, 1), (3, 1, 1, 1)]
    )
    for size in ((31, 46), (46, 31), (33, 40)):
        x = normal(rng, 2, 2, *size)
        old = _run(network, x)
        for output_stride in (4, 2, 1):
            step = 8 // output_stride
            new = _run(remove(network, output_stride), x)[:, :, ::step, ::step]
            says = f"With output stride {output_stride} in place of 8 every {step}th row and column must be the old network's."
            expect_close(new, old, says, tol=1e-4)


def _remove_case(remove, rng, dtype, training):
    numbers = [
        (3, 2, 1, 1),
        (2, 2, pick(rng, 0, 2), 2),
        (3, 2, 1, 1),
        (3, 1, pick(rng, 1, 3), 1),
    ]
    return Case(remove, (_network(rng, numbers, dtype), 2), _without_stride)


shared("remove_stride", _remove_case, gradient=0)


# --- occlude


def _boxes(size, patch, stride):
    """All boxes, from the pixels that each patch covers."""
    axes = []
    for length in size:
        spans = []
        for start in range(stride - patch, length, stride):
            inside = [pixel for pixel in range(start, start + patch) if 0 <= pixel < length]
            spans.append((inside[0], inside[-1] + 1))
        axes.append(spans)
    return [(x1, y1, x2, y2) for (y1, y2), (x1, x2) in product(*axes)]


def _occluded(image, patch, stride):
    h, w = image.shape[1:]
    boxes = torch.tensor(_boxes((h, w), patch, stride))
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    x1, y1, x2, y2 = boxes[:, :, None, None].unbind(1)
    inside = (x1 <= columns) & (columns < x2) & (y1 <= rows) & (rows < y2)
    return boxes, torch.where(inside[:, None], image.mean((1, 2))[:, None, None], image)


def _expect_pair(occlude, image, patch, stride):
    pair = expect_parts(
        occlude(image, patch, stride), 2, "Return two things, boxes and copies."
    )
    return pair, _occluded(image, patch, stride)


@worth(1, "occlude")
def boxes_walk_over_the_image_row_by_row(occlude, rng):
    for size, patch in (((12, 18), 3), ((18, 12), 3), ((6, 8), 2), ((5, 4), 1)):
        (boxes, _), (want, _) = _expect_pair(occlude, normal(rng, 2, *size), patch, patch)
        expect_tensor(boxes, "Boxes are whole numbers.", dtype=torch.int64)
        expect_equal(boxes, want, "Boxes (x1, y1, x2, y2) go from left to right, then down.")


@worth(1, "occlude")
def the_first_patches_hang_over_the_border(occlude, rng):
    for size, patch, stride in (((9, 14), 4, 2), ((14, 9), 5, 1), ((7, 7), 3, 2)):
        (boxes, _), (want, _) = _expect_pair(occlude, normal(rng, 1, *size), patch, stride)
        says = "The first patch begins at stride − patch, the last one begins inside the image; each box is clipped."
        expect_equal(boxes, want, says)


@worth(1, "occlude")
def patches_may_be_larger_than_the_image(occlude, rng):
    for size, patch, stride in (
        ((3, 5), 9, 2),
        ((1, 1), 3, 3),
        ((1, 300), 40, 30),
        ((5, 2), 6, 6),
    ):
        (boxes, copies), (want, images) = _expect_pair(
            occlude, normal(rng, 2, *size), patch, stride
        )
        says = f"A patch of {patch} on an image of {size[0]}×{size[1]}: boxes are clipped on both sides."
        expect_equal(boxes, want, says)
        expect_close(copies, images, says)


@worth(1, "occlude")
def each_box_gets_the_mean_color_of_the_image(occlude, rng):
    for c, shift in ((1, 0), (3, -9), (2, 500)):
        image = normal(rng, c, 8, 11) + shift + 20 * torch.arange(c)[:, None, None]
        (_, copies), (boxes, want) = _expect_pair(occlude, image, 4, 3)
        expect_tensor(copies, "There is one copy for each place.", shape=tuple(want.shape))
        for (x1, y1, x2, y2), got, wanted in zip(boxes.tolist(), copies, want, strict=True):
            says = "A box must hold the mean of each channel over the whole image."
            expect_close(got[:, y1:y2, x1:x2], wanted[:, y1:y2, x1:x2], says, tol=1e-4)


@worth(1, "occlude")
def outside_of_its_box_a_copy_is_the_image(occlude, rng):
    for size in ((10, 7), (7, 10)):
        image = normal(rng, 3, *size)
        (_, copies), (_, want) = _expect_pair(occlude, image, 3, 2)
        expect_tensor(copies, "There is one copy for each place.", shape=tuple(want.shape))
        outside = want == image
        says = "Only one box of each copy is covered; all else is the image."
        expect_close(copies * outside, want * outside, says)


def _occlude_case(occlude, rng, dtype, training):
    return Case(occlude, (9 * normal(rng, 3, 7, 9, dtype=dtype), 4, 3), _occluded)


shared(
    "occlude",
    _occlude_case,
    gradient_says="The gradient comes back through what is not covered, and through the mean.",
)


# --- discrepancy_map


def _discrepancies(changes, boxes, size):
    rows, columns = torch.arange(size[0])[:, None], torch.arange(size[1])
    x1, y1, x2, y2 = boxes[:, :, None, None].unbind(1)
    inside = ((x1 <= columns) & (columns < x2) & (y1 <= rows) & (rows < y2)).to(changes.dtype)
    count = inside.sum(0)
    return (changes[:, None, None] * inside).sum(0) / torch.where(count > 0, count, 1)


def _drawn_boxes(rng, count, size):
    h, w = size
    boxes = []
    for _ in range(count):
        y1, x1 = pick(rng, 0, h - 1), pick(rng, 0, w - 1)
        boxes.append((x1, y1, pick(rng, x1 + 1, w), pick(rng, y1 + 1, h)))
    return torch.tensor(boxes)


@worth(1, "discrepancy_map")
def a_pixel_gets_the_mean_of_the_patches_that_covered_it(discrepancy, rng):
    for size, patch, stride in (((9, 12), 4, 2), ((12, 9), 5, 3), ((8, 8), 3, 3)):
        boxes = torch.tensor(_boxes(size, patch, stride))
        changes = 5 * uniform(rng, len(boxes))
        says = "A pixel's number is the mean, not the sum, of the changes of all patches that covered it."
        expect_close(
            discrepancy(changes, boxes, size),
            _discrepancies(changes, boxes, size),
            says,
            tol=1e-4,
        )


@worth(1, "discrepancy_map")
def boxes_are_read_as_x_then_y(discrepancy, rng):
    for size in ((4, 300), (13, 5)):
        boxes, changes = _drawn_boxes(rng, 1, size), 1 + uniform(rng, 1)
        says = f"One box {boxes[0].tolist()} on {size[0]}×{size[1]} pixels: columns x1 to x2 − 1, rows y1 to y2 − 1."
        expect_close(
            discrepancy(changes, boxes, size), _discrepancies(changes, boxes, size), says
        )


@worth(1, "discrepancy_map")
def where_no_patch_was_there_is_0(discrepancy, rng):
    boxes, changes = torch.tensor([[1, 2, 3, 4], [1, 2, 2, 6]]), 2 + uniform(rng, 2)
    got = discrepancy(changes, boxes, (7, 5))
    expect_tensor(got, "The map has the image's size.", shape=(7, 5))
    expect(not got.isnan().any(), "Where no patch was there must be 0; NaN came.")
    says = "Where no patch was there must be 0."
    expect_close(got, _discrepancies(changes, boxes, (7, 5)), says)


@worth(1, "discrepancy_map")
def changes_may_have_any_size_and_sign(discrepancy, rng):
    for scale, shift in ((3000, 0), (1, -7), (0, 0), (1e-4, 0)):
        boxes = _drawn_boxes(rng, 40, (10, 14))
        changes = scale * normal(rng, 40) + shift
        got, want = (
            discrepancy(changes, boxes, (10, 14)),
            _discrepancies(changes, boxes, (10, 14)),
        )
        says = "Changes are averaged as they are: not scaled, not cut off, their signs kept."
        unit = max(scale, 1e-4)
        expect_close(got / unit, want / unit, says, tol=1e-3)


def _discrepancy_case(discrepancy, rng, dtype, training):
    boxes = _drawn_boxes(rng, 12, (9, 7))
    return Case(discrepancy, (9 * normal(rng, 12, dtype=dtype), boxes, (9, 7)), _discrepancies)


shared("discrepancy_map", _discrepancy_case)
