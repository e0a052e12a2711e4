"""Checkpoints: those that ship, those of a run, those of old."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import save_file

from course.models import networks
from course.models.networks import SHIPPED, Network, build, count_parameters, find_network
from course.models.semantic import fcn, unet
from course.models.zoo import LARGEST, LARGEST_SUM, WEIGHTS, Card, load, read_card, save, shipped
from course.tensors import load_tensors, save_tensors

CLASSES = ("dark", "bright")
CARD = Card(
    "mine",
    "tiny",
    CLASSES,
    0,
    "scenes",
    (32, 48),
    0,
    1,
    1,
    "CPU",
    0.1,
    "test",
    {"mean IoU": 1.0},
    {"mean IoU": 2.0},
    "-",
)
OLD_LIMIT = 4 * 2**20  # of the seven that are older than the budget


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Two networks that are small enough to be saved."""
    lines = [
        Network(name, f"semantic.{file}:tiny", "", "", "") for name, file in (("tiny", "unet"), ("tiny-fcn", "fcn"))
    ]
    monkeypatch.setattr(networks, "NETWORKS", (*networks.NETWORKS, *lines))
    monkeypatch.setattr(unet, "tiny", lambda k: unet.UNet(k, widths=(4, 8)), raising=False)
    monkeypatch.setattr(fcn, "tiny", lambda k: fcn.FCN(k, 8, 2, 8, padding=1, fc_padding=3), raising=False)


@pytest.fixture
def trained():
    torch.manual_seed(0)
    model = build("tiny", 2).eval()
    model.mean += 0.0123  # float16 would not hold it
    return model


def test_what_is_saved_comes_back_to_half_precision_with_its_statistics_exactly(trained, tmp_path):
    again, card = load(save(trained, CARD, tmp_path))
    assert card == replace(CARD, parameters=count_parameters(trained))
    assert torch.equal(again.mean, trained.mean)
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        gap = (again(image) - trained(image)).abs().max()
    assert 0 < gap < 0.02, "float16 is near and not the same"
    assert not again.training


def test_a_checkpoint_over_the_limit_is_refused_and_nothing_is_written(trained, tmp_path):
    trained.network.big = torch.nn.Parameter(torch.zeros(LARGEST // 2))
    with pytest.raises(ValueError, match=r"mine takes \d\.\d MB in float16, .*; wanted at most 1\.5 each and 64"):
        save(trained, CARD, tmp_path)
    assert not list(tmp_path.iterdir())


def test_all_checkpoints_together_have_a_limit_too(trained, tmp_path):
    with (tmp_path / "other.safetensors").open("wb") as file:
        file.truncate(LARGEST_SUM)
    with pytest.raises(ValueError, match=r"and the others 64\.0; wanted"):
        save(trained, CARD, tmp_path)
    save(trained, replace(CARD, name="other"), tmp_path)  # takes the place of it


def test_the_best_weights_of_a_run_are_a_checkpoint_by_folder_and_by_file(trained, tmp_path):
    config = {"network": "tiny", "classes": list(CLASSES), "data": "scenes", "size": [32, 48], "seed": 3, "batch": 2}
    about = {"config": config, "step": 7, "scores": {"mean_iou": 0.5}}
    save_tensors(tmp_path / "run/best.safetensors", trained.state_dict(), about)
    for weights in (tmp_path / "run", str(tmp_path / "run"), tmp_path / "run/best.safetensors"):
        model, card = load(weights)
        assert (card.name, card.classes, card.size, card.steps) == ("run", CLASSES, (32, 48), 7)
        assert card.scores == {"mean IoU": 50.0}
        image = torch.rand(1, 3, 32, 48)
        assert torch.equal(model(image), trained(image))


def test_a_file_of_old_gets_todays_names_and_the_statistics_it_was_trained_behind(tmp_path):
    torch.manual_seed(0)
    network = find_network("tiny-fcn").build(2).eval()
    for layer in (network.score, *network.skip_scores):
        torch.nn.init.normal_(layer.weight)  # they start at zero
    old = {f"network.{name}": value.clone() for name, value in network.state_dict().items()}
    for new, name in (("upsample_2x.", "doublings."), ("upsample.", "enlarge.")):
        old = {key.replace(f"network.{new}", f"network.{name}"): value for key, value in old.items()}
    assert "network.doublings.0.weight" in old
    assert "network.enlarge.weight" in old
    save_file(old, tmp_path / "old.safetensors")
    card = asdict(replace(CARD, network="tiny-fcn"))
    (tmp_path / "old.json").write_text(json.dumps(card))
    model, _ = load(tmp_path / "old.safetensors")
    image = torch.rand(1, 3, 40, 40)
    with torch.no_grad():
        assert torch.equal(model(image), network(4 * image - 2))
        assert model(image).abs().max() > 0


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("resnet", "weights is 'resnet'; wanted the folder of a run .* or one of segnet, "),
        ("nowhere/run", "weights is 'nowhere/run'; wanted"),
    ],
)
def test_weights_that_are_not_there_are_answered_with_those_that_are(weights, message):
    with pytest.raises(FileNotFoundError, match=message):
        load(weights)


def test_a_file_that_does_not_say_what_it_is_is_refused(trained, tmp_path):
    save_tensors(tmp_path / "x.safetensors", trained.state_dict(), {})
    with pytest.raises(ValueError, match=r"x\.safetensors does not say what it is; wanted a checkpoint with its card"):
        load(tmp_path / "x.safetensors")


def test_weights_of_another_network_than_the_card_says_are_refused(trained, tmp_path):
    save(trained, CARD, tmp_path)
    save(trained, replace(CARD, network="tiny-fcn"), tmp_path)
    with pytest.raises(ValueError, match=r"mine\.safetensors does not hold the weights of 'tiny-fcn'"):
        load(tmp_path / "mine.safetensors")


def test_every_network_that_the_table_ships_is_here():
    assert shipped() == list(SHIPPED)
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.safetensors")) <= LARGEST_SUM


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_checkpoint_loads_and_is_what_its_card_says(name):
    file = WEIGHTS / f"{name}.safetensors"
    assert file.stat().st_size <= (LARGEST if "mean" in load_tensors(file)[0] else OLD_LIMIT) + 100_000
    model, card = load(name)
    assert (card.name, card.network) == (name, name)
    assert read_card(name).parameters == count_parameters(model)
    assert f"course train {name} --data scenes " in card.command
    assert f"--steps {card.steps} " in card.command


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {"fcn32s", "fcn16s"}))
def test_a_shipped_checkpoint_is_good(name):
    assert read_card(name).scores["mean IoU"] >= 85


def test_the_papers_order_of_the_three_fcns_holds_at_the_same_budget():
    coarse, middle, fine = (read_card(name) for name in ("fcn32s", "fcn16s", "fcn8s"))
    assert coarse.scores["mean IoU"] < middle.scores["mean IoU"] < fine.scores["mean IoU"]
    assert len({card.command.replace(card.name, "") for card in (coarse, middle, fine)}) == 1
