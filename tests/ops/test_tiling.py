import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.data import astronaut

from course.ops.tiling import apply_tiled, apply_tiled_inside, mirror, tile, untile

sides = st.integers(1, 20)
sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
margins = st.tuples(st.integers(0, 25), st.integers(0, 25))


def whole_numbers(*shape, seed=0, dtype=torch.float64):
    """Small ones: sums and products of them are exact, whatever the order in which a convolution adds."""
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def shrinking(weight):
    """Two convolutions without padding, a ReLU between them: 4 pixels fewer for 3 taps."""
    return lambda x: F.conv2d(F.conv2d(x, weight).relu(), weight)


def pooling(weight):
    """Down by two, a convolution, up by two: the output's size is the input's, the stride 2."""

    def network(x):
        small = F.max_pool2d(F.conv2d(x, weight, padding=1), 2, ceil_mode=True)
        up = F.interpolate(F.conv2d(small, weight, padding=1), scale_factor=2)
        return up[..., : x.shape[2], : x.shape[3]]

    return network


@settings(deadline=None, max_examples=50)
@given(h=sides, w=sides, margin=margins)
def test_mirroring_is_numpys_reflect_for_any_margin(h, w, margin):
    image = whole_numbers(2, h, w)
    expected = np.pad(image.numpy(), ((0, 0), *((m, m) for m in margin)), mode="reflect")
    assert torch.equal(mirror(image, margin), torch.from_numpy(expected))


def test_mirroring_by_hand():
    assert mirror(torch.tensor([[1, 2, 3]]), (0, 5)).tolist() == [[2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]]
    assert mirror(torch.tensor([[7]]), 1).tolist() == [[7, 7, 7]] * 3


def test_gradients_gather_where_a_pixel_was_mirrored_to():
    image = torch.rand(1, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: mirror(x, (5, 2)), image)


