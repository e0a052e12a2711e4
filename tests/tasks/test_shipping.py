"""A run becomes a checkpoint; what ships scores what its card says."""

from dataclasses import replace

import pytest
from torch.utils.data import Subset

from course.data.sources import open_source
from course.models import networks, zoo
from course.models.networks import SHIPPED, Network
from course.models.semantic import unet
from course.tasks import shipping
from course.tasks.semantic import train
from course.tasks.shipping import FEW, command_of, scores, ship
from course.training import Recipe


@pytest.fixture(scope="module")
def few():
    """The first 50 scenes of the test split, drawn once."""
    return open_source("scenes", split="test", train=False).held_out


@pytest.mark.parametrize("name", SHIPPED)
def test_a_checkpoint_scores_on_50_scenes_what_its_card_says(name, few):
    model, card = zoo.load(name)
    assert scores(model, Subset(few, range(FEW)), card.classes, bar=False) == pytest.approx(card.scores_of_50, abs=0.1)


def test_a_card_that_says_too_much_is_found_out(few, monkeypatch):
    model, card = zoo.load("unet")
    boasting = replace(card, scores=card.scores | {"sign": 200.0})
    monkeypatch.setattr(zoo, "load", lambda name: (model, boasting))
    assert shipping.largest_difference("unet", Subset(few, range(5))) > 1


def test_a_run_is_written_as_a_checkpoint_with_its_scores_and_the_command_that_does_it_again(tmp_path, monkeypatch):
    line = Network("tiny", "semantic.unet:tiny", "", "", "")
    monkeypatch.setattr(networks, "NETWORKS", (*networks.NETWORKS, line))
    monkeypatch.setattr(unet, "tiny", lambda k: unet.UNet(k, widths=(4, 8)), raising=False)
    monkeypatch.setattr(shipping, "open_source", lambda *_, **__: open_source("scenes", scenes=60))
    recipe = Recipe("tiny", "scenes", (32, 48), scenes=2, steps=1, batch=2, loss="dice", precision="32-true")
    train(recipe, tmp_path / "run", device="cpu")
    card = ship(tmp_path / "run", tmp_path / "shipped")
    model, again = zoo.load(tmp_path / "shipped/tiny.safetensors")
    assert again == card
    assert (card.network, card.scored_on, card.device, card.steps) == ("tiny", "test", "CPU", 1)
    held_out = open_source("scenes", scenes=60).held_out
    assert card.scores == scores(model, held_out, card.classes, bar=False)
    assert card.scores_of_50 == scores(model, Subset(held_out, range(50)), card.classes, bar=False)
    assert card.command == (
        "course train tiny --data scenes --size 32x48 --scenes 2 --loss dice --batch 2 --steps 1 --precision 32-true "
        "--out runs/tiny"
    )


def test_the_command_of_a_recipe_says_what_is_not_as_usual():
    recipe = Recipe("unet", "camvid", (360, 480), ema=0.0, weight_decay=0.02)
    expected = "course train unet --data camvid --size 360x480 --weight-decay 0.02 --ema 0.0 --out runs/unet"
    assert command_of(recipe) == expected
