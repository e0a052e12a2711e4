"""THE table of networks: what it names is there, and has its paper's size."""

import re
from pathlib import Path

import pytest
import torch

from course.models.images import Normalized
from course.models.networks import NAMES, NETWORKS, SHIPPED, build, count_parameters, find_network

SEMANTIC = Path(__file__).parents[2] / "course/models/semantic"
LOOKS_AT_NUMBERS = ("segnet-full", "segnet-basic", "deconvnet-full")  # unpooling does; meta tensors have none


@pytest.mark.parametrize("name", SHIPPED)
def test_each_small_network_labels_a_scene_in_0_to_1(name):
    model = build(name, 5).eval()
    assert isinstance(model, Normalized)
    with torch.no_grad():
        assert model(torch.rand(2, 3, 128, 192)).shape == (2, 5, 128, 192)
    assert 0 < count_parameters(model) <= 2_000_000


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(SHIPPED)))
def test_each_large_network_has_that_many_classes(name):
    with torch.device("meta"):
        model = find_network(name).build(5).eval()
        assert list(model.parameters())[-1].shape[0] == 5
        if name not in LOOKS_AT_NUMBERS:
            assert model(torch.rand(1, 3, 64, 64)).shape == (1, 5, 64, 64)


@pytest.mark.parametrize(
    ("name", "num_classes", "parameters"),
    [  # the papers' or computed from their layers, as the tests of each network say
        ("fcn-resnet50", 21, 35_322_218),
        ("segnet-full", 11, 29_449_355),
        ("hrnet-w18-small", 19, 3.9e6),
        ("hrnet-w48", 19, 65.8e6),
        ("deconvnet-full", 21, 252e6),
        ("fcn32s-full", 21, 134_346_581),  # before upsampling, whose fixed filters are not learned
        ("context-basic", 21, 134_346_581 + 28_392),
        ("context-large", 21, 134_346_581 + 6_803_139),
        ("pspnet-resnet50", 21, 49_081_578),
        ("deeplabv3-resnet50", 21, 42_004_074),
    ],
)
def test_the_full_ones_have_their_papers_size(name, num_classes, parameters):
    with torch.device("meta"):
        found = count_parameters(find_network(name).build(num_classes))
    assert found == parameters if isinstance(parameters, int) else abs(found / parameters - 1) < 0.02


def test_each_line_has_a_source_and_a_lab_and_the_labs_are_in_order():
    for network in NETWORKS:
        assert re.fullmatch(r"\d{4}\.\d{4,5}", network.arxiv), network
        assert re.fullmatch(r"lab\d\d", network.lab), network
    labs = [network.lab for network in NETWORKS]
    assert labs == sorted(labs)


def test_no_name_and_no_constructor_stands_in_the_table_twice():
    assert len(set(NAMES)) == len(NETWORKS)
    assert len({network.constructor for network in NETWORKS}) == len(NETWORKS)


def test_each_file_of_semantic_networks_has_a_line():
    files = {path.stem for path in SEMANTIC.glob("*.py")} - {"__init__"}
    assert files == {network.constructor.split(":")[0].removeprefix("semantic.") for network in NETWORKS}


def test_an_unknown_name_is_answered_with_those_there_are():
    for name in ("resnet", "unet-large", "fcn", "", "hrnet-w18"):
        with pytest.raises(ValueError, match=f"network is '{name}'; wanted one of segnet, segnet-full, "):
            build(name, 9)
