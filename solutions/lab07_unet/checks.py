"""Hidden checks of Lab 7: sizes along the U, U-Net and its blocks, overlap-tile, HRNet's exchange unit."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

from autograder.checking.draws import pick
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.gradients import gradient_of
from autograder.checking.score import worth

# --- valid_size


def _walk(size, poolings):
    """The size that comes out of real convolutions and poolings along one axis, or 0 where they don't fit."""
    x = torch.zeros(1, 1, size)
    kernel = torch.zeros(1, 1, 3)
    for _ in range(poolings):
        if x.shape[2] < 6 or x.shape[2] % 2:
            return 0
        x = F.max_pool1d(F.conv1d(F.conv1d(x, kernel), kernel), 2)
    for level in range(poolings + 1):
        x = x if level == 0 else x.repeat_interleave(2, 2)
        if x.shape[2] < 5:
            return 0
        x = F.conv1d(F.conv1d(x, kernel), kernel)
    return x.shape[2]


def _smallest(length, poolings):
    size = length
    while not _walk(size, poolings):
        size += 1
    return size, _walk(size, poolings)


def _pair(got):
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        "Return two numbers, the size and what comes out of it.",
    )
    return tuple(number.item() if torch.is_tensor(number) else number for number in got)


@worth(1, "valid_size")
def a_size_that_fits_is_kept(valid_size, rng):
    length, _ = _smallest(pick(rng, 200, 600), 4)
    says = f"A picture of {length} fits four poolings and must be kept as it is."
    expect_equal(_pair(valid_size(length, 4))[0], length, says)


@worth(1, "valid_size")
def one_that_does_not_fit_grows_to_the_next_that_does(valid_size, rng):
    for poolings in (1, 2, 3, 4):
        length = pick(rng, 200, 500)
        says = f"Of a picture of at least {length} pixels with {poolings} poolings the next size that fits is not right."
        expect_equal(
            _pair(valid_size(length, poolings))[0], _smallest(length, poolings)[0], says
        )


@worth(1, "valid_size")
def what_comes_out_is_counted_through_the_whole_u(valid_size, rng):
    for poolings in (0, 1, 3, 4):
        length, out = _smallest(pick(rng, 200, 500), poolings)
        says = f"How many pixels come out of {length} with {poolings} poolings is not right."
        expect_equal(_pair(valid_size(length, poolings))[1], out, says)


@worth(1, "valid_size")
def something_must_come_out(valid_size, rng):
    for poolings in (0, 1, 2, 3):
        says = f"With {poolings} poolings the smallest size must still give at least one pixel."
        expect_equal(_pair(valid_size(1, poolings)), _smallest(1, poolings), says)


# --- crop_and_concatenate


def _ramp(rng, *shape):
    return torch.randperm(int(np.prod(shape)), generator=rng).reshape(shape).float()


def _middle(bridge, h, w):
    top, left = (bridge.shape[2] - h) // 2, (bridge.shape[3] - w) // 2
    index_y, index_x = torch.arange(top, top + h), torch.arange(left, left + w)
    return bridge.index_select(2, index_y).index_select(3, index_x)


@worth(1, "crop_and_concatenate")
def the_middle_of_the_bridge_comes_first(join, rng):
    bridge, x = _ramp(rng, 2, 3, 12, 12), _ramp(rng, 2, 4, 6, 6)
    got = join(bridge, x)
    expect_tensor(got, "Channels are laid side by side.", shape=(2, 7, 6, 6))
    expect_equal(
        got[:, :3],
        _middle(bridge, 6, 6),
        "The first channels are not the middle of the bridge.",
    )
    expect_equal(got[:, 3:], x, "The last channels are not those of x, unchanged.")
    middle = F.pad(torch.ones(2, 3, 6, 6), (3, 3, 3, 3))
    for place, want in ((0, middle), (1, torch.ones_like(x))):
        says = "A gradient must come back to both: to the middle of the bridge, and to x."
        expect_equal(gradient_of(join, bridge, x, wrt=place), want, says)


