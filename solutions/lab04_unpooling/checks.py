"""Hidden checks of Lab 4: pooling with switches, unpooling, two-bit packing, decoder blocks."""

import torch
import torch.nn.functional as F

from autograder.checking.draws import pick
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.gradients import gradient_of
from autograder.checking.score import worth


def _grid(rng, h, w, n=2, c=3):
    """Distinct numbers, so that every maximum has one place."""
    return (
        torch.randperm(n * c * h * w, generator=rng).reshape(n, c, h, w).float()
        - n * c * h * w / 2
    )


# --- max_pool_with_switches


@worth(1, "max_pool_with_switches")
def it_keeps_the_largest_number_of_each_window(pool, rng):
    x = _grid(rng, 8, 6)
    got = pool(x)
    expect(len(got) == 2, "Return two things, the maxima and their switches.")
    want, switches = F.max_pool2d(x, 2, return_indices=True)
    expect_close(got[0], want, "The first result is not the maximum of each 2×2 window.")
    says = (
        "The gradient of the maxima must go to the pixels that they came from, and to no other."
    )
    expect_close(gradient_of(pool, x), F.max_unpool2d(torch.ones_like(want), switches, 2), says)


@worth(1, "max_pool_with_switches")
def switches_number_the_pixels_of_a_plane_row_by_row(pool, rng):
    x = _grid(rng, 6, 6, 1, 1)
    switches = pool(x)[1]
    expect_tensor(switches, "Switches are indices.", dtype=torch.int64)
    want = F.max_pool2d(x, 2, return_indices=True)[1]
    expect_equal(switches, want, "The switches are not row · width + column of the maxima.")


@worth(1, "max_pool_with_switches")
def planes_and_pictures_are_counted_separately(pool, rng):
    x = _grid(rng, 4, 10, 3, 4)
    want = F.max_pool2d(x, 2, return_indices=True)[1]
    expect_equal(
        pool(x)[1],
        want,
        "Switches start anew at 0 in every plane, also where height and width differ.",
    )


@worth(1, "max_pool_with_switches")
def of_equal_numbers_the_first_wins(pool, rng):
    x = torch.randint(0, 2, (4, 2, 8, 8), generator=rng).float() - 1
    want = F.max_pool2d(x, 2, return_indices=True)[1]
    expect_equal(pool(x)[1], want, "Of equal numbers the first one in reading order must win.")


@worth(1, "max_pool_with_switches")
def odd_sizes_leave_the_last_row_and_column_out(pool, rng):
    x = _grid(rng, 2 * pick(rng, 2, 4) + 1, 2 * pick(rng, 2, 4) + 1)
    got = pool(x)
    want = F.max_pool2d(x, 2, return_indices=True)
    expect_equal(got[0], want[0], "With odd sizes the last row and column are left out.")
    expect_equal(
        got[1],
        want[1],
        "With odd sizes the row is still multiplied by the full width of the plane.",
    )


# --- max_unpool


@worth(1, "max_unpool")
def values_return_to_the_places_of_the_maxima(unpool, rng):
    x = _grid(rng, 8, 8)
    pooled, switches = F.max_pool2d(x, 2, return_indices=True)
    want = F.max_unpool2d(pooled, switches, 2)
    expect_close(
        unpool(pooled, switches, (8, 8)),
        want,
        "A value must stand where its switch points, the rest is 0.",
    )
    gradient = gradient_of(unpool, pooled, switches, (8, 8))
    expect_close(
        gradient,
        torch.ones_like(pooled),
        "The gradient at a value's new place must come back to the value.",
    )


@worth(1, "max_unpool")
def the_result_has_the_size_that_was_asked_for(unpool, rng):
    h, w = 2 * pick(rng, 2, 5) + 1, 2 * pick(rng, 6, 9) + 1
    x = _grid(rng, h, w)
    pooled, switches = F.max_pool2d(x, 2, return_indices=True)
    want = F.max_unpool2d(pooled, switches, 2, output_size=(h, w))
    expect_close(
        unpool(pooled, switches, (h, w)),
        want,
        "With an odd size (h, w) the result is not right.",
    )


