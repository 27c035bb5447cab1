"""The inpainting denoiser: a small U-Net on latent cells, without text.

Input: noisy latents, the mask in cells, and the latents of the picture whose hole is filled with grey (or by the patch
fill), in this order. Output: the velocity e - x of the rectified flow. Latents are standardised per channel outside.
Three resolutions, two residual blocks each, attention at the two lower ones. Sides must be multiples of 4 cells.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCKS = 2
HEAD = 48


def time_features(t: Tensor, width: int) -> Tensor:
    """(B,) in 0..1 to (B, width): cosines, then sines, of 1000 t at frequencies from 1 down to 1/10000."""
    half = width // 2
    frequency = torch.exp(-math.log(10_000) / half * torch.arange(half, device=t.device, dtype=torch.float32))
    angle = 1000 * t.float()[:, None] * frequency
    return torch.cat([angle.cos(), angle.sin()], dim=1)


def heads_of(width: int) -> int:
    """Heads of an attention: 48 channels each, or one, where that does not come out even."""
    return width // HEAD if width % HEAD == 0 else 1


class Residual(nn.Module):
    """GroupNorm, SiLU, conv, twice; the time scales and shifts what the second norm gives (FiLM)."""

    def __init__(self, inputs: int, outputs: int, time_width: int, groups: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.film = nn.Linear(time_width, 2 * outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.film(F.silu(time))[:, :, None, None].chunk(2, dim=1)
        h = self.norm2(h) * (1 + scale) + shift
        return self.conv2(self.dropout(F.silu(h))) + self.skip(x)


class Attention(nn.Module):
    """Self-attention over all cells, with a residual."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.heads = heads_of(width)
        self.norm = nn.GroupNorm(groups, width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        batch, width, height, across = x.shape
        shape = (batch, 3, self.heads, width // self.heads, height * across)
        q, k, v = self.qkv(self.norm(x)).reshape(shape).transpose(3, 4).unbind(1)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(x.shape)
        return x + self.out(mixed)


class Stage(nn.Module):
    """A residual block, and attention after it where there is any."""

    def __init__(self, block: Residual, attention: Attention | None) -> None:
        super().__init__()
        self.block = block
        self.attention = attention

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.block(x, time)
        return self.attention(h) if self.attention is not None else h


def around(condition: Tensor, noisy: Tensor, t: Tensor, spread: float, output: Tensor) -> Tensor:
    """The velocity, where the network says how far the picture is from what its condition alone would make likely.

    If x is normal around the condition c with spread s, then x given x_t = (1 - t) x + t e has the mean
    c + s^2 (1 - t) / D^2 (x_t - (1 - t) c) and the spread s t / D, with D^2 = (1 - t)^2 s^2 + t^2. The output counts in
    such spreads from that mean; inserted into u = (x_t - x) / t, no t is left below. An untrained network (0) gives
    pictures around the condition, and not noise.
    """
    t = t[:, None, None, None].float()
    clean = 1 - t
    square = clean**2 * spread**2 + t**2
    moved = noisy - clean * condition
    return moved * ((t - spread**2 * clean) / square) - condition - output * (spread / square.sqrt())


class Denoiser(nn.Module):
    """`widths` are the channels from the full resolution down; each must be a multiple of `groups`. With a `spread`
    above 0 the output is taken `around` the condition.
    """

    def __init__(
        self,
        channels: int = 32,
        widths: tuple[int, ...] = (48, 96, 144),
        groups: int = 16,
        dropout: float = 0.1,
        spread: float = 0.0,
    ) -> None:
        super().__init__()
        self.channels, self.widths, self.groups, self.spread = channels, widths, groups, spread
        self.time_width = 4 * widths[0]
        self.time = nn.Sequential(
            nn.Linear(widths[0], self.time_width), nn.SiLU(), nn.Linear(self.time_width, self.time_width)
        )

        def stage(inputs: int, outputs: int, level: int) -> Stage:
            block = Residual(inputs, outputs, self.time_width, groups, dropout)
            return Stage(block, Attention(outputs, groups) if level > 0 else None)

        self.conv_in = nn.Conv2d(2 * channels + 1, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        self.shrink, self.grow = nn.ModuleList(), nn.ModuleList()
        width, skips = widths[0], []
        for level, outputs in enumerate(widths):
            for _ in range(BLOCKS):
                self.down.append(stage(width, outputs, level))
                width = outputs
                skips.append(width)
            if level < len(widths) - 1:
                self.shrink.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
        self.middle = nn.ModuleList([stage(width, width, 1), stage(width, width, 0)])
        for level in reversed(range(len(widths))):
            for _ in range(BLOCKS):
                self.up.append(stage(width + skips.pop(), widths[level], level))
                width = widths[level]
            if level > 0:
                self.grow.append(nn.Conv2d(width, width, 3, padding=1))
        self.norm_out = nn.GroupNorm(groups, width)
        self.conv_out = nn.Conv2d(width, channels, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, noisy: Tensor, t: Tensor, mask: Tensor, condition: Tensor) -> Tensor:
        """`noisy` and `condition` (B, C, h, w), `t` (B,) in 0..1, `mask` (B, 1, h, w) of 0 and 1, to (B, C, h, w)."""
        time = self.time(time_features(t, self.widths[0]))
        h = self.conv_in(torch.cat([noisy, mask, condition], dim=1))
        skips = []
        for index, stage in enumerate(self.down):
            h = stage(h, time)
            skips.append(h)
            if index % BLOCKS == BLOCKS - 1 and index // BLOCKS < len(self.shrink):
                h = self.shrink[index // BLOCKS](h)
        for stage in self.middle:
            h = stage(h, time)
        for index, stage in enumerate(self.up):
            h = stage(torch.cat([h, skips.pop()], dim=1), time)
            if index % BLOCKS == BLOCKS - 1 and index // BLOCKS < len(self.grow):
                h = self.grow[index // BLOCKS](F.interpolate(h, scale_factor=2, mode="nearest"))
        output = self.conv_out(F.silu(self.norm_out(h)))
        return around(condition, noisy, t, self.spread, output) if self.spread > 0 else output
