"""`ConfusionMatrix`: the same counts however the data set is cut, merged, saved or spread over processes."""

import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.classification import MulticlassConfusionMatrix

from course import metrics
from course.metrics import ConfusionMatrix, confusion_matrix


def batches(count=4, classes=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        target = torch.randint(0, classes, (2, 13, 17), generator=generator)
        prediction = torch.randint(0, classes, (2, 13, 17), generator=generator)
        target[torch.rand(target.shape, generator=generator) < 0.2] = 255
        yield target, prediction


def filled(pairs, classes=5):
    confusion = ConfusionMatrix(classes)
    for pair in pairs:
        confusion.update(*pair)
    return confusion


def test_batches_add_up_to_what_torchmetrics_counts():
    peer = MulticlassConfusionMatrix(5, ignore_index=255)
    for target, prediction in batches():
        peer.update(prediction, target)
    assert torch.equal(filled(batches()).matrix, peer.compute())


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 6), st.integers(0, 2**31))
def test_any_cut_of_the_data_merges_to_the_same_counts(cut, seed):
    pairs = list(batches(6, seed=seed))
    whole, left, right = filled(pairs), filled(pairs[:cut]), filled(pairs[cut:])
    assert torch.equal((left + right).matrix, whole.matrix)
    assert torch.equal((right + left).matrix, whole.matrix)
    left.merge(right)
    assert torch.equal(left.matrix, whole.matrix)


def test_adding_leaves_both_sides_alone():
    left, right = filled(batches(1)), filled(batches(2))
    before = left.matrix, right.matrix
    assert not torch.equal((left + right).matrix, before[0])
    assert torch.equal(left.matrix, before[0])
    assert torch.equal(right.matrix, before[1])


def test_confusions_of_different_classes_are_not_merged():
    for other in (ConfusionMatrix(4), ConfusionMatrix(5, ignore_index=-1), ConfusionMatrix(5, names="abcde")):
        with pytest.raises(
            ValueError, match=r"\(num_classes, ignore_index, names\) is .*; wanted .*Build both matrices alike"
        ):
            ConfusionMatrix(5).merge(other)
    with pytest.raises(TypeError):
        ConfusionMatrix(5) + torch.zeros(5, 5)


def test_logits_count_as_their_argmax_and_ties_go_to_the_lowest_class():
    target, _ = next(batches())
    logits = torch.randn(2, 5, 13, 17, generator=torch.Generator().manual_seed(1))
    logits[:, 3, 0] = logits[:, 1, 0] = 9.0
    confusion = ConfusionMatrix(5)
    confusion.update_logits(target, logits)
    expected = torch.from_numpy(logits.numpy().argmax(axis=1))  # NumPy documents the first of equals
    assert torch.equal(confusion.matrix, confusion_matrix(target, expected, 5))


def test_logits_of_the_wrong_kind_are_refused():
    confusion, target = ConfusionMatrix(5), torch.zeros(2, 4, 4, dtype=torch.long)
    with pytest.raises(
        ValueError, match=r"logits are torch\.float32 of shape \(2, 4, 4, 4\); wanted floating point \(n, 5, h, w\)"
    ):
        confusion.update_logits(target, torch.zeros(2, 4, 4, 4))
    with pytest.raises(ValueError, match=r"Give label maps to update\(\)"):
        confusion.update_logits(target, target)
    logits = torch.zeros(2, 5, 4, 4)
    logits[0, 2, 1, 1] = math.nan
    with pytest.raises(ValueError, match="logits are NaN at 1 pixels; wanted numbers"):
        confusion.update_logits(target, logits)
    with pytest.raises(ValueError, match="Resize the scores"):
        confusion.update_logits(target, torch.zeros(2, 5, 2, 2))
    assert confusion.matrix.sum() == 0


def test_a_refused_batch_leaves_the_counts_as_they_were():
    confusion = filled(batches())
    before = confusion.matrix
    with pytest.raises(ValueError, match="target is 7"):
        confusion.update(torch.tensor([0, 7]), torch.tensor([0, 0]))
    assert torch.equal(confusion.matrix, before)


