import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from course.cli.app import app
from course.cli.sizes import parse_size
from course.tensors import load_tensors
from course.training.run import Run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten pictures of two sizes, class 1 where they are bright."""
    root = tmp_path_factory.mktemp("mine")
    (root / "images").mkdir()
    (root / "masks").mkdir()
    for number in range(10):
        size = (24, 32) if number % 2 else (28, 24)
        bright = np.random.default_rng(number).random(size) > 0.5
        bright = np.kron(bright[::8, ::8], np.ones((8, 8), dtype=bool))[: size[0], : size[1]]
        Image.fromarray(np.where(bright, 220, 30).astype(np.uint8)).convert("RGB").save(root / f"images/{number}.png")
        Image.fromarray(bright.astype(np.uint8)).save(root / f"masks/{number}.png")
    (root / "classes.txt").write_text("dark\nbright\n")
    return root


def run(*words):
    result = CliRunner().invoke(app, [*map(str, words), "--device", "cpu"], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception  # nothing but a message may reach the user
    return result


def train(folder, out, *words):
    return run("train", "unet", "--data", folder, "--out", out, "--steps", 6, "--batch", 2, "--size", "24x24", *words)


def test_a_folder_is_trained_on_and_leaves_a_whole_run(folder, tmp_path):
    result = train(folder, tmp_path / "run", "--loss", "dice", "--every", 3)
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "config.json",
        "log.csv",
        "progress.png",
        "last.safetensors",
        "best.safetensors",
    }
    config = json.loads((tmp_path / "run/config.json").read_text(encoding="utf-8"))
    assert config["network"] == "unet"
    assert config["classes"] == ["dark", "bright"]
    assert config["size"] == [24, 24]
    assert [line.split(",")[0] for line in (tmp_path / "run/log.csv").read_text().splitlines()] == ["step", "3", "6"]
    for word in ("dark", "bright", "mean", "IoU", "all pixels"):
        assert word in result.output


def test_evaluate_prints_the_scores_that_training_printed(folder, tmp_path):
    trained = train(folder, tmp_path / "run").output
    for checkpoint in (tmp_path / "run", tmp_path / "run/best.safetensors"):
        result = run("evaluate", checkpoint)
        assert result.exit_code == 0, result.output
        assert [line for line in result.output.splitlines() if "│" in line] == [
            line for line in trained.splitlines() if "│" in line
        ]


def test_a_stopped_run_is_resumed_to_the_same_weights(folder, tmp_path, monkeypatch):
    def stop(self, report=Run.report):
        report(self)
        if self.step == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, "report", stop)
        result = train(folder, tmp_path / "a", "--every", 2)
    assert result.exit_code == 130
    assert "Run the same with --resume" in result.stderr
    assert train(folder, tmp_path / "a", "--every", 2, "--resume").exit_code == 0
    assert train(folder, tmp_path / "b", "--every", 2).exit_code == 0
    one, other = (load_tensors(tmp_path / name / "last.safetensors")[0] for name in "ab")
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_resuming_with_other_settings_is_refused(folder, tmp_path):
    assert train(folder, tmp_path, "--lr", 0.01).exit_code == 0
    result = train(folder, tmp_path, "--lr", 0.02, "--resume")
    assert result.exit_code == 1
    assert "lr is 0.02, not 0.01; wanted the recipe that" in result.stderr


def test_a_run_is_not_overwritten(folder, tmp_path):
    train(folder, tmp_path)
    before = (tmp_path / "last.safetensors").read_bytes()
    result = train(folder, tmp_path)
    assert result.exit_code == 1
    assert "holds a run; wanted a folder without one" in result.stderr
    assert (tmp_path / "last.safetensors").read_bytes() == before


def test_scenes_are_drawn_and_learned_from(tmp_path):
    words = ("--scenes", 4, "--steps", 2, "--batch", 2, "--size", "64x64", "--out", tmp_path)
    result = run("train", "hrnet", "--data", "scenes", *words)
    assert result.exit_code == 0, result.output
    assert "vegetation" in result.output


def test_faults_in_the_data_are_told_before_anything_is_written(folder, tmp_path):
    (tmp_path / "data/images").mkdir(parents=True)
    (tmp_path / "data/masks").mkdir()
    (tmp_path / "data/images/x.png").write_bytes(b"no picture")
    (tmp_path / "data/masks/x.png").write_bytes((folder / "masks/0.png").read_bytes())
    (tmp_path / "data/images/y.png").write_bytes((folder / "images/0.png").read_bytes())
    result = train(tmp_path / "data", tmp_path / "run")
    assert result.exit_code == 1
    assert "x.png cannot be read" in result.stderr
    assert "y.png has no mask" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("train", "unett", "--data", "scenes", "--out", "x"), "network is 'unett'; wanted one of segnet"),
        (("train", "unet", "--data", "scenes", "--out", "x", "--loss", "l2"), "loss is 'l2'; wanted one of"),
        (("train", "unet", "--data", "scenes", "--out", "x", "--size", "9"), "--size is '9'; wanted height x width"),
        (
            ("train", "unet", "--data", "nowhere", "--out", "x"),
            "nowhere'; wanted scenes, camvid, voc",
        ),
        (("evaluate", "nowhere"), "weights is 'nowhere'; wanted the folder of a run"),
        (("evaluate", "unet", "--split", "train"), "split is 'train'; wanted 'val' or 'test'"),
        (("train", "unet", "--data", "scenes", "--out", "x", "--schedule", "up"), "schedule is 'up'; wanted one of"),
        (
            ("train", "unet", "--data", "scenes", "--out", "x", "--encoder", "fcn8s"),
            "encoder is 'fcn8s'",
        ),
        (("predict", "nowhere", "."), ". holds no picture; wanted a file"),
    ],
)
def test_wrong_words_end_with_a_sentence_and_status_one(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_is_not_scored_on_other_classes(folder, tmp_path):
    train(folder, tmp_path)
    result = run("evaluate", tmp_path, "--data", "scenes")
    assert result.exit_code == 1
    assert "scenes has the classes ['sky', 'building'" in result.stderr


def test_sizes_are_read_in_both_writings():
    assert parse_size("360x480") == parse_size("360×480") == (360, 480)


def test_a_run_is_scored_and_used_from_another_folder(folder, tmp_path, monkeypatch):
    """The three commands one after the other, on one network."""
    monkeypatch.chdir(folder.parent)
    assert train(folder.name, tmp_path / "run").exit_code == 0
    monkeypatch.chdir(tmp_path)
    result = run("evaluate", "run")
    assert result.exit_code == 0, result.output
    assert f"unet on val of {folder.name} at 24×24" in result.output
    result = run("predict", "run", folder / "images", "--out", "seen")
    assert result.exit_code == 0, result.output
    assert "Labeled 10 pictures" in result.output
    with Image.open("seen/masks/0.png") as mask:
        assert (mask.size, mask.mode) == ((24, 28), "P")
    listed = CliRunner().invoke(app, ["zoo"], env={"COLUMNS": "200"})
    assert listed.exit_code == 0
    assert "unet" in listed.output


def test_a_run_that_is_too_large_does_not_join_the_zoo(tmp_path):
    words = ("--scenes", 2, "--steps", 1, "--batch", 2, "--out", tmp_path / "run")
    assert run("train", "unet", "--data", "scenes", "--size", "32x32", *words).exit_code == 0
    monkey = CliRunner().invoke(app, ["zoo", "--add", str(tmp_path / "run"), "--to", str(tmp_path / "to")])
    assert monkey.exit_code == 1
    assert "unet takes 1.8 MB in float16" in monkey.stderr


def test_what_ships_is_scored_on_the_scenes_of_its_card(monkeypatch):
    from course.data import sources

    monkeypatch.setitem(sources.HELD_OUT_SCENES, "test", 4)
    result = run("evaluate", "unet")
    assert result.exit_code == 0, result.output
    assert "unet on test of scenes at 128×192; its card says 94.48 mean IoU" in result.output


def test_the_command_line_stays_light():
    code = "import sys, course.cli; print([n for n in ('torch', 'numpy', 'lightning_fabric') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
