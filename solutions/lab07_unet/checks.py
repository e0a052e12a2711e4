"""Hidden checks of Lab 7: sizes along the U, U-Net and its blocks, overlap-tile, HRNet's exchange unit."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

from autograder.checking.draws import distinct, normal, pick, sizes
from autograder.checking.expect import (
    expect_close,
    expect_equal,
    expect_parts,
    expect_tensor,
)
from autograder.checking.modules import fill, learned
from autograder.checking.properties import Case, shared
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


def _smallest(length, poolings=4):
    size = length
    while not _walk(size, poolings):
        size += 1
    return size, _walk(size, poolings)


def _size_and_out(got):
    return expect_parts(got, 2, "Return two numbers, the size and what comes out of it.")


@worth(1, "valid_size")
def a_size_that_fits_is_kept(valid_size, rng):
    for least in (pick(rng, 200, 600), 1000):
        length, _ = _smallest(least)
        says = f"A picture of {length} fits four poolings and must be kept as it is."
        expect_equal(_size_and_out(valid_size(length))[0], length, says)
        expect_equal(_size_and_out(valid_size(length, 4))[0], length, says)


@worth(1, "valid_size")
def one_that_does_not_fit_grows_to_the_next_that_does(valid_size, rng):
    for poolings in (1, 2, 3, 4):
        length = _smallest(pick(rng, 200, 500), poolings)[0] + 1
        says = f"For at least {length} pixels and poolings={poolings} the next size that fits is not right."
        got = _size_and_out(valid_size(length, poolings))[0]
        expect_equal(got, _smallest(length, poolings)[0], says)


@worth(1, "valid_size")
def what_comes_out_is_counted_through_the_whole_u(valid_size, rng):
    for poolings in (0, 1, 3, 4, 5):
        length, out = _smallest(pick(rng, 300, 500), poolings)
        says = f"How many pixels come out of {length} with poolings={poolings} is not right."
        expect_equal(_size_and_out(valid_size(length, poolings))[1], out, says)


@worth(1, "valid_size")
def something_must_come_out(valid_size, rng):
    for poolings in (0, 1, 2, 3):
        says = f"With poolings={poolings} the smallest size must still give at least one pixel."
        got = _size_and_out(valid_size(1, poolings))
        for number, want in zip(got, _smallest(1, poolings), strict=True):
            expect_equal(number, want, says)


def _size_case(valid_size, rng, dtype, training):
    return Case(valid_size, (pick(rng, 100, 2000), 3), _smallest)


shared("valid_size", _size_case, float64=0, gradient=0)  # whole numbers


# --- crop_and_concatenate


def _middle(skip, h, w):
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    rows, columns = torch.arange(top, top + h), torch.arange(left, left + w)
    return skip.index_select(2, rows).index_select(3, columns)


def _side_by_side(skip, x):
    return torch.cat([_middle(skip, *x.shape[2:]), x], 1)


@worth(1, "crop_and_concatenate")
def the_middle_of_the_bridge_comes_first(join, rng):
    for h, w in sizes(rng):
        skip, x = distinct(rng, 2, 3, h + 6, w + 6), distinct(rng, 2, 4, h, w)
        got = join(skip, x)
        expect_tensor(got, "Channels are laid side by side.", shape=(2, 7, h, w))
        says = "The first channels are not the middle of the skip."
        expect_equal(got[:, :3], _middle(skip, h, w), says)
        expect_equal(got[:, 3:], x, "The last channels are not those of x, unchanged.")


@worth(1, "crop_and_concatenate")
def height_and_width_are_cut_each_by_their_own(join, rng):
    h, w = pick(rng, 3, 5), pick(rng, 6, 9)
    x = distinct(rng, 1, 1, h, w)
    says = "Where height and width lose different numbers of pixels, the cut is not right."
    for rows, columns in ((2, 8), (8, 2), (0, 6), (6, 0)):
        skip = distinct(rng, 1, 2, h + rows, w + columns)
        expect_equal(join(skip, x), _side_by_side(skip, x), says)
    skip = distinct(rng, 1, 2, h, w)
    says = "A skip that has the right size already must stay whole."
    expect_equal(join(skip, x), torch.cat([skip, x], 1), says)


@worth(1, "crop_and_concatenate")
def of_an_odd_rest_the_larger_half_goes_below_and_right(join, rng):
    h, w = pick(rng, 2, 6), pick(rng, 2, 6)
    says = "Of an odd number of rows or columns too many, the larger half goes below and right."
    for rows, columns in ((5, 3), (1, 1), (2, 7), (7, 2)):
        skip, x = distinct(rng, 1, 2, h + rows, w + columns), distinct(rng, 1, 2, h, w)
        expect_equal(join(skip, x), _side_by_side(skip, x), says)


def _crop_case(join, rng, dtype, training):
    args = normal(rng, 2, 3, 9, 12, dtype=dtype), normal(rng, 2, 2, 4, 5, dtype=dtype)
    return Case(join, args, _side_by_side)


shared(
    "crop_and_concatenate",
    _crop_case,
    wrt=(0, 1),
    gradient_says="A gradient must come back to both: to the middle of the skip, and to x.",
)


# --- U-Net's blocks: weights of any names, filled by shape


def _made(module, rng, shapes, dtype=torch.float32, training=True):
    """Fill a module with random numbers; returns {shape: (weight, bias)}, a bias None where there is none."""
    made = fill(module, rng, shapes, dtype=dtype)
    module.train() if training else module.eval()
    return {shape: (weight, made.biases[shape]) for shape, weight in made.weights.items()}


def _twice(x, made, c, k):
    """Two convolutions from c to k channels, each with its ReLU."""
    return F.conv2d(F.conv2d(x, *made[k, c, 3, 3]).relu(), *made[k, k, 3, 3]).relu()


def _expanded(x, skip, made, c, k):
    up = F.conv_transpose2d(x, *made[c, k, 2, 2], stride=2)
    return _twice(_side_by_side(skip, up), made, 2 * k, k)


# --- ContractingBlock


def _contracting_shapes(c, k):
    return [(k, c, 3, 3), (k, k, 3, 3)]


@worth(1, "ContractingBlock")
def it_has_two_convolutions_with_biases(block_class, rng):
    c, k = pick(rng, 2, 4), pick(rng, 5, 7)
    fill(block_class(c, k), rng, _contracting_shapes(c, k), biases=2)


@worth(1, "ContractingBlock")
def no_pixel_is_padded(block_class, rng):
    block = block_class(3, 4)
    for h, w in sizes(rng, least=5):
        says = "Two convolutions without padding lose 4 pixels along each axis."
        got = block(normal(rng, 2, 3, h, w))
        expect_tensor(got, says, shape=(2, 4, h - 4, w - 4))


@worth(1, "ContractingBlock")
def a_relu_follows_each_convolution(block_class, rng):
    block = block_class(3, 4)
    made = _made(block, rng, _contracting_shapes(3, 4))
    says = "The result is not ReLU of the second convolution of ReLU of the first."
    for h, w in ((9, 7), (7, 9), (5, 5)):
        x = 20 * normal(rng, 2, 3, h, w)
        expect_close(block(x), _twice(x, made, 3, 4), says, tol=1e-4)


def _contracting_case(block_class, rng, dtype, training):
    block = block_class(3, 4)
    made = _made(block, rng, _contracting_shapes(3, 4), dtype, training)
    args = (4 * normal(rng, 2, 3, 7, 8, dtype=dtype),)
    return Case(block, args, lambda x: _twice(x, made, 3, 4))


shared("ContractingBlock", _contracting_case)


# --- ExpandingBlock


def _expanding_shapes(c, k):
    return [(c, k, 2, 2), *_contracting_shapes(2 * k, k)]


@worth(1, "ExpandingBlock")
def it_has_the_layers_of_the_figure(block_class, rng):
    c, k = pick(rng, 5, 7), pick(rng, 2, 4)
    fill(block_class(c, k), rng, _expanding_shapes(c, k), biases=3)


@worth(1, "ExpandingBlock")
def it_doubles_and_then_loses_four(block_class, rng):
    block = block_class(4, 3)
    for h, w in sizes(rng, least=3):
        x, skip = normal(rng, 2, 4, h, w), normal(rng, 2, 3, 2 * h + 4, 2 * w + 6)
        says = "The size doubles, then two convolutions take 4."
        got = block(x, skip)
        expect_tensor(got, says, shape=(2, 3, 2 * h - 4, 2 * w - 4))


@worth(1, "ExpandingBlock")
def the_bridge_stands_before_the_newcomer(block_class, rng):
    block = block_class(6, 4)
    made = _made(block, rng, _expanding_shapes(6, 4))
    says = "The skip's channels come first, then those of the transposed convolution, which has no ReLU; then convolve."
    for h, w in ((5, 6), (6, 5)):
        x, skip = 9 * normal(rng, 2, 6, h, w), 9 * normal(rng, 2, 4, 2 * h, 2 * w)
        want = _expanded(x, skip, made, 6, 4)
        expect_close(block(x, skip), want, says, tol=1e-4)


@worth(1, "ExpandingBlock")
def the_bridge_is_cut_to_its_middle(block_class, rng):
    block = block_class(6, 4)
    made = _made(block, rng, _expanding_shapes(6, 4))
    more = pick(rng, 2, 6), pick(rng, 7, 9)
    for rows, columns in (more, more[::-1]):
        x, skip = normal(rng, 2, 6, 5, 4), normal(rng, 2, 4, 10 + rows, 8 + columns)
        want = _expanded(x, skip, made, 6, 4)
        says = "Of a larger skip its middle must be taken."
        expect_close(block(x, skip), want, says, tol=1e-4)


def _expanding_case(block_class, rng, dtype, training):
    block = block_class(6, 4)
    made = _made(block, rng, _expanding_shapes(6, 4), dtype, training)
    args = 4 * normal(rng, 2, 6, 4, 5, dtype=dtype), 4 * normal(rng, 2, 4, 13, 12, dtype=dtype)
    return Case(block, args, lambda x, skip: _expanded(x, skip, made, 6, 4))


shared(
    "ExpandingBlock",
    _expanding_case,
    wrt=(0, 1),
    gradient_says="A gradient must come back to both: to x, and to the middle of the skip.",
)


# --- UNet


def _unet_shapes(num_classes, in_channels, widths):
    shapes = [(num_classes, widths[0], 1, 1)]
    for c, k in pairwise((in_channels, *widths)):
        shapes += _contracting_shapes(c, k)
    for k, c in pairwise(widths):
        shapes += _expanding_shapes(c, k)
    return shapes


def _unet(net_class, rng, num_classes, in_channels, widths, dtype=torch.float32, training=True):
    """A network of the student's, and what it must compute."""
    net = net_class(num_classes, in_channels, widths)
    shapes = _unet_shapes(num_classes, in_channels, widths)
    made = _made(net, rng, shapes, dtype, training)

    def scores(x):
        skips = [_twice(x, made, in_channels, widths[0])]
        for c, k in pairwise(widths):
            skips.append(_twice(F.max_pool2d(skips[-1], 2), made, c, k))
        x = skips.pop()
        for c, k in pairwise(reversed(widths)):
            x = _expanded(x, skips.pop(), made, c, k)
        return F.conv2d(x, *made[num_classes, widths[0], 1, 1])

    return net, scores


