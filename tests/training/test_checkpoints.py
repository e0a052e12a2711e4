import json

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from course.training import load_weights
from course.training.checkpoints import (
    load,
    pack_optimiser,
    save,
    unpack_optimiser,
    write_atomically,
    write_table,
)


def test_what_is_saved_is_loaded(tmp_path):
    tensors = {
        "a": torch.randn(2, 3),
        "b": torch.tensor(5),
        "c": torch.randn(1, 4, 5, 6).to(memory_format=torch.channels_last),
    }
    tensors["d"] = tensors["a"]  # shared memory, as of tied weights
    save(tmp_path / "deep" / "x.safetensors", tensors, {"step": 3, "score": float("nan"), "name": "é"})
    loaded, about = load(tmp_path / "deep" / "x.safetensors")
    torch.testing.assert_close(loaded, tensors, rtol=0, atol=0)
    assert about["step"] == 3
    assert about["name"] == "é"
    torch.testing.assert_close(load_file(tmp_path / "deep" / "x.safetensors"), tensors, rtol=0, atol=0)


def test_a_crash_in_the_middle_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "x.safetensors"
    save(path, {"a": torch.ones(3)}, {})

    def half(part):
        part.write_bytes(b"half of it")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, half)
    assert torch.equal(load(path)[0]["a"], torch.ones(3))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


def test_what_a_killed_writer_left_behind_is_overwritten(tmp_path):
    (tmp_path / ".x.safetensors.part").write_bytes(b"half of it")
    save(tmp_path / "x.safetensors", {"a": torch.ones(3)}, {})
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


def test_other_readers_may_read_a_checkpoint_as_any_file(tmp_path):
    save(tmp_path / "x.safetensors", {"a": torch.ones(3)}, {})
    (tmp_path / "plain").touch()
    assert (tmp_path / "x.safetensors").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("keep", [0, 5, 60, -4])
def test_a_file_that_is_cut_short_is_refused_with_its_name(tmp_path, keep):
    path = tmp_path / "x.safetensors"
    save(path, {"a": torch.ones(300)}, {})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"x\.safetensors is not a whole safetensors file .*copy it again"):
        load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*x\.safetensors"):
        load(tmp_path / "x.safetensors")


def test_weights_of_another_model_are_refused(tmp_path):
    save(tmp_path / "x.safetensors", nn.Linear(2, 3).state_dict(), {"step": 1})
    assert load_weights(nn.Linear(2, 3), tmp_path / "x.safetensors") == {"step": 1}
    with pytest.raises(ValueError, match=r"x\.safetensors holds the weights of another model than Linear"):
        load_weights(nn.Linear(2, 4), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.AdamW(p, lr=0.1, amsgrad=True),
        lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.5),
        lambda p: torch.optim.Adadelta(p),
    ],
)
def test_an_optimiser_goes_on_from_its_packed_state_as_from_its_own(make):
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last))
    other = nn.Parameter(weight.detach().clone(memory_format=torch.preserve_format))
    first, second = make([weight]), make([other])
    gradients = torch.randn(5, 4, 3, 2, 2)
    for gradient in gradients[:3]:
        weight.grad = gradient
        first.step()
    tensors, about = pack_optimiser(first)
    unpack_optimiser(second, {k: v.clone().contiguous() for k, v in tensors.items()}, json.loads(json.dumps(about)))
    other.data.copy_(weight.data)
    for gradient in gradients[3:]:
        for parameter, optimiser in ((weight, first), (other, second)):
            parameter.grad = gradient
            optimiser.step()
    assert torch.equal(weight, other)
    assert weight.stride() == other.stride()


def test_an_optimiser_with_other_groups_is_refused():
    tensors, about = pack_optimiser(torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1))
    with pytest.raises(ValueError, match="parameter group"):
        unpack_optimiser(torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1), tensors, about)


def test_a_table_has_a_column_for_every_key(tmp_path):
    write_table(tmp_path / "log.csv", [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.4, "miou": 0.1}])
    assert (tmp_path / "log.csv").read_text().split() == ["step,loss,miou", "1,0.5,", "2,0.4,0.1"]
