import pytest
import torch
from torch import nn

from benchmarks import receptive_fields


def test_the_table_of_known_networks_says_size_stride_and_offset():
    table = receptive_fields.allowed(["VGG16", "MobileNetV2"])
    rows = list(zip(*(column.cells for column in table.columns), strict=True))
    assert [row[:6] for row in rows] == [
        ("VGG16", "features", "212", "32", "15.5", "no"),
        ("MobileNetV2", "features", "491", "32", "0", "no"),
    ]


def test_a_network_ends_at_the_module_that_is_asked_for():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Linear(99, 1))  # the last would refuse
    run = receptive_fields.at(model, "1")
    assert run(torch.rand(1, 3, 8, 8)).shape == (1, 4, 6, 6)
    assert not model[1]._forward_hooks


def test_a_module_that_does_not_run_is_named():
    model = nn.Conv2d(3, 4, 3)
    model.add_module("spare", nn.ReLU())
    with pytest.raises(ValueError, match="module is 'spare'; wanted one that the network runs"):
        receptive_fields.at(model, "spare")(torch.rand(1, 3, 8, 8))


def test_a_row_has_the_map_four_ways(monkeypatch):
    monkeypatch.setattr(receptive_fields, "SIDE", 64)
    pictures = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    row = receptive_fields.measured("unet", "level 1", "network.down.1", pictures, units=1, top=1)
    assert row[:4] == ["unet", "level 1", "14", "14"]
    assert all(0 < float(cell) <= 14 for cell in row[4:])
    assert receptive_fields.measured("unet", "level 1", "network.down.1", pictures[:0], 1, 1)[-1] == "–"
