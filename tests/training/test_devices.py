import pytest
import torch

from course.training.devices import (
    channels_last_on_cuda,
    choose_precision,
    deterministic_algorithms,
    make_fabric,
    pick_device,
)


def test_auto_is_bf16_where_the_card_has_it_and_32_bits_elsewhere(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert choose_precision("auto", "cuda") == "bf16-mixed"
    assert choose_precision("auto", "cpu") == "32-true"
    assert choose_precision("auto", "mps") == "32-true"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert choose_precision("auto", "cuda") == "32-true"
    assert choose_precision("16-mixed", "cuda") == "16-mixed"


def test_torchruns_processes_make_one_fabric(monkeypatch):
    import lightning_fabric

    made = {}

    class Fake:
        def __init__(self, **words):
            made.update(words)

        def launch(self):
            pass

    monkeypatch.setattr(lightning_fabric, "Fabric", Fake)
    monkeypatch.setenv("WORLD_SIZE", "6")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    make_fabric("cpu")
    assert made == {"accelerator": "cpu", "devices": 3, "num_nodes": 2, "strategy": "ddp", "precision": "32-true"}


def test_a_fabric_refuses_what_is_not_a_device_and_takes_the_cpu_by_its_number(monkeypatch):
    with pytest.raises(ValueError, match="device is 'tpu'; wanted 'auto'"):
        make_fabric("tpu")
    assert make_fabric("cpu:0").device == torch.device("cpu")


def test_images_are_channels_last_on_cuda_alone(monkeypatch):
    images = torch.zeros(2, 3, 4, 5)
    assert channels_last_on_cuda(images) is images
    with torch.device("meta"):
        elsewhere = torch.zeros(2, 3, 4, 5)
    assert channels_last_on_cuda(elsewhere).is_contiguous()


def test_deterministic_algorithms_are_put_back():
    with deterministic_algorithms(True):
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    with deterministic_algorithms(False):
        assert not torch.are_deterministic_algorithms_enabled()


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


def test_a_given_gpu_is_taken(monkeypatch):
    here(monkeypatch, 2, False)
    assert pick_device("cuda:1") == torch.device("cuda", 1)


def test_a_device_passes_through():
    assert pick_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda", "cuda:2", "mps"])
def test_a_device_that_is_not_here_is_refused_with_what_is(monkeypatch, name):
    here(monkeypatch, 2 if name == "cuda:2" else 0, False)
    with pytest.raises(ValueError, match=r"wanted one that is here: PyTorch .* sees \d CUDA and 0 MPS devices"):
        pick_device(name)


@pytest.mark.parametrize("name", ["gpu", "", None, "cuda:", "cuda:x", "CPU", 0])
def test_a_name_that_is_not_a_device_is_refused(name):
    with pytest.raises(ValueError, match="wanted 'auto', 'cpu', 'mps', 'cuda' or 'cuda:0'"):
        pick_device(name)
