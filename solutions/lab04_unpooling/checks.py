"""Hidden checks of Lab 4: pooling with switches, unpooling, two-bit packing, decoder blocks."""

import torch
import torch.nn.functional as F

from autograder.checking.draws import distinct, normal, pick, ranges, sizes
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.modules import fill, learned
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth


def _pooled(x):
    """torch's maxima and switches."""
    return F.max_pool2d(x, 2, return_indices=True)


# --- max_pool_with_switches


@worth(1, "max_pool_with_switches")
def it_keeps_the_largest_number_of_each_window(pool, rng):
    x = distinct(rng, 2, 3, 8, 6)
    got = pool(x)
    expect(len(got) == 2, "Return two things, the maxima and their switches.")
    says = "The first result is not the maximum of each 2×2 window"
    expect_close(got[0], _pooled(x)[0], f"{says}.")
    for name, moved in ranges(x).items():
        expect_close(pool(moved)[0], _pooled(moved)[0], f"{says} where the numbers are {name}.")


@worth(1, "max_pool_with_switches")
def switches_number_the_pixels_of_a_plane_row_by_row(pool, rng):
    for size in ((6, 6), (4, 10), (10, 4), (18, 20)):
        x = distinct(rng, 1, 1, *size)
        switches = pool(x)[1]
        expect_tensor(switches, "Switches are indices.", dtype=torch.int64)
        says = f"In a plane of {size[0]}×{size[1]} the switches are not row · width + column of the maxima."
        expect_equal(switches, _pooled(x)[1], says)


@worth(1, "max_pool_with_switches")
def planes_and_pictures_are_counted_separately(pool, rng):
    x = distinct(rng, 3, 4, 6, 6)
    expect_equal(pool(x)[1], _pooled(x)[1], "Switches start anew at 0 in every plane.")


@worth(1, "max_pool_with_switches")
def of_equal_numbers_the_first_wins(pool, rng):
    x = torch.randint(0, 2, (4, 2, 8, 8), generator=rng).float() - 1
    says = "Of equal numbers the first one in reading order must win."
    expect_equal(pool(x)[1], _pooled(x)[1], says)
    expect_equal(pool(0 * x)[1], _pooled(0 * x)[1], says)


@worth(1, "max_pool_with_switches")
def odd_sizes_leave_the_last_row_and_column_out(pool, rng):
    for size in sizes(rng, least=2):
        x = distinct(rng, 2, 2, *size)
        got, want = pool(x), _pooled(x)
        expect_equal(got[0], want[0], "With odd sizes the last row and column are left out.")
        says = "With odd sizes the row is still multiplied by the full width of the plane."
        expect_equal(got[1], want[1], says)


def _pool_case(pool, rng, dtype, training):
    return Case(pool, (normal(rng, 2, 3, 8, 6, dtype=dtype),), _pooled)


shared("max_pool_with_switches", _pool_case)


# --- max_unpool


def _unpooled(values, switches, size):
    return F.max_unpool2d(values, switches, 2, output_size=size)


@worth(1, "max_unpool")
def values_return_to_the_places_of_the_maxima(unpool, rng):
    for size in ((8, 8), (16, 18), (20, 14)):
        pooled, switches = _pooled(distinct(rng, 2, 3, *size))
        says = "A value must stand where its switch points, the rest is 0."
        expect_close(unpool(pooled, switches, size), _unpooled(pooled, switches, size), says)


@worth(1, "max_unpool")
def the_result_has_the_size_that_was_asked_for(unpool, rng):
    for h, w in ((2 * pick(rng, 2, 5) + 1, 14), (8, 2 * pick(rng, 6, 9) + 1), (17, 7)):
        pooled, switches = _pooled(distinct(rng, 2, 3, h, w))
        says = "With an odd size (h, w) the result is not right."
        expect_close(
            unpool(pooled, switches, (h, w)), _unpooled(pooled, switches, (h, w)), says
        )


@worth(1, "max_unpool")
def other_values_can_travel_with_the_same_switches(unpool, rng):
    switches = _pooled(distinct(rng, 2, 3, 4, 6))[1]
    values = 10 * normal(rng, 2, 3, 2, 3)
    got = unpool(values, switches, (4, 6))
    expect_tensor(got, "Decoder values are not the encoder's maxima.", dtype=torch.float32)
    says = (
        "Values of the decoder, negative ones too, must go where the encoder's switches point."
    )
    expect_close(got, _unpooled(values, switches, (4, 6)), says)