@worth(1, "UNet")
def it_has_the_weights_of_the_paper(net_class, rng):
    num_classes, in_channels, widths = pick(rng, 3, 4), pick(rng, 1, 2), (3, 5, 7)
    net = net_class(num_classes, in_channels, widths)
    fill(net, rng, _unet_shapes(num_classes, in_channels, widths), biases=13)
    wanted = sum(int(np.prod(shape)) for shape in _unet_shapes(2, 1, (8, 16, 32, 64)))
    wanted += 2 * (8 + 16 + 32 + 64) + 3 * (8 + 16 + 32) + 2  # biases
    says = "With widths 8, 16, 32, 64 the number of parameters is not right."
    expect_equal(learned(net_class(2, 1, (8, 16, 32, 64))), wanted, says)


@worth(1, "UNet")
def what_comes_out_is_smaller_by_what_the_convolutions_lose(net_class, rng):
    net, a, b = net_class(3, 1, (2, 3, 4)), 4 * pick(rng, 0, 2), 4 * pick(rng, 3, 5)
    for h, w in ((44 + a, 44 + b), (44 + b, 44 + a), (44, 44), (44, 304)):
        says = "With two poolings 40 pixels are lost along each axis."
        got = net(normal(rng, 2, 1, h, w))
        expect_tensor(got, says, shape=(2, 3, h - 40, w - 40))


