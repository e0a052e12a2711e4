import pytest
import torch

from course.device import pick_device


def here(monkeypatch, cuda, mps):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(2, True, "cuda"), (1, False, "cuda"), (0, True, "mps"), (0, False, "cpu")]
)
def test_auto_takes_the_first_of_cuda_mps_cpu(monkeypatch, cuda, mps, expected):
    here(monkeypatch, cuda, mps)
    assert pick_device() == torch.device(expected)


def test_a_given_card_is_taken(monkeypatch):
    here(monkeypatch, 2, False)
    assert pick_device("cuda:1") == torch.device("cuda", 1)


def test_a_device_passes_through():
    assert pick_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda", "cuda:2", "mps"])
def test_a_device_that_is_not_here_is_refused_with_what_is(monkeypatch, name):
    here(monkeypatch, 2 if name == "cuda:2" else 0, False)
    with pytest.raises(ValueError, match=r"is not here: this PyTorch .* sees \d CUDA and 0 MPS devices"):
        pick_device(name)


@pytest.mark.parametrize("name", ["gpu", "", None, "cuda:", "cuda:x", "CPU", 0])
def test_a_name_that_is_no_device_is_refused(name):
    with pytest.raises(ValueError, match="wanted 'auto', 'cpu', 'mps', 'cuda' or 'cuda:0'"):
        pick_device(name)
