"""Hidden checks of Lab 0: the brightness of a picture."""

import torch
from skimage.color import rgb2yiq

from autograder.checking.draws import pick
from autograder.checking.expect import expect_close, expect_tensor
from autograder.checking.score import worth


def _want(picture):
    """The Y of the YIQ colours, by scikit-image."""
    return torch.from_numpy(
        rgb2yiq(picture.double().permute(1, 2, 0).numpy())[..., :1]
    ).permute(2, 0, 1)


@worth(0.5, "grey")
def the_result_is_a_picture_with_one_channel(grey, rng):
    h, w = pick(rng, 5, 9), pick(rng, 10, 14)
    picture = torch.rand(3, h, w, generator=rng)
    expect_tensor(
        grey(picture), "A picture (3, h, w) gives a brightness (1, h, w).", shape=(1, h, w)
    )


@worth(0.5, "grey")
def red_green_and_blue_have_the_eyes_weights(grey, rng):
    for name, pure in zip(("red", "green", "blue"), torch.eye(3), strict=True):
        picture = pure[:, None, None].expand(3, 4, 5).contiguous()
        got = grey(picture)
        expect_tensor(got, f"A picture that is all {name} has one brightness for each pixel.")
        weights = "red counts 0.299, green 0.587 and blue 0.114"
        expect_close(
            got.flatten(),
            _want(picture).flatten(),
            f"A pure {name} comes out wrong: {weights}.",
            tol=1e-4,
        )


@worth(0.5, "grey")
def every_pixel_is_weighed_by_itself(grey, rng):
    says = "Each pixel's brightness comes from its own three numbers, without rounding; it adds up along the channels."
    for h, w in ((3, 3), (3, pick(rng, 4, 9)), (pick(rng, 4, 9), 3), (1, 7)):
        picture = torch.rand(3, h, w, generator=rng)
        expect_close(grey(picture), _want(picture), says, tol=1e-4)


@worth(0.5, "grey")
def the_type_stays_what_it_was(grey, rng):
    for dtype in (torch.float64, torch.float32):
        picture = torch.rand(3, 4, 6, generator=rng, dtype=dtype)
        got = grey(picture)
        expect_tensor(got, "A result has the dtype of the picture.", dtype=dtype)
        expect_close(
            got, _want(picture), "The brightness is not 0.299·r + 0.587·g + 0.114·b.", tol=1e-4
        )
