"""Hidden checks of Lab 5: dense layers as convolutions, where maps lie, FCN's skip, FCN-8s, the staged recipe."""

import torch
import torch.nn.functional as F
from scipy.signal.windows import triang

from autograder.checking.draws import distinct, labels, normal, pick, sizes, uniform
from autograder.checking.expect import (
    expect,
    expect_close,
    expect_equal,
    expect_parts,
    expect_tensor,
    expect_value_error,
)
from autograder.checking.modules import learned
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth


def _tent(k, dtype=torch.float64):
    """The k taps of a triangle, by SciPy."""
    return torch.from_numpy(triang(k)).to(dtype)


# --- dense_to_conv


def _dense(rng, dtype=torch.float32, size=None):
    """A dense layer's weight and bias, the channels and the size of its map: not square."""
    c, h, out = pick(rng, 2, 4), pick(rng, 2, 3), pick(rng, 5, 7)
    h, w = size or (h, h + pick(rng, 1, 2))
    weight = 3 * normal(rng, out, c * h * w, dtype=dtype)
    return weight, normal(rng, out, dtype=dtype), c, (h, w)


def _slide(x, weight, bias, size):
    """The dense layer on every window of x."""
    windows = F.unfold(x, size)  # (n, c · h · w, places), channel by channel, row by row
    places = x.shape[2] - size[0] + 1, x.shape[3] - size[1] + 1
    return (weight @ windows + bias[:, None]).reshape(len(x), len(weight), *places)


@worth(1, "dense_to_conv")
def on_one_map_it_says_what_the_dense_layer_said(convert, rng):
    for size in (None, (3, 2), (1, 1), (7, 7)):
        weight, bias, c, size = _dense(rng, size=size)
        conv = convert(weight, bias, c, size)
        shape = (len(weight), c, *size)
        expect_tensor(conv.weight, "A convolution has an (out, c, h, w) weight.", shape=shape)
        x = normal(rng, 3, c, *size)
        want = F.linear(x.flatten(1), weight, bias)[:, :, None, None]
        says = "On a map of exactly that size it must say what the dense layer says, also when h and w differ."
        expect_close(conv(x), want, says, tol=1e-4)


@worth(1, "dense_to_conv")
def on_a_larger_map_it_slides(convert, rng):
    weight, bias, c, size = _dense(rng)
    conv = convert(weight, bias, c, size)
    more = pick(rng, 3, 5), pick(rng, 6, 7)
    for rows, columns in (more, more[::-1], (0, 260)):
        x = normal(rng, 2, c, size[0] + rows, size[1] + columns)
        says = "On a larger map there is one answer for each window, one pixel apart."
        expect_close(conv(x), _slide(x, weight, bias, size), says, tol=1e-4)


@worth(1, "dense_to_conv")
def padding_puts_zeros_around_the_map(convert, rng):
    weight, bias, c, size = _dense(rng)
    for padding in (0, 1, pick(rng, 2, 3)):
        x = normal(rng, 1, c, size[0] + 1, size[1])
        want = _slide(F.pad(x, (padding,) * 4), weight, bias, size)
        says = "`padding` zeros must lie on each side of the map."
        conv = convert(weight, bias, c, size, padding=padding)
        expect_close(conv(x), want, says, tol=1e-4)


@worth(1, "dense_to_conv")
def a_weight_that_does_not_fit_is_refused(convert, rng):
    weight, bias, c, (h, w) = _dense(rng)
    says = "A weight without channels · h · w columns must be refused."
    expect_value_error(lambda: convert(weight[:, 1:], bias, c, (h, w)), says)
    expect_value_error(lambda: convert(torch.cat([weight, weight], 1), bias, c, (h, w)), says)
    expect_value_error(lambda: convert(weight, bias, 1, (h, w)), says)


def _dense_case(convert, rng, dtype, training):
    """The numbers of the convolution, as a module stands for them."""
    weight, bias = 4 * normal(rng, 5, 12, dtype=dtype), normal(rng, 5, dtype=dtype)

    def want(weight, bias, channels, size, padding):
        return [weight.reshape(len(weight), channels, *size), bias]

    return Case(convert, (weight, bias, 2, (2, 3), 1), want)


shared("dense_to_conv", _dense_case, gradient=0)  # a layer's numbers are copied


# --- first_pixel


