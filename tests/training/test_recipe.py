"""A recipe is all that a run follows from."""

import json

import pytest
import torch
from torch import nn

from course.training import Recipe, cosine

RECIPE = Recipe("unet", "scenes", (32, 48), steps=40, schedule="cosine", lr=0.02)


def test_what_is_saved_makes_the_same_recipe_again(tmp_path):
    RECIPE.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config |= {"size": tuple(config["size"]), "classes": tuple(config["classes"])}
    assert Recipe(**config) == RECIPE


def test_optimizer_and_schedule_are_what_it_says():
    optimizer = RECIPE.make_optimizer(nn.Linear(2, 2))
    assert isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.param_groups[0]["lr"] == 0.02
    schedule, expected = RECIPE.make_schedule(), cosine(40, warmup=2)
    assert [schedule(step) for step in range(40)] == [expected(step) for step in range(40)]
    assert Recipe("unet", "scenes", (8, 8), schedule="constant", steps=60).make_schedule()(59) == 1


def test_a_run_is_resumed_with_its_own_recipe_alone(tmp_path):
    RECIPE.save(tmp_path)
    RECIPE.refuse_other(tmp_path, resume=True)
    other = Recipe("unet", "scenes", (32, 48), steps=41, schedule="cosine", lr=0.03)
    with pytest.raises(ValueError, match=r"steps is 41, not 40; lr is 0\.03, not 0\.02; wanted the recipe that"):
        other.refuse_other(tmp_path, resume=True)


def test_a_run_is_not_overwritten(tmp_path):
    RECIPE.refuse_other(tmp_path, resume=False)
    (tmp_path / "last.safetensors").touch()
    with pytest.raises(ValueError, match="holds a run; wanted a folder without one"):
        RECIPE.refuse_other(tmp_path, resume=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"schedule": "linear"}, "schedule is 'linear'; wanted one of poly, cosine, constant"),
        ({"augment": "none"}, "augment is 'none'; wanted one of full, mirror"),
    ],
)
def test_words_that_are_not_there_are_refused(words, message):
    with pytest.raises(ValueError, match=message):
        Recipe("unet", "scenes", (8, 8), **words)
