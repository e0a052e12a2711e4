"""The drawing of a training as it goes."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from course.data.palettes import SCENES, VOC, palette_for
from course.metrics import ConfusionMatrix
from course.training import Validation, batches, fit
from course.viz import TrainingView


@pytest.fixture
def scene():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, 3, 16, 24, generator=generator)
    return images, (images[:, 0] > 0.5).long()


def train(scene, view, steps=4):
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.2), nn.Conv2d(4, 2, 1)  # eval() changes the middle two
    model, pairs = nn.Sequential(*layers), list(zip(*scene, strict=True))
    judge = Validation(batches(pairs, 3, shuffle=False), ConfusionMatrix(2))
    options = {"steps": steps, "every": 2, "log_every": 1, "device": "cpu", "bar": False, "seed": 0}
    fit(model, batches(pairs, 3), nn.CrossEntropyLoss(), validation=judge, on_progress=view, **options)
    return model


def test_curves_and_predictions_are_written_and_say_what_the_model_says(scene, tmp_path):
    view = TrainingView(*scene, palette_for(["dark", "red"]), seconds=0, path=tmp_path / "new" / "progress.png")
    model = train(scene, view)
    assert torch.equal(view.predictions, model(scene[0][:2]).argmax(1))
    width, height = Image.open(tmp_path / "new" / "progress.png").size
    assert width == 9 * 144
    assert height > 500


def test_drawing_changes_nothing_in_the_training(scene, tmp_path):
    drawn = train(scene, TrainingView(*scene, SCENES, seconds=0, path=tmp_path / "a.png"))
    plain = train(scene, None)
    pairs = zip(drawn.state_dict().values(), plain.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not plain.training


def test_the_figure_holds_both_curves_and_a_row_for_each_picture(scene, tmp_path):
    figures = []
    view = TrainingView(*scene, SCENES, rows=3, seconds=0, path=tmp_path / "a.png")
    view._show = figures.append
    train(scene, view)
    early, late = figures[0], figures[-1]
    titles = [axes.get_title(loc="left") for axes in late.axes]
    assert titles[0].startswith("loss ")
    assert titles[1].startswith("mean IoU ")
    assert titles[2:6] == ["picture", "truth", "prediction", "errors in orange"]
    assert len(late.axes) == 2 + 3 * 4
    assert early.axes[1].texts[0].get_text() == "not scored yet"
    assert list(late.axes[0].lines[0].get_xdata()) == [1, 2, 3, 4]
    assert list(late.axes[1].lines[0].get_xdata()) == [2, 4]
    shown = np.asarray(late.axes[4].images[0].get_array())
    colors = np.array(SCENES.colors, dtype=np.uint8)
    assert np.array_equal(shown, colors[view.predictions[0]])


def test_it_draws_no_more_often_than_asked_and_once_at_the_end(scene):
    figures = []
    view = TrainingView(*scene, SCENES, seconds=3600)
    view._show = lambda figure: figures.append(len(figure.axes[0].lines[0].get_xdata()))
    train(scene, view, steps=6)
    assert figures == [1, 6]


def test_in_a_notebook_one_picture_is_drawn_anew(scene, monkeypatch):
    calls = []

    class Handle:
        def update(self, figure):
            calls.append(("update", figure))

    def display(figure, display_id):
        calls.append(("display", figure))
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    train(scene, TrainingView(*scene, SCENES, seconds=0), steps=3)
    assert [word for word, _ in calls] == ["display"] + ["update"] * (len(calls) - 1)
    assert len(calls) >= 3
    assert Image.open(BytesIO(calls[-1][1].png())).format == "PNG"


def test_a_loss_that_falls_by_far_is_drawn_on_a_logarithmic_scale(scene):
    from course.training import History

    view = TrainingView(*scene, SCENES)
    view.predictions = scene[1][:2]
    axes = view.figure(History(steps=[1, 2], losses=[3.0, 0.1])).axes[0]
    assert axes.get_yscale() == "log"


def test_pictures_that_do_not_fit_their_labels_are_refused(scene):
    images, labels = scene
    for words in ((images, labels[:2], SCENES), (images[0], labels, SCENES), (images[:0], labels[:0], SCENES)):
        with pytest.raises(ValueError, match=r"wanted \(n, 3, h, w\) and \(n, h, w\) of the same pictures"):
            TrainingView(*words)


def test_any_classes_get_a_palette():
    assert palette_for(SCENES.names) is SCENES
    assert palette_for(["a", "b"]).colors == VOC.colors[:2]
    many = palette_for(map(str, range(25)))
    assert len(many) == 25
    assert many.colors[21:] == VOC.colors[:4]
