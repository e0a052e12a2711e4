from dataclasses import replace

import pytest
import torch

from benchmarks.camvid import FULL, NETWORKS, PUBLISHED, QUICK, SCALES, Scored, per_class, report, score, train
from course.models.networks import count_parameters, find_network

TINY = replace(QUICK, steps=2, batch=2, size=(32, 48))


def streets(count):
    """Pairs of noise: bright above, dark below, and labeled so."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(32)[:, None].expand(32, 48) // 16
    return [((0.5 * torch.rand(3, 32, 48, generator=generator) + 0.5 * (label == 0)), label) for _ in range(count)]


def test_a_tiny_training_is_tested_beside_what_is_published(tmp_path):
    model, history = train(TINY, streets(4), streets(2), device="cpu", folder=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        "config.json",
        "last.safetensors",
        "best.safetensors",
        "log.csv",
    }
    scored = {"one pass": score(Scored(model, (32, 48)), streets(3), 2, device="cpu")}
    assert scored["one pass"].matrix.sum() == 3 * 32 * 48
    table = report(TINY, scored, history, count_parameters(model))
    assert table.row_count == len(PUBLISHED) + 1
    assert "sky" in per_class(scored)


def test_the_same_folder_goes_on_and_another_recipe_is_refused(tmp_path):
    model, history = train(TINY, streets(2), streets(2), device="cpu", folder=tmp_path)
    again, found = train(TINY, streets(2), streets(2), device="cpu", folder=tmp_path)  # nothing is left to do
    assert found.losses == history.losses
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), model.parameters(), strict=True))
    with pytest.raises(ValueError, match="steps is 3, not 2; wanted the recipe"):
        train(replace(TINY, steps=3), streets(2), streets(2), device="cpu", folder=tmp_path)


def test_scales_and_the_mirror_image_average_the_same_answer_where_all_agree():
    def colors(images):  # a network that looks at each pixel alone: mirroring must not move its answer
        return torch.cat([images[:, :1], 1 - images[:, :1]], 1)

    image = torch.rand(1, 3, 1, 1).expand(1, 3, 20, 30).clone()
    image[..., 15:] = 1 - image[..., 15:]
    one = Scored(colors, (20, 30))(image)
    assert torch.allclose(one, colors(image).softmax(1), atol=1e-6)
    many = Scored(colors, (20, 30), SCALES, mirror=True)(image)
    assert torch.allclose(many.sum(1), torch.ones(1, 20, 30), atol=1e-5)
    assert torch.equal(many.argmax(1), one.argmax(1))


def test_the_recipes_name_networks_of_the_table_of_growing_size():
    assert {FULL.network, QUICK.network} <= set(NETWORKS)
    with torch.device("meta"):
        counts = {name: count_parameters(find_network(name).build(11)) for name in NETWORKS}
    assert counts["hrnet"] < counts["hrnet-w18-small"] < counts["unet-deep"] < counts["segnet-full"]
