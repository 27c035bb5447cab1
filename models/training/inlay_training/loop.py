"""The training loop: seeded, resumable, in slices of a given number of minutes, whatever is trained.

After every step the state is a function of configuration, data and step count, but for the learning rate, which may
follow the running time. A signal (SIGINT, SIGTERM) ends the run after the step in hand, with its state written.
"""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path
from typing import Any

import torch
from torch import nn

from . import distributed
from .clock import RunClock
from .lanes import Lanes
from .schedule import rate, share_since
from .task import Gradients, Settings, Task, parameters_of

STATE_MINUTES = 3.0
ROW_EVERY = 20


class Run:
    """One run in one folder: state.pt, losses.csv, evaluations.jsonl, sheet-NNNNNN.jpg and weights/."""

    def __init__(self, config: Settings, task: Task, lanes: Lanes, out: Path) -> None:
        self.config, self.task, self.lanes, self.out = config, task, lanes, out
        self.leads = distributed.rank() == 0
        out.mkdir(parents=True, exist_ok=True)
        self.optimisers = task.optimisers()
        self.step = 0
        on_cpu = next(task.network.parameters()).device.type == "cpu"
        self.clock = RunClock(lanes.count if on_cpu else 0)
        self._begun = [-1] * len(self.optimisers)
        self._stop = False
        if (out / "state.pt").exists():
            self._resume()

    @property
    def share(self) -> float:
        """How much of the schedule is over, 0..1."""
        config = self.config
        return self.step / config.steps if config.steps else self.clock.minutes / config.minutes

    def run(self, slice_minutes: float | None = None) -> None:
        """Trains until the schedule, or the slice of it, is over."""
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, self._ask_to_stop)
        end = float("inf") if slice_minutes is None else self.clock.minutes + slice_minutes
        every = self.config.evaluate_minutes
        next_state, next_evaluation = self.clock.minutes + STATE_MINUTES, (self.clock.minutes // every + 1) * every
        if self.step == 0:
            self.checkpoint()
        self.clock.skip()
        stop = False
        while self.share < 1 and self.clock.minutes < end and not stop:
            row = self.train_step()
            seconds = self.clock.tick()
            self.clock.minutes = distributed.of_first(self.clock.minutes)
            stop = bool(distributed.of_first(float(self._stop)))
            if self.step % ROW_EVERY == 0 and self.leads:
                self._log(row, seconds)
            if self.clock.minutes >= next_evaluation and self.share < 1:
                self.checkpoint()
                next_evaluation += every
            elif self.clock.minutes >= next_state:
                self.save_state()
                next_state = self.clock.minutes + STATE_MINUTES
        if stop:
            self.save_state()
            print(f"stopped at step {self.step}; the same command goes on from there", flush=True)
        else:
            self.checkpoint()

    def train_step(self) -> dict[str, Any]:
        """One step of every optimiser that has begun; returns the row for the table of losses."""
        share = self.share
        pieces = self.task.pieces(self.step)
        results = self.lanes.map(lambda piece: self.task.gradients(piece, share), pieces)
        self._sum([gradients for gradients, _ in results])
        for index, optimiser in enumerate(self.optimisers):
            begin = optimiser.param_groups[0].get("begin", 0.0)
            if share < begin:
                continue
            if self._begun[index] < 0:
                self._begun[index] = self.step
            self._set_rates(optimiser, share_since(share, begin), self.step - self._begun[index])
            if self.config.clip > 0:
                nn.utils.clip_grad_norm_(parameters_of(optimiser), self.config.clip)
            optimiser.step()
        self.task.after_step()
        self.step += 1
        self._follow()
        rows = [parts for _, parts in results]
        names = [name for name in self.task.columns if any(name in parts for parts in rows)]
        means = {name: sum(parts.get(name, 0.0) for parts in rows) / len(rows) for name in names}
        rounded = {name: round(value, 6) for name, value in means.items()}
        first = self.optimisers[0].param_groups[0]["lr"]
        return {"rate": f"{first:.3e}", "loss": round(sum(means.values()), 6)} | rounded

    def checkpoint(self) -> dict[str, float]:
        """Evaluates the averaged weights, writes them, a contact sheet and the state to resume from."""
        self.save_state()
        if not self.leads:
            return {}
        figures = self.task.evaluate(self.lanes)
        with (self.out / "evaluations.jsonl").open("a") as file:
            file.write(json.dumps({"step": self.step, "minutes": round(self.clock.minutes, 2)} | figures) + "\n")
        shown = {key: value for key, value in figures.items() if key.startswith("ratio") or key.endswith("psnr")}
        print("  ".join(f"{key} {value:.4g}" for key, value in shown.items()), flush=True)
        self.task.sheet(self.out / f"sheet-{self.step:06d}.jpg")
        self.task.export(self.out / "weights")
        self.clock.skip()
        return figures

    def save_state(self) -> None:
        """Writes what `Run` needs to go on, whole or not at all."""
        if self.leads:
            state = {
                "network": self.task.network.state_dict(),
                "average": self.task.average.state_dict(),
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "begun": self._begun,
                "extra": self.task.extra_state(),
                "step": self.step,
                "minutes": self.clock.minutes,
            }
            torch.save(state, self.out / "state.part")
            (self.out / "state.part").replace(self.out / "state.pt")
        self.clock.skip()

    def _sum(self, gradients: list[Gradients]) -> None:
        """Sets each parameter's gradient to the mean over the pieces, and over the processes."""
        parameters = [parameter for optimiser in self.optimisers for parameter in parameters_of(optimiser)]
        for index, parameter in enumerate(parameters):
            given = [row[index] for row in gradients if row[index] is not None]
            if given:
                parameter.grad = torch.stack(given).sum(dim=0) / len(gradients)
            else:
                # Every process must bring the same tensors to the average.
                parameter.grad = torch.zeros_like(parameter) if distributed.world() > 1 else None
        distributed.average([parameter.grad for parameter in parameters if parameter.grad is not None])

    def _set_rates(self, optimiser: torch.optim.Optimizer, share: float, step: int) -> None:
        config = self.config
        for group in optimiser.param_groups:
            group["lr"] = rate(group["peak"], share, step, config.warmup_steps, config.warmup_from, config.final_rate)

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        pairs = zip(self.task.average.parameters(), self.task.network.parameters(), strict=True)
        for mean, value in pairs:
            mean.lerp_(value, 1 - decay)

    def _log(self, row: dict[str, Any], seconds: float) -> None:
        path = self.out / "losses.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, ["step", "minutes", "rate", "loss", *self.task.columns], restval="")
            if new:
                writer.writeheader()
            writer.writerow({"step": self.step, "minutes": round(self.clock.minutes, 3)} | row)
        left = self.clock.minutes / max(self.share, 1e-9) * (1 - self.share)
        print(f"step {self.step}  loss {row['loss']:.4f}  {left:.0f} min left, {seconds:.2f} s a step", flush=True)

    def _resume(self) -> None:
        state = torch.load(self.out / "state.pt", weights_only=True, map_location="cpu")
        self.task.network.load_state_dict(state["network"])
        self.task.average.load_state_dict(state["average"])
        for optimiser, value in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(value)
        self.task.load_extra_state(state["extra"])
        self._begun = state["begun"]
        self.step = state["step"]
        self.clock.minutes = state["minutes"]

    def _ask_to_stop(self, *_: object) -> None:
        self._stop = True