@worth(1, "max_unpool")
def other_values_can_travel_with_the_same_switches(unpool, rng):
    switches = F.max_pool2d(_grid(rng, 4, 6), 2, return_indices=True)[1]
    values = torch.randn(2, 3, 2, 3, generator=rng, dtype=torch.float64)
    got = unpool(values, switches, (4, 6))
    expect_tensor(got, "Decoder values are not the encoder's maxima.", dtype=torch.float64)
    want = F.max_unpool2d(values, switches, 2)
    expect_close(
        got,
        want,
        "Values of the decoder, negative ones too, must go where the encoder's switches point.",
    )


@worth(1, "max_unpool")
def what_came_in_is_not_changed(unpool, rng):
    pooled, switches = F.max_pool2d(_grid(rng, 6, 4), 2, return_indices=True)
    first = unpool(pooled, switches, (6, 4))
    second = unpool(2 * pooled, switches, (6, 4))
    expect_close(second, 2 * first, "A second call must start from zeros again.")


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
        [sum(k << 2 * i for i, k in enumerate(quad)) for quad in quads], dtype=torch.uint8
    )


@worth(1, "pack_switches")
def four_windows_make_one_byte(pack, rng):
    corner = _corners(rng, 4, 4, 2, 2)
    got = pack(_switches(corner, 8), 8)
    expect_tensor(got, "Four windows fit into one byte.", shape=(16,), dtype=torch.uint8)


@worth(1, "pack_switches")
def the_first_window_stands_in_the_lowest_bits(pack, rng):
    corner = torch.cat([torch.arange(4), _corners(rng, 2, 8).flatten()]).reshape(1, 1, 2, 10)
    says = "A byte is k0 + 4·k1 + 16·k2 + 64·k3, the first window in the lowest bits."
    expect_equal(pack(_switches(corner, 20), 20), _bytes(corner), says)


@worth(1, "pack_switches")
def the_last_byte_is_filled_up_with_zeros(pack, rng):
    corner = torch.full((1, 1, 1, pick(rng, 1, 3)), 3)
    says = "A number of windows that four does not divide: fill the last byte up with zeros."
    expect_equal(pack(_switches(corner, 6), 6), _bytes(corner), says)
    corner = _corners(rng, 3, 3, 1, 3)
    expect_equal(pack(_switches(corner, 6), 6), _bytes(corner), says)


@worth(1, "pack_switches")
def odd_widths_are_read_right(pack, rng):
    corner, width = _corners(rng, 3, 5, 2, 2), 11
    says = "In a plane of odd width the row is switch // width, and a row begins at an odd number every other time."
    expect_equal(pack(_switches(corner, width), width), _bytes(corner), says)


# --- unpack_switches


@worth(1, "unpack_switches")
def bytes_come_back_as_switches(unpack, rng):
    every_byte = torch.stack([torch.arange(256) >> shift & 3 for shift in (0, 2, 4, 6)], dim=1)
    corner = every_byte[torch.randperm(256, generator=rng)].reshape(2, 2, 8, 32)
    got = unpack(_bytes(corner), (2, 2, 8, 32), 64)
    expect_tensor(got, "Switches are indices.", dtype=torch.int64)
    expect_equal(
        got,
        _switches(corner, 64),
        "Unpacking must give back row · width + column of each corner.",
    )


@worth(1, "unpack_switches")
def the_filling_of_the_last_byte_is_dropped(unpack, rng):
    corner = _corners(rng, 3, 3, 1, 3)
    got = unpack(_bytes(corner), (1, 3, 3, 3), 6)
    expect_equal(
        got,
        _switches(corner, 6),
        "27 windows lie in 7 bytes; the last one's filling is no switch.",
    )


@worth(1, "unpack_switches")
def an_odd_plane_comes_back_too(unpack, rng):
    corner, width = _corners(rng, pick(rng, 2, 4), 4, 2, 2), 9
    got = unpack(_bytes(corner), tuple(corner.shape), width)
    expect_equal(
        got,
        _switches(corner, width),
        "Rows are `width` pixels long, also when the width is odd.",
    )


