"""Hidden checks of Lab 5: dense layers as convolutions, where maps lie, FCN's skip, FCN-8s, the staged recipe."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.signal import upfirdn
from scipy.signal.windows import triang

from autograder.checking.draws import pick
from autograder.checking.expect import (
    expect,
    expect_close,
    expect_equal,
    expect_tensor,
    expect_value_error,
)
from autograder.checking.gradients import gradient_of
from autograder.checking.score import worth


def _random(rng, *shape):
    return torch.randn(shape, generator=rng)


# --- dense_to_conv


def _dense(rng):
    """A dense layer's weight and bias, the channels and the size of its map: never square."""
    c, h = pick(rng, 2, 4), pick(rng, 2, 3)
    w, out = h + pick(rng, 1, 2), pick(rng, 5, 7)
    return _random(rng, out, c * h * w), _random(rng, out), c, (h, w)


def _slide(x, weight, bias, size):
    """The dense layer on every window of x."""
    windows = F.unfold(x, size)  # (n, c · h · w, places), channel by channel, row by row
    places = x.shape[2] - size[0] + 1, x.shape[3] - size[1] + 1
    return (weight @ windows + bias[:, None]).reshape(len(x), len(weight), *places)


@worth(1, "dense_to_conv")
def on_one_map_it_says_what_the_dense_layer_said(convert, rng):
    weight, bias, c, size = _dense(rng)
    x = _random(rng, 3, c, *size)
    want = F.linear(x.flatten(1), weight, bias)[:, :, None, None]
    says = "On a map of exactly that size it must say what the dense layer says, also when h and w differ."
    expect_close(convert(weight, bias, c, size)(x), want, says, tol=1e-4)


@worth(1, "dense_to_conv")
def on_a_larger_map_it_slides(convert, rng):
    weight, bias, c, size = _dense(rng)
    x = _random(rng, 2, c, size[0] + pick(rng, 3, 5), size[1] + pick(rng, 6, 7))
    says = "On a larger map there is one answer for each window, one pixel apart."
    expect_close(
        convert(weight, bias, c, size)(x), _slide(x, weight, bias, size), says, tol=1e-4
    )


@worth(1, "dense_to_conv")
def padding_puts_zeros_around_the_map(convert, rng):
    weight, bias, c, size = _dense(rng)
    padding = pick(rng, 1, 3)
    x = _random(rng, 1, c, size[0] + 1, size[1])
    want = _slide(F.pad(x, (padding,) * 4), weight, bias, size)
    says = "`padding` zeros must lie on each side of the map."
    expect_close(convert(weight, bias, c, size, padding=padding)(x), want, says, tol=1e-4)


@worth(1, "dense_to_conv")
def a_weight_that_does_not_fit_is_refused(convert, rng):
    weight, bias, c, (h, w) = _dense(rng)
    says = "A weight without channels · h · w columns must be refused."
    expect_value_error(lambda: convert(weight[:, 1:], bias, c, (h, w)), says)
    expect_value_error(lambda: convert(torch.cat([weight, weight], 1), bias, c, (h, w)), says)
    expect_value_error(lambda: convert(weight, bias, 1, (h, w)), says)


# --- first_pixel


def _by_ramp(layers):
    """First centre and spacing, measured: a ramp that says where each pixel is goes through averaging layers."""
    x = torch.arange(4096.0, dtype=torch.float64)[None, None]
    for kind, kernel, stride, padding in layers:
        if kind == "down":
            x = F.conv1d(
                x,
                torch.full((1, 1, kernel), 1 / kernel, dtype=torch.float64),
                stride=stride,
                padding=padding,
            )
        else:
            taps = torch.from_numpy(triang(kernel))[
                None, None
            ]  # tents: these keep a ramp a ramp
            x = F.conv_transpose1d(x, taps, stride=stride, padding=padding)
    middle = x.shape[2] // 2
    spacing = (x[0, 0, middle + 1] - x[0, 0, middle]).item()
    return x[0, 0, middle].item() - middle * spacing, spacing


