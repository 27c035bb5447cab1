"""What the loop needs to know of what it trains, and how most tasks give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .lanes import Lanes

Parts = dict[str, Tensor]
Gradients = list[Tensor | None]


@dataclass(frozen=True)
class Settings:
    """What every configuration has. A schedule has a length in minutes, or, if `steps` is not 0, in steps."""

    seed: int = 7
    batch: int = 4
    minutes: float = 100
    steps: int = 0
    warmup_steps: int = 100
    warmup_from: float = 0.0
    final_rate: float = 1e-6
    clip: float = 1.0
    """Largest norm of a network's gradient; 0 is no limit."""
    ema: float = 0.998
    """Weight of the running average that is evaluated and written; 0 takes the weights as they are."""
    evaluate_minutes: float = 20
    evaluate_samples: int = 24


class Task(Protocol):
    """A network in training. `columns` names the parts of the loss; `average` is what is evaluated and written."""

    columns: tuple[str, ...]
    network: nn.Module
    average: nn.Module

    def optimisers(self) -> list[torch.optim.Optimizer]:
        """The network's first; each group has a `peak` rate and may have `begin`, the share at which it starts."""

    def pieces(self, step: int) -> list[Any]:
        """The batch of a step, in parts that can be worked on side by side: a function of seed and step alone."""

    def gradients(self, piece: Any, share: float) -> tuple[Gradients, dict[str, float]]:
        """Of all optimisers' parameters in their order, and the parts of the loss."""

    def after_step(self) -> None:
        """What must hold after each step."""

    def extra_state(self) -> dict[str, Tensor]:
        """What else has to be kept for going on."""

    def load_extra_state(self, state: dict[str, Tensor]) -> None: ...
    def evaluate(self, lanes: Lanes) -> dict[str, float]: ...
    def sheet(self, path: Path) -> None: ...
    def export(self, folder: Path) -> None: ...


def parameters_of(optimiser: torch.optim.Optimizer) -> list[nn.Parameter]:
    """All parameters of an optimiser, in its order."""
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]


def gradients_of(parts: Parts, parameters: Sequence[nn.Parameter]) -> tuple[Gradients, dict[str, float]]:
    """The gradients of the sum of the parts (none for a parameter without influence), and the parts as numbers."""
    loss = torch.stack(list(parts.values())).sum()
    gradients = torch.autograd.grad(loss, list(parameters), allow_unused=True)
    return list(gradients), numbers(parts)


def numbers(parts: Parts) -> dict[str, float]:
    """The parts of a loss as plain numbers."""
    return {name: float(value.detach()) for name, value in parts.items()}