def test_the_matrix_handed_out_is_a_copy():
    confusion = filled(batches())
    pixels = int(confusion.matrix.sum())
    confusion.matrix.zero_()
    assert int(confusion.matrix.sum()) == pixels > 0


def test_reset_forgets_and_a_fresh_one_has_no_scores():
    confusion = filled(batches())
    confusion.reset()
    assert confusion.matrix.sum() == 0
    assert all(math.isnan(score) for score in confusion.summary().values())


def test_summary_and_table_hold_the_scores_under_their_names():
    confusion = ConfusionMatrix(2, names=["sky", "road"])
    confusion.update(
        torch.tensor([0] * 10 + [1] * 20 + [255]), torch.tensor([0] * 6 + [1] * 4 + [0] * 2 + [1] * 18 + [0])
    )
    assert confusion.matrix.tolist() == [[6, 4], [2, 18]]
    assert confusion.summary() == pytest.approx(
        {"overall_accuracy": 0.8, "mean_class_accuracy": 0.75, "mean_iou": 0.625, "frequency_weighted_iou": 2 / 3}
    )
    table = confusion.per_class()
    assert list(table) == ["sky", "road"]
    assert table["sky"] == pytest.approx({"iou": 0.5, "class_accuracy": 0.6, "precision": 0.75, "f1": 2 / 3})
    assert repr(confusion) == "ConfusionMatrix(2, ignore_index=255, pixels=30)"


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "b"], []])
def test_names_must_be_one_different_name_per_class(names):
    with pytest.raises(ValueError, match=r"names is .*; wanted 3 different ones"):
        ConfusionMatrix(3, names=names)


def test_counts_survive_pickling_and_saving(tmp_path):
    confusion = filled(batches())
    assert torch.equal(pickle.loads(pickle.dumps(confusion)).matrix, confusion.matrix)
    torch.save(confusion.state_dict(), tmp_path / "state.pt")
    loaded = filled(batches(1))  # its own counts are replaced
    loaded.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert torch.equal(loaded.matrix, confusion.matrix)
    with pytest.raises(ValueError, match="Build both matrices alike"):
        ConfusionMatrix(6).load_state_dict(confusion.state_dict())
    with pytest.raises(ValueError, match=r"matrix of the state has shape \(2, 2\); wanted \(5, 5\)"):
        loaded.load_state_dict({**confusion.state_dict(), "matrix": torch.zeros(2, 2)})
    assert torch.equal(loaded.matrix, confusion.matrix)


def test_without_a_process_group_all_reduce_is_a_copy():
    confusion = filled(batches())
    total = confusion.all_reduce()
    assert total is not confusion
    assert torch.equal(total.matrix, confusion.matrix)


WORKER = """
import sys
import torch
from course.metrics import ConfusionMatrix

rank, meeting, result = int(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
confusion = ConfusionMatrix(3)
confusion.update(torch.tensor([rank, rank, 2, 255]), torch.tensor([0, 1, 2, 0]))
confusion.all_reduce()
torch.save([confusion.all_reduce().matrix, confusion.matrix], result)
torch.distributed.destroy_process_group()
"""


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
def test_two_processes_reduce_to_the_counts_of_both(tmp_path):
    meeting = (tmp_path / "meeting").as_uri()
    results = [tmp_path / f"{rank}.pt" for rank in range(2)]
    environment = os.environ | {"PYTHONPATH": str(Path(metrics.__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(rank), meeting, str(result)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank, result in enumerate(results)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    own = [torch.tensor([[1, 1, 0], [0, 0, 0], [0, 0, 1]]), torch.tensor([[0, 0, 0], [1, 1, 0], [0, 0, 1]])]
    for result, mine in zip(results, own, strict=True):
        total, kept = torch.load(result, weights_only=True)
        assert torch.equal(total, own[0] + own[1])
        assert torch.equal(kept, mine)
