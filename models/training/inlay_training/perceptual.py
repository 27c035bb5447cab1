"""LPIPS (Zhang et al. 2018) on VGG-16: the paper's perceptual loss. Its weights are not part of this project.

The file holds, as safetensors, `features.N.weight` and `.bias` with the positions of torchvision's VGG-16, and
`lin.0.weight` to `lin.4.weight` (1, C, 1, 1), the learned weights per channel.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

#: VGG-16 up to its last convolution: channels, and M for a 2x2 maximum.
PLAN = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512)
#: Positions of the ReLUs whose activations are compared.
TAPS = (3, 8, 15, 22, 29)
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)


class Perceptual(nn.Module):
    """Distance of two pictures (B, 3, H, W) in -1..1, to (B, 1, 1, 1)."""

    def __init__(self, width_divisor: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs, widths = 3, []
        for entry in PLAN:
            if entry == "M":
                layers.append(nn.MaxPool2d(2))
                continue
            outputs = int(entry) // width_divisor
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            inputs = outputs
            if len(layers) - 1 in TAPS:
                widths.append(outputs)
        self.features = nn.Sequential(*layers)
        self.lin = nn.ModuleList([nn.Conv2d(width, 1, 1, bias=False) for width in widths])
        for layer in self.lin:
            nn.init.constant_(layer.weight, 1 / layer.in_channels)
        self.register_buffer("shift", torch.tensor(SHIFT)[None, :, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE)[None, :, None, None], persistent=False)
        self.requires_grad_(False).eval()

    @classmethod
    def from_file(cls, path: Path) -> Perceptual:
        """With the weights of a file."""
        network = cls()
        network.load_state_dict({key: value.float() for key, value in load_file(path).items()})
        return network

    def forward(self, y: Tensor, x: Tensor) -> Tensor:
        total = y.new_zeros(y.shape[0], 1, 1, 1)
        a, b = (y - self.shift) / self.scale, (x - self.shift) / self.scale
        level = 0
        for position, layer in enumerate(self.features):
            a, b = layer(a), layer(b)
            if position in TAPS:
                gap = (_unit(a) - _unit(b)) ** 2
                total = total + self.lin[level](gap).mean(dim=(2, 3), keepdim=True)
                level += 1
        return total


def _unit(features: Tensor) -> Tensor:
    return features / (features.pow(2).sum(dim=1, keepdim=True).sqrt() + 1e-10)
