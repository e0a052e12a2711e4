import pytest
import torch

from course.training.devices import choose_precision, deterministic_algorithms, images_like, make_fabric


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


def test_a_device_that_is_not_here_is_refused():
    with pytest.raises(ValueError, match="device is 'tpu'; wanted 'auto'"):
        make_fabric("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match=r"device 'cuda:3' is not here: .* Use 'auto'"):
            make_fabric("cuda:3")


def test_images_are_channels_last_on_cuda_alone():
    images = torch.zeros(2, 3, 4, 5)
    assert images_like(images, torch.device("cpu")).is_contiguous()
    assert images_like(images, torch.device("cuda")).is_contiguous(memory_format=torch.channels_last)


def test_deterministic_algorithms_are_put_back():
    with deterministic_algorithms(True):
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    with deterministic_algorithms(False):
        assert not torch.are_deterministic_algorithms_enabled()
