import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course.metrics import ConfusionMatrix
from course.training import Validation, batches, evaluate, fit
from tests.training.toy import Blobs, loss, net

ROOT = Path(__file__).resolve().parents[2]


def train(folder, norm=False):
    """Seven pictures to be scored, so that the last batch is uneven; momentum, changes, accumulation, averaging."""
    model = net(norm=norm, dropout=0)
    validation_set = Validation(batches(Blobs(count=7, jitter=0), 4, shuffle=False), ConfusionMatrix(2))
    fit(
        model,
        batches(Blobs(count=15), 4, seed=3),
        loss,
        epochs=4,
        accumulate=2,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9),
        ema=0.8,
        validation=validation_set,
        every=2,
        log_every=1,
        seed=1,
        folder=folder,
        device="cpu",
        bar=False,
    )
    return model, evaluate(model, validation_set.loader, validation_set.metric, device="cpu", bar=False).matrix


def test_two_processes_train_the_weights_of_one_with_the_whole_batch(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"TORCHELASTIC_RUN_ID": "test", "GROUP_RANK": "0", "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "tests.training.test_distributed", str(tmp_path)]
    processes = [
        subprocess.Popen(
            words, cwd=ROOT, stderr=subprocess.PIPE, env=os.environ | shared | {"RANK": rank, "LOCAL_RANK": rank}
        )
        for rank in "01"
    ]
    model, matrix = train(tmp_path / "one")
    for process in processes:
        complaint = process.communicate(timeout=60)[1].decode()
        assert process.returncode == 0, complaint
    one, other = (torch.load(tmp_path / f"norm{rank}.pt") for rank in range(2))
    torch.testing.assert_close(one, other, rtol=0, atol=0)  # batch statistics too, though each saw its own pictures
    results = [torch.load(tmp_path / f"{rank}.pt") for rank in range(2)]
    for weights, theirs in results:
        torch.testing.assert_close(weights, dict(model.state_dict()), rtol=0, atol=1e-6)
        assert torch.equal(theirs, matrix)
    log, log_too = ((tmp_path / name / "log.csv").read_text().splitlines() for name in ("one", "two"))
    assert len(log) == len(log_too) > 1
    assert float(log[-1].split(",")[1]) == pytest.approx(float(log_too[-1].split(",")[1]), abs=1e-6)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    trained, counts = train(place / "two")
    torch.save((dict(trained.state_dict()), counts), place / f"{os.environ['RANK']}.pt")
    trained, _ = train(place / "norm", norm=True)
    torch.save(dict(trained.state_dict()), place / f"norm{os.environ['RANK']}.pt")
    torch.distributed.destroy_process_group()
