"""Rectified flow (Liu et al. 2022): x_t = (1 - t) x_0 + t e with e normal; a network learns u = e - x_0.

t = 1 is noise, t = 0 the picture. Sampling walks from 1 to 0 by Euler's rule and keeps the kept cells on the straight
line to the original, so that the hole is always drawn next to what belongs there.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from numpy.random import Generator
from torch import Tensor


def draw_times(rng: Generator, count: int) -> Tensor:
    """(count,) times: the sigmoid of a normal, which prefers the middle."""
    return torch.sigmoid(torch.from_numpy(rng.standard_normal(count)).float())


def mix(clean: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """x_t for `t` (B,)."""
    t = t[:, None, None, None]
    return (1 - t) * clean + t * noise


def loss(predicted: Tensor, clean: Tensor, noise: Tensor, hole: Tensor, kept_weight: float) -> tuple[Tensor, Tensor]:
    """Mean squared error of the velocity in hole cells, and `kept_weight` times that in kept cells."""
    error = ((predicted - (noise - clean)) ** 2).mean(dim=1, keepdim=True)
    inside = (error * hole).sum() / hole.sum().clamp_min(1)
    outside = (error * (1 - hole)).sum() / (1 - hole).sum().clamp_min(1)
    return inside, kept_weight * outside


@torch.no_grad()
def sample(
    velocity: Callable[[Tensor, Tensor], Tensor],
    given: Tensor,
    hole: Tensor,
    noise: Tensor,
    steps: int,
    start: float = 1.0,
) -> Tensor:
    """Latents, drawn from the time `start` on: 1 begins with `noise` alone, less with `given` and some noise.

    `velocity` takes (x, t); kept cells (`hole` 0) end as those of `given`, exactly.
    """
    x = (1 - start) * given + start * noise
    for index in range(steps):
        t, following = start * (1 - index / steps), start * (1 - (index + 1) / steps)
        x = x - (t - following) * velocity(x, torch.full((x.shape[0],), t, device=x.device))
        x = torch.where(hole > 0, x, (1 - following) * given + following * noise)
    return x
