"""Several processes, one device each, as `torchrun` starts them. Without it there is one, and nothing here acts."""

from __future__ import annotations

import os
from collections.abc import Callable

import torch
from torch import Tensor
from torch import distributed as dist


def start(device: str) -> None:
    """Joins the other processes, if `torchrun` started any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def average(tensors: list[Tensor]) -> None:
    """Replaces each tensor by its mean over all processes."""
    if world() > 1:
        for tensor in tensors:
            dist.all_reduce(tensor)
            tensor /= world()


def of_first(value: float) -> float:
    """What the first process has for `value`: they must all agree on the time and on when to stop."""
    if world() == 1:
        return value
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    shared = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(shared, 0)
    return float(shared)


def first_alone(work: Callable[[], None]) -> None:
    """Lets the first process do `work` while the others wait, and then each of them."""
    if rank() == 0:
        work()
    if world() > 1:
        dist.barrier()
        if rank() > 0:
            work()


def finish() -> None:
    """Leaves the other processes."""
    if dist.is_initialized():
        dist.destroy_process_group()
