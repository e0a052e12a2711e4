import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from course.cli.app import app
from course.cli.losses import LOSSES, find_loss
from course.cli.sources import open_source, size_of
from course.training.checkpoints import load
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
    assert config["names"] == ["dark", "bright"]
    assert config["size"] == "24x24"
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
    assert "2 pictures of val" in result.output


def test_a_stopped_run_is_resumed_to_the_same_weights(folder, tmp_path, monkeypatch):
    def stop(self, tell=Run.tell):
        tell(self)
        if self.step == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Run, "tell", stop)
        result = train(folder, tmp_path / "a", "--every", 2)
    assert result.exit_code == 130
    assert "Run the same with --resume" in result.stderr
    assert train(folder, tmp_path / "a", "--every", 2, "--resume").exit_code == 0
    assert train(folder, tmp_path / "b", "--every", 2).exit_code == 0
    one, other = (load(tmp_path / name / "last.safetensors")[0] for name in "ab")
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_resuming_with_other_settings_is_refused(folder, tmp_path):
    assert train(folder, tmp_path, "--lr", 0.01).exit_code == 0
    result = train(folder, tmp_path, "--lr", 0.02, "--resume")
    assert result.exit_code == 1
    assert "was begun with lr 0.01, now 0.02. Resume it with the same" in result.stderr


def test_a_run_is_not_overwritten(folder, tmp_path):
    train(folder, tmp_path)
    before = (tmp_path / "last.safetensors").read_bytes()
    result = train(folder, tmp_path)
    assert result.exit_code == 1
    assert "holds a run already. Go on with --resume" in result.stderr
    assert (tmp_path / "last.safetensors").read_bytes() == before


def test_scenes_are_drawn_and_learned_from(tmp_path):
    words = ("--pictures", 4, "--steps", 2, "--batch", 2, "--size", "64x64", "--out", tmp_path)
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
        (("train", "unett", "--data", "scenes", "--out", "x"), "no network called 'unett'. Choose one of: fcn32s"),
        (("train", "unet", "--data", "scenes", "--out", "x", "--loss", "l2"), "no loss called 'l2'. Choose one of"),
        (("train", "unet", "--data", "scenes", "--out", "x", "--size", "9"), "--size is '9'; wanted height x width"),
        (("train", "unet", "--data", "nowhere", "--out", "x"), "--data nowhere: no such data set and no such folder"),
        (("evaluate", "nowhere"), "There is no checkpoint nowhere"),
        (("evaluate", "x", "--split", "train"), "--split is 'train'; wanted val or test"),
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
    assert "knows the classes ['dark', 'bright'], scenes has ['sky'" in result.stderr


def test_every_loss_has_a_gradient():
    for name in LOSSES:
        logits = torch.randn(1, 3, 4, 4, requires_grad=True)
        find_loss(name)(logits, torch.randint(0, 3, (1, 4, 4))).backward()
        assert logits.grad.abs().sum() > 0


def test_every_fifth_picture_of_a_folder_is_judged_by_and_no_other_trained_on(folder):
    source = open_source(str(folder))
    assert source.validation.indices == [0, 5]
    assert source.train.indices == [1, 2, 3, 4, 6, 7, 8, 9]


def test_a_folder_with_splits_keeps_them(folder, tmp_path):
    for name in ("train", "val"):
        (tmp_path / name).symlink_to(folder, target_is_directory=True)
    source = open_source(str(tmp_path))
    assert (len(source.train), len(source.validation)) == (10, 10)


def test_sizes_are_read_in_both_writings():
    assert size_of("360x480", "camvid") == size_of("360×480", "voc") == size_of(None, "camvid") == (360, 480)


def test_the_command_line_stays_light():
    code = "import sys, course.cli; print([n for n in ('torch', 'numpy', 'lightning_fabric') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