@settings(deadline=None, max_examples=25)
@given(h=sides, w=sides, size=sizes, margin=margins)
def test_tiles_are_windows_of_the_mirrored_picture_and_go_together_again(h, w, size, margin):
    image = whole_numbers(2, h, w)
    tiles = tile(image, size, margin)
    (th, tw), (mh, mw) = size, margin
    rows, columns = -(-h // th), -(-w // tw)
    assert tiles.shape == (rows * columns, 2, th + 2 * mh, tw + 2 * mw)
    around = np.pad(image.numpy(), ((0, 0), (mh, mh + th), (mw, mw + tw)), mode="reflect")
    y, x = (rows - 1) * th, (columns - 1) * tw
    assert np.array_equal(tiles[-1], around[:, y : y + th + 2 * mh, x : x + tw + 2 * mw])
    assert torch.equal(untile(tiles[:, :, mh : mh + th, mw : mw + tw], (h, w)), image)


@settings(deadline=None, max_examples=50)
@given(
    h=sides,
    w=sides,
    size=sizes,
    n=st.integers(1, 2),
    batch=st.integers(1, 7),
    extra=st.tuples(*[st.integers(0, 4)] * 2),
)
def test_without_padding_tiles_give_the_whole_pictures_output_to_the_last_bit(h, w, size, n, batch, extra):
    image, network = whole_numbers(n, 2, h, w), shrinking(whole_numbers(2, 2, 3, 3, seed=1))
    tiled = apply_tiled(network, image, size, (2 + extra[0], 2 + extra[1]), batch=batch)
    assert torch.equal(tiled, network(mirror(image, 2)))


@settings(deadline=None, max_examples=50)
@given(h=sides, w=sides, size=sizes, n=st.integers(1, 2), batch=st.integers(1, 7), more=st.integers(0, 3))
def test_with_padding_tiles_inside_give_the_whole_pictures_output_to_the_last_bit(h, w, size, n, batch, more):
    image, network = whole_numbers(n, 2, h, w), pooling(whole_numbers(2, 2, 3, 3, seed=1))
    size, margin = tuple(2 * s for s in size), 4 + 2 * more  # a pixel sees 1 + 2 around its pair, so 4 is enough
    tiled = apply_tiled_inside(network, image, size, margin, stride=2, batch=batch)
    assert torch.equal(tiled, network(image))


def test_with_padding_mirrored_tiles_give_the_middle_of_the_mirrored_pictures_output():
    image, network = whole_numbers(1, 2, 19, 14), pooling(whole_numbers(2, 2, 3, 3, seed=1))
    tiled = apply_tiled(network, image, (4, 6), 8, stride=2)
    around = network(mirror(image, 8 + 8))  # so much more that its own padding is out of sight
    assert torch.equal(tiled, around[:, :, 16:-16, 16:-16])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_photograph_in_float_agrees_to_the_rounding(dtype):
    photo = torch.from_numpy(astronaut()[100:301, 50:253]).permute(2, 0, 1)[None].to(dtype) / 255
    weight = torch.randn(3, 3, 3, 3, generator=torch.Generator().manual_seed(0)).to(dtype) / 5
    tolerance = {torch.float32: 1e-5, torch.float64: 1e-13}[dtype]
    found = apply_tiled(shrinking(weight), photo, (64, 48), 2)
    torch.testing.assert_close(found, shrinking(weight)(mirror(photo, 2)), rtol=0, atol=tolerance)
    found = apply_tiled_inside(pooling(weight), photo, (64, 48), 4, stride=2)
    torch.testing.assert_close(found, pooling(weight)(photo), rtol=0, atol=tolerance)


def test_elementwise_functions_need_no_margin():
    image = torch.rand(2, 3, 11, 13, dtype=torch.float64)
    assert torch.equal(apply_tiled(torch.sin, image, 4, 0), image.sin())
    assert torch.equal(apply_tiled_inside(torch.sin, image, 4, 0), image.sin())


def test_a_margin_that_is_too_small_shows_and_a_tile_off_the_stride_is_why_it_is_refused():
    image, network = whole_numbers(1, 2, 24, 24), pooling(whole_numbers(2, 2, 3, 3, seed=1))
    assert not torch.equal(apply_tiled_inside(network, image, 8, 2, stride=2), network(image))
    assert not torch.equal(apply_tiled_inside(network, image, 7, 4, stride=1), network(image))


@pytest.mark.parametrize("apply", [apply_tiled, apply_tiled_inside])
def test_no_more_than_a_batch_of_tiles_goes_through_at_once(apply):
    seen = []

    def network(x):
        seen.append(tuple(x.shape))
        return x

    apply(network, torch.zeros(2, 1, 40, 50), 10, 5, batch=3)
    assert sum(n for n, *_ in seen) == 2 * 4 * 5
    assert max(n for n, *_ in seen) == 3
    assert max(h for _, _, h, _ in seen) == 20


@pytest.mark.parametrize("apply", [apply_tiled, apply_tiled_inside])
def test_gradients_flow_through_the_tiles(apply):
    image = torch.rand(1, 1, 5, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: apply(torch.sin, x, 3, 1), image)


IMAGE = torch.zeros(1, 2, 9, 9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mirror(torch.zeros(3, 0, 4), 1),
            r"image has shape \(3, 0, 4\); wanted \(\.\.\., h, w\) with at least one pixel",
        ),
        (lambda: mirror(IMAGE, -1), "margin is -1; wanted a whole number of at least 0"),
        (lambda: tile(IMAGE, 3, 1), r"image has shape \(1, 2, 9, 9\); wanted \(c, h, w\) with"),
        (lambda: tile(IMAGE[0], 0, 1), "size is 0; wanted a whole number of at least 1"),
        (lambda: untile(torch.zeros(5, 2, 3, 3), (9, 9)), r"5 tiles of \(3, 3\); wanted 3 x 3, to cover an image"),
        (
            lambda: apply_tiled(torch.sin, IMAGE[0], 3, 1),
            r"image has shape \(2, 9, 9\); wanted \(n, c, h, w\) .*Give image\[None\] for a single image",
        ),
        (lambda: apply_tiled(torch.sin, IMAGE[:0], 3, 1), r"image has shape \(0, 2, 9, 9\); wanted at least one image"),
        (
            lambda: apply_tiled(torch.sin, IMAGE, 388, 92, stride=16),
            r"size is \(388, 388\); wanted multiples of the stride 16, .*Use \(400, 400\)",
        ),
        (lambda: apply_tiled(torch.sin, IMAGE, 3, 1, batch=0), "batch is 0; wanted a whole number of at least 1"),
        (
            lambda: apply_tiled(torch.sin, IMAGE, 3, 1, stride=0),
            r"stride is 0; wanted a whole number of at least 1\. Give 1 for",
        ),
        (
            lambda: apply_tiled(shrinking(torch.zeros(2, 2, 3, 3)), IMAGE, 4, (1, 5)),
            r"function loses 4 x 4 pixels, .*; wanted at least a tile of \(4, 4\)\. Give a margin of at least \(2, 2\)",
        ),
        (
            lambda: apply_tiled(lambda x: x[..., 1:], IMAGE, 3, 1),
            r"turned \(4, 2, 5, 5\) into \(4, 2, 5, 4\); wanted \(m",
        ),
        (lambda: apply_tiled(lambda x: x.mean(0), IMAGE, 3, 1), r"into \(2, 5, 5\); wanted \(m, k, oh, ow\)"),
        (
            lambda: apply_tiled_inside(torch.sin, IMAGE, 4, 3, stride=2),
            r"margin is \(3, 3\); wanted multiples of the stride 2, .*Use \(4, 4\)",
        ),
        (
            lambda: apply_tiled_inside(lambda x: x[..., 1:], IMAGE, 3, 1),
            r"turned \(4, 2, 4, 4\) into \(4, 2, 4, 3\); wanted the same n, h and w\. Resize within the function",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_use(call, message):
    with pytest.raises(ValueError, match=message):
        call()
