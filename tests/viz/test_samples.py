import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course.viz import sample_grids
from course.viz.samples import sample_places


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize(("n_in", "n_out"), [(4, 8), (4, 7), (9, 5)])
def test_places_are_those_that_torch_reads_a_ramp_at(n_in, n_out, align_corners):
    ramp = torch.arange(n_in, dtype=torch.float64)[None, None] + 0.5
    read = F.interpolate(ramp, n_out, mode="linear", align_corners=align_corners)[0, 0].numpy()
    places = sample_places(n_in, n_out, align_corners).clip(0.5, n_in - 0.5)  # beyond, torch repeats the border
    np.testing.assert_allclose(places, read, atol=1e-12)


def test_both_grids_are_drawn_with_every_sample():
    figure = sample_grids(3, 6, caption="Six over three.")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["half-pixel centers", "aligned corners"]
    for axes in figure.axes:
        assert [len(line.get_xdata()) for line in axes.get_lines()] == [9, 36]
    assert figure.caption == "Six over three."


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(ValueError, match="n_in is 0 and n_out 4; wanted both above 0"):
        sample_grids(0, 4)