@worth(1, "max_unpool")
def a_second_call_starts_from_zeros_again(unpool, rng):
    pooled, switches = _pooled(distinct(rng, 2, 3, 6, 4))
    unpool(pooled, switches, (6, 4))
    pooled, switches = _pooled(distinct(rng, 2, 3, 6, 4))
    says = "A second call must start from zeros again."
    expect_close(unpool(pooled, switches, (6, 4)), _unpooled(pooled, switches, (6, 4)), says)


def _unpool_case(unpool, rng, dtype, training):
    _, switches = _pooled(distinct(rng, 2, 3, 7, 8))
    return Case(unpool, (normal(rng, 2, 3, 3, 4, dtype=dtype), switches, (7, 8)), _unpooled)


shared("max_unpool", _unpool_case)


# --- pack_switches


def _corners(rng, a, b, n=1, c=1):
    return torch.randint(0, 4, (n, c, a, b), generator=rng)


def _switches(corner, width):
    a, b = corner.shape[-2:]
    return (
        (2 * torch.arange(a)[:, None] + corner // 2) * width + 2 * torch.arange(b) + corner % 2
    )


def _bytes(corner):
    flat = corner.flatten().tolist()
    flat += [0] * (-len(flat) % 4)
    quads = zip(*[iter(flat)] * 4, strict=True)
    return torch.tensor(
        [sum(k << 2 * i for i, k in enumerate(q)) for q in quads], dtype=torch.uint8
    )


@worth(1, "pack_switches")
def four_windows_make_one_byte(pack, rng):
    corner = _corners(rng, 4, 4, 2, 2)
    got = pack(_switches(corner, 8), (8, 8))
    expect_tensor(got, "Four windows fit into one byte.", shape=(16,), dtype=torch.uint8)


@worth(1, "pack_switches")
def the_first_window_stands_in_the_lowest_bits(pack, rng):
    says = "A byte is k0 + 4·k1 + 16·k2 + 64·k3, the first window in the lowest bits."
    for a, b in ((2, 10), (10, 2), (3, 150)):
        corner = _corners(rng, a, b, 2, 2)
        corner[0, 0].flatten()[:4] = torch.arange(4)
        expect_equal(pack(_switches(corner, 2 * b), (2 * a, 2 * b)), _bytes(corner), says)


@worth(1, "pack_switches")
def the_last_byte_is_filled_up_with_zeros(pack, rng):
    says = "A number of windows that four does not divide: fill the last byte up with zeros."
    for windows in (1, 2, 3):
        corner = torch.full((1, 1, 1, windows), 3)
        expect_equal(pack(_switches(corner, 6), (2, 6)), _bytes(corner), says)
    corner = _corners(rng, 3, 3, 1, 3)
    expect_equal(pack(_switches(corner, 6), (6, 6)), _bytes(corner), says)


@worth(1, "pack_switches")
def odd_widths_are_read_right(pack, rng):
    corner, width = _corners(rng, 3, 5, 2, 2), 11
    says = "In a plane of odd width a row begins at an odd number every other time: row = switch // w."
    expect_equal(pack(_switches(corner, width), (7, width)), _bytes(corner), says)


def _corner_of(switches, width):
    """Each window's corner, by divmod on plain numbers."""
    places = [divmod(place, width) for place in switches.flatten().tolist()]
    corners = [2 * (row % 2) + column % 2 for row, column in places]
    return torch.tensor(corners).reshape(switches.shape)


def _pack_case(pack, rng, dtype, training):
    switches = _switches(_corners(rng, 5, 4, 2, 2), 9)
    return Case(
        pack, (switches, (10, 9)), lambda switches, size: _bytes(_corner_of(switches, size[1]))
    )


shared("pack_switches", _pack_case, float64=0, gradient=0)


# --- unpack_switches


@worth(1, "unpack_switches")
def bytes_come_back_as_switches(unpack, rng):
    every_byte = torch.stack([torch.arange(256) >> shift & 3 for shift in (0, 2, 4, 6)], dim=1)
    corner = every_byte[torch.randperm(256, generator=rng)].reshape(2, 2, 8, 32)
    got = unpack(_bytes(corner), (2, 2, 8, 32), (16, 64))
    expect_tensor(got, "Switches are indices.", dtype=torch.int64)
    says = "Unpacking must give back row · w + column of each corner."
    expect_equal(got, _switches(corner, 64), says)


@worth(1, "unpack_switches")
def the_filling_of_the_last_byte_is_dropped(unpack, rng):
    corner = _corners(rng, 3, 3, 1, 3)
    got = unpack(_bytes(corner), (1, 3, 3, 3), (6, 6))
    says = "27 windows lie in 7 bytes; the last one's filling is not a switch."
    expect_equal(got, _switches(corner, 6), says)


@worth(1, "unpack_switches")
def an_odd_plane_comes_back_too(unpack, rng):
    corner, width = _corners(rng, pick(rng, 2, 4), 4, 2, 2), 9
    got = unpack(_bytes(corner), tuple(corner.shape), (2 * corner.shape[2], width))
    says = "Rows are w pixels long, also when the width is odd."
    expect_equal(got, _switches(corner, width), says)


def _unpacked(packed, shape, size):
    """Each byte's four corners, by plain numbers."""
    corners = [byte // 4**place % 4 for byte in packed.tolist() for place in range(4)]
    count = torch.Size(shape).numel()
    return _switches(torch.tensor(corners[:count]).reshape(shape), size[1])


def _unpack_case(unpack, rng, dtype, training):
    corner = _corners(rng, 30, 5, 1, 3)
    return Case(unpack, (_bytes(corner), tuple(corner.shape), (60, 11)), _unpacked)


shared("unpack_switches", _unpack_case, float64=0, gradient=0)


# --- the two blocks: the same questions, another layer in the middle


def _block_inputs(rng, size, dtype=torch.float32):
    """Values around 0, with the switches of another map: negative ones and large ones too."""
    _, switches = _pooled(distinct(rng, 2, 3, *size))
    return 4 * normal(rng, *switches.shape, dtype=dtype), switches, size


def _checks_of_block(exercise, layer, weight_shape, name):
    shape = weight_shape(3, 4)

    def case(block_class, rng, dtype, training, size=(7, 10)):
        block = block_class(3, 4)
        made = fill(block, rng, [shape], norms=[4], dtype=dtype)
        block.train() if training else block.eval()

        def linear(values, switches, size):
            scale, shift, mean, variance = made.norms[4]
            out = layer(_unpooled(values, switches, size), made.weights[shape], padding=1)
            return F.batch_norm(out, mean.clone(), variance.clone(), scale, shift, training)

        return Case(block, _block_inputs(rng, size, dtype), linear)

    def whole(block_class, rng, dtype, training):
        drawn = case(block_class, rng, dtype, training)
        return Case(drawn.call, drawn.args, lambda *args: drawn.want(*args).relu())

    @worth(1, exercise)
    def it_has_the_parameters_of_the_paper(block_class, rng):
        c, k = pick(rng, 2, 4), pick(rng, 5, 7)
        block = block_class(c, k)
        fill(block, rng, [weight_shape(c, k)], norms=[k])
        says = f"For {c} → {k} channels the block must learn 9·{c}·{k} weights, {k} scales and {k} shifts: no bias."
        expect_equal(learned(block), c * k * 9 + 2 * k, says)

    @worth(1, exercise)
    def values_go_where_the_switches_point(block_class, rng):
        for size in ((7, 10), (11, 6)):
            drawn = case(block_class, rng, torch.float32, False, size)
            got, linear = drawn.call(*drawn.args), drawn.want(*drawn.args)
            expect_tensor(got, "The block must return the large map.", shape=(2, 4, *size))
            says = f"The map is not unpooled by its switches, then put through the {name}, then normalized."
            expect_close(got.clamp(min=0) * (linear > 0), linear.clamp(min=0), says, tol=1e-4)

    @worth(1, exercise)
    def relu_comes_last(block_class, rng):
        drawn = whole(block_class, rng, torch.float32, False)
        says = "ReLU comes after the normalization, once."
        expect_close(drawn.call(*drawn.args), drawn.want(*drawn.args), says, tol=1e-4)

    @worth(1, exercise)
    def it_normalizes_by_the_batch_while_training(block_class, rng):
        drawn = whole(block_class, rng, torch.float32, True)
        says = "In training the batch's own mean and variance are used."
        expect_close(drawn.call(*drawn.args), drawn.want(*drawn.args), says, tol=1e-4)

    shared(exercise, whole)


_checks_of_block("SegNetBlock", F.conv2d, lambda c, k: (k, c, 3, 3), "convolution")
_checks_of_block(
    "DeconvNetBlock", F.conv_transpose2d, lambda c, k: (c, k, 3, 3), "transposed convolution"
)
