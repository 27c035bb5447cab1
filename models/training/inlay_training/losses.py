"""Reconstruction losses without pretrained networks. Pictures (B, 3, H, W) in 0..1, weights (B, 1, H, W)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def charbonnier(y: Tensor, x: Tensor, weight: Tensor, eps: float = 1e-3) -> Tensor:
    """Weighted mean of sqrt(d^2 + eps^2) - eps."""
    return ((torch.sqrt((y - x) ** 2 + eps**2) - eps) * weight).mean()


def rim_weight(mask: Tensor, wide: float, inner: float, outer: float) -> Tensor:
    """1 in general; `wide` more within 8 px of the mask's edge on both sides; `inner` more on the hole's outermost
    pixel and half of that on the next two; `outer` more on the kept pixels next to the hole.

    Once the kept side is pasted, the seam is |y - x| at the hole's outermost pixels: that is where the work is. The
    kept pixels next to the hole are the only ones that do not come back by themselves.
    """
    grown = F.max_pool2d(mask, 17, stride=1, padding=8)
    shrunk = -F.max_pool2d(-mask, 17, stride=1, padding=8)
    first = mask + F.max_pool2d(-mask, 3, stride=1, padding=1)
    third = mask + F.max_pool2d(-mask, 7, stride=1, padding=3)
    ring = F.max_pool2d(mask, 3, stride=1, padding=1) - mask
    return 1 + wide * (grown - shrunk) + inner * (0.5 * first + 0.5 * third) + outer * ring


def gradient(y: Tensor, x: Tensor, scales: int = 3) -> Tensor:
    """L1 of finite differences at full, half and quarter resolution."""
    total = y.new_zeros(())
    for _ in range(scales):
        d = y - x
        total = total + d.diff(dim=2).abs().mean() + d.diff(dim=3).abs().mean()
        y, x = F.avg_pool2d(y, 2), F.avg_pool2d(x, 2)
    return total / scales


def ms_ssim_loss(y: Tensor, x: Tensor, scales: int = 3) -> Tensor:
    """1 - mean SSIM over scales (Wang et al. 2003), a 7x7 box in place of the Gaussian."""
    total = y.new_zeros(())
    for _ in range(scales):
        total = total + (1 - _ssim(y, x)).mean()
        y, x = F.avg_pool2d(y, 2), F.avg_pool2d(x, 2)
    return total / scales


def _ssim(y: Tensor, x: Tensor) -> Tensor:
    c1, c2 = 0.01**2, 0.03**2
    mean_y, mean_x = _box(y), _box(x)
    var_y = _box(y * y) - mean_y**2
    var_x = _box(x * x) - mean_x**2
    cov = _box(y * x) - mean_y * mean_x
    return ((2 * mean_y * mean_x + c1) * (2 * cov + c2)) / ((mean_y**2 + mean_x**2 + c1) * (var_y + var_x + c2))


def _box(t: Tensor) -> Tensor:
    return F.avg_pool2d(t, 7, stride=1)


def _dct_matrix(size: int = 8) -> Tensor:
    n = torch.arange(size, dtype=torch.float32)
    matrix = torch.cos(math.pi / size * (n[None, :] + 0.5) * n[:, None]) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)
    return matrix


def texture(y: Tensor, x: Tensor, offset: tuple[int, int]) -> Tensor:
    """Rewards texture energy whatever its phase: L1 of log(1 + |8x8 DCT| / 0.02), averaged per band over the picture.

    `offset` (0..7 each) shifts the block grid and is drawn anew at every step, so that no grid is learned.
    """
    matrix = _dct_matrix().to(y)

    def energy(t: Tensor) -> Tensor:
        t = t[..., offset[0] :, offset[1] :]
        t = t[..., : t.shape[-2] // 8 * 8, : t.shape[-1] // 8 * 8]
        blocks = t.unfold(2, 8, 8).unfold(3, 8, 8)
        coefficients = torch.einsum("ij,bchwjk,lk->bchwil", matrix, blocks, matrix)
        # Averaged over 4x4 blocks: local texture, not the whole picture's.
        log = torch.log1p(coefficients.abs() / 0.02).permute(0, 1, 4, 5, 2, 3).flatten(1, 3)
        return F.avg_pool2d(log, min(4, log.shape[-1], log.shape[-2]))

    return (energy(y) - energy(x)).abs().mean()
