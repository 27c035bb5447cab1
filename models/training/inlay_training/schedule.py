"""Learning rates: a linear warm-up over steps, then a cosine over what is left of the schedule."""

from __future__ import annotations

import math


def rate(peak: float, share: float, step: int, warmup_steps: int, warmup_from: float, final: float) -> float:
    """The rate at `share` (0..1) of the schedule and `step` (from 0) of the warm-up. It rises from `warmup_from` of the
    peak to the peak, and falls to `final`, an absolute rate.
    """
    warm = 1.0 if step >= warmup_steps else warmup_from + (1 - warmup_from) * (step + 1) / warmup_steps
    cosine = 0.5 * (1 + math.cos(math.pi * min(max(share, 0.0), 1.0)))
    return warm * (final + (peak - final) * cosine)


def share_since(share: float, begin: float) -> float:
    """The share of a schedule that begins at `begin` of the whole."""
    return max(0.0, share - begin) / max(1e-9, 1 - begin)
