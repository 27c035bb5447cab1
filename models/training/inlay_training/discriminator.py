"""The discriminators, which are thrown away after training: a small one with spectral norm, and the paper's.

`Adversary` holds one of them with its rules: hinge loss, and the adaptive weight that makes the adversarial gradient at
the last layer as long as the reconstruction's (Esser et al. 2021), times a factor, with an upper limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralConv(nn.Module):
    """A convolution divided by its largest singular value.

    The estimate is brought forward by `update` alone, once per step: the forward changes nothing, so that several
    threads can share it.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1)
        self.register_buffer("left", F.normalize(torch.randn(outputs), dim=0))
        self.register_buffer("right", F.normalize(torch.randn(inputs * 16), dim=0))
        self.update()

    @torch.no_grad()
    def update(self) -> None:
        """One step of the power method."""
        matrix = self.conv.weight.flatten(1)
        self.right.copy_(F.normalize(matrix.T @ self.left, dim=0))
        self.left.copy_(F.normalize(matrix @ self.right, dim=0))

    def forward(self, x: Tensor) -> Tensor:
        sigma = self.left @ self.conv.weight.flatten(1) @ self.right
        stride, padding = self.conv.stride, self.conv.padding
        return F.conv2d(x, self.conv.weight / sigma, self.conv.bias, stride, padding)


class SmallPatches(nn.Module):
    """48-96-192 channels, three strided 4x4 convolutions, spectral norm; 0.37 M parameters.

    `forward` returns the scores of overlapping patches and the activations before them.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        widths = [3, width, 2 * width, 4 * width]
        self.convs = nn.ModuleList([SpectralConv(inputs, outputs, 2) for inputs, outputs in pairwise(widths)])
        self.score = SpectralConv(widths[-1], 1, 1)

    def update(self) -> None:
        """Brings all norms forward."""
        for conv in [*self.convs, self.score]:
            conv.update()

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        features, x = [], picture
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            features.append(x)
        return self.score(x), features


class PaperPatches(nn.Module):
    """The paper's PatchGAN: 4x4 convolutions to 64, 128, 256 (stride 2), 512 and 1 channels, batch norm, 2,765,633
    parameters at width 64. Weights are drawn from a normal of 0.02, as in pix2pix.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for inputs, outputs, stride in ((1, 2, 2), (2, 4, 2), (4, 8, 1)):
            layers += [
                nn.Conv2d(inputs * width, outputs * width, 4, stride, 1, bias=False),
                nn.BatchNorm2d(outputs * width),
                nn.LeakyReLU(0.2),
            ]
        layers.append(nn.Conv2d(8 * width, 1, 4, 1, 1))
        self.main = nn.Sequential(*layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, 0.0, 0.02)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)

    def update(self) -> None:
        """Nothing to bring forward."""

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        return self.main(picture), []


@dataclass(frozen=True)
class Rules:
    """`factor` times the adaptive weight, which is at most `limit`; `matching` weighs the activations' L1."""

    factor: float
    limit: float
    matching: float


class Adversary:
    """A discriminator and what it adds to the losses."""

    def __init__(self, network: SmallPatches | PaperPatches, rules: Rules) -> None:
        self.network, self.rules = network, rules

    def generator_parts(self, y: Tensor, x: Tensor, reconstruction: Tensor, last: Tensor) -> dict[str, Tensor]:
        """What the generator minimises besides `reconstruction`; `last` is the weight of its last layer."""
        scores, features = self.network(y)
        deceive = -scores.mean()
        rules = self.rules
        wanted = torch.autograd.grad(reconstruction, last, retain_graph=True)[0].norm()
        given = torch.autograd.grad(deceive, last, retain_graph=True)[0].norm()
        weight = rules.factor * (wanted / (given + 1e-4)).clamp(0, rules.limit).detach()
        parts = {"adversarial": weight * deceive}
        if rules.matching > 0 and features:
            with torch.no_grad():
                truth = self.network(x)[1]
            gaps = [(a - b).abs().mean() for a, b in zip(features, truth, strict=True)]
            parts["matching"] = rules.matching * torch.stack(gaps).mean()
        return parts

    def discriminator_loss(self, y: Tensor, x: Tensor) -> Tensor:
        """Hinge: real patches above 1, made ones below -1."""
        real, made = self.network(x)[0], self.network(y.detach())[0]
        return 0.5 * (F.relu(1 - real).mean() + F.relu(1 + made).mean())