@worth(1, "crop_and_concatenate")
def height_and_width_are_cut_each_by_their_own(join, rng):
    h, w = pick(rng, 3, 5), pick(rng, 6, 9)
    bridge, x = _ramp(rng, 1, 2, h + 2, w + 8), _ramp(rng, 1, 1, h, w)
    want = torch.cat([_middle(bridge, h, w), x], 1)
    expect_equal(
        join(bridge, x),
        want,
        "Where height and width lose different numbers of pixels, the cut is not right.",
    )
    bridge = _ramp(rng, 1, 2, h, w)
    want = torch.cat([bridge, x], 1)
    expect_equal(
        join(bridge, x), want, "A bridge that has the right size already must stay whole."
    )


@worth(1, "crop_and_concatenate")
def of_an_odd_rest_the_larger_half_goes_below_and_right(join, rng):
    h, w = pick(rng, 2, 6), pick(rng, 2, 6)
    bridge, x = _ramp(rng, 1, 2, h + 5, w + 3), _ramp(rng, 1, 2, h, w)
    want = torch.cat([_middle(bridge, h, w), x], 1)
    says = "Of an odd number of rows or columns too many, the larger half goes below and right."
    expect_equal(join(bridge, x), want, says)


# --- modules: random weights of a network whose layers have any names


def _weights(module, rng, wanted):
    """Fill a module with random numbers, alike for weights of one shape; returns {shape: (weight, bias)}.

    Weights of one shape get the same numbers, so that it doesn't matter which of them a layer calls its own.
    """
    state = module.state_dict()
    shapes = sorted(tuple(v.shape) for v in state.values() if v.ndim == 4)
    expect(
        shapes == sorted(wanted),
        f"Its weights have the shapes {shapes}, wanted {sorted(wanted)}.",
    )
    made, fresh = {}, {}
    for key, value in state.items():
        shape = tuple(value.shape)
        if value.ndim != 4:
            continue
        if shape not in made:
            outside = shape[1] if shape[2:] == (2, 2) else shape[0]
            spread = 1.5 / np.sqrt(np.prod(shape) / outside)
            weight = spread * torch.randn(shape, generator=rng)
            made[shape] = weight, 0.2 * torch.randn(outside, generator=rng)
        fresh[key] = made[shape][0]
        bias = key.removesuffix("weight") + "bias"
        if bias in state:
            fresh[bias] = made[shape][1]
    expect(
        set(fresh) == set(state),
        "It holds more than convolutions: no normalisation and no other parameters here.",
    )
    module.load_state_dict(fresh)
    return made


def _biases(module, count):
    found = sum(v.ndim == 1 for v in module.state_dict().values())
    expect(found == count, f"{found} of its convolutions have a bias, wanted {count}.")


def _twice(x, made, inside, outside, relus=(True, True)):
    for source, relu in zip((inside, outside), relus, strict=True):
        x = F.conv2d(x, *made[outside, source, 3, 3])
        x = x.relu() if relu else x
    return x


def _grown(x, bridge, made, inside, outside):
    up = F.conv_transpose2d(x, *made[inside, outside, 2, 2], stride=2)
    return torch.cat([_middle(bridge, *up.shape[2:]), up], 1)


# --- ContractingBlock


@worth(1, "ContractingBlock")
def it_has_two_convolutions_with_biases(block_class, rng):
    inside, outside = pick(rng, 2, 4), pick(rng, 5, 7)
    block = block_class(inside, outside)
    _weights(block, rng, [(outside, inside, 3, 3), (outside, outside, 3, 3)])
    _biases(block, 2)


@worth(1, "ContractingBlock")
def no_pixel_is_padded(block_class, rng):
    block = block_class(3, 4)
    h, w = pick(rng, 5, 8), pick(rng, 9, 12)
    got = block(torch.rand(2, 3, h, w, generator=rng))
    expect_tensor(
        got,
        "Two convolutions without padding lose 4 pixels along each axis.",
        shape=(2, 4, h - 4, w - 4),
    )


