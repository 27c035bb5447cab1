"""Time that a run really had.

A schedule is a length in minutes, so that it is whole on any machine. Minutes in which the process was stopped, or
starved by others, must not eat it: a step counts its time by the wall, but never more than `STARVED` times the
processor time it took, shared by the cores.
"""

from __future__ import annotations

import time

#: Running alone, a step takes about as long by the wall as its processor time shared by the cores; more is waiting.
STARVED = 1.25


class RunClock:
    """Counts running minutes. `cores` is how many the process keeps busy when it is alone; 0 means that it waits for a
    device instead, and that the wall alone counts.
    """

    def __init__(self, cores: int, minutes: float = 0.0) -> None:
        self.minutes = minutes
        self._cores = cores
        self.skip()

    def skip(self) -> None:
        """Leaves out what passed since the last call (evaluations, checkpoints)."""
        self._wall, self._processor = time.monotonic(), time.process_time()

    def tick(self) -> float:
        """Adds what passed since the last call, and returns the seconds added."""
        wall, processor = time.monotonic(), time.process_time()
        seconds = wall - self._wall
        if self._cores > 0:
            seconds = min(seconds, STARVED * (processor - self._processor) / self._cores)
        self._wall, self._processor = wall, processor
        self.minutes += seconds / 60
        return seconds