def _by_ramp(layers):
    """First center and spacing, measured: a ramp that says where each pixel is goes through averaging layers."""
    x = torch.arange(4096.0, dtype=torch.float64)[None, None]
    for kind, kernel, stride, padding in layers:
        if kind == "down":
            taps = torch.full((1, 1, kernel), 1 / kernel, dtype=torch.float64)
            x = F.conv1d(x, taps, stride=stride, padding=padding)
        else:  # tents keep a ramp a ramp
            taps = _tent(kernel)[None, None]
            x = F.conv_transpose1d(x, taps, stride=stride, padding=padding)
    middle = x.shape[2] // 2
    spacing = (x[0, 0, middle + 1] - x[0, 0, middle]).item()
    return x[0, 0, middle].item() - middle * spacing, spacing


def _same_place(locate, layers, says):
    got = expect_parts(locate(layers), 2, "Return two numbers, center and spacing.")
    want = torch.tensor(_by_ramp(layers), dtype=torch.float64)
    expect_close(torch.tensor([float(part) for part in got], dtype=torch.float64), want, says)


def _down(rng, padding=0):
    return "down", pick(rng, 2, 6), pick(rng, 2, 3), padding


def _up(rng):
    factor = pick(rng, 2, 4)
    return "up", 2 * factor - factor % 2, factor, pick(rng, 0, 2)


@worth(1, "first_pixel")
def poolings_and_convolutions_are_followed(locate, rng):
    layers = [("down", 2 * pick(rng, 1, 3), pick(rng, 2, 3), 0)]
    layers += [_down(rng) for _ in range(pick(rng, 1, 3))]
    says = "The lead of a layer counts in pixels of *its* input, which lie `spacing` apart."
    _same_place(locate, layers, says)
    says = "With no layers it is the picture itself: center 0, spacing 1."
    _same_place(locate, [], says)


@worth(1, "first_pixel")
def padding_moves_the_first_pixel_back(locate, rng):
    layers = [_down(rng, padding=pick(rng, 1, 40)) for _ in range(3)]
    says = "Each zero of padding moves the first pixel back by one pixel of the layer's input."
    _same_place(locate, layers, says)
    _same_place(locate, [("down", 3, 1, 100), *layers], says)


@worth(1, "first_pixel")
def transposed_convolutions_are_followed_back(locate, rng):
    says = "A transposed convolution divides the spacing first, and its lead is subtracted."
    for padding in (0, 1):
        layers = [("down", 2, 2, 0), ("down", 3, 4, 1), ("up", 4, 2, padding)]
        _same_place(locate, layers, says)
        _same_place(locate, [*layers, _up(rng)], says)
    _same_place(locate, [("down", 2, 2, 0), ("up", 5, 3, 1)], says)


@worth(1, "first_pixel")
def a_whole_network_is_followed(locate, rng):
    down = [("down", pick(rng, 1, 7), pick(rng, 1, 2), pick(rng, 0, 9)) for _ in range(5)]
    says = "A chain of layers is not followed right."
    _same_place(locate, [*down, _up(rng), ("down", 3, 1, 1), _up(rng)], says)


def _place_case(locate, rng, dtype, training):
    layers = [_down(rng, padding=pick(rng, 0, 2)), ("down", 3, 1, 1), _down(rng), _up(rng)]
    return Case(locate, (layers,), _by_ramp)


shared("first_pixel", _place_case, float64=0, gradient=0)  # plain numbers


# --- bilinear_kernel


def _kernel(channels, factor):
    """The plane of a triangle by a triangle for each class, zeros between classes."""
    taps = _tent(2 * factor - factor % 2, torch.float32)
    kernel = torch.zeros(channels, channels, len(taps), len(taps))
    for c in range(channels):
        kernel[c, c] = torch.outer(taps, taps)
    return kernel


