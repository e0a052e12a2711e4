"""Small networks by name, and the checkpoints that ship."""

import json

import pytest
import torch

from course.models.networks import build, parameters_of
from course.models.zoo import LIMIT, WEIGHTS, Card, Centred, load, read_card, save, shipped

CARD = Card("unet", 9, 0, "scenes", 0, 1, 1, "CPU", 0.1, {"mean IoU": 1.0}, "none")


def test_pictures_are_centred_inside():
    model = Centred(build("unet", 9)).eval()
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(model(image), model.network(4 * image - 2))


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(FileNotFoundError, match="no checkpoint 'resnet'"):
        load("resnet")


def test_what_is_saved_comes_back_to_half_precision(tmp_path):
    torch.manual_seed(0)
    model = Centred(build("unet", 9)).eval()
    save(model, CARD, tmp_path)
    again, card = load("unet", tmp_path)
    assert card == CARD
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        gap = (again(image) - model(image)).abs().max()
    assert 0 < gap < 0.02, "float16 is near and not the same"


def test_a_checkpoint_over_the_limit_is_refused_and_nothing_is_written(tmp_path):
    model = Centred(build("unet", 9))
    model.network.big = torch.nn.Parameter(torch.zeros(LIMIT // 2))
    with pytest.raises(ValueError, match=r"takes \d\.\d MB in float16, wanted 4 at most"):
        save(model, CARD, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_checkpoint_loads_and_is_what_its_card_says(name):
    assert (WEIGHTS / f"{name}.safetensors").stat().st_size <= LIMIT + 100_000
    model, card = load(name)
    assert card.name == name
    assert card.parameters == parameters_of(model)
    assert f"benchmarks.checkpoints {name}" in card.command
    assert json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))["scores"]["mean IoU"] > 50


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_checkpoint_scores_what_its_card_says(name):
    from course.data.scenes import Scenes
    from course.metrics import Confusion

    model, card = load(name)
    scenes = [Scenes(500, split="test")[i] for i in range(40)]
    metric = Confusion(card.classes)
    with torch.no_grad():
        for image, label in scenes:
            metric.update(label[None], model(image[None]).argmax(1))
    assert abs(100 * metric.summary()["mean_iou"] - card.scores["mean IoU"]) < 4, "40 scenes stand for 500, nearly"


def test_the_paper_order_of_the_three_fcns_holds():
    have = shipped()
    if not {"fcn32s", "fcn16s", "fcn8s"} <= set(have):
        pytest.skip("the three FCN checkpoints are not all here")
    coarse, middle, fine = (read_card(name) for name in ("fcn32s", "fcn16s", "fcn8s"))
    assert coarse.scores["mean IoU"] < middle.scores["mean IoU"] < fine.scores["mean IoU"]
    assert coarse.steps == middle.steps == fine.steps
