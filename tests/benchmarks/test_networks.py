import sys

import pytest
import torch
from rich.table import Table

from benchmarks import accelerator, contenders, context, networks
from course.models.semantic.fcn_resnet import FCNResNet
from course.models.semantic.segnet import SegNet
from course.models.semantic.unet import UNet

CPU = torch.device("cpu")


def test_ours_and_torchvisions_fcn_have_the_same_logits_parameters_and_auxiliary_loss():
    models, missing = contenders.built("FCN-ResNet50")
    assert missing == []
    contenders.agree("FCN-ResNet50", models)
    counts = {networks.count_parameters(model) for model in models.values()}
    assert counts == {35_322_218}  # torchvision's documentation
    ours, theirs = models.values()
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        pairs = zip(contenders.both_heads(ours, images), contenders.both_heads(theirs, images), strict=True)
    assert all(torch.allclose(a, b, atol=1e-4 * b.abs().max().item()) for a, b in pairs)


def test_ours_and_torchvisions_deeplab_agree():
    models, missing = contenders.built("DeepLabV3-ResNet50")
    assert missing == []
    contenders.agree("DeepLabV3-ResNet50", models)
    assert {networks.count_parameters(model) for model in models.values()} == {42_004_074}


def test_the_pspnets_agree_where_pytorchcv_is_installed():
    pytest.importorskip("pytorchcv")
    models, _ = contenders.built("PSPNet-ResNet50")
    contenders.agree("PSPNet-ResNet50", models)
    assert {networks.count_parameters(model) for model in models.values()} == {49_081_578}


def test_the_benchmark_of_context_races_its_two(monkeypatch):
    raced = []
    table = (Table(), [])
    monkeypatch.setattr(networks, "compare", lambda name, *_: raced.append(name) or table)
    monkeypatch.setattr(sys, "argv", ["context", "--device", "cpu"])
    context.main()
    assert raced == ["DeepLabV3-ResNet50", "PSPNet-ResNet50"]


def test_other_weights_are_noticed(monkeypatch):
    models, _ = contenders.built("FCN-ResNet50")
    monkeypatch.setattr(FCNResNet, "load_state_dict", lambda self, state: None)
    with pytest.raises(SystemExit, match="FCN-ResNet50: logits differ by"):
        contenders.agree("FCN-ResNet50", models)


@pytest.mark.parametrize(
    ("network", "package"),
    [("PSPNet-ResNet50", "pytorchcv"), ("U-Net", "segmentation-models-pytorch"), ("HRNet-W18-small", "timm")],
)
def test_a_missing_package_leaves_a_sentence_in_place_of_its_row(network, package, monkeypatch):
    module = package.replace("-", "_")
    for name in [module, *(loaded for loaded in sys.modules if loaded.startswith(f"{module}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    models, missing = contenders.built(network)
    assert list(models) == ["course"]
    assert len(missing) == 1
    assert missing[0].endswith(f"install {package} to see this row")


def test_the_hrnets_agree_where_timm_is_installed():
    pytest.importorskip("timm")
    contenders.agree("HRNet-W18-small", contenders.built("HRNet-W18-small")[0])


def test_a_table_has_a_row_for_each_contender(monkeypatch):
    small = {"course": lambda: torch.nn.Conv2d(3, 21, 3, padding=1), "twin": lambda: torch.nn.Conv2d(3, 21, 1)}
    monkeypatch.setitem(contenders.CONTENDERS, "U-Net", small)
    monkeypatch.setattr(networks, "peak_memory", lambda *_: 2**20)
    table, missing = networks.compare("U-Net", (1, 8, 8), CPU, 0.05)
    assert (table.row_count, missing) == (2, [])
    assert [next(column.cells) for column in table.columns][-1] == "1"


def test_multiply_adds_of_a_convolution_are_what_its_sizes_say():
    count = networks.multiply_adds(lambda: torch.nn.Conv2d(3, 5, 3, padding=1, bias=False), (2, 8, 10))
    assert count == 2 * 8 * 10 * 3 * 5 * 9


def test_the_peak_of_a_step_is_what_its_tensors_take():
    def wide():
        return torch.nn.Conv2d(3, 32, 1, bias=False)

    peak = networks.peak_memory(wide, (1, 512, 512), CPU) / 2**20
    # 32 channels of 512 x 512 floats are 32 MiB: the logits, their logarithm of the softmax and the gradients of both,
    # of which not all are there at once.
    assert 2 * 32 <= peak <= 4 * 32 + 1


def test_packed_switches_take_a_sixty_fourth_of_the_features():
    kept = networks.kept_for_the_decoder((1, 64, 96), width=4)
    packed, switches, half, features = kept.values()
    assert (switches, half, features) == (32 * packed, 32 * packed, 64 * packed)
    windows = sum(4 * multiple * 64 * 96 // 4**stage for stage, multiple in enumerate((1, 2, 4, 8, 8), 1))
    assert packed == windows // 4
    assert networks.show_kept(kept).row_count == 4


def test_operations_of_a_step_are_nearly_three_times_those_of_a_prediction():
    def layers():
        return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.Conv2d(8, 21, 3, padding=1))

    forward = 2 * networks.multiply_adds(layers, (1, 16, 16))
    first = 2 * 16 * 16 * 3 * 8 * 9  # the images need no gradient
    assert accelerator.operations(layers(), contenders.batch_of((1, 16, 16), CPU)) == 3 * forward - first


def test_the_speed_table_has_a_row_for_each_network_and_its_share_of_the_peak(monkeypatch):
    small = {"SegNet": lambda: SegNet(21, 4), "U-Net": lambda: UNet(21, widths=(4, 8))}
    monkeypatch.setattr(accelerator, "NETWORKS", small)
    monkeypatch.setattr(accelerator, "measured_peak", lambda device: 1e12)
    table = accelerator.speed((1, 32, 48), CPU, 0.05)
    assert list(table.columns[0].cells) == ["SegNet", "U-Net"]
    assert all(cell.endswith(" %") for cell in table.columns[-1].cells)


def test_the_peak_of_a_matrix_product_is_a_positive_number():
    assert 0 < accelerator.measured_peak(CPU, side=32, rounds=2) < 1e15


def test_the_time_to_a_score_ends_when_it_is_reached():
    took, steps = accelerator.seconds_to(0.0, scenes=8, held_out=2, steps=3, every=1, device="cpu")
    assert steps == 1
    assert took > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="a card is here")
def test_without_a_card_the_benchmark_says_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["accelerator"])
    accelerator.main()
    assert "No CUDA device here" in capsys.readouterr().out