@worth(1, "ContractingBlock")
def a_relu_follows_each_convolution(block_class, rng):
    block = block_class(3, 4)
    made = _weights(block, rng, [(4, 3, 3, 3), (4, 4, 3, 3)])
    _biases(block, 2)
    x = torch.randn(2, 3, 9, 8, generator=rng)
    says = "The result is not ReLU of the second convolution of ReLU of the first."
    expect_close(block(x), _twice(x, made, 3, 4), says, tol=1e-4)


# --- ExpandingBlock


def _expanding(block_class, rng, inside=6, outside=4):
    block = block_class(inside, outside)
    shapes = [(inside, outside, 2, 2), (outside, 2 * outside, 3, 3), (outside, outside, 3, 3)]
    made = _weights(block, rng, shapes)
    _biases(block, 3)
    return block, made


@worth(1, "ExpandingBlock")
def it_has_the_layers_of_the_figure(block_class, rng):
    _expanding(block_class, rng, pick(rng, 5, 7), pick(rng, 2, 4))


@worth(1, "ExpandingBlock")
def it_doubles_and_then_loses_four(block_class, rng):
    block = block_class(4, 3)
    h, w = pick(rng, 3, 5), pick(rng, 6, 8)
    got = block(
        torch.rand(2, 4, h, w, generator=rng),
        torch.rand(2, 3, 2 * h + 4, 2 * w + 6, generator=rng),
    )
    expect_tensor(
        got,
        "The size doubles, then two convolutions take 4.",
        shape=(2, 3, 2 * h - 4, 2 * w - 4),
    )


@worth(1, "ExpandingBlock")
def the_bridge_stands_before_the_newcomer(block_class, rng):
    block, made = _expanding(block_class, rng)
    x, bridge = torch.randn(1, 6, 5, 6, generator=rng), torch.rand(1, 4, 10, 12, generator=rng)
    want = _twice(_grown(x, bridge, made, 6, 4), made, 8, 4)
    says = "The bridge's channels come first, then those of the transposed convolution, which has no ReLU; then convolve."
    expect_close(block(x, bridge), want, says, tol=1e-4)


@worth(1, "ExpandingBlock")
def the_bridge_is_cut_to_its_middle(block_class, rng):
    block, made = _expanding(block_class, rng)
    x = torch.randn(2, 6, 5, 4, generator=rng)
    bridge = torch.rand(2, 4, 10 + pick(rng, 2, 6), 8 + pick(rng, 7, 9), generator=rng)
    want = _twice(_grown(x, bridge, made, 6, 4), made, 8, 4)
    expect_close(
        block(x, bridge), want, "Of a larger bridge its middle must be taken.", tol=1e-4
    )


# --- UNet


def _unet_shapes(channels, classes, widths):
    shapes, inside = [(classes, widths[0], 1, 1)], channels
    for width in widths:
        shapes += [(width, inside, 3, 3), (width, width, 3, 3)]
        inside = width
    for outside, below in pairwise(widths):
        shapes += [
            (below, outside, 2, 2),
            (outside, 2 * outside, 3, 3),
            (outside, outside, 3, 3),
        ]
    return shapes


def _unet(net_class, rng, channels, classes, widths):
    net = net_class(channels, classes, widths)
    made = _weights(net, rng, _unet_shapes(channels, classes, widths))
    _biases(net, 5 * len(widths) - 2)
    return net, made


def _unet_reference(x, made, channels, classes, widths):
    bridges = [_twice(x, made, channels, widths[0])]
    for inside, outside in pairwise(widths):
        bridges.append(_twice(F.max_pool2d(bridges[-1], 2), made, inside, outside))
    x = bridges[-1]
    for i in reversed(range(len(widths) - 1)):
        x = _twice(
            _grown(x, bridges[i], made, widths[i + 1], widths[i]),
            made,
            2 * widths[i],
            widths[i],
        )
    return F.conv2d(x, *made[classes, widths[0], 1, 1])


@worth(1, "UNet")
def it_has_the_weights_of_the_paper(net_class, rng):
    _unet(net_class, rng, pick(rng, 1, 2), pick(rng, 3, 4), (3, 5, 7))
    net = net_class(1, 2, (8, 16, 32, 64))
    learned = sum(v.numel() for v in net.state_dict().values())
    wanted = sum(int(np.prod(s)) for s in _unet_shapes(1, 2, (8, 16, 32, 64)))
    wanted += 2 * (8 + 16 + 32 + 64) + 3 * (8 + 16 + 32) + 2  # biases
    expect_equal(
        learned, wanted, "With widths 8, 16, 32, 64 the number of parameters is not right."
    )


