"""TAEF2 (MIT, Ollin Boer Bohan): a small autoencoder, 8x downsampling, 32 latent channels, pictures in 0..1.

The sequences are numbered as in the published files, so their keys are the positions. The encoder is never trained.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

CHANNELS = 64
LATENT_CHANNELS = 32
DOWNSAMPLING = 8


class Block(nn.Module):
    """Residual block of three 3x3 convolutions; with `pooled`, global statistics are added first."""

    def __init__(self, pooled: bool = False) -> None:
        super().__init__()
        if pooled:
            self.pool = nn.Sequential(
                nn.Conv2d(CHANNELS, 256, 1, bias=False),
                nn.GroupNorm(4, 256, eps=1e-5),
                nn.ReLU(),
                nn.Conv2d(256, CHANNELS, 1, bias=False),
            )
        self.pooled = pooled
        self.conv = nn.Sequential(
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.pooled:
            x = x + self.pool(x)
        return torch.relu(self.conv(x) + x)

    def make_identity(self) -> Block:
        """Zeroes the last convolution: the block then returns its input, where that is not negative."""
        nn.init.zeros_(self.conv[4].weight)
        nn.init.zeros_(self.conv[4].bias)
        return self


class Squash(nn.Module):
    """3 tanh(z / 3): keeps latents in -3..3."""

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(z / 3) * 3


def _down() -> nn.Conv2d:
    return nn.Conv2d(CHANNELS, CHANNELS, 3, stride=2, padding=1, bias=False)


def _up_conv() -> nn.Conv2d:
    return nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)


def _up() -> nn.Upsample:
    return nn.Upsample(scale_factor=2, mode="nearest")


def encoder() -> nn.Sequential:
    """Pictures (B, 3, H, W) in 0..1, H and W multiples of 8, to latents (B, 32, H/8, W/8)."""
    return nn.Sequential(
        nn.Conv2d(3, CHANNELS, 3, padding=1),
        Block(),
        _down(),
        *[Block() for _ in range(3)],
        _down(),
        *[Block() for _ in range(3)],
        _down(),
        *[Block(pooled=True) for _ in range(3)],
        nn.Conv2d(CHANNELS, LATENT_CHANNELS, 3, padding=1),
    )


def decoder() -> nn.Sequential:
    """Latents (B, 32, h, w) to pictures (B, 3, 8h, 8w), about 0..1 and not clamped."""
    return nn.Sequential(
        Squash(),
        nn.Conv2d(LATENT_CHANNELS, CHANNELS, 3, padding=1),
        nn.ReLU(),
        *[Block(pooled=True) for _ in range(3)],
        _up(),
        _up_conv(),
        *[Block() for _ in range(3)],
        _up(),
        _up_conv(),
        *[Block() for _ in range(3)],
        _up(),
        _up_conv(),
        Block(),
        nn.Conv2d(CHANNELS, 3, 3, padding=1),
    )


def load(folder: Path) -> tuple[nn.Sequential, nn.Sequential]:
    """The frozen pair in float32 from `taef2_encoder.safetensors` and `taef2_decoder.safetensors` in `folder`."""
    pair = []
    for name, network in (("encoder", encoder()), ("decoder", decoder())):
        weights = load_file(folder / f"taef2_{name}.safetensors")
        network.load_state_dict({key: value.float() for key, value in weights.items()})
        pair.append(network.eval().requires_grad_(False))
    return pair[0], pair[1]