def _interpolates(kernel_of, rng, factor, says):
    channels = pick(rng, 2, 3)
    k, x = 2 * factor - factor % 2, normal(rng, 1, channels, 5, 6)
    kernel, taps = (
        kernel_of(channels, factor),
        "The kernel has 2 · factor − factor % 2 taps each way.",
    )
    expect_tensor(kernel, taps, shape=(channels, channels, k, k))
    got = F.conv_transpose2d(x, kernel.float(), stride=factor, padding=factor // 2)
    want = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inside = (..., slice(factor, -factor), slice(factor, -factor))
    expect_close(got[inside], want[inside], says, tol=1e-4)


@worth(1, "bilinear_kernel")
def an_even_factor_interpolates(kernel_of, rng):
    says = "Away from the border a transposed convolution with this kernel must interpolate bilinearly."
    for factor in (2, 2 * pick(rng, 2, 4), 16):
        _interpolates(kernel_of, rng, factor, says)


@worth(1, "bilinear_kernel")
def an_odd_factor_interpolates(kernel_of, rng):
    says = "With an odd factor the triangle's tip stands on a tap; the result must still interpolate bilinearly."
    for factor in (3, 2 * pick(rng, 2, 3) + 1):
        _interpolates(kernel_of, rng, factor, says)
    says = "Factor 1 changes nothing: one tap, 1."
    expect_close(kernel_of(2, 1), torch.eye(2)[:, :, None, None], says)


@worth(1, "bilinear_kernel")
def the_taps_are_those_of_a_triangle(kernel_of, rng):
    says = "The taps are 1 − |i − (k − 1) / 2| / factor, multiplied both ways."
    for factor in (1, 2, 3, pick(rng, 4, 9)):
        got = kernel_of(1, factor)
        expect_close(got, _kernel(1, factor), says)
        expect_tensor(got, "Weights are float32.", dtype=torch.float32)


@worth(1, "bilinear_kernel")
def every_class_keeps_to_itself(kernel_of, rng):
    for channels in (1, 2, pick(rng, 3, 5), 21):
        factor = pick(rng, 2, 4)
        got, want = kernel_of(channels, factor), _kernel(channels, factor)
        says = "There is one plane for each pair of channels."
        expect_tensor(got, says, shape=tuple(want.shape))
        says = "The triangle stands where input and output class are the same, zeros elsewhere."
        expect_close(got, want, says)


def _kernel_case(kernel_of, rng, dtype, training):
    return Case(kernel_of, (pick(rng, 1, 9), pick(rng, 2, 40)), _kernel)


shared("bilinear_kernel", _kernel_case, float64=0, gradient=0)  # made from two whole numbers


# --- crop_to


def _cropped(x, size, offset=None):
    starts = [
        (have - want) // 2 if offset is None else offset
        for have, want in zip(x.shape[2:], size, strict=True)
    ]
    return x.narrow(2, starts[0], size[0]).narrow(3, starts[1], size[1])


@worth(1, "crop_to")
def it_begins_at_the_offset(crop, rng):
    for size in sizes(rng):
        for offset in (0, pick(rng, 1, 4)):
            x = distinct(rng, 2, 3, size[0] + 5, size[1] + 4)
            says = "The first row and column that stay are number `offset`."
            says += " Offset 0 is an offset: the upper left corner." if offset == 0 else ""
            for maps in (x, x.long(), x > 0):  # scores, labels, masks
                expect_equal(crop(maps, size, offset), _cropped(maps, size, offset), says)


@worth(1, "crop_to")
def without_an_offset_it_cuts_out_of_the_middle(crop, rng):
    margins = pick(rng, 2, 3), pick(rng, 4, 6)
    for top, left in (margins, margins[::-1], (0, 1)):
        core = distinct(rng, 2, 1, pick(rng, 2, 4), pick(rng, 5, 7))
        for extra in (0, 1):
            size = tuple(core.shape[2:])
            x = F.pad(core, (left, left + extra, top, top + extra), value=0.5)
            says = "Without an offset it cuts out of the middle; of an odd surplus the smaller half goes at the top and left."
            expect_equal(crop(x, size), core, says)


@worth(1, "crop_to")
def a_crop_may_reach_the_last_pixel(crop, rng):
    x, offset = distinct(rng, 1, 2, 6, 9), pick(rng, 1, 3)
    says = "A crop that ends exactly at the border is allowed."
    try:
        corner, whole = crop(x, (6 - offset, 9 - offset), offset), crop(x, (6, 9))
    except ValueError:
        raise AssertionError(f"{says} It was refused.") from None
    expect_equal(corner, x[:, :, offset:, offset:], says)
    expect_equal(whole, x, "A crop of the full size changes nothing.")


@worth(1, "crop_to")
def a_crop_beyond_the_map_is_refused(crop, rng):
    x, o = distinct(rng, 1, 1, 6, 9), pick(rng, 1, 3)
    says = (
        "A crop that does not lie in the map must be refused, and not silently become smaller."
    )
    beyond = [((7 - o, 3), o), ((3, 10 - o), o), ((7, 3), None), ((3, 10), None), ((2, 2), -1)]
    for size, offset in beyond:
        expect_value_error(lambda size=size, offset=offset: crop(x, size, offset), says)


def _crop_case(crop, rng, dtype, training):
    return Case(crop, (normal(rng, 2, 3, 11, 8, dtype=dtype), (5, 6), 2), _cropped)


shared(
    "crop_to",
    _crop_case,
    gradient_says="The gradient is 1 at each pixel that stays, and 0 elsewhere.",
)


# --- fuse


def _enlarged(x, factor, lead, size):
    """Every output pixel as a sum over the rows and columns of x, with a tent's taps; nothing lies beyond the border."""
    taps = _tent(2 * factor, x.dtype)
    sums = []
    for have, want in zip(x.shape[2:], size, strict=True):
        tap = lead + torch.arange(want)[:, None] - factor * torch.arange(have)
        sums.append(taps[tap.clamp(0, 2 * factor - 1)] * ((tap >= 0) & (tap < 2 * factor)))
    return torch.einsum("ya,xb,ncab->ncyx", *sums, x)


def _scored(skip, weight, bias):
    return torch.einsum("nchw,kc->nkhw", skip, weight) + bias[:, None, None]


def _fused(deep, skip, weight, bias):
    return _enlarged(deep, 2, 1, skip.shape[2:]) + _scored(skip, weight, bias)


def _fuse_inputs(rng, size, lost=(0, 0), dtype=torch.float32, k=None):
    """Deep scores of a size, features twice as large or one row or column less, and a score layer."""
    k, c = k or pick(rng, 2, 4), 5
    h, w = (2 * have - less for have, less in zip(size, lost, strict=True))
    shapes = (2, k, *size), (2, c, h, w), (k, c), (k,)
    return [4 * normal(rng, *shape, dtype=dtype) for shape in shapes]


@worth(1, "fuse")
def the_skip_is_scored(fuse, rng):
    for size in sizes(rng):
        deep, skip, weight, bias = _fuse_inputs(rng, size)
        got, want = fuse(0 * deep, skip, weight, bias), _scored(skip, weight, bias)
        says = "Where the deep scores are 0, what comes out is the 1×1 score of the skip, bias included."
        expect_close(got, want, says, tol=1e-4)


@worth(1, "fuse")
def the_deep_scores_are_doubled_bilinearly(fuse, rng):
    for size in sizes(rng, least=2):
        deep, skip, weight, bias = _fuse_inputs(rng, size)
        got, shape = fuse(deep, 0 * skip, weight, 0 * bias), (*deep.shape[:2], *skip.shape[2:])
        expect_tensor(got, "The result has the skip's size.", shape=shape)
        want = F.interpolate(deep, scale_factor=2, mode="bilinear", align_corners=False)
        says = "Inside, the deep scores must lie where bilinear interpolation puts them: cut the doubled map at 1."
        expect_close(got[:, :, 1:-1, 1:-1], want[:, :, 1:-1, 1:-1], says, tol=1e-4)


@worth(1, "fuse")
def beyond_its_border_the_deep_map_counts_as_0(fuse, rng):
    for size in ((3, 5), (5, 3), (1, 1)):
        deep, skip, weight, bias = _fuse_inputs(rng, size)
        got, want = (
            fuse(deep, 0 * skip, weight, 0 * bias),
            _fused(deep, 0 * skip, weight, 0 * bias),
        )
        says = "At the border the deep scores fade: beyond them lie zeros."
        expect_close(got, want, says, tol=1e-4)


@worth(1, "fuse")
def an_odd_skip_takes_the_first_rows_and_columns(fuse, rng):
    for size, lost in (((3, 5), (1, 1)), ((5, 3), (1, 0)), ((4, 4), (0, 1)), ((1, 1), (1, 1))):
        deep, skip, weight, bias = _fuse_inputs(rng, size, lost)
        got, want = (
            fuse(deep, 0 * skip, weight, 0 * bias),
            _fused(deep, 0 * skip, weight, 0 * bias),
        )
        says = "A skip of 2a − 1 rows still begins where the deep map begins: only the end is shorter."
        expect_close(got, want, says, tol=1e-4)


@worth(1, "fuse")
def both_are_added(fuse, rng):
    for lost in ((0, 0), (1, 1)):
        args = _fuse_inputs(rng, (4, 5), lost)
        says = "The result is the sum of the two scores."
        expect_close(fuse(*args), _fused(*args), says, tol=1e-4)


def _fuse_case(fuse, rng, dtype, training):
    return Case(fuse, _fuse_inputs(rng, (4, 5), (1, 0), dtype, 3), _fused)


shared(
    "fuse",
    _fuse_case,
    wrt=(0, 1, 2, 3),
    gradient_says="Gradients must come back to the deep scores, the skip, the weight and the bias, as in a plain sum of the two scores.",
)


# --- FCN8s

_CHANNELS = (4, 5, 6)


def _features(rng, size, dtype=torch.float32):
    return [
        4 * normal(rng, 2, c, -(-size[0] // stride), -(-size[1] // stride), dtype=dtype)
        for c, stride in zip(_CHANNELS, (8, 16, 32), strict=True)
    ]


def _score_layers(state, num_classes):
    """The names of the weights and biases of the three score layers, from pool3 to the deepest."""
    names = []
    for c in _CHANNELS:
        found = [
            key for key, value in state.items() if tuple(value.shape) == (num_classes, c, 1, 1)
        ]
        says = f"There must be one 1×1 layer from {c} channels to {num_classes} classes; there are {len(found)}."
        expect(len(found) == 1, says)
        names.append((found[0], found[0].removesuffix("weight") + "bias"))
    return names


def _head(head_class, rng, num_classes, silent=(), dtype=torch.float32, training=True):
    """A student's head with random numbers in all score layers but the `silent` ones, and what it must compute."""
    head = head_class(num_classes, _CHANNELS).to(dtype)
    state, layers = head.state_dict(), []
    for number, (weight, bias) in enumerate(_score_layers(state, num_classes)):
        scale = 0.0 if number in silent else 1.0
        state[weight] = scale * normal(rng, *state[weight].shape, dtype=dtype)
        if bias in state:
            state[bias] = scale * normal(rng, num_classes, dtype=dtype)
        layers.append(
            (state[weight].flatten(1), state.get(bias, torch.zeros(num_classes, dtype=dtype)))
        )
    head.load_state_dict(state)
    head.train() if training else head.eval()

    def scores(pool3, pool4, deep, size):
        x = _scored(deep, *layers[2])
        for skip, layer in ((pool4, layers[1]), (pool3, layers[0])):
            x = _fused(x, skip, *layer)
        return _enlarged(x, 8, 4, size)

    return head, scores


def _agrees(head_class, rng, size, says, silent=()):
    head, scores = _head(head_class, rng, pick(rng, 2, 3), silent)
    features = _features(rng, size)
    expect_close(head(*features, size), scores(*features, size), says, tol=1e-3)


@worth(1, "FCN8s")
def it_has_three_score_layers(head_class, rng):
    k = pick(rng, 2, 3)
    head = head_class(k, _CHANNELS)
    state = head.state_dict()
    for _, bias in _score_layers(state, k):
        expect(bias in state, "Every score layer has a bias.")
    says = "It learns the weights and biases of three score layers, nothing else."
    expect_equal(learned(head), (sum(_CHANNELS) + 3) * k, says)


@worth(1, "FCN8s")
def at_first_the_skips_change_nothing(head_class, rng):
    head, size = head_class(3, _CHANNELS), (64, 96)
    pool3, pool4, deep = _features(rng, size)
    first, other = head(pool3, pool4, deep, size), head(-pool3, 2 * pool4, deep, size)
    says = "The score layers of pool3 and pool4 must start at zero: at first only the deep features count."
    expect_close(other, first, says)
    state = head.state_dict()
    biases = [state[bias] for _, bias in _score_layers(state, 3)[:2] if bias in state]
    expect(not any(bias.any() for bias in biases), f"{says} Their biases, too.")
    says = "The deepest score layer must not start at zero: nothing would be said at all."
    expect(first.std() > 0, says)


@worth(1, "FCN8s")
def the_deep_scores_reach_full_size(head_class, rng):
    says = "Without skips, the deep scores must be doubled twice and enlarged by 8, each cut at its place."
    for size in ((64, 96), (96, 64), (32, 288)):
        _agrees(head_class, rng, size, says, silent=(0, 1))


@worth(1, "FCN8s")
def both_skips_are_fused_at_their_strides(head_class, rng):
    says = "pool3's scores must be added at stride 8."
    _agrees(head_class, rng, (64, 64), says, silent=(1, 2))
    says = "pool4's scores must be added at stride 16."
    _agrees(head_class, rng, (64, 96), says, silent=(0, 2))


@worth(1, "FCN8s")
def pictures_of_any_size_are_named(head_class, rng):
    a, b = 32 + pick(rng, 1, 31), 64 + pick(rng, 1, 31)
    for h, w in ((a, b), (b, a), (1, 1), (67, 37)):
        says = f"With a picture of {h} × {w} the scores are not right."
        _agrees(head_class, rng, (h, w), says)


def _head_case(head_class, rng, dtype, training):
    head, scores = _head(head_class, rng, 3, dtype=dtype, training=training)
    size = (70, 41)
    return Case(head, (*_features(rng, size, dtype), size), scores)


shared(
    "FCN8s",
    _head_case,
    wrt=(0, 1, 2),
    tol=1e-3,
    gradient_says="A gradient must come back to pool3, to pool4 and to the deep features, through all that lies above them.",
)


# --- train_in_stages

_K = 9


def _fresh(rng, width=2):
    """The state_dict of a SmallFCN with random weights, which has counted 300 batches already."""
    state, inside = {}, 3
    channels = [width * m for m in (1, 2, 4, 8, 8)]
    for stage, c in enumerate(channels):
        conv, norm = f"encoder.features.{4 * stage}", f"encoder.features.{4 * stage + 1}"
        state[f"{conv}.weight"] = normal(rng, c, inside, 3, 3) * (2 / (9 * inside)) ** 0.5
        state[f"{conv}.bias"] = 0.1 * normal(rng, c)
        state[f"{norm}.weight"] = 1 + 0.1 * normal(rng, c)
        state[f"{norm}.bias"] = 0.1 * normal(rng, c)
        state[f"{norm}.running_mean"] = 0.1 * normal(rng, c)
        state[f"{norm}.running_var"] = 1 + 0.1 * uniform(rng, c)
        state[f"{norm}.num_batches_tracked"] = torch.tensor(300)
        inside = c
    layers = {"fc6": (inside, inside, 3, 3), "score": (_K, inside, 1, 1)}
    layers |= {"skips.0": (_K, channels[3], 1, 1), "skips.1": (_K, channels[2], 1, 1)}
    for name, shape in layers.items():
        scale = (shape[1] * shape[2] * shape[3]) ** -0.5
        state[f"decoder.{name}.weight"] = scale * normal(rng, *shape)
        state[f"decoder.{name}.bias"] = 0.1 * normal(rng, shape[0])
    for number, factor in enumerate((2, 2, 8)):
        taps = _tent(2 * factor, torch.float32)
        plane = torch.outer(taps, taps).expand(_K, 1, -1, -1)
        state[f"decoder.ups.{number}.weight"] = plane.contiguous()
    return state


def _forward(state, x, training):
    features = []
    for stage in range(5):
        conv, norm = f"encoder.features.{4 * stage}", f"encoder.features.{4 * stage + 1}"
        x = F.conv2d(x, state[f"{conv}.weight"], state[f"{conv}.bias"], padding=1)
        statistics = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
        x = F.batch_norm(
            x, *statistics, state[f"{norm}.weight"], state[f"{norm}.bias"], training
        )
        x = F.max_pool2d(F.relu(x), 2)
        features.append(x)
        if training:
            state[f"{norm}.num_batches_tracked"] += 1
    part = {
        name: (state[f"decoder.{name}.weight"], state[f"decoder.{name}.bias"])
        for name in ("fc6", "score")
    }
    x = F.conv2d(F.relu(F.conv2d(x, *part["fc6"], padding=1)), *part["score"])
    for number in (0, 1):
        skip = f"decoder.skips.{number}"
        fine = F.conv2d(features[3 - number], state[f"{skip}.weight"], state[f"{skip}.bias"])
        x = (
            F.conv_transpose2d(
                x, state[f"decoder.ups.{number}.weight"], stride=2, padding=1, groups=_K
            )
            + fine
        )
    return F.conv_transpose2d(x, state["decoder.ups.2.weight"], stride=8, padding=4, groups=_K)


def _trained(state, batches, frozen, lr):
    """Both stages with gradient descent written out."""
    state = {name: value.clone() for name, value in state.items()}
    fixed = ("running_mean", "running_var", "tracked")
    losses, speed = [], {}
    for step, (images, truth) in enumerate(batches):
        everything = step >= frozen
        parts = ("encoder.", "decoder.") if everything else ("decoder.",)
        names = [
            n
            for n in state
            if n.startswith(parts) and not n.endswith(fixed) and ".ups." not in n
        ]
        speed = {} if step == frozen else speed
        for name in names:
            state[name] = state[name].detach().requires_grad_()
        loss = F.cross_entropy(_forward(state, images, everything), truth, ignore_index=255)
        gradients = torch.autograd.grad(loss, [state[name] for name in names])
        for name, gradient in zip(names, gradients, strict=True):
            speed[name] = 0.9 * speed.get(name, 0.0) + gradient
            slow = 0.1 if name.startswith("encoder.") else 1.0
            state[name] = (state[name] - slow * lr * speed[name]).detach()
        losses.append(loss.item())
    return losses, state


def _batches(rng, count, void=0.2):
    """Pictures that are taller and pictures that are wider, in turn."""
    batches = []
    for number in range(count):
        size = (64, 32) if number % 2 else (32, 64)
        images = 3 * normal(rng, 2, 3, *size)
        batches.append((images, labels(rng, _K, 2, *size, void=void)))
    return batches


def _run(recipe, rng, count, frozen, void=0.2):
    """What the student's recipe and the one written out make of the same beginning; and that beginning."""
    begin, batches, lr = _fresh(rng), _batches(rng, count, void), 0.05
    says = "Return two things, the losses and the state_dict."
    losses, state = expect_parts(recipe(begin, batches, frozen, lr), 2, says)
    named = isinstance(state, dict) and state.keys() == begin.keys()
    expect(named, "The second thing is the network's state_dict.")
    return (losses, state), _trained(begin, batches, frozen, lr), begin


def _same(got, want, says, *, part=""):
    for name in want:
        if name.startswith(part):
            expect_close(got[name], want[name], f"{says} ({name})", tol=1e-4)


def _same_losses(got, want, says):
    got = expect_parts(got, len(want), "There is one loss for each batch.")
    numbers = torch.tensor([float(loss) for loss in got])
    expect_close(numbers, torch.tensor(want), says, tol=1e-3)


@worth(1, "train_in_stages")
def the_frozen_encoder_keeps_its_weights(recipe, rng):
    (_, state), _, begin = _run(recipe, rng, 2, 2)
    learns = (".weight", ".bias")
    kept = {n: v for n, v in begin.items() if n.startswith("encoder") and n.endswith(learns)}
    _same(state, kept, "In the first stage the encoder's weights must not change.")


@worth(1, "train_in_stages")
def the_frozen_encoder_keeps_its_statistics(recipe, rng):
    (_, state), _, begin = _run(recipe, rng, 2, 2)
    kept = {n: v for n, v in begin.items() if "running" in n or "tracked" in n}
    says = "A frozen normalization keeps its running mean and variance: put the encoder into eval mode."
    _same(state, kept, says)


@worth(1, "train_in_stages")
def in_the_first_stage_the_decoder_learns(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 2, 2)
    says = "In the first stage the decoder takes steps of SGD with momentum 0.9 at `lr`; void does not count."
    _same_losses(losses, want_losses, says)
    _same(state, want, says, part="decoder")


@worth(1, "train_in_stages")
def in_the_second_stage_the_encoder_learns_at_a_tenth(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 3, 1)
    says = "In the second stage a new optimizer takes steps at `lr` for the decoder, lr / 10 for the encoder."
    _same_losses(losses, want_losses, says)
    _same(state, want, says)


@worth(1, "train_in_stages")
def without_a_first_stage_everything_learns_at_once(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 2, 0, void=0.0)
    says = "With frozen=0 the encoder learns from the first batch on, in training mode."
    _same_losses(losses, want_losses, says)
    _same(state, want, says)


@worth(1, "train_in_stages")
def losses_are_plain_numbers(recipe, rng):
    (losses, _), (want, _), _ = _run(recipe, rng, 1, 0)
    losses = expect_parts(losses, len(want), "There is one loss for each batch.")
    says = "A loss must be a plain number, loss.item(): a tensor keeps the graph of its step in memory."
    expect(not any(torch.is_tensor(loss) for loss in losses), says)


def _recipe_case(recipe, rng, dtype, training):
    return Case(recipe, (_fresh(rng), _batches(rng, 2), 1, 0.05), _trained)


shared(
    "train_in_stages", _recipe_case, float64=0, gradient=0
)  # `rebuild` makes a float32 network
