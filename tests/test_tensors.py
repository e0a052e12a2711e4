import pytest
import torch
from safetensors.torch import load_file

from course.files import write_atomically
from course.tensors import load_tensors, save_tensors


def test_what_is_saved_is_loaded(tmp_path):
    tensors = {
        "a": torch.randn(2, 3),
        "b": torch.tensor(5),
        "c": torch.randn(1, 4, 5, 6).to(memory_format=torch.channels_last),
    }
    tensors["d"] = tensors["a"]  # shared memory, as of tied weights
    save_tensors(tmp_path / "deep" / "x.safetensors", tensors, {"step": 3, "score": float("nan"), "name": "é"})
    loaded, about = load_tensors(tmp_path / "deep" / "x.safetensors")
    torch.testing.assert_close(loaded, tensors, rtol=0, atol=0)
    assert about["step"] == 3
    assert about["name"] == "é"
    torch.testing.assert_close(load_file(tmp_path / "deep" / "x.safetensors"), tensors, rtol=0, atol=0)


def test_a_crash_in_the_middle_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "x.safetensors"
    save_tensors(path, {"a": torch.ones(3)}, {})

    def half(part):
        part.write_bytes(b"half of it")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, half)
    assert torch.equal(load_tensors(path)[0]["a"], torch.ones(3))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


def test_what_a_killed_writer_left_behind_is_overwritten(tmp_path):
    (tmp_path / ".x.safetensors.part").write_bytes(b"half of it")
    save_tensors(tmp_path / "x.safetensors", {"a": torch.ones(3)}, {})
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


def test_other_readers_may_read_a_checkpoint_as_any_file(tmp_path):
    save_tensors(tmp_path / "x.safetensors", {"a": torch.ones(3)}, {})
    (tmp_path / "plain").touch()
    assert (tmp_path / "x.safetensors").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("keep", [0, 5, 60, -4])
def test_a_file_that_is_cut_short_is_refused_with_its_name(tmp_path, keep):
    path = tmp_path / "x.safetensors"
    save_tensors(path, {"a": torch.ones(300)}, {})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(
        ValueError, match=r"x\.safetensors is damaged .*; wanted a whole safetensors file\. Copy it again"
    ):
        load_tensors(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"checkpoint is .*x\.safetensors; wanted a file that is there"):
        load_tensors(tmp_path / "x.safetensors")