@worth(2, "UNet")
def the_scores_are_those_of_the_figure(net_class, rng):
    net, scores = _unet(net_class, rng, 4, 2, (3, 5, 7))
    says = "The scores are not those of the figure: pool between levels, skips cropped and first, no ReLU at the end."
    for h, w in ((48, 52), (56, 44)):
        x = 4 * normal(rng, 2, 2, h, w)
        expect_close(net(x), scores(x), says, tol=1e-3)


@worth(1, "UNet")
def scores_may_be_negative(net_class, rng):
    net, scores = _unet(net_class, rng, 3, 1, (3, 5))
    x = normal(rng, 2, 1, 20, 22)
    got, want = net(x), scores(x)
    expect_tensor(got, "There is one score per class and pixel.", shape=tuple(want.shape))
    says = "Scores below 0 must stay what they are: nothing follows the last convolution."
    expect_close(got.clamp(max=0), want.clamp(max=0), says, tol=1e-3)


@worth(1, "UNet")
def any_number_of_levels_will_do(net_class, rng):
    for widths, size in (((3,), 9), ((2, 3), 18), ((2, 3, 4, 5), 100)):
        net, scores = _unet(net_class, rng, 6, 1, widths)
        x, says = (
            normal(rng, 1, 1, size, size),
            f"With {len(widths)} levels the scores are not right.",
        )
        expect_close(net(x), scores(x), says, tol=1e-3)


