"""Two processes of two pictures each do what one process of four does."""

from __future__ import annotations

import dataclasses
import os
import socket
from pathlib import Path

import pytest
import torch
from test_training import DECODER, decoder_task
from torch import multiprocessing

from inlay_training import distributed
from inlay_training.data import list_photos
from inlay_training.lanes import Lanes
from inlay_training.loop import Run
from inlay_training.networks import taef2

STEPS = 2


def train(photos: Path, taef2_folder: Path, folder: Path, batch: int) -> Run:
    lanes = Lanes(1)
    config = dataclasses.replace(DECODER, batch=batch)
    task = decoder_task(taef2.load(taef2_folder), list_photos(photos), lanes, folder / "cache", config)
    run = Run(config, task, lanes, folder / "run")
    for _ in range(STEPS):
        run.train_step()
    return run


def work(rank: int, port: int, photos: Path, taef2_folder: Path, folder: Path) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank), "WORLD_SIZE": "2"}
    distributed.start("cpu")
    run = train(photos, taef2_folder, folder / str(rank), 2)
    assert run.leads == (rank == 0)
    torch.save(run.task.network.state_dict(), folder / f"{rank}.pt")
    assert distributed.of_first(rank + 5.5) == 5.5
    distributed.first_alone(lambda: (folder / "once.txt").open("a").write(f"{rank}\n"))
    distributed.finish()


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this build of PyTorch has no distributed package")
def test_processes_average_their_gradients(photos: Path, taef2_folder: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(work, (port, photos, taef2_folder, tmp_path), nprocs=2)
    assert (tmp_path / "once.txt").read_text() == "0\n1\n"
    weights = [torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1)]
    alone = train(photos, taef2_folder, tmp_path / "alone", 4).task.network.state_dict()
    for key, value in alone.items():
        assert torch.equal(weights[0][key], weights[1][key]), key
        # Adam divides by the gradient's size, so the order of a sum is seen where a gradient is all but zero.
        assert (weights[0][key] - value).abs().mean() < 2e-5, key
