import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from course.viz import confusion, matrix, numbers
from course.viz.grids import LIGHT_TO_BLUE, ORANGE_TO_BLUE
from course.viz.style import WIDEST


def written(axes):
    """{(row, column): text} of the texts inside of cells."""
    return {
        (int(text.get_position()[1]), int(text.get_position()[0])): text.get_text()
        for text in axes.texts
        if text.get_text()
    }


def luminance(color):
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrasts(axes):
    picture = np.asarray(axes.get_images()[0].get_array())
    for text in axes.texts:
        x, y = text.get_position()
        pair = sorted([luminance(picture[int(y), int(x), :3]), luminance(text.get_color())])
        yield (pair[1] + 0.05) / (pair[0] + 0.05)


def test_each_cell_shows_its_number():
    figure = numbers(torch.tensor([[1.0, -2.0], [0.5, float("nan")]]), titles=["filter"])
    assert written(figure.axes[0]) == {(0, 0): "1", (0, 1): "−2", (1, 0): "0.5", (1, 1): "–"}
    assert figure.axes[0].get_title(loc="left") == "filter"


def test_symbols_and_rows_can_be_shown_too():
    figure = numbers(np.array([["ay", "az+bx"]]), [10, 12.5])
    assert written(figure.axes[0]) == {(0, 0): "ay", (0, 1): "az+bx"}
    assert written(figure.axes[1]) == {(0, 0): "10", (0, 1): "12.5"}


def test_the_text_of_every_cell_stands_out_from_its_color():
    figure = numbers(np.linspace(0, 1, 101)[None], np.linspace(-1, 1, 101)[None])
    assert min(min(contrasts(axes)) for axes in figure.axes) >= 4.5


@pytest.mark.parametrize("colors", [LIGHT_TO_BLUE, ORANGE_TO_BLUE])
def test_more_is_darker_on_both_scales(colors):
    upper = [luminance(colors(value)) for value in np.linspace(0.5, 1, 20)]
    assert (np.diff(upper) < 0).all()


def test_grids_of_the_same_number_have_the_same_color():
    figure = numbers(np.array([[1, 16]]), np.array([[1, 2]]))
    first, second = (np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes)
    np.testing.assert_allclose(first[0, 0], second[0, 0])


def test_a_grid_can_be_colored_by_numbers_and_show_texts():
    taps = torch.tensor([[1.0, 0.0, 3.0]])
    figure = numbers(taps, taps, texts=[[["x", "0", "z"]], None])
    assert written(figure.axes[0]) == {(0, 0): "x", (0, 1): "0", (0, 2): "z"}
    assert written(figure.axes[1]) == {(0, 0): "1", (0, 1): "0", (0, 2): "3"}
    named, plain = (np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes)
    np.testing.assert_allclose(named, plain)


def test_texts_that_do_not_belong_to_their_grids_are_refused():
    with pytest.raises(ValueError, match="grids are 2 and grids of texts 1; wanted"):
        numbers([[1]], [[2]], texts=[[["x"]]])
    with pytest.raises(ValueError, match=r"a grid is \(1, 2\) and its texts \(1, 1\); wanted"):
        numbers([[1, 2]], texts=[[["x"]]])


def test_what_is_no_grid_is_refused():
    with pytest.raises(ValueError, match=r"a grid is \(1, 1, 2, 2\); wanted .+ Index one image and one channel"):
        numbers(torch.zeros(1, 1, 2, 2))
    with pytest.raises(ValueError, match="grids are 1 and titles 2; wanted"):
        numbers([[1]], titles=["a", "b"])
    with pytest.raises(ValueError, match="grids are none; wanted one or more"):
        numbers()


def test_a_matrix_writes_its_entries_and_leaves_zeros_white_and_empty():
    figure = matrix(torch.tensor([[1.0, 0.0], [-2.0, 1.0]]), rows="output pixel", columns="input pixel")
    axes = figure.axes[0]
    assert written(axes) == {(0, 0): "1", (1, 0): "−2", (1, 1): "1"}
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("output pixel", "input pixel")
    np.testing.assert_allclose(np.asarray(axes.get_images()[0].get_array())[0, 1, :3], 1, atol=0.01)


def test_a_matrix_can_name_its_taps_and_mark_its_blocks():
    figure = matrix(np.eye(4), texts=np.where(np.eye(4), "x", ""), block=(2, 2))
    assert written(figure.axes[0]) == {(i, i): "x" for i in range(4)}
    strong = [line for line in figure.axes[0].lines if line.get_linewidth() > 1]
    assert len(strong) == 2


def test_a_large_matrix_fits_the_notebook_without_texts():
    figure = matrix(np.ones((40, 300)))
    assert figure.get_size_inches()[0] <= WIDEST + 0.01
    assert not figure.axes[0].texts


def test_texts_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"the matrix is \(2, 2\) and texts \(1, 2\); wanted"):
        matrix(np.eye(2), texts=[["x", "y"]])


def test_a_confusion_matrix_names_its_axes_and_shows_counts_with_shares_of_the_row():
    axes = confusion(torch.tensor([[6, 4], [2, 18]]), ["object", "ground"]).axes[0]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("target", "prediction")
    assert written(axes) == {(0, 0): "6\n60%", (0, 1): "4\n40%", (1, 0): "2\n10%", (1, 1): "18\n90%"}
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["object", "ground"]


def test_large_counts_are_shortened():
    axes = confusion([[4_100_000, 12_340], [0, 950]], ["a", "b"]).axes[0]
    assert [text.split("\n")[0] for text in written(axes).values()] == ["4.1M", "12.3k", "0", "950"]


def test_a_class_that_does_not_occur_has_an_empty_hatched_row():
    axes = confusion(np.diag([5, 0, 7]), ["a", "b", "c"]).axes[0]
    assert not any(row == 1 for row, _ in written(axes))
    hatched = [patch for patch in axes.collections if patch.get_hatch()]
    assert len(hatched) == 3


def test_many_classes_are_legible():
    figure = confusion(np.eye(21) * 100 + 1, [f"class {i}" for i in range(21)])
    assert figure.get_size_inches()[0] <= WIDEST + 0.2
    assert min(text.get_fontsize() for text in figure.findobj(matplotlib.text.Text) if text.get_text()) >= 9


def test_a_matrix_that_does_not_fit_the_names_is_refused():
    with pytest.raises(ValueError, match=r"the confusion matrix is \(2, 2\); wanted \(3, 3\) for 3 names"):
        confusion(np.eye(2), ["a", "b", "c"])