# --- the two blocks: the same questions, another layer in the middle


def _trained(block, rng):
    """Random numbers in every parameter and statistic; returns them as (weight, scale, shift, mean, variance)."""
    state = {}
    for key, value in block.state_dict().items():
        fresh = torch.rand(value.shape, generator=rng) if value.is_floating_point() else value
        state[key] = (
            fresh + 0.5
            if key.endswith("running_var")
            else fresh - 0.4
            if fresh.is_floating_point()
            else fresh
        )
    block.load_state_dict(state)
    weight = [v for v in state.values() if v.ndim == 4]
    expect(len(weight) == 1, f"The block has {len(weight)} convolution weights, wanted one.")
    prefixes = {
        key.removesuffix("running_mean") for key in state if key.endswith("running_mean")
    }
    expect(
        len(prefixes) == 1, f"The block has {len(prefixes)} batch normalisations, wanted one."
    )
    norm = prefixes.pop()
    return weight[0], *(
        state[norm + part] for part in ("weight", "bias", "running_mean", "running_var")
    )


def _inputs(rng, inside, h=7, w=10):
    x = torch.rand(2, inside, h, w, generator=rng)
    return *F.max_pool2d(x, 2, return_indices=True), (h, w)


def _reference(layer, inputs, parameters, training):
    values, switches, size = inputs
    weight, scale, shift, mean, variance = parameters
    out = layer(F.max_unpool2d(values, switches, 2, output_size=size), weight, padding=1)
    return F.batch_norm(out, mean.clone(), variance.clone(), scale, shift, training=training)


def _checks_of_block(exercise, layer, weight_shape, name):
    @worth(1, exercise)
    def it_has_the_parameters_of_the_paper(block_class, rng):
        inside, outside = pick(rng, 2, 4), pick(rng, 5, 7)
        state = block_class(inside, outside).state_dict()
        weight = [tuple(v.shape) for v in state.values() if v.ndim == 4]
        wanted = weight_shape(inside, outside)
        expect(
            weight == [wanted],
            f"For {inside} → {outside} channels the weights are {weight}, wanted [{wanted}].",
        )
        learned = sum(
            v.numel() for k, v in state.items() if "running" not in k and "num_batches" not in k
        )
        says = f"The block learns {learned} numbers for {inside} → {outside} channels: no bias beside the normalisation's."
        expect(learned == inside * outside * 9 + 2 * outside, says)

    @worth(1, exercise)
    def values_go_where_the_switches_point(block_class, rng):
        block = block_class(3, 4)
        parameters = _trained(block, rng)
        block.eval()
        inputs = _inputs(rng, 3)
        got = block(*inputs)
        expect_tensor(got, "The block must return the large map.", shape=(2, 4, 7, 10))
        linear = _reference(layer, inputs, parameters, training=False)
        says = f"The map is not unpooled by its switches, then put through the {name}, then normalised."
        expect_close(got.clamp(min=0) * (linear > 0), linear.clamp(min=0), says, tol=1e-4)

    @worth(1, exercise)
    def relu_comes_last(block_class, rng):
        block = block_class(3, 4)
        parameters = _trained(block, rng)
        block.eval()
        inputs = _inputs(rng, 3, 6, 6)
        want = _reference(layer, inputs, parameters, training=False).relu()
        expect_close(
            block(*inputs), want, "ReLU comes after the normalisation, once.", tol=1e-4
        )

    @worth(1, exercise)
    def it_normalises_by_the_batch_while_training(block_class, rng):
        block = block_class(3, 4)
        parameters = _trained(block, rng)
        block.train()
        inputs = _inputs(rng, 3)
        want = _reference(layer, inputs, parameters, training=True).relu()
        expect_close(
            block(*inputs),
            want,
            "In training the batch's own mean and variance are used.",
            tol=1e-4,
        )


_checks_of_block("SegNetBlock", F.conv2d, lambda i, o: (o, i, 3, 3), "convolution")
_checks_of_block(
    "DeconvNetBlock", F.conv_transpose2d, lambda i, o: (i, o, 3, 3), "transposed convolution"
)