def _unet_case(net_class, rng, dtype, training):
    net, scores = _unet(net_class, rng, 3, 2, (3, 5), dtype, training)
    return Case(net, (4 * normal(rng, 2, 2, 18, 20, dtype=dtype),), scores)


shared(
    "UNet",
    _unet_case,
    tol=1e-3,
    gradient_says="The gradient at the picture is not right: it comes back through the levels and through the skips.",
)


# --- cut_tiles


def _mirrored(length, size, margin):
    """Which row of the picture stands in each row of the mirrored one, by NumPy."""
    return torch.from_numpy(
        np.pad(np.arange(length), (margin, margin + -length % size), mode="reflect")
    )


def _tiles(image, size, margin):
    """An index for every row and column of every tile."""
    rows, columns = (_mirrored(length, size, margin) for length in image.shape[1:])
    side = size + 2 * margin
    tiles = []
    for y in range(0, len(rows) - 2 * margin, size):
        for x in range(0, len(columns) - 2 * margin, size):
            tiles.append(image[:, rows[y : y + side]][:, :, columns[x : x + side]])
    return torch.stack(tiles)


@worth(1, "cut_tiles")
def tiles_stand_row_by_row(cut, rng):
    says = "Tiles must follow each other row by row, from the top left."
    for h, w in ((8, 12), (12, 8), (4, 260)):
        image, count = distinct(rng, 3, h, w), h * w // 16
        got = cut(image, 4, 0)
        makes = f"{h}×{w} makes {h // 4} rows of {w // 4} tiles of 4."
        expect_tensor(got, makes, shape=(count, 3, 4, 4))
        expect_equal(got, _tiles(image, 4, 0), says)


@worth(1, "cut_tiles")
def tiles_overlap_by_their_margins(cut, rng):
    image, margin = distinct(rng, 2, 24, 18), pick(rng, 1, 4)
    got, want = cut(image, 6, margin), _tiles(image, 6, margin)
    expect_tensor(got, "A tile has its margin on each of its sides.", shape=tuple(want.shape))
    inside = slice(6 - margin, 12 + margin)
    says = "A tile inside the picture must show the picture's own pixels in its margin."
    expect_equal(got[4], image[:, inside, inside], says)


@worth(1, "cut_tiles")
def the_border_is_mirrored_about_the_outermost_pixel(cut, rng):
    says = "Beyond the border the picture is mirrored about its outermost pixel, which is not repeated."
    for margin in (1, pick(rng, 2, 4), 7):
        image = distinct(rng, 2, 12, 12)
        expect_equal(cut(image, 4, margin), _tiles(image, 4, margin), says)


@worth(1, "cut_tiles")
def tiles_that_stick_out_are_whole_and_mirrored_too(cut, rng):
    size, margin = pick(rng, 4, 6), pick(rng, 1, 3)
    nearly = (2 * size + 1, 4 * size - 1)  # nearly all of a tile sticks out, or one row
    for h, w in (nearly, nearly[::-1], (3 * size - 1, 3 * size + 1), (13, 257)):
        image = distinct(rng, 2, h, w)
        says = f"A picture of {h}×{w} in tiles of {size} with margin {margin}: the last row and column must be whole."
        expect_equal(cut(image, size, margin), _tiles(image, size, margin), says)


