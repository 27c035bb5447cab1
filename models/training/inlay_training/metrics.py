"""Figures of one picture against the original, range 0..1. Mask 1 = hole."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_square(y: Tensor, x: Tensor, where: Tensor) -> float:
    """Mean squared error over the pixels where `where` is 1, channels averaged; nan where there is none."""
    count = where.sum() * y.shape[1]
    return float((((y - x) ** 2) * where).sum() / count) if count > 0 else float("nan")


def seam_error(delivered: Tensor, x: Tensor, mask: Tensor) -> float:
    """Mean |(y_q - y_p) - (x_q - x_p)| over 4-neighbour pairs of a kept pixel p and a hole pixel q, y as delivered."""
    d = delivered - x
    total, count = 0.0, 0.0
    for dim in (2, 3):
        step = d.diff(dim=dim).abs()
        edge = mask.diff(dim=dim).abs()
        total += float((step * edge).sum())
        count += float(edge.sum()) * d.shape[1]
    return total / count if count > 0 else float("nan")


def paste(y: Tensor, x: Tensor, mask: Tensor) -> Tensor:
    """The original outside the mask, the result inside."""
    return torch.where(mask > 0, y, x)
