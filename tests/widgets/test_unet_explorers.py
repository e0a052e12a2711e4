import matplotlib
import numpy as np
import pytest
import torch

from course.models.semantic.unet import ValidUNet, valid_size
from course.widgets import tiling, unet


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def error_of(figure):
    axes = next(axes for axes in figure.axes if "difference" in axes.get_title(loc="left"))
    return np.asarray(axes.get_images()[0].get_array())


@pytest.mark.parametrize(("size", "poolings"), [(572, 4), (60, 2), (188, 4), (30, 1)])
def test_the_sizes_along_the_u_end_with_what_a_network_gives(size, poolings):
    network = ValidUNet(1, 1, (1,) * (poolings + 1))
    with torch.no_grad():
        assert unet.walk(size, poolings)[1][0][1] == network(torch.zeros(1, 1, size, size)).shape[2]


def test_the_papers_sizes_stand_in_the_picture():
    written = texts(unet.picture(572, 4))
    for sizes in ("572 → 568", "284 → 280", "32 → 28", "56 → 52", "392 → 388", "crop 568 to 392"):
        assert sizes in written


def test_a_size_that_does_not_fit_says_where_and_one_that_does_has_a_way_up():
    assert "570 pixels do not fit" in unet.picture(570, 4).caption
    assert any("half a window" in text for text in texts(unet.picture(570, 4)))
    for size in range(188, 260):
        assert bool(unet.walk(size, 4)[1]) == (valid_size(size) == size)


def test_with_the_whole_margin_there_is_no_seam_and_with_less_there_is_one():
    for size in (24, 32, 64):
        figure = tiling.picture(size, tiling.NEEDED, 0)
        assert error_of(figure).max() < 1e-9
        assert "No seam" in figure.caption
    errors = [error_of(tiling.picture(32, margin, 0)).mean() for margin in (0, 8, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] > 1e-6


def test_without_a_margin_pixels_far_from_every_seam_differ_less_than_those_beside_it():
    error = error_of(tiling.picture(48, 0, 0))
    assert error[:, 44:52].mean() > 3 * error[20:28, 20:28].mean()
