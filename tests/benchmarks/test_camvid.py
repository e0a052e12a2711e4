import pytest
import torch

from benchmarks.camvid import (
    MODELS,
    PUBLISHED,
    SCALES,
    Recipe,
    Scored,
    check_same,
    network,
    per_class,
    report,
    score,
    train,
)
from course.models.networks import parameters_of

TINY = Recipe(model="hrnet-laptop", steps=2, batch=2, height=32, width=48)


def streets(count):
    """Pairs of noise: bright above, dark below, and labelled so."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(32)[:, None].expand(32, 48) // 16
    return [((0.5 * torch.rand(3, 32, 48, generator=generator) + 0.5 * (label == 0)), label) for _ in range(count)]


def test_a_tiny_training_is_tested_beside_what_is_published(tmp_path):
    model, history = train(TINY, streets(4), streets(2), device="cpu", folder=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"last.safetensors", "best.safetensors", "log.csv"}
    scored = {"one pass": score(Scored(model, (32, 48)), streets(3), 2, device="cpu")}
    assert scored["one pass"].matrix.sum() == 3 * 32 * 48
    table = report(TINY, scored, history, parameters_of(model), "cpu")
    assert table.row_count == len(PUBLISHED) + 1
    assert "sky" in per_class(scored)


def test_the_same_folder_goes_on_and_another_recipe_is_refused(tmp_path):
    model, history = train(TINY, streets(2), streets(2), device="cpu", folder=tmp_path)
    check_same(tmp_path, TINY)
    again, found = train(TINY, streets(2), streets(2), device="cpu", folder=tmp_path)  # nothing is left to do
    assert found.losses == history.losses
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), model.parameters(), strict=True))
    with pytest.raises(ValueError, match="was begun with steps 2, now 3"):
        train(Recipe(**{**vars(TINY), "steps": 3}), streets(2), streets(2), device="cpu", folder=tmp_path)


def test_scales_and_the_mirror_image_average_the_same_answer_where_all_agree():
    def colours(images):  # a network that looks at each pixel alone: mirroring must not move its answer
        return torch.cat([images[:, :1], 1 - images[:, :1]], 1)

    image = torch.rand(1, 3, 1, 1).expand(1, 3, 20, 30).clone()
    image[..., 15:] = 1 - image[..., 15:]
    one = Scored(colours, (20, 30))(image)
    assert torch.allclose(one, colours(image).softmax(1), atol=1e-6)
    many = Scored(colours, (20, 30), SCALES, mirror=True)(image)
    assert torch.allclose(many.sum(1), torch.ones(1, 20, 30), atol=1e-5)
    assert torch.equal(many.argmax(1), one.argmax(1))


def test_every_network_can_be_built_and_another_name_is_answered():
    with torch.device("meta"):
        counts = {name: parameters_of(network(name)) for name in MODELS}
    assert counts["segnet"] == 29_449_355  # computed from the paper's layers
    assert counts["hrnet-laptop"] < counts["hrnet"] < counts["unet"] < counts["segnet"]
    with pytest.raises(ValueError, match="no network called 'resnet'; there are unet"):
        network("resnet")
