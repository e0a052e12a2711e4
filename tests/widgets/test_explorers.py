import re
import time

import ipywidgets
import matplotlib
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torchvision.ops import sigmoid_focal_loss

from course.ops.resampling import box, keys, lanczos, triangle
from course.viz.style import Drawing
from course.widgets import confusion, fcn, losses, resampling, tiling, transposed_convolution, unet, unpooling
from course.widgets.explorer import Explorer, choice, slider

EXPLORERS = {
    "resampling": (resampling.picture, resampling.resampling_explorer),
    "transposed": (transposed_convolution.picture, transposed_convolution.transposed_explorer),
    "unpooling": (unpooling.picture, unpooling.unpooling_explorer),
    "fcn": (fcn.picture, fcn.stride_explorer),
    "confusion": (confusion.picture, confusion.confusion_explorer),
    "unet": (unet.picture, unet.unet_explorer),
    "tiling": (tiling.picture, tiling.tiling_explorer),
    "losses": (losses.picture, losses.loss_explorer),
}


def extremes(explorer):
    """Every combination of the ends of its sliders and of all its menu entries."""
    grids = [[]]
    for name, control in explorer.controls.items():
        values = [value for _, value in control.options] if hasattr(control, "options") else [control.min, control.max]
        grids = [[*given, (name, value)] for given in grids for value in values]
    return [dict(given) for given in grids]


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def written(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def titled(figure, part):
    return next(axes for axes in figure.axes if part in axes.get_title(loc="left"))


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_shows_a_picture_before_anything_is_moved(name):
    explorer = EXPLORERS[name][1]()
    assert bytes(explorer.image.value[:4]) == b"\x89PNG"
    assert len(explorer.controls) <= 3
    assert explorer.image.tooltip is None  # the browser's side of ipywidgets 8.1 cannot show an Image that has one
    assert len(explorer.text.value) > 80


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_setting_draws_a_captioned_picture_of_the_same_size(name):
    picture, make = EXPLORERS[name]
    figures = [picture(**given) for given in extremes(make())]
    assert len({tuple(figure.get_size_inches()) for figure in figures}) == 1
    assert all(figure.caption for figure in figures)


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_move_takes_less_than_a_fifth_of_a_second(name):
    explorer = EXPLORERS[name][1]()
    times = []
    for given in extremes(explorer)[:6]:
        start = time.process_time()  # of this process alone: the machine may be busy with other work
        explorer._picture(**given).png(120)
        times.append(time.process_time() - start)
    assert np.median(times) < 0.2


@pytest.mark.parametrize("name", EXPLORERS)
def test_all_texts_are_large_enough_to_read(name):
    picture, make = EXPLORERS[name]
    for given in extremes(make())[:8]:
        sizes = [text.get_fontsize() for text in picture(**given).findobj(matplotlib.text.Text) if text.get_text()]
        assert min(sizes) >= 9


def counted():
    """An explorer with two controls, the list of its drawings, and the list of the pictures sent to the page."""
    drawn, sent = [], []

    def picture(number, word):
        drawn.append((number, word))
        figure = Drawing(2, 1)
        figure.caption = f"{number} <{word}>"
        figure.text(0.1, 0.5, figure.caption)
        return figure

    explorer = Explorer(picture, {"number": slider("n", 1, 0, 9), "word": choice("w", {"A": "a", "B": "b"})})
    explorer.image.observe(lambda change: sent.append(change.new), names="value")
    return explorer, drawn, sent


def test_each_change_draws_once_and_sends_one_picture():
    explorer, drawn, sent = counted()
    assert drawn == [(1, "a")]
    explorer.controls["number"].value = 5
    explorer.controls["word"].value = "b"
    assert drawn == [(1, "a"), (5, "a"), (5, "b")]
    assert len(sent) == 2


def test_setting_the_same_value_again_draws_nothing():
    explorer, drawn, _ = counted()
    explorer.controls["number"].value = 1
    assert len(drawn) == 1


def test_sliders_wait_until_they_are_let_go():
    explorer, _, _ = counted()
    assert explorer.controls["number"].continuous_update is False


def test_the_page_keeps_the_place_of_the_picture_and_the_caption_is_escaped():
    explorer, _, _ = counted()
    assert (explorer.image.width, explorer.image.height) == ("192", "96")
    assert "1 &lt;a&gt;" in explorer.text.value
    assert isinstance(explorer, ipywidgets.VBox)


@pytest.mark.parametrize(
    ("kernel", "mode"), [(box(), "nearest-exact"), (triangle(), "bilinear"), (keys(-0.75), "bicubic")]
)
def test_the_resampling_picture_is_that_of_torch(kernel, mode):
    axes = titled(resampling.picture(kernel, 4, False), "→ 64 × 80 pixels")
    shown = torch.from_numpy(np.asarray(axes.get_images()[0].get_array()))
    expected = F.interpolate(resampling._eye()[None], scale_factor=4, mode=mode)[0].clamp(0, 1)
    torch.testing.assert_close(shown, expected.permute(1, 2, 0), atol=1e-5, rtol=0)


def test_the_resampling_caption_warns_of_negative_taps():
    assert "ring" in resampling.picture(lanczos(), 2, False).caption
    assert "ring" not in resampling.picture(triangle(), 2, True).caption


def test_aligned_corners_lay_the_corner_pixels_upon_the_corner_samples():
    axes = titled(resampling.picture(triangle(), 2, True), "→ 31 × 39 pixels")
    left, right, bottom, top = axes.get_images()[0].get_extent()
    assert (left + (right - left) / 39 / 2, top + (bottom - top) / 31 / 2) == pytest.approx((0.5, 0.5))


def test_the_transposed_matrix_is_the_worked_example_and_its_counts_alternate():
    figure = transposed_convolution.picture(3, 2, 1)
    assert "".join(written(titled(figure, "matrix"))) == "yzxyzxyzxy"
    assert [patch.get_width() for patch in titled(figure, "terms").patches] == [1, 2, 1, 2, 1, 2, 1]
    assert "checkerboard" in figure.caption


def test_the_overlap_picture_counts_what_a_convolution_of_ones_gives():
    axes = titled(transposed_convolution.picture(4, 3, 1), "2-D")
    expected = F.conv_transpose2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4), stride=3, padding=1).flatten()
    assert written(axes)[: len(expected)] == [f"{count:.0f}" for count in expected]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("switches", lambda grid, pooled, places: F.max_unpool2d(pooled, places, 2, output_size=grid.shape[2:])),
        ("nearest", lambda grid, pooled, _: F.interpolate(pooled, scale_factor=2)),
        ("nails", lambda grid, pooled, _: F.conv_transpose2d(pooled, torch.tensor([[[[1.0, 0], [0, 0]]]]), stride=2)),
    ],
)
def test_the_unpooled_grid_is_that_of_torch(kind, expected):
    figure = unpooling.picture(kind, 6, 3)
    grid = torch.tensor([float(text) for text in written(titled(figure, "picture"))]).view(1, 1, 6, 6)
    pooled, places = F.max_pool2d(grid, 2, return_indices=True)
    assert written(titled(figure, "pooled"))[:9] == [f"{value:.0f}" for value in pooled.flatten()]
    unpooled = expected(grid, pooled, places).flatten()
    assert written(titled(figure, "unpooled")) == [f"{value:.0f}" for value in unpooled]