@worth(1, "UNet")
def what_comes_out_is_smaller_by_what_the_convolutions_lose(net_class, rng):
    h, w = 44 + 4 * pick(rng, 0, 2), 56 + 4 * pick(rng, 0, 2)
    got = net_class(1, 3, (2, 3, 4))(torch.rand(2, 1, h, w, generator=rng))
    expect_tensor(
        got,
        "With two poolings 40 pixels are lost along each axis.",
        shape=(2, 3, h - 40, w - 40),
    )


@worth(2, "UNet")
def the_scores_are_those_of_the_figure(net_class, rng):
    widths = (3, 5, 7)
    net, made = _unet(net_class, rng, 2, 4, widths)
    x = torch.randn(2, 2, 48, 52, generator=rng)
    says = "The scores are not those of the figure: pool between levels, bridges cropped and first, no ReLU at the end."
    expect_close(net(x), _unet_reference(x, made, 2, 4, widths), says, tol=1e-3)


@worth(1, "UNet")
def scores_may_be_negative(net_class, rng):
    net, made = _unet(net_class, rng, 1, 3, (3, 5))
    x = torch.randn(2, 1, 20, 22, generator=rng)
    want = _unet_reference(x, made, 1, 3, (3, 5))
    got = net(x)
    expect_tensor(got, "One score per class and pixel.", shape=tuple(want.shape))
    says = "Scores below 0 must stay what they are: nothing follows the last convolution."
    expect_close(got.clamp(max=0), want.clamp(max=0), says, tol=1e-3)


@worth(1, "UNet")
def any_number_of_levels_will_do(net_class, rng):
    for widths, size in (((3,), 9), ((2, 3, 4, 5), 100)):
        net, made = _unet(net_class, rng, 1, 6, widths)
        x = torch.randn(1, 1, size, size, generator=rng)
        want = _unet_reference(x, made, 1, 6, widths)
        expect_close(
            net(x), want, f"With {len(widths)} levels the scores are not right.", tol=1e-3
        )


# --- cut_tiles: NumPy pads, and cuts by an index for every tile


