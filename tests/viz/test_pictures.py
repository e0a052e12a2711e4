import base64
import io

import matplotlib
import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from skimage import data

from course.data.palettes import CAMVID, SCENES, VOID_COLOR
from course.viz import error_map, labels, legend, overlay, show
from course.viz.style import WIDEST


def texts(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def drawn(figure, index=0):
    return np.asarray(figure.axes[index].get_images()[0].get_array())


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()[:48, :64]


@pytest.mark.parametrize("shape", ["chw", "hwc", "tensor"])
@pytest.mark.parametrize("kind", ["uint8", "float"])
def test_every_layout_of_a_photograph_shows_the_same_pixels(photo, shape, kind):
    picture = photo if kind == "uint8" else (photo / 255).astype(np.float32)
    picture = picture if shape == "hwc" else np.moveaxis(picture, 2, 0)
    picture = torch.from_numpy(picture.copy()) if shape == "tensor" else picture
    scale = 1 if kind == "uint8" else 255
    np.testing.assert_allclose(drawn(show(picture)) * scale, photo, atol=1e-4)


def test_three_rows_are_channels_in_a_tensor_and_pixels_in_an_array():
    values = np.random.default_rng(0).random((3, 5, 3))
    assert drawn(show(torch.from_numpy(values))).shape == (5, 3, 3)
    assert drawn(show(values)).shape == (3, 5, 3)


def test_grey_maps_keep_zero_to_one_and_stretch_only_beyond():
    inside, beyond = np.array([[0.2, 0.4]]), np.array([[-3.0, 5.0]])
    figure = show(inside, beyond, torch.tensor([[[True, False]]]))
    limits = [axes.get_images()[0].get_clim() for axes in figure.axes]
    assert limits == [(0, 1), (-3, 5), (0, 255)]


def test_titles_are_in_the_picture_and_the_caption_is_not(photo):
    figure = show(photo, photo, titles=["left", "right"], caption="The same picture twice.")
    assert set(texts(figure)) == {"left", "right"}


def test_a_row_never_gets_wider_than_the_notebook(photo):
    for count in (1, 3, 4, 9):
        assert show(*[photo] * count, height=6).get_size_inches()[0] <= WIDEST + 1e-6


def test_a_notebook_gets_a_figure_whose_caption_is_text_and_alternative_text(photo):
    bundle = show(photo, caption="An <astronaut>.")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "An <astronaut>."
    (figure,) = BeautifulSoup(bundle["text/html"], "html.parser").contents
    (image,), (caption,) = figure.select("figure > img"), figure.select("figure > figcaption")
    assert image["alt"] == caption.text == "An <astronaut>."
    kind, _, data = image["src"].partition(",")
    assert kind == "data:image/png;base64"
    drawn = Image.open(io.BytesIO(base64.b64decode(data))).size
    assert drawn == pytest.approx((1.5 * int(image["width"]), 1.5 * int(image["height"])), abs=2)


def test_a_figure_that_is_shown_anew_takes_the_place_of_the_old_one():
    cell = (
        "import torch\nfrom course.viz import show\n"
        "handle = display(show(torch.rand(1, 2, 2), caption='first'), display_id=True)\n"
        "handle.update(show(torch.rand(1, 2, 2), caption='second'))"
    )
    notebook = new_notebook(cells=[new_code_cell(cell)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert 'alt="second"' in output.data["text/html"]
    assert output.data["text/plain"] == "second"


def test_a_figure_without_a_caption_is_told_by_its_titles(photo):
    html = show(photo, photo, titles=["left", "right"]).html()
    assert 'alt="left, right"' in html
    assert "figcaption" not in html


def test_a_caption_changes_nothing_in_the_picture(photo):
    assert show(photo, caption="An astronaut. " * 9).png() == show(photo).png()


def test_drawing_leaves_the_settings_and_pyplot_alone(photo):
    before = dict(matplotlib.rcParams)
    show(photo).png()
    assert dict(matplotlib.rcParams) == before
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((2, 3, 8, 8)), r"an image is \(2, 3, 8, 8\); wanted .+ Of a batch give each: show\(\*batch\)"),
        (np.zeros((4, 8, 8)), r"an image is \(4, 8, 8\); wanted"),
        (np.zeros((8, 8), dtype=np.int64), "int64; wanted float .+ Paint a label map with colorise or labels"),
    ],
)
def test_what_is_no_picture_is_refused(picture, message):
    with pytest.raises(ValueError, match=message):
        show(picture)


def test_missing_titles_and_missing_pictures_are_refused(photo):
    with pytest.raises(ValueError, match="images are 2 and titles 1; wanted"):
        show(photo, photo, titles=["one"])
    with pytest.raises(ValueError, match="images are none; wanted one or more"):
        show()


def test_a_label_map_names_the_classes_that_occur_and_no_others():
    target = torch.tensor([[0, 2], [5, 255]])
    figure = labels(target, torch.tensor([[0, 2], [2, 2]]), palette=SCENES, titles=["target", "prediction"])
    assert {"sky", "road", "car", "void"} <= set(texts(figure))
    assert not {"person", "tree"} & set(texts(figure))
    assert tuple(drawn(figure)[1, 0]) == SCENES.colors[5]


def test_a_legend_lists_all_classes_or_those_asked_for():
    assert set(CAMVID.names) <= set(texts(legend(CAMVID)))
    assert set(texts(legend(CAMVID, [3, 255]))) == {"road", "void"}


def test_the_overlay_mixes_class_colors_and_leaves_void_as_it_is(photo):
    target = np.zeros((48, 64), dtype=np.int64)
    target[:, 32:] = 255
    mixed = overlay(photo, target, SCENES, alpha=0.5)
    expected = (photo[:, :32].astype(float) + np.array(SCENES.colors[0])) / 2
    assert np.abs(mixed[:, :32] - expected).max() <= 0.5
    assert (mixed[:, 32:] == photo[:, 32:]).all()
    floats = overlay(torch.from_numpy(photo / 255).permute(2, 0, 1), torch.from_numpy(target), SCENES, alpha=0.5)
    assert (floats == mixed).all()


def test_an_overlay_of_another_size_is_refused(photo):
    with pytest.raises(ValueError, match=r"the image is \(48, 64\) and the labels \(10, 10\); wanted one size"):
        overlay(photo, np.zeros((10, 10), dtype=int), SCENES)


def test_the_error_map_has_a_color_for_right_for_wrong_and_for_void():
    target, prediction = torch.tensor([[1, 1, 255]]), torch.tensor([[1, 0, 0]])
    right, wrong, void = error_map(target, prediction)[0].tolist()
    assert void == [255, 255, 255]
    assert len({tuple(right), tuple(wrong), tuple(void), VOID_COLOR}) == 4
    assert error_map(target, prediction, ignore_index=1)[0].tolist() == [void, void, wrong]


def test_an_error_map_of_different_shapes_is_refused():
    with pytest.raises(ValueError, match=r"target is \(1, 2, 2\) and prediction \(1, 2, 2\); wanted .+ Take one map"):
        error_map(torch.zeros(1, 2, 2), torch.zeros(1, 2, 2))
    with pytest.raises(ValueError, match=r"target is \(2, 2\) and prediction \(1, 2\); wanted"):
        error_map(torch.zeros(2, 2), torch.zeros(1, 2))