def test_switches_are_outlined_on_both_sides_and_other_seeds_give_other_digits():
    figure = unpooling.picture("switches", 4, 0)
    left, right = ([p.get_xy() for p in titled(figure, part).patches] for part in ("picture", "unpooled"))
    assert len(left) == 4
    assert left == right
    assert texts(figure) != texts(unpooling.picture("switches", 4, 1))


@pytest.mark.parametrize(("level", "way"), [(5, "nearest"), (3, "nearest")])
def test_the_stride_picture_gives_every_pixel_the_most_frequent_class_of_its_cell(level, way):
    truth, stride = fcn._truth(2), 2**level
    rows, columns = truth.shape[0] // stride, truth.shape[1] // stride
    cells = truth.numpy().reshape(rows, stride, columns, stride).swapaxes(1, 2).reshape(-1, stride**2)
    counts = np.stack([np.bincount(cell[cell != 255], minlength=9) for cell in cells])
    told, large = fcn._told(truth, stride, way)
    assert (counts[np.arange(len(counts)), told.flatten().numpy()] == counts.max(1)).all()
    assert (large.numpy() == np.kron(told.numpy(), np.ones((stride, stride), int))).all()


def test_a_stride_of_one_loses_nothing_and_one_of_32_loses_what_is_thin():
    assert "mean IoU of 1.000" in fcn.picture(0, 0, "bilinear").caption
    assert "person" in fcn.picture(5, 0, "bilinear").caption or "sign" in fcn.picture(5, 0, "bilinear").caption


def test_the_scores_are_those_of_scikit_learn():
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, jaccard_score

    target, prediction = confusion._disc(16, 0).flatten(), confusion._disc(20, 8).flatten()
    expected = [
        accuracy_score(target, prediction),
        balanced_accuracy_score(target, prediction),
        jaccard_score(target, prediction, average="macro"),
        f1_score(target, prediction),
    ]
    figure = confusion.picture(16, 4, 8)
    assert [f"{value:.3f}" for value in expected] == written(figure.axes[2])[1::2]


def test_a_perfect_prediction_scores_one_and_an_empty_one_still_looks_good_by_accuracy():
    assert written(confusion.picture(16, 0, 0).axes[2])[1::2] == ["1.000"] * 4
    accuracy, _, _, f1 = written(confusion.picture(3, -12, 0).axes[2])[1::2]
    assert float(accuracy) > 0.99
    assert f1 == "0.000"


def line(axes, index):
    return torch.from_numpy(np.asarray(axes.lines[index].get_ydata())).double()


@pytest.mark.parametrize(("strength", "gamma"), [(0, 0.0), (4, 2.0), (10, 5.0)])
def test_the_focal_curve_and_its_slope_are_those_of_torchvision(strength, gamma):
    figure = losses.picture("focal", strength, 1)
    x = torch.from_numpy(np.asarray(titled(figure, "loss").lines[1].get_xdata())).double().requires_grad_()
    expected = sigmoid_focal_loss(x, torch.ones_like(x), alpha=-1, gamma=gamma)
    torch.testing.assert_close(line(titled(figure, "loss"), 1), expected.detach())
    slope = torch.autograd.grad(expected.sum(), x)[0].abs()
    torch.testing.assert_close(line(titled(figure, "gradient"), 1), slope, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", ["focal", "weight", "hard"])
def test_at_strength_0_every_loss_is_cross_entropy(kind):
    figure = losses.picture(kind, 0, -2)
    for part in ("loss", "gradient"):
        torch.testing.assert_close(line(titled(figure, part), 1), line(titled(figure, part), 0))
    assert figure.axes[2].get_images()[0].get_array().shape[:2] == (96, 128)


def test_more_weight_lets_the_thin_classes_pull_harder_and_mining_silences_what_is_sure():
    shares = [int(re.search(r"make (\d+)% of the gradient", losses.picture("weight", s, 0).caption)[1]) for s in (0, 5)]
    assert shares[1] > 2 * shares[0]
    assert "above 0.9 make 0%" not in losses.picture("hard", 0, 0).caption
    assert "above 0.9 make 0%" in losses.picture("hard", 4, 0).caption