def _tiles(image, size, margin):
    h, w = image.shape[1:]
    rows, columns = -(-h // size), -(-w // size)
    spread = [(0, 0), (margin, margin + rows * size - h), (margin, margin + columns * size - w)]
    large = np.pad(image.numpy(), spread, mode="reflect")
    side = size + 2 * margin
    windows = np.lib.stride_tricks.sliding_window_view(large, (side, side), axis=(1, 2))[
        :, ::size, ::size
    ]
    return torch.from_numpy(
        np.moveaxis(windows, 0, 2).reshape(rows * columns, image.shape[0], side, side).copy()
    )


@worth(1, "cut_tiles")
def tiles_stand_row_by_row(cut, rng):
    image = _ramp(rng, 3, 8, 12)
    got = cut(image, 4, 0)
    expect_tensor(got, "8×12 makes 2 rows of 3 tiles of 4.", shape=(6, 3, 4, 4))
    expect_equal(
        got, _tiles(image, 4, 0), "Tiles must follow each other row by row, from the top left."
    )


@worth(1, "cut_tiles")
def tiles_overlap_by_their_margins(cut, rng):
    image, margin = _ramp(rng, 2, 24, 18), pick(rng, 1, 4)
    got, want = cut(image, 6, margin), _tiles(image, 6, margin)
    expect_tensor(got, "A tile has its margin on each of its sides.", shape=tuple(want.shape))
    side = 6 + 2 * margin
    says = "A tile inside the picture must show the picture's own pixels in its margin."
    expect_equal(
        got[4], image[:, 6 - margin : 6 - margin + side, 6 - margin : 6 - margin + side], says
    )


@worth(1, "cut_tiles")
def the_border_is_mirrored_about_the_outermost_pixel(cut, rng):
    image = _ramp(rng, 1, 12, 12)
    margin = pick(rng, 2, 4)
    want = _tiles(image, 4, margin)
    says = "Beyond the border the picture is mirrored about its outermost pixel, which is not repeated."
    expect_equal(cut(image, 4, margin), want, says)


@worth(1, "cut_tiles")
def tiles_that_stick_out_are_whole_and_mirrored_too(cut, rng):
    size, margin = pick(rng, 4, 6), pick(rng, 1, 3)
    sizes = (
        (2 * size + 1, 4 * size - 1),
        (3 * size - 1, 3 * size + 1),
    )  # nearly all of a tile sticks out, or one row
    for (h, w), dtype in zip(sizes, (torch.float32, torch.float64), strict=True):
        image = _ramp(rng, 2, h, w).to(dtype)
        want = _tiles(image, size, margin)
        says = f"A picture of {h}×{w} in tiles of {size} with margin {margin}: the last row and column must be whole."
        got = cut(image, size, margin)
        expect_tensor(got, says, dtype=dtype)
        expect_equal(got, want, says)


# --- join_tiles


@worth(1, "join_tiles")
def tiles_come_back_row_by_row(join, rng):
    picture = _ramp(rng, 2, 8, 12)
    expect_equal(
        join(_tiles(picture, 4, 0), 4, (8, 12)),
        picture,
        "Tiles of 4 must make the 8×12 picture again.",
    )


@worth(1, "join_tiles")
def only_the_middle_of_an_output_is_kept(join, rng):
    picture, extra = _ramp(rng, 1, 12, 18), pick(rng, 1, 4)
    outputs = _tiles(picture, 6, extra)
    says = f"Outputs {2 * extra} pixels larger than their tile: the middle must be kept."
    expect_equal(join(outputs, 6, (12, 18)), picture, says)


@worth(1, "join_tiles")
def what_sticks_out_is_cut_off(join, rng):
    h, w = 4 * pick(rng, 2, 3) - pick(rng, 1, 3), 4 * pick(rng, 4, 5) - pick(rng, 1, 3)
    picture = _ramp(rng, 3, h, w)
    expect_equal(
        join(_tiles(picture, 4, 0), 4, (h, w)),
        picture,
        f"The result must be {h}×{w}, the picture's size.",
    )


@worth(1, "join_tiles")
def tiled_equals_untiled(join, rng):
    h, w = pick(rng, 17, 24), pick(rng, 25, 31)
    image = torch.randn(2, h, w, generator=rng, dtype=torch.float64)
    first = torch.randn(3, 2, 3, 3, generator=rng, dtype=torch.float64)
    second = torch.randn(2, 3, 3, 3, generator=rng, dtype=torch.float64)

    def network(x):
        return F.conv2d(F.conv2d(x, first).relu(), second)

    margin = (
        3  # one more than the network needs, so that one pixel too many comes out on each side
    )
    mirrored = torch.from_numpy(np.pad(image.numpy(), [(0, 0), (2, 2), (2, 2)], mode="reflect"))
    got = join(network(_tiles(image, 8, margin)), 8, (h, w))
    expect_tensor(got, "Two convolutions tile by tile.", shape=(2, h, w), dtype=torch.float64)
    says = "Two convolutions, tile by tile, must equal the same convolutions of the whole mirrored picture."
    expect_close(got, network(mirrored[None])[0], says, tol=1e-10)


# --- ExchangeUnit


def _exchange_shapes(widths):
    shapes = []
    for i, goal in enumerate(widths):
        for j, source in enumerate(widths):
            shapes += [(goal, source, 1, 1)] if j > i else []
            shapes += [(source, source, 3, 3)] * (i - j - 1) + [(goal, source, 3, 3)] * (j < i)
    return shapes


def _exchange(unit_class, rng, widths):
    unit = unit_class(widths)
    made = _weights(unit, rng, _exchange_shapes(widths))
    _biases(unit, 0)
    return unit, {shape: weight for shape, (weight, _) in made.items()}


def _streams(rng, widths, h, w, n=2):
    streams = []
    for width in widths:
        streams.append(torch.randn(n, width, h, w, generator=rng))
        h, w = -(-h // 2), -(-w // 2)
    return streams


def _heard(x, made, widths, j, i, size):
    if j > i:
        up = F.conv2d(x, made[widths[i], widths[j], 1, 1])
        return F.interpolate(up, size, mode="bilinear", align_corners=False)
    for _ in range(i - j - 1):
        x = F.conv2d(x, made[widths[j], widths[j], 3, 3], stride=2, padding=1).relu()
    return F.conv2d(x, made[widths[i], widths[j], 3, 3], stride=2, padding=1) if j < i else x


def _mixed(streams, made, widths):
    sizes = [x.shape[2:] for x in streams]
    return [
        sum(_heard(x, made, widths, j, i, sizes[i]) for j, x in enumerate(streams)).relu()
        for i in range(len(widths))
    ]


def _alone(unit, made, widths, streams, j, i, says):
    """Only stream j says something, all others are silent: what stream i hears."""
    silent = [x if k == j else torch.zeros_like(x) for k, x in enumerate(streams)]
    got = unit(silent)
    expect(len(got) == len(widths), f"{len(widths)} streams go in, {len(got)} come out.")
    expect_close(got[i], _mixed(silent, made, widths)[i], says, tol=1e-4)


@worth(1, "ExchangeUnit")
def it_has_a_path_from_every_stream_to_every_other(unit_class, rng):
    low = pick(rng, 2, 3)
    for widths in ((low, low + 2), (low, low + 2, low + 5)):
        _exchange(unit_class, rng, widths)


@worth(1, "ExchangeUnit")
def every_stream_keeps_its_shape(unit_class, rng):
    widths = (2, 3, 5)
    streams = _streams(rng, widths, 2 * pick(rng, 6, 8) + 1, 2 * pick(rng, 9, 11))
    got = unit_class(widths)(streams)
    expect(len(got) == 3, f"Three streams go in, {len(got)} come out.")
    for x, y in zip(streams, got, strict=True):
        expect_tensor(
            y,
            "Each stream must keep its size and channels, odd sizes too.",
            shape=tuple(x.shape),
        )


@worth(1, "ExchangeUnit")
def coarser_streams_are_upsampled_bilinearly(unit_class, rng):
    widths = (2, 3, 5)
    unit, made = _exchange(unit_class, rng, widths)
    streams = _streams(rng, widths, 13, 18)
    says = "From a coarser stream: a 1×1 convolution, then bilinear upsampling (align_corners=False) to the finer size."
    for j, i in ((1, 0), (2, 0), (2, 1)):
        _alone(unit, made, widths, streams, j, i, says)


@worth(1, "ExchangeUnit")
def finer_streams_come_by_strided_convolutions(unit_class, rng):
    widths = (2, 3, 5)
    unit, made = _exchange(unit_class, rng, widths)
    streams = _streams(rng, widths, 13, 18)
    says = "From a finer stream: 3×3 convolutions with stride 2 and padding 1, a ReLU between two of them."
    for j, i in ((0, 1), (1, 2), (0, 2)):
        _alone(unit, made, widths, streams, j, i, says)


@worth(1, "ExchangeUnit")
def a_stream_keeps_what_it_knew(unit_class, rng):
    widths = (2, 3)
    unit, made = _exchange(unit_class, rng, widths)
    streams = _streams(rng, widths, 8, 10)
    says = "What a stream hears from itself is itself, and the sum goes through one ReLU."
    for i in range(2):
        _alone(unit, made, widths, streams, i, i, says)


@worth(1, "ExchangeUnit")
def all_that_is_heard_is_added(unit_class, rng):
    for widths in ((2, 4), (2, 3, 5)):
        unit, made = _exchange(unit_class, rng, widths)
        streams = _streams(rng, widths, 12, 16)
        wanted = _mixed(streams, made, widths)
        given = [x.clone() for x in streams]
        got = unit(given)
        for y, want in zip(got, wanted, strict=True):
            says = "Each stream must be the ReLU of the sum over all streams, as they were before the exchange."
            expect_close(y, want, says, tol=1e-4)