def _tile_case(cut, rng, dtype, training):
    return Case(cut, (normal(rng, 2, 11, 13, dtype=dtype), 4, 2), _tiles)


shared(
    "cut_tiles",
    _tile_case,
    gradient_says="Each pixel gets a gradient from every place where it stands, in margins and mirrored, too.",
)


# --- join_tiles


def _joined(outputs, size, picture):
    """For every pixel the tile that it lies in, and its place there."""
    (h, w), extra = picture, (outputs.shape[-1] - size) // 2
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    tile = y // size * -(-w // size) + x // size
    return outputs[tile, :, extra + y % size, extra + x % size].movedim(-1, 0)


@worth(1, "join_tiles")
def tiles_come_back_row_by_row(join, rng):
    for h, w in ((8, 12), (12, 8), (4, 260)):
        picture = distinct(rng, 2, h, w)
        says = f"Tiles of 4 must make the {h}×{w} picture again."
        expect_equal(join(_tiles(picture, 4, 0), 4, (h, w)), picture, says)


@worth(1, "join_tiles")
def only_the_middle_of_an_output_is_kept(join, rng):
    picture = distinct(rng, 1, 12, 18)
    for extra in (pick(rng, 1, 4), 7):
        outputs = _tiles(picture, 6, extra)
        says = f"Outputs {2 * extra} pixels larger than their tile: the middle must be kept."
        expect_equal(join(outputs, 6, (12, 18)), picture, says)


@worth(1, "join_tiles")
def what_sticks_out_is_cut_off(join, rng):
    h, w = 4 * pick(rng, 2, 3) - pick(rng, 1, 3), 4 * pick(rng, 4, 5) - pick(rng, 1, 3)
    for size in ((h, w), (w, h), (13, 257), (3, 3)):
        picture = distinct(rng, 3, *size)
        large = F.pad(picture, (0, -size[1] % 4, 0, -size[0] % 4), value=0.5)
        says = f"The result must be {size[0]}×{size[1]}, the picture's size."
        expect_equal(join(_tiles(large, 4, 0), 4, size), picture, says)


@worth(1, "join_tiles")
def tiled_equals_untiled(join, rng):
    h, w = pick(rng, 17, 24), pick(rng, 25, 31)
    first, second = normal(rng, 3, 2, 3, 3), normal(rng, 2, 3, 3, 3)

    def network(x):
        return F.conv2d(F.conv2d(x, first).relu(), second)

    margin = 3  # one more than the network needs: one pixel too many comes out on each side
    for size in ((h, w), (w, h)):
        image = normal(rng, 2, *size)
        rows, columns = (_mirrored(length, 1, 2) for length in size)
        want = network(image[:, rows][:, :, columns][None])[0]
        got = join(network(_tiles(image, 8, margin)), 8, size)
        says = "Two convolutions, tile by tile, must equal the same convolutions of the whole mirrored picture."
        expect_close(got, want, says, tol=1e-4)


def _join_case(join, rng, dtype, training):
    return Case(join, (normal(rng, 6, 2, 9, 9, dtype=dtype), 5, (9, 13)), _joined)


shared(
    "join_tiles",
    _join_case,
    gradient_says="The gradient is 1 at each place of an output that is in the picture, and 0 elsewhere.",
)


# --- ExchangeUnit


def _exchange_shapes(widths):
    shapes = []
    for i, goal in enumerate(widths):
        for j, source in enumerate(widths):
            shapes += [(goal, source, 1, 1)] if j > i else []
            shapes += [(source, source, 3, 3)] * (i - j - 1) + [(goal, source, 3, 3)] * (j < i)
    return shapes


def _exchange(unit_class, rng, widths, dtype=torch.float32, training=True):
    """A unit of the student's, and what it must compute."""
    unit = unit_class(widths)
    made = _made(unit, rng, _exchange_shapes(widths), dtype, training)

    def heard(x, j, i, size):
        if j > i:
            up = F.conv2d(x, *made[widths[i], widths[j], 1, 1])
            return F.interpolate(up, size, mode="bilinear", align_corners=False)
        for _ in range(i - j - 1):
            x = F.conv2d(x, *made[widths[j], widths[j], 3, 3], stride=2, padding=1).relu()
        return (
            F.conv2d(x, *made[widths[i], widths[j], 3, 3], stride=2, padding=1) if j < i else x
        )

    def mixed(streams):
        sizes = [x.shape[2:] for x in streams]
        sums = [
            sum(heard(x, j, i, size) for j, x in enumerate(streams))
            for i, size in enumerate(sizes)
        ]
        return [total.relu() for total in sums]

    return unit, mixed


