"""Any task trains by the one loop: named terms, nested inputs and targets, and the same bits after a kill."""

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course.tensors import load_tensors
from course.training import as_lists, batches, evaluate, fit
from course.training.objective import Objective, OutputLoss, map_tensors
from course.training.run import count_pictures
from tests.training import toy_detector
from tests.training.toy import Blobs, Death, loss, net
from tests.training.toy_detector import Detector, Recall, Rectangles, detection_losses

ROOT = Path(__file__).resolve().parents[2]


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_toys_pictures_have_many_sizes_and_some_are_empty():
    pictures = [Rectangles()[number] for number in range(12)]
    assert len({image.shape for image, _ in pictures}) > 6
    assert sorted({len(target["boxes"]) for _, target in pictures}) == [0, 1, 2]


def test_a_detector_learns_to_find_boxes_and_its_log_has_a_column_for_each_term(tmp_path):
    model, history = toy_detector.train(tmp_path, 90)
    assert history.losses[-1] < 0.2 * history.losses[0]
    assert history.best["recall"] >= 0.75
    assert list(history.terms) == ["classes", "boxes", "masks"]
    for number, total in enumerate(history.losses):
        assert total == pytest.approx(sum(values[number] for values in history.terms.values()), abs=1e-5)
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[-1]) == ["step", "loss", "classes", "boxes", "masks", "lr", "recall"]
    assert float(rows[-1]["boxes"]) == history.terms["boxes"][-1]
    assert not model.training


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("where", ["inside", "after", "written"])
def test_a_detector_that_is_killed_and_resumed_ends_with_the_same_bits(tmp_path, where):
    step = random.SystemRandom().randint(1, 10)
    print(f"killed at step {step}, {where}")  # pytest shows it when the test fails
    words = [sys.executable, "-m", "tests.training.toy_detector", str(tmp_path / "killed"), str(step), where]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    last, kept = tmp_path / "killed" / "last.safetensors", Death(step, where).kept
    assert load_tensors(last)[1]["step"] == kept if kept else not last.exists()
    resumed, after = toy_detector.train(tmp_path / "killed", 11, resume=True)
    whole, before = toy_detector.train(tmp_path / "whole", 11)
    assert same(resumed.state_dict(), whole.state_dict())
    assert (after.losses, after.terms, after.scores) == (before.losses, before.terms, before.scores)
    for name in ("last.safetensors", "best.safetensors"):
        one, other = (load_tensors(tmp_path / run / name)[0] for run in ("killed", "whole"))
        assert same(one, other)


def test_a_checkpoint_holds_the_models_keys_alone(tmp_path):
    model, _ = toy_detector.train(tmp_path, 4)
    assert load_tensors(tmp_path / "best.safetensors")[0].keys() == model.state_dict().keys()
    last = load_tensors(tmp_path / "last.safetensors")[0]
    assert {name.split(".")[0] for name in last} == {"model", "ema", "optimizer"}
    assert {name.removeprefix("model.") for name in last if name.startswith("model.")} == model.state_dict().keys()


def test_a_model_answers_alike_in_training_and_in_evaluation():
    torch.manual_seed(0)
    model, (image, _) = Detector(), Rectangles()[1]
    assert [found.keys() for found in model.train()([image])] == [found.keys() for found in model.eval()([image])]


def test_evaluation_takes_lists_and_counts_every_picture_once():
    metric = evaluate(
        Detector(), batches(Rectangles(7), 3, shuffle=False, collate=as_lists), Recall(), device="cpu", bar=False
    )
    assert (metric.pictures, metric.boxes) == (7, 6)


def test_a_dict_of_pictures_and_clicks_is_taken_too():
    class Clicked(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(4, 2, 1)

        def forward(self, inputs):
            return {"logits": self.layer(torch.cat([inputs["image"], inputs["click"]], 1))}

    batch = {"image": torch.rand(2, 3, 4, 4), "click": torch.rand(2, 1, 4, 4)}, {"mask": torch.zeros(2, 4, 4).long()}
    words = {"steps": 3, "log_every": 1, "device": "cpu", "bar": False, "precision": "bf16-mixed"}
    history = fit(Clicked(), [batch], lambda out, y: F.cross_entropy(out["logits"], y["mask"]), **words)
    assert len(history.losses) == 3
    assert history.terms == {}


def test_several_terms_train_as_their_sum_does():
    def parts(logits, target):
        return {"half": loss(logits, target) / 2, "rest": loss(logits, target) / 2}

    results = []
    for criterion in (loss, parts):
        model = net(dropout=0)
        fit(model, batches(Blobs(), 4), criterion, steps=4, seed=0, device="cpu", bar=False)
        results.append(model.state_dict())
    torch.testing.assert_close(results[0], results[1], rtol=0, atol=1e-5)


def test_the_loss_is_computed_in_float32_whatever_the_model_computes_in():
    seen = []

    def spy(logits, target):
        seen.append((logits.dtype, torch.is_autocast_enabled("cpu")))
        return loss(logits, target)

    fit(net(), batches(Blobs(), 4), spy, steps=1, device="cpu", precision="bf16-mixed", bar=False)
    assert seen == [(torch.float32, False)]


def test_a_loss_with_weights_of_its_own_is_moved_with_the_model():
    criterion = nn.CrossEntropyLoss(weight=torch.ones(2))
    assert "task_loss.loss.weight" in dict(Objective(net(), OutputLoss(criterion)).named_buffers())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, r"the loss has the terms \[\]; wanted at least one"),
        ({"loss": torch.ones(()), "rest": torch.ones(())}, r"\['loss', 'rest'\]; wanted .* none called step, loss, lr"),
        ({"boxes": torch.ones(3)}, r"the term 'boxes' has shape \(3,\); wanted a scalar. Take its mean"),
    ],
)
def test_terms_that_cannot_be_logged_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        Objective(net(), lambda *_: value)(None, None)


def test_a_term_that_comes_and_goes_is_refused():
    def moody(logits, target):
        moody.calls += 1
        return {"a": loss(logits, target)} | ({"b": loss(logits, target)} if moody.calls > 1 else {})

    moody.calls = 0
    with pytest.raises(ValueError, match=r"the loss has the terms \['a', 'b', 'loss'\]; wanted \['a', 'loss'\]"):
        fit(net(), batches(Blobs(), 4), moody, steps=2, device="cpu", bar=False)


@pytest.mark.parametrize("words", [{}, {"loss": loss, "objective": detection_losses}])
def test_loss_and_objective_are_one_of_two(words):
    with pytest.raises(ValueError, match="wanted one of the two: what to minimize"):
        fit(net(), batches(Blobs(), 4), steps=1, device="cpu", bar=False, **words)


def test_nesting_is_kept_and_pictures_are_counted_in_it():
    nested = {"a": [torch.ones(1), (torch.ones(2), "word")], "b": None}
    doubled = map_tensors(lambda tensor: 2 * tensor, nested)
    assert doubled["a"][0].item() == 2
    assert doubled["a"][1][1] == "word"
    assert doubled["b"] is None
    assert count_pictures(torch.zeros(5, 3, 4, 4)) == 5
    assert count_pictures([torch.zeros(3, 4, 4)] * 7) == 7
    assert count_pictures((torch.zeros(5, 3, 4, 4), torch.zeros(5, 2))) == 5
    assert count_pictures({"image": torch.zeros(4, 3, 2, 2), "click": torch.zeros(4, 2)}) == 4