def _same_place(locate, layers, says):
    got = locate(layers)
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        "Return two numbers, centre and spacing.",
    )
    want = torch.tensor(_by_ramp(layers), dtype=torch.float64)
    expect_close(torch.tensor([float(part) for part in got], dtype=torch.float64), want, says)


def _tent(rng):
    factor = pick(rng, 2, 4)
    return ("up", 2 * factor - factor % 2, factor, pick(rng, 0, 2))


@worth(1, "first_pixel")
def poolings_and_convolutions_are_followed(locate, rng):
    layers = [("down", 2 * pick(rng, 1, 3), pick(rng, 2, 3), 0)]
    layers += [("down", pick(rng, 2, 5), pick(rng, 2, 3), 0) for _ in range(pick(rng, 1, 3))]
    _same_place(
        locate,
        layers,
        "The lead of a layer counts in pixels of *its* input, which lie `spacing` apart.",
    )
    _same_place(locate, [], "With no layers it is the picture itself: centre 0, spacing 1.")


@worth(1, "first_pixel")
def padding_moves_the_first_pixel_back(locate, rng):
    layers = [("down", pick(rng, 2, 6), pick(rng, 2, 3), pick(rng, 1, 40)) for _ in range(3)]
    _same_place(
        locate,
        layers,
        "Each zero of padding moves the first pixel back by one pixel of the layer's input.",
    )


@worth(1, "first_pixel")
def transposed_convolutions_are_followed_back(locate, rng):
    layers = [("down", 2, 2, 0), ("down", 3, 4, 1), _tent(rng)]
    says = "A transposed convolution divides the spacing first, and its lead is subtracted."
    _same_place(locate, layers, says)


@worth(1, "first_pixel")
def a_whole_network_is_followed(locate, rng):
    down = [("down", pick(rng, 1, 7), pick(rng, 1, 2), pick(rng, 0, 9)) for _ in range(5)]
    _same_place(
        locate,
        [*down, _tent(rng), ("down", 3, 1, 1), _tent(rng)],
        "A chain of layers is not followed right.",
    )


# --- bilinear_kernel