def _streams(rng, widths, h, w, dtype=torch.float32):
    streams = []
    for width in widths:
        streams.append(9 * normal(rng, 2, width, h, w, dtype=dtype))
        h, w = -(-h // 2), -(-w // 2)
    return streams


def _alone(unit, mixed, streams, j, i, says):
    """Only stream j says something, all others are silent: what stream i hears."""
    silent = [x if k == j else torch.zeros_like(x) for k, x in enumerate(streams)]
    got = expect_parts(unit(silent), len(streams), "As many streams come out as go in.")
    expect_close(got[i], mixed(silent)[i], says, tol=1e-4)


@worth(1, "ExchangeUnit")
def it_has_a_path_from_every_stream_to_every_other(unit_class, rng):
    low = pick(rng, 2, 3)
    for widths in ((low, low + 2), (low, low + 2, low + 5), (low, 5, 6, 8)):
        fill(unit_class(widths), rng, _exchange_shapes(widths), biases=0)


@worth(1, "ExchangeUnit")
def every_stream_keeps_its_shape(unit_class, rng):
    unit = unit_class((2, 3, 5))
    for h, w in sizes(rng):
        streams = _streams(rng, (2, 3, 5), h, w)
        got = expect_parts(unit(streams), 3, "Three streams go in.")
        for x, y in zip(streams, got, strict=True):
            says = "Each stream must keep its size and channels, odd sizes too."
            expect_tensor(y, says, shape=tuple(x.shape))


@worth(1, "ExchangeUnit")
def coarser_streams_are_upsampled_bilinearly(unit_class, rng):
    unit, mixed = _exchange(unit_class, rng, (2, 3, 5))
    says = "From a coarser stream: a 1×1 convolution, then bilinear upsampling (align_corners=False) to the finer size."
    for h, w in ((13, 18), (18, 13)):
        streams = _streams(rng, (2, 3, 5), h, w)
        for j, i in ((1, 0), (2, 0), (2, 1)):
            _alone(unit, mixed, streams, j, i, says)


@worth(1, "ExchangeUnit")
def finer_streams_come_by_strided_convolutions(unit_class, rng):
    unit, mixed = _exchange(unit_class, rng, (2, 3, 5))
    says = "From a finer stream: 3×3 convolutions with stride 2 and padding 1, a ReLU between two of them."
    for h, w in ((13, 18), (18, 13)):
        streams = _streams(rng, (2, 3, 5), h, w)
        for j, i in ((0, 1), (1, 2), (0, 2)):
            _alone(unit, mixed, streams, j, i, says)


@worth(1, "ExchangeUnit")
def a_stream_keeps_what_it_knew(unit_class, rng):
    unit, mixed = _exchange(unit_class, rng, (2, 3))
    streams = _streams(rng, (2, 3), 8, 10)
    says = "What a stream hears from itself is itself, and the sum goes through one ReLU."
    for i in range(2):
        _alone(unit, mixed, streams, i, i, says)


@worth(1, "ExchangeUnit")
def all_that_is_heard_is_added(unit_class, rng):
    for widths in ((2, 4), (2, 3, 5), (2, 3, 4, 5)):
        unit, mixed = _exchange(unit_class, rng, widths)
        streams = _streams(rng, widths, 12, 16)
        got = expect_parts(unit(streams), len(widths), "As many streams come out as go in.")
        for y, want in zip(got, mixed(streams), strict=True):
            says = "Each stream must be the ReLU of the sum over all streams, as they were before the exchange."
            expect_close(y, want, says, tol=1e-4)


def _exchange_case(unit_class, rng, dtype, training):
    unit, mixed = _exchange(unit_class, rng, (2, 3, 5), dtype, training)
    return Case(unit, (_streams(rng, (2, 3, 5), 7, 10, dtype),), mixed)


shared(
    "ExchangeUnit",
    _exchange_case,
    gradient_says="A gradient must come back to every stream, through all that hear it.",
)
