"""Hidden checks of Lab 0: the brightness of a picture."""

import torch
from skimage.color import rgb2yiq

from autograder.checking.draws import sizes, uniform
from autograder.checking.expect import expect_close, expect_tensor, result_of
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth


def _by_skimage(picture):
    """The Y of the YIQ colors, by scikit-image."""
    colors = picture.double().permute(1, 2, 0).numpy()
    return torch.from_numpy(rgb2yiq(colors)[..., :1]).permute(2, 0, 1)


@worth(1, "grey")
def the_result_is_a_picture_with_one_channel(grey, rng):
    for h, w in sizes(rng):
        says = "A picture (3, h, w) gives a brightness (1, h, w)."
        expect_tensor(grey(uniform(rng, 3, h, w)), says, shape=(1, h, w))


@worth(1, "grey")
def red_green_and_blue_have_the_eyes_weights(grey, rng):
    for name, pure in zip(("red", "green", "blue"), torch.eye(3), strict=True):
        picture = pure[:, None, None].repeat(1, 4, 5)
        got = grey(picture)
        says = f"A picture that is all {name} has one brightness for each pixel."
        expect_tensor(got, says)
        says = f"A pure {name} comes out wrong: red counts 0.299, green 0.587 and blue 0.114."
        expect_close(got.flatten(), _by_skimage(picture).flatten(), says)


@worth(1, "grey")
def every_pixel_is_weighed_by_itself(grey, rng):
    says = "Each pixel's brightness comes from its own three numbers, without rounding; it adds up along the channels."
    for h, w in ((3, 3), *sizes(rng)):
        for picture in (uniform(rng, 3, h, w), (uniform(rng, 3, h, w) > 0.5).float()):
            got = result_of(lambda picture=picture: grey(picture), says)
            expect_close(got, _by_skimage(picture), says)


def _grey(picture):
    weights = torch.tensor([[0.299, 0.587, 0.114]], dtype=picture.dtype)
    return torch.tensordot(weights, picture, dims=1)


def _grey_case(grey, rng, dtype, training):
    return Case(grey, (uniform(rng, 3, 6, 5, dtype=dtype),), _grey)


shared("grey", _grey_case)