def _interpolates(kernel_of, rng, factor, says):
    channels = pick(rng, 2, 3)
    x = _random(rng, 1, channels, 5, 6)
    kernel = kernel_of(channels, factor)
    k = 2 * factor - factor % 2
    expect_tensor(
        kernel,
        "The kernel has 2 · factor − factor % 2 taps each way.",
        shape=(channels, channels, k, k),
    )
    got = F.conv_transpose2d(x, kernel, stride=factor, padding=factor // 2)
    want = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inside = (..., slice(factor, -factor), slice(factor, -factor))
    expect_close(got[inside], want[inside], says, tol=1e-4)


@worth(1, "bilinear_kernel")
def an_even_factor_interpolates(kernel_of, rng):
    says = "Away from the border a transposed convolution with this kernel must interpolate bilinearly."
    for factor in (2, 2 * pick(rng, 2, 4)):
        _interpolates(kernel_of, rng, factor, says)


@worth(1, "bilinear_kernel")
def an_odd_factor_interpolates(kernel_of, rng):
    says = "With an odd factor the triangle's tip stands on a tap; the result must still interpolate bilinearly."
    _interpolates(kernel_of, rng, 2 * pick(rng, 1, 3) + 1, says)
    expect_close(
        kernel_of(2, 1), torch.eye(2)[:, :, None, None], "Factor 1 changes nothing: one tap, 1."
    )


@worth(1, "bilinear_kernel")
def the_taps_are_those_of_a_triangle(kernel_of, rng):
    factor = pick(rng, 2, 9)
    taps = torch.from_numpy(triang(2 * factor - factor % 2)).float()
    says = "The taps are 1 − |i − (k − 1) / 2| / factor, multiplied both ways."
    expect_close(kernel_of(1, factor)[0, 0], torch.outer(taps, taps), says)
    expect_tensor(kernel_of(1, factor), "Weights are float32.", dtype=torch.float32)


@worth(1, "bilinear_kernel")
def every_class_keeps_to_itself(kernel_of, rng):
    channels, factor = pick(rng, 3, 5), pick(rng, 2, 4)
    kernel = kernel_of(channels, factor)
    k = 2 * factor - factor % 2
    expect_tensor(
        kernel, "One plane for each pair of channels.", shape=(channels, channels, k, k)
    )
    plane = torch.from_numpy(np.outer(triang(k), triang(k))).float()
    want = torch.stack(
        [torch.stack([plane * float(a == b) for b in range(channels)]) for a in range(channels)]
    )
    expect_close(
        kernel,
        want,
        "The triangle stands where input and output class are the same, zeros elsewhere.",
    )


# --- crop_to


@worth(1, "crop_to")
def it_begins_at_the_offset(crop, rng):
    x, offset = _random(rng, 2, 3, 11, 14), pick(rng, 1, 4)
    h, w = pick(rng, 2, 5), pick(rng, 6, 9)
    want = x.narrow(2, offset, h).narrow(3, offset, w)
    expect_equal(
        crop(x, (h, w), offset), want, "The first row and column that stay are number `offset`."
    )
    expect_equal(
        crop(x, (h, w), 0),
        x.narrow(2, 0, h).narrow(3, 0, w),
        "Offset 0 is an offset: the upper left corner.",
    )


@worth(1, "crop_to")
def without_an_offset_it_cuts_out_of_the_middle(crop, rng):
    margins = [pick(rng, 2, 3), pick(rng, 4, 6)]
    core = _random(rng, 2, 1, pick(rng, 2, 4), pick(rng, 5, 7))
    for extra in (0, 1):
        (top, left), size = margins, tuple(core.shape[2:])
        x = F.pad(core, (left, left + extra, top, top + extra), value=7.0)
        says = "Without an offset it cuts out of the middle; of an odd surplus the smaller half goes at the top and left."
        expect_equal(crop(x, size), core, says)


@worth(1, "crop_to")
def a_crop_may_reach_the_last_pixel(crop, rng):
    x, offset = _random(rng, 1, 2, 6, 9), pick(rng, 1, 3)
    says = "A crop that ends exactly at the border is allowed."
    try:
        corner, whole = crop(x, (6 - offset, 9 - offset), offset), crop(x, (6, 9))
    except ValueError:
        raise AssertionError(f"{says} It was refused.") from None
    expect_equal(corner, x[:, :, offset:, offset:], says)
    expect_equal(whole, x, "A crop of the full size changes nothing.")


@worth(1, "crop_to")
def a_crop_beyond_the_map_is_refused(crop, rng):
    x, o = _random(rng, 1, 1, 6, 9), pick(rng, 1, 3)
    says = (
        "A crop that does not lie in the map must be refused, and not silently become smaller."
    )
    for size, offset in (
        ((7 - o, 3), o),
        ((3, 10 - o), o),
        ((7, 3), None),
        ((3, 10), None),
        ((2, 2), -1),
    ):
        expect_value_error(lambda size=size, offset=offset: crop(x, size, offset), says)


# --- fuse


def _enlarge(scores, factor, lead, size):
    """Zeros inserted and filtered by a tent, cut at `lead`: by SciPy, rows and then columns."""
    taps = triang(2 * factor)
    values = scores.double().numpy()
    for axis in (2, 3):
        values = upfirdn(taps, values, up=factor, axis=axis)
    h, w = size
    return torch.from_numpy(values[:, :, lead : lead + h, lead : lead + w].copy()).float()


def _scored(skip, weight, bias):
    return torch.einsum("nchw,kc->nkhw", skip, weight) + bias[:, None, None]


def _case(rng, even=True):
    k, c, a, b = pick(rng, 2, 4), pick(rng, 5, 6), pick(rng, 3, 4), pick(rng, 5, 6)
    h, w = (2 * a, 2 * b) if even else (2 * a - 1, 2 * b - 1)
    return (
        _random(rng, 2, k, a, b),
        _random(rng, 2, c, h, w),
        _random(rng, k, c),
        _random(rng, k),
    )


@worth(1, "fuse")
def the_skip_is_scored(fuse, rng):
    deep, skip, weight, bias = _case(rng)
    says = "Where the deep scores are 0, what comes out is the 1×1 score of the skip, bias included."
    expect_close(
        fuse(0 * deep, skip, weight, bias), _scored(skip, weight, bias), says, tol=1e-4
    )


@worth(1, "fuse")
def the_deep_scores_are_doubled_bilinearly(fuse, rng):
    deep, skip, weight, bias = _case(rng)
    got = fuse(deep, 0 * skip, weight, 0 * bias)
    expect_tensor(
        got, "The result has the skip's size.", shape=(*deep.shape[:2], *skip.shape[2:])
    )
    want = F.interpolate(deep, scale_factor=2, mode="bilinear", align_corners=False)
    says = "Inside, the deep scores must lie where bilinear interpolation puts them: cut the doubled map at 1."
    expect_close(got[:, :, 1:-1, 1:-1], want[:, :, 1:-1, 1:-1], says, tol=1e-4)
    gradient = gradient_of(fuse, deep, skip, weight, bias)[:, :, 1:-1, 1:-1]
    says = "The taps spread a deep score over 4 × 4 pixels and add up to 4: so much gradient must come back to it."
    expect_close(gradient, torch.full_like(gradient, 4.0), says, tol=1e-4)


@worth(1, "fuse")
def beyond_its_border_the_deep_map_counts_as_0(fuse, rng):
    deep, skip, weight, bias = _case(rng)
    want = _enlarge(deep, 2, 1, skip.shape[2:])
    says = "At the border the deep scores fade: beyond them lie zeros."
    expect_close(fuse(deep, 0 * skip, weight, 0 * bias), want, says, tol=1e-4)


@worth(1, "fuse")
def an_odd_skip_takes_the_first_rows_and_columns(fuse, rng):
    deep, skip, weight, bias = _case(rng, even=False)
    want = _enlarge(deep, 2, 1, skip.shape[2:])
    says = (
        "A skip of 2a − 1 rows still begins where the deep map begins: only the end is shorter."
    )
    expect_close(fuse(deep, 0 * skip, weight, 0 * bias), want, says, tol=1e-4)


@worth(1, "fuse")
def both_are_added(fuse, rng):
    for even in (True, False):
        deep, skip, weight, bias = _case(rng, even)
        want = _enlarge(deep, 2, 1, skip.shape[2:]) + _scored(skip, weight, bias)
        expect_close(
            fuse(deep, skip, weight, bias),
            want,
            "The result is the sum of the two scores.",
            tol=1e-4,
        )


# --- FCN8s

_CHANNELS = (4, 5, 6)


def _features(rng, size, n=1):
    return [
        _random(rng, n, c, -(-size[0] // s), -(-size[1] // s))
        for c, s in zip(_CHANNELS, (8, 16, 32), strict=True)
    ]


def _scores_of(state, classes):
    """The names of the weights and biases of the three score layers, from pool3 to the deepest."""
    names = []
    for c in _CHANNELS:
        found = [
            key for key, value in state.items() if tuple(value.shape) == (classes, c, 1, 1)
        ]
        says = f"There must be one 1×1 layer from {c} channels to {classes} classes; there are {len(found)}."
        expect(len(found) == 1, says)
        bias = found[0].removesuffix("weight") + "bias"
        expect(
            bias in state and tuple(state[bias].shape) == (classes,),
            "Every score layer has a bias.",
        )
        names.append((found[0], bias))
    return names


def _with_scores(head, rng, classes, silent=()):
    """Random numbers in all score layers but the `silent` ones, which become 0; returns them."""
    state = head.state_dict()
    layers = []
    for number, (weight, bias) in enumerate(_scores_of(state, classes)):
        scale = 0.0 if number in silent else 1.0
        state[weight] = scale * _random(rng, *state[weight].shape)
        state[bias] = scale * _random(rng, classes)
        layers.append((state[weight].flatten(1), state[bias]))
    head.load_state_dict(state)
    return layers


def _decoded(features, layers, size):
    score3, score4, x = (_scored(f, *layer) for f, layer in zip(features, layers, strict=True))
    x = _enlarge(x, 2, 1, score4.shape[2:]) + score4
    x = _enlarge(x, 2, 1, score3.shape[2:]) + score3
    return _enlarge(x, 8, 4, size)


def _agrees(head_class, rng, size, says, silent=()):
    k = pick(rng, 2, 3)
    head = head_class(_CHANNELS, k)
    layers = _with_scores(head, rng, k, silent)
    features = _features(rng, size)
    expect_close(head(*features, size), _decoded(features, layers, size), says, tol=1e-3)


@worth(1, "FCN8s")
def it_has_three_score_layers(head_class, rng):
    k = pick(rng, 2, 3)
    _scores_of(head_class(_CHANNELS, k).state_dict(), k)


@worth(1, "FCN8s")
def at_first_the_skips_change_nothing(head_class, rng):
    head = head_class(_CHANNELS, 3)
    features = _features(rng, (64, 96))
    first, other = (
        head(*features, (64, 96)),
        head(-features[0], 2 * features[1], features[2], (64, 96)),
    )
    says = "The score layers of pool3 and pool4 must start at zero: at first only the deep features count."
    expect_close(other, first, says)
    expect(
        first.std() > 0,
        "The deepest score layer must not start at zero: nothing would be said at all.",
    )
    state = head.state_dict()
    expect(
        all(state[bias].abs().max() == 0 for _, bias in _scores_of(state, 3)[:2]),
        f"{says} Their biases, too.",
    )


@worth(1, "FCN8s")
def the_deep_scores_reach_full_size(head_class, rng):
    says = "Without skips, the deep scores must be doubled twice and enlarged by 8, each cut at its place."
    _agrees(head_class, rng, (64, 96), says, silent=(0, 1))


@worth(1, "FCN8s")
def both_skips_are_fused_at_their_strides(head_class, rng):
    _agrees(
        head_class, rng, (64, 64), "pool3's scores must be added at stride 8.", silent=(1, 2)
    )
    _agrees(
        head_class, rng, (64, 96), "pool4's scores must be added at stride 16.", silent=(0, 2)
    )
    head, features = head_class(_CHANNELS, 2), _features(rng, (64, 96))
    for weight, _ in _scores_of(head.state_dict(), 2):
        gradient = gradient_of(head, *features, (64, 96), wrt=weight)
        expect(
            gradient.abs().max() > 0,
            f"The gradient of {weight} is 0: that layer would never learn.",
        )


@worth(1, "FCN8s")
def pictures_of_any_size_are_named(head_class, rng):
    size = (32 * pick(rng, 1, 2) + pick(rng, 1, 31), 32 * pick(rng, 1, 2) + pick(rng, 1, 31))
    _agrees(
        head_class,
        rng,
        size,
        f"With a picture of {size[0]} × {size[1]} the scores are not right.",
    )


# --- train_in_stages

_K = 9


def _fresh(rng, width=2):
    """The state_dict of a SmallFCN with random weights."""
    state, inside = {}, 3
    channels = [width * m for m in (1, 2, 4, 8, 8)]
    for stage, c in enumerate(channels):
        conv, norm = f"encoder.features.{4 * stage}", f"encoder.features.{4 * stage + 1}"
        state[f"{conv}.weight"] = _random(rng, c, inside, 3, 3) * (2 / (9 * inside)) ** 0.5
        state[f"{conv}.bias"] = 0.1 * _random(rng, c)
        state[f"{norm}.weight"] = 1 + 0.1 * _random(rng, c)
        state[f"{norm}.bias"] = 0.1 * _random(rng, c)
        state[f"{norm}.running_mean"] = 0.1 * _random(rng, c)
        state[f"{norm}.running_var"] = 1 + 0.1 * torch.rand(c, generator=rng)
        state[f"{norm}.num_batches_tracked"] = torch.tensor(0)
        inside = c
    layers = {"fc6": (inside, inside, 3, 3), "score": (_K, inside, 1, 1)}
    layers |= {"skips.0": (_K, channels[3], 1, 1), "skips.1": (_K, channels[2], 1, 1)}
    for name, shape in layers.items():
        state[f"decoder.{name}.weight"] = (
            _random(rng, *shape) / (shape[1] * shape[2] * shape[3]) ** 0.5
        )
        state[f"decoder.{name}.bias"] = 0.1 * _random(rng, shape[0])
    for number, factor in enumerate((2, 2, 8)):
        taps = torch.from_numpy(triang(2 * factor)).float()
        state[f"decoder.ups.{number}.weight"] = torch.outer(taps, taps).expand(_K, 1, -1, -1)
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


def _trained(state, batches, frozen, rate):
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
            state[name] = (state[name] - slow * rate * speed[name]).detach()
        losses.append(loss.item())
    return losses, state


def _batches(rng, count, void=0.2):
    batches = []
    for _ in range(count):
        truth = torch.randint(0, _K, (2, 32, 32), generator=rng)
        truth[torch.rand(truth.shape, generator=rng) < void] = 255
        batches.append((torch.randn(2, 3, 32, 32, generator=rng), truth))
    return batches


def _run(recipe, rng, count, frozen, rate=0.05, void=0.2):
    """What the student's recipe and the one written out make of the same beginning; and that beginning."""
    begin, batches = _fresh(rng), _batches(rng, count, void)
    got = recipe({name: value.clone() for name, value in begin.items()}, batches, frozen, rate)
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        "Return two things, the losses and the state_dict.",
    )
    expect(
        isinstance(got[1], dict) and got[1].keys() == begin.keys(),
        "The second thing is the network's state_dict.",
    )
    return got, _trained(begin, batches, frozen, rate), begin


def _same(got, want, says, *, part=""):
    for name in want:
        if name.startswith(part):
            expect_close(got[name], want[name], f"{says} ({name})", tol=1e-4)


def _same_losses(got, want, says):
    expect(
        isinstance(got, list | tuple) and len(got) == len(want),
        "There is one loss for each batch.",
    )
    expect_close(
        torch.tensor([float(loss) for loss in got]), torch.tensor(want), says, tol=1e-3
    )


@worth(1, "train_in_stages")
def the_frozen_encoder_keeps_its_weights(recipe, rng):
    (_, state), _, begin = _run(recipe, rng, 2, 2)
    weights = {
        n: v
        for n, v in begin.items()
        if n.startswith("encoder") and n.endswith((".weight", ".bias"))
    }
    _same(state, weights, "In the first stage the encoder's weights must not change.")


@worth(1, "train_in_stages")
def the_frozen_encoder_keeps_its_statistics(recipe, rng):
    (_, state), _, begin = _run(recipe, rng, 2, 2)
    kept = {n: v for n, v in begin.items() if "running" in n or "tracked" in n}
    says = "A frozen normalisation keeps its running mean and variance: put the encoder into eval mode."
    _same(state, kept, says)


@worth(1, "train_in_stages")
def in_the_first_stage_the_decoder_learns(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 3, 3)
    says = "In the first stage the decoder takes steps of SGD with momentum 0.9 at `rate`; void does not count."
    _same_losses(losses, want_losses, says)
    _same(state, want, says, part="decoder")


@worth(1, "train_in_stages")
def in_the_second_stage_the_encoder_learns_at_a_tenth(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 4, 2)
    says = "In the second stage a new optimiser takes steps at `rate` for the decoder, rate / 10 for the encoder."
    _same_losses(losses, want_losses, says)
    _same(state, want, says)


@worth(1, "train_in_stages")
def without_a_first_stage_everything_learns_at_once(recipe, rng):
    (losses, state), (want_losses, want), _ = _run(recipe, rng, 2, 0, void=0.0)
    says = "With frozen=0 the encoder learns from the first batch on, in training mode."
    _same_losses(losses, want_losses, says)
    _same(state, want, says)
