import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from course.metrics import ConfusionMatrix
from course.tensors import load_tensors
from course.training import Validation, batches, fit, freeze, load_weights
from tests.training.toy import Blobs, Death, long_run, loss, net, validation

ROOT = Path(__file__).resolve().parents[2]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def quick(model, loader=None, **words):
    return fit(model, loader or batches(Blobs(jitter=0), 4), loss, device="cpu", bar=False, **words)


def test_training_learns():
    model = net(dropout=0)
    history = quick(
        model, epochs=40, optimizer=torch.optim.Adam(model.parameters(), lr=0.05), validation=validation(), seed=0
    )
    assert history.losses[-1] < 0.3 * history.losses[0]
    assert history.best["mean_iou"] > 0.8
    assert history.stopped == "done"
    assert history.steps[-1] == 120
    assert not model.training


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("step", "where", "kind"),
    [(10, "after", "plain"), (None, "inside", "ours"), (None, "after", "ours"), (None, "written", "ours")],
)
def test_a_run_that_is_killed_and_resumed_ends_with_the_same_bits(tmp_path, step, where, kind):
    step = step or random.SystemRandom().randint(1, 10)
    print(f"killed at step {step}, {where}")  # pytest shows it when the test fails
    words = [sys.executable, "-m", "tests.training.toy", str(tmp_path / "killed"), str(step), where, kind]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    last, kept = tmp_path / "killed" / "last.safetensors", Death(step, where).kept
    assert load_tensors(last)[1]["step"] == kept if kept else not last.exists()
    resumed, after = long_run(tmp_path / "killed", resume=True, plain=kind == "plain")
    whole, before = long_run(tmp_path / "whole", plain=kind == "plain")
    assert same(resumed, whole)
    assert after.losses == before.losses
    assert after.scores == before.scores
    one, other = (load_tensors(tmp_path / name / "last.safetensors")[0] for name in ("killed", "whole"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    best, best_too = (load_tensors(tmp_path / name / "best.safetensors") for name in ("killed", "whole"))
    assert best[1] == best_too[1]


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    results = []
    for seed in (1, 1, 2):
        model = net()
        quick(model, batches(Blobs(), 4), steps=3, seed=seed)
        results.append(model)
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


def test_without_a_seed_torchs_own_decides():
    results = []
    for _ in range(2):
        torch.manual_seed(11)
        model = net()
        quick(model, batches(Blobs(), 4), steps=2)
        results.append(model)
    assert same(*results)


def test_accumulation_equals_the_big_batch():
    results = []
    for size, accumulate in ((6, 1), (2, 3)):
        model = net(norm=False, dropout=0)
        loader = batches(Blobs(), size, seed=1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        history = quick(model, loader, epochs=2, accumulate=accumulate, optimizer=optimizer, seed=0, log_every=1)
        results.append((model, history))
    torch.testing.assert_close(results[0][0].state_dict(), results[1][0].state_dict(), rtol=0, atol=1e-6)
    assert results[0][1].losses == pytest.approx(results[1][1].losses, abs=1e-6)


def test_a_step_is_the_step_of_a_loop_written_by_hand():
    images, labels = torch.rand(4, 3, 8, 8), torch.randint(0, 2, (4, 8, 8))
    model, peer = net(norm=False, dropout=0), net(norm=False, dropout=0)
    quick(model, [(images, labels)], steps=3, optimizer=torch.optim.SGD(model.parameters(), lr=0.5), max_grad_norm=0.1)
    optimizer = torch.optim.SGD(peer.parameters(), lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(peer(images), labels).backward()
        nn.utils.clip_grad_norm_(peer.parameters(), 0.1)
        optimizer.step()
    assert same(model, peer)


def test_each_groups_rate_follows_the_schedule():
    model, seen = net(), []
    optimizer = torch.optim.SGD(
        [{"params": [p], "lr": lr} for p, lr in zip(model.parameters(), (1, 2, 3, 4, 5, 6), strict=True)]
    )
    quick(
        model,
        steps=3,
        optimizer=optimizer,
        schedule=lambda step: 0.1 * 0.5**step,
        log_every=1,
        on_progress=lambda _: seen.append([group["lr"] for group in optimizer.param_groups]),
    )
    for step, rates in enumerate(seen):
        assert rates == pytest.approx([0.1 * 0.5**step * base for base in (1, 2, 3, 4, 5, 6)])


def test_early_stopping_stops_after_patience_validations_without_a_better_score(tmp_path):
    class Scripted(ConfusionMatrix):
        script = iter([0.1, 0.5, 0.4, 0.5, 0.9])

        def all_reduce(self):
            return self

        def summary(self):
            return {"mean_iou": next(self.script)}

    validation_set = Validation(batches(Blobs(), 6, shuffle=False), Scripted(2))
    history = quick(net(), steps=50, validation=validation_set, every=2, patience=2, folder=tmp_path)
    assert history.stopped == "early"
    assert [entry["mean_iou"] for entry in history.scores] == [0.1, 0.5, 0.4, 0.5]
    assert history.best == {"step": 4, "mean_iou": 0.5}
    assert load_tensors(tmp_path / "best.safetensors")[1]["step"] == 4
    again = quick(net(), steps=50, validation=validation_set, every=2, patience=2, folder=tmp_path, resume=True)
    assert again.steps == history.steps


def test_the_best_weights_are_those_that_scored_best(tmp_path):
    model = net()
    history = quick(
        model, epochs=6, ema=0.5, validation=validation(), seed=1, folder=tmp_path, config={"model": "toy"},
        optimizer=torch.optim.SGD(model.parameters(), lr=0.8),
    )  # fmt: skip
    loaded, metric = net(seed=9), ConfusionMatrix(2)
    about = load_weights(loaded, tmp_path / "best.safetensors")
    loaded.eval()
    with torch.no_grad():
        for image, label in Blobs(jitter=0):
            metric.update_logits(label[None], loaded(image[None]))
    assert metric.summary()["mean_iou"] == pytest.approx(history.best["mean_iou"])
    assert about["config"] == {"model": "toy"}
    assert about["scores"] == history.best


def test_a_finished_run_goes_on_when_more_steps_are_asked_for(tmp_path):
    models = [net(), net(), net()]
    quick(models[0], steps=4, seed=1, folder=tmp_path / "a")
    quick(models[1], steps=9, seed=1, folder=tmp_path / "a", resume=True)
    quick(models[2], steps=9, seed=1, folder=tmp_path / "b")
    assert same(models[1], models[2])


def test_frozen_layers_keep_weights_and_statistics():
    model = net()
    freeze(model[0], model[1])
    before = {name: value.clone() for name, value in model[:2].state_dict().items()}
    head = model[4].weight.detach().clone()
    quick(model, steps=3)
    assert all(torch.equal(before[name], value) for name, value in model[:2].state_dict().items())
    assert not torch.equal(head, model[4].weight)


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_checkpoint(tmp_path):
    def bad(logits, target):
        bad.calls += 1
        return loss(logits, target) * (float("nan") if bad.calls > 4 else 1)

    bad.calls = 0
    with pytest.raises(FloatingPointError, match=r"the loss is nan between steps 4 and 6; .*lower learning rate"):
        fit(net(), batches(Blobs(), 4), bad, steps=9, every=2, folder=tmp_path, device="cpu", bar=False)
    tensors, about = load_tensors(tmp_path / "last.safetensors")
    assert about["step"] == 4
    assert all(value.isfinite().all() for value in tensors.values())


def test_bf16_and_compile_train_too(monkeypatch):
    compiled = []
    plain = torch.compile
    monkeypatch.setattr(torch, "compile", lambda model, **_: compiled.append(model) or plain(model, backend="eager"))
    model = net(norm=False)
    history = quick(model, steps=4, precision="bf16-mixed", compile=True, log_every=1)
    assert compiled[0].model is model
    assert len(history.losses) == 4
    assert model[0].weight.dtype == torch.float32


def test_the_callback_sees_steps_losses_scores_and_the_model():
    seen, model = [], net()

    def look(progress):
        progress.model.eval()
        seen.append((progress.step, progress.epoch, progress.loss, progress.score, progress.model is model))

    history = quick(model, epochs=2, validation=validation(), log_every=2, on_progress=look)
    assert [entry[:2] for entry in seen] == [(2, 0), (3, 0), (4, 1), (6, 1)]
    assert [entry[2] for entry in seen] == history.losses
    assert seen[-1][3] == history.scores[-1]["mean_iou"]
    assert all(entry[4] for entry in seen)
    assert [row["step"] for row in history.table()] == [2, 3, 4, 6]


def test_prepare_changes_the_batch_before_the_model():
    shapes = []

    class Spy(nn.Conv2d):
        def forward(self, images):
            shapes.append(images.shape)
            return super().forward(images)

    quick(Spy(3, 2, 1), steps=1, prepare=lambda images, labels: (images[..., ::2, ::2], labels[..., ::2, ::2]))
    assert shapes == [(4, 3, 4, 4)]


def test_a_folder_with_a_run_is_not_overwritten(tmp_path):
    quick(net(), steps=1, folder=tmp_path)
    with pytest.raises(ValueError, match=r"holds a run; wanted a folder without one\. Go on with resume=True"):
        quick(net(), steps=1, folder=tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"seed": 2}, r"seed is 2; wanted 1, with which .*last\.safetensors was trained"),
        ({"accumulate": 2}, "accumulate is 2; wanted 1"),
        ({"ema": 0.9}, "ema is True; wanted False"),
    ],
)
def test_a_run_is_not_resumed_as_another(tmp_path, words, message):
    quick(net(), steps=1, seed=1, folder=tmp_path)
    with pytest.raises(ValueError, match=message):
        quick(net(), steps=2, folder=tmp_path, resume=True, **words)


def test_another_models_checkpoint_is_refused_by_name(tmp_path):
    quick(net(), steps=1, folder=tmp_path)
    with pytest.raises(
        ValueError, match=r"last\.safetensors holds the weights of another model .*; wanted those of a Sequential"
    ):
        quick(net(norm=False), steps=2, folder=tmp_path, resume=True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "epochs is None and steps None; wanted one of the two"),
        ({"epochs": 1, "steps": 1}, "wanted one of the two"),
        ({"epochs": 0}, "epochs is 0; wanted a whole number of at least 1"),
        ({"steps": 0}, "steps is 0; wanted a whole number of at least 1"),
        ({"steps": 1, "accumulate": 0}, "accumulate is 0"),
        ({"steps": 1, "every": 0}, "every is 0"),
        ({"steps": 1, "max_grad_norm": 0}, "max_grad_norm is 0; wanted a number above 0"),
        ({"steps": 1, "patience": 2}, "patience is 2 and validation None; wanted .* a validation to go by"),
        ({"steps": 1, "resume": True}, "resume is True and folder None"),
        ({"steps": 1, "seed": "x"}, "seed is 'x'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        quick(net(), **words)


@pytest.mark.parametrize("loader", [[], iter([])])
def test_a_loader_without_batches_or_length_is_refused(loader):
    with pytest.raises(ValueError, match="without batches or without a length"):
        fit(net(), loader, loss, steps=1, device="cpu", bar=False)


def test_a_batch_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="the loader gave a Tensor; wanted a pair \\(inputs, targets\\)"):
        quick(net(), [torch.rand(1, 3, 4, 4)], steps=1)
