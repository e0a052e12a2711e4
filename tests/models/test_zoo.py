"""Small networks by name, and the checkpoints that ship."""

import pytest
import torch

from course.data.palettes import SCENES
from course.metrics import ConfusionMatrix
from course.models.networks import SMALL, build, parameters_of
from course.models.zoo import HELD_OUT, LIMIT, WEIGHTS, Card, Centred, load, read_card, save, shipped
from course.training import evaluate

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


@pytest.fixture(scope="module")
def held_out():
    from course.data.cache import Cached
    from course.data.scenes import Scenes
    from course.training import batches

    return batches(Cached(Scenes(HELD_OUT, split="test")).fill(1), 20, shuffle=False)


def test_every_small_network_ships_trained():
    assert shipped() == list(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_checkpoint_loads_and_is_what_its_card_says(name):
    assert (WEIGHTS / f"{name}.safetensors").stat().st_size <= LIMIT + 100_000
    model, card = load(name)
    assert card.name == name
    assert card.parameters == parameters_of(model)
    assert f"benchmarks.checkpoints {name} --steps {card.steps} " in card.command


@pytest.mark.parametrize("name", SMALL)
def test_a_shipped_checkpoint_scores_what_its_card_says(name, held_out):
    model, card = load(name)
    metric = evaluate(model, held_out, ConfusionMatrix(card.classes, names=SCENES.names), device="cpu", bar=False)
    found = {name: 100 * scores["iou"] for name, scores in metric.per_class().items()}
    assert found | {"mean IoU": 100 * metric.summary()["mean_iou"]} == pytest.approx(card.scores, abs=0.1)


@pytest.mark.parametrize("name", sorted(set(SMALL) - {"fcn32s", "fcn16s"}))
def test_a_shipped_checkpoint_is_good(name):
    assert read_card(name).scores["mean IoU"] >= 85


def test_the_papers_order_of_the_three_fcns_holds_at_the_same_budget():
    coarse, middle, fine = (read_card(name) for name in ("fcn32s", "fcn16s", "fcn8s"))
    assert coarse.scores["mean IoU"] < middle.scores["mean IoU"] < fine.scores["mean IoU"]
    assert len({card.command.replace(card.name, "") for card in (coarse, middle, fine)}) == 1
