"""Workers of one thread each, in place of one worker with many.

On a shared machine two threads that meet after every operation both wait for the slower one. Here every lane takes a
piece of a batch, goes through the whole network with it alone, and the gradients are added in the order of the pieces:
the sum does not depend on who was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes:
    """`count` threads; PyTorch is held to one thread in each of them (and in the caller)."""

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(self.count, "lane", initializer=torch.set_num_threads, initargs=(1,))

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The results in the order of the items."""
        return list(self._pool.map(function, items))

    def close(self) -> None:
        self._pool.shutdown()
