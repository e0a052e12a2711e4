"""Networks by name: small ones that fit a laptop, and those of the papers' sizes."""

import pytest
import torch

from course.models.networks import FULL, NETWORKS, SMALL, build, parameters_of

LOOKS_AT_NUMBERS = ("segnet", "segnet-full", "segnet-basic", "deconvnet", "deconvnet-full")  # meta tensors have none


@pytest.mark.parametrize("name", SMALL)
def test_each_small_network_labels_a_scene(name):
    model = build(name, 5).eval()
    with torch.no_grad():
        assert model(torch.rand(2, 3, 128, 192)).shape == (2, 5, 128, 192)
    assert 0 < parameters_of(model) <= 2_000_000


@pytest.mark.parametrize("name", FULL)
def test_each_full_network_has_that_many_classes(name):
    with torch.device("meta"):
        model = build(name, 5).eval()
        assert list(model.parameters())[-1].shape[0] == 5
        if name not in LOOKS_AT_NUMBERS:
            assert model(torch.rand(1, 3, 64, 64)).shape == (1, 5, 64, 64)


@pytest.mark.parametrize(
    ("name", "classes", "parameters"),
    [  # the papers' or computed from their layers, as the tests of each network say
        ("fcn-resnet50", 21, 35_322_218),
        ("segnet-full", 11, 29_449_355),
        ("hrnet-w18-small", 19, 3.9e6),
        ("hrnet-w48", 19, 65.8e6),
        ("deconvnet-full", 21, 252e6),
        ("fcn32s-full", 21, 134_346_581),  # before upsampling, whose fixed filters are not learned
    ],
)
def test_the_full_ones_have_their_papers_size(name, classes, parameters):
    with torch.device("meta"):
        found = parameters_of(build(name, classes))
    assert found == parameters if isinstance(parameters, int) else abs(found / parameters - 1) < 0.02


def test_an_unknown_name_is_answered_with_those_there_are():
    for name in ("resnet", "unet-large", "fcn", "", "hrnet-w18"):
        with pytest.raises(ValueError, match=f"no network called '{name}'. Choose one of: fcn32s, "):
            build(name, 9)
    assert len(set(NETWORKS)) == len(NETWORKS)
